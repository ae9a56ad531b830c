#pragma once

#include <optional>

#include "broker/spec/reading.h"
#include "broker/spec/sweep_spec.h"

namespace scopa::spec {

/// Reads one parameter that is not a group: tells the distribution from its name or its keys, then
/// checks every key. Nothing when something is wrong; what, is in `findings`.
std::optional<Distribution> read_distribution(const Section& section, Findings* findings);

/// Every key that a parameter may have, `when` and `parameters` included.
std::span<const std::string_view> all_parameter_keys();

}  // namespace scopa::spec
