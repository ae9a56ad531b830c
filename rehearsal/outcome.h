#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "rehearsal/rehearse.h"
#include "sdk/base/states.h"

namespace scopa::rehearsal {

/// What one rehearsed sweep came to. Pure.
///
/// The value of a trial is its curve as the sweep file's `metric.reduce` reads it. Only trials that
/// completed count as results: a pruned one has a value, but not the one that its configuration
/// would be used for.
struct Outcome {
  /// A completed trial that was better than all that had completed before it.
  struct Improvement {
    double at = 0;            ///< seconds of virtual time
    std::uint64_t ended = 0;  ///< trials that had ended by then, itself included
    double value = 0;
  };
  std::vector<Improvement> improvements;
  std::vector<double> ends;      ///< when trials ended, ascending
  std::vector<double> prunings;  ///< ... those that were pruned

  std::uint64_t started = 0, completed = 0, pruned = 0, diverged = 0, failed = 0;
  double seconds = 0;         ///< of virtual time, to the end of the last trial or of the time
  double device_seconds = 0;  ///< of all trials together
  std::optional<double> target_at;
  std::uint64_t steps = 0;        ///< that trials took which did not fail
  std::uint64_t steps_whole = 0;  ///< that they would have taken without pruning
  std::map<std::uint64_t, std::uint64_t> pruned_after;  ///< of steps: so many trials

  /// In 0..1: the share of all steps that pruning saved.
  double saved() const;
  /// The best result by then; none before a trial has completed.
  std::optional<double> best_at(double seconds) const;
  /// The best result among the first `trials` that ended.
  std::optional<double> best_after(std::uint64_t trials) const;
};

Outcome outcome_of(std::span<const Rehearsed> trials, Goal goal);

}  // namespace scopa::rehearsal
