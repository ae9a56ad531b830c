#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/status.h"

namespace scopa::rehearsal {

/// Test functions whose optimum is known, all to be minimised: "branin" (2 parameters),
/// "rosenbrock4" (4), "levy8" (8), "hartmann3_noisy" (3; without its noise). Errors:
/// kInvalidArgument for another name or number of parameters.
Result<double> synthetic(std::string_view function, const std::vector<double>& x);

/// A number from the standard normal distribution for trial `number` of a run with `seed`, the same
/// on every machine up to the last digits of log and cos.
double noise_of(std::uint64_t seed, std::uint64_t number);

}  // namespace scopa::rehearsal
