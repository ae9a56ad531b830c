#pragma once

#include <string>
#include <vector>

#include "broker/spec/reading.h"
#include "broker/spec/sweep_spec.h"

namespace scopa::spec {

/// Reads `initial`: a list of configurations, each of which may leave parameters out. Names are
/// dotted, or nested maps as the parameters are. Reports names that there are not, names given
/// twice, and values that a parameter never takes as far as its list or its bounds tell. The values
/// of a point come in the order of the parameters of `spec`, which must have been read.
std::vector<Params> read_initial(const Node& node, const std::string& path, const SweepSpec& spec,
                                 Findings* findings);

}  // namespace scopa::spec
