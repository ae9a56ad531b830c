#pragma once

#include <optional>
#include <string>

#include "broker/spec/sweep_spec.h"

namespace scopa::spec {

/// An edited sweep file may change what a sweep runs, what it optimises and how long, but not what
/// it searches: with another space, method or seed the trials so far would not belong to it.
///
/// The key of `now` that differs from `before` though it may not: "parameters.lr", "method",
/// "metric.goal" ...; none when the edit is allowed. May differ: name, description, project,
/// program, command, metric.name, metric.target, run_cap, budget, max_trial_time, retries, grace,
/// early_terminate.
std::optional<std::string> search_differs(const SweepSpec& before, const SweepSpec& now);

}  // namespace scopa::spec
