#pragma once

#include <cstdint>
#include <vector>

#include "broker/spec/sweep_spec.h"

namespace scopa::pruning {

/// How many trials a pruner is expected to let go on.
struct RungForecast {
  std::uint64_t rung = 0;       ///< in the pruner's unit, as Pruner::rungs()
  std::uint64_t survivors = 0;  ///< that go on from there
  bool operator==(const RungForecast&) const = default;
};

/// What becomes of `trials` trials that all run long enough and whose values differ, if each rung
/// were full before it decides:
///
/// - hyperband: at each band W&B's cut of those that the one before left, int(n / eta) and the one
///   on the threshold;
/// - asha: floor(n / eta) of those that the rung before left, all while there are fewer than eta;
/// - percentile and median: each comparison for itself, as if all trials had come that far;
/// - patient: what it wraps, so at least as many;
/// - threshold, none and a pruner without a rung: empty.
///
/// Rungs at which nobody would be stopped any more are listed, too.
std::vector<RungForecast> forecast(const spec::SweepSpec& spec, std::uint64_t trials);

/// Where the spec's pruner would compare in the last quarter of max_steps, and therefore does not;
/// `hyperband` does, as W&B's.
std::vector<std::uint64_t> late_rungs(const spec::SweepSpec& spec);

}  // namespace scopa::pruning
