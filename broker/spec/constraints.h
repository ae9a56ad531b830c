#pragma once

#include <string>
#include <vector>

#include "broker/spec/sweep_spec.h"
#include "broker/spec/tree.h"

namespace scopa::spec {

/// Reads `constraints`, a list of conditions on configurations, over the parameters that `spec`
/// already holds. `path`: of the key. What is wrong is reported and left out.
std::vector<Expression> read_constraints(const Entry& entry, const std::string& path,
                                         const SweepSpec& spec, Findings* findings);

}  // namespace scopa::spec
