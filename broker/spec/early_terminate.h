#pragma once

#include <optional>

#include "broker/spec/reading.h"
#include "broker/spec/sweep_spec.h"

namespace scopa::spec {

/// Reads `early_terminate`: the pruner that its `type` names, with that pruner's keys.
std::optional<Pruner> read_early_terminate(const Entry& entry, Findings* findings);

}  // namespace scopa::spec
