#pragma once

#include <vector>

#include "sdk/base/status.h"
#include "tests/bench/search/problem.h"

namespace scopa::bench {

/// Problems that are no functions of numbers alone, without `median`. Discrete: whole numbers,
/// tables over categories, bits with pairs that work together, and all kinds at once. Conditional:
/// parameters that only one kernel, optimiser or depth has.
std::vector<Problem> discrete_problems();
std::vector<Problem> conditional_problems();

}  // namespace scopa::bench
