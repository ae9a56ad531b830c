#pragma once

#include <cstddef>
#include <vector>

#include "broker/search/gaussian_process.h"

namespace scopa::search {

/// Makes values of losses, of mean 0 and deviation 1: those above the median by their logarithm, in
/// units of the distance from the median to the best, as outliers there would flatten everything
/// below. `data->doubts`, variances of the losses, one for each, come into the same measure. Losses
/// may be infinite only all together; then the values are 0. Those in `failed` (indices, ascending)
/// come above all others, by twice as much as the best is below the median: so that the model keeps
/// away from them even where all others are alike.
void standardise(const std::vector<double>& losses, const std::vector<std::size_t>& failed,
                 GaussianProcess::Data* data);

}  // namespace scopa::search
