#pragma once

#include <vector>

#include "broker/search/gaussian_process.h"

namespace scopa::search {

/// Makes values of losses, of mean 0 and deviation 1: those above the median by their logarithm, in
/// units of the distance from the median to the best, as outliers there would flatten everything
/// below. `data->doubts`, variances of the losses, one for each, come into the same measure. Losses
/// may be infinite only all together; then the values are 0.
void standardise(const std::vector<double>& losses, GaussianProcess::Data* data);

}  // namespace scopa::search
