#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/lint/live.h"
#include "broker/spec/sweep_spec.h"

/// What the ended trials of a sweep say of its course. Pure functions.
namespace scopa::lint {

/// So many trials without a better one are worth a remark.
constexpr std::size_t kStallMin = 20;

/// How long the best trial of a sweep has stood.
struct Stall {
  std::uint64_t best = 0;  ///< its number
  std::size_t since = 0;   ///< trials with higher numbers that ended, and none of them better
};

/// Nothing while no trial has a value. `trials` in the order of their numbers; those that failed or
/// were cancelled say nothing of their configuration and do not count.
std::optional<Stall> stall_of(Goal goal, const std::vector<LiveTrial>& trials);

/// Why the pruner of `spec` can stop none of such trials: they end before it compares the first
/// time. Empty where it can, or where too few have completed to say.
std::string why_never_pruned(const spec::SweepSpec& spec, const std::vector<LiveTrial>& trials);

}  // namespace scopa::lint
