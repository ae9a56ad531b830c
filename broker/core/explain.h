#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "broker/core/event.h"
#include "broker/core/log_walk.h"
#include "broker/core/replay.h"
#include "broker/pruning/pruner.h"
#include "broker/search/why.h"
#include "sdk/base/status.h"
#include "sdk/wire/messages.h"

namespace scopa::core {

/// One trial, as its sweep's log explains it.
struct Explanation {
  wire::SweepInfo sweep;
  wire::TrialInfo trial;

  // ---- why it has these parameters
  std::uint64_t seq = 0;  ///< of its creation
  Origin origin = Origin::kSampler;
  std::uint64_t suggestion = 0;    ///< kSampler: its number
  std::uint64_t snapshot = 0;      ///< kSampler: the last entry of the log that the model had seen
  std::optional<search::Why> why;  ///< kSampler, recomputed

  // ---- why it was told to stop; an attempt may be at most once
  struct Stop {
    std::uint64_t seq = 0;
    std::int64_t at_us = 0;
    StopDecided recorded;
    bool equal = false;         ///< to what was recomputed
    std::string rule;           ///< for people: the pruner's rule, the key of the sweep file
    pruning::Grounds grounds;   ///< kPruned
    std::int64_t used_us = 0;   ///< kTimeLimit, kBudget: what was used
    std::int64_t limit_us = 0;  ///< ... of so much; 0: neither
  };
  std::vector<Stop> stops;

  // ---- what was recomputed
  std::vector<std::string> checked;  ///< "suggestion 12", "stop of attempt 1"; empty: nothing could
  std::vector<Replay::Mismatch> mismatches;  ///< of this trial
  /// Decisions about this trial that other rules than this build's made: they are not recomputed.
  std::uint64_t not_recomputed = 0;
  std::uint32_t other_rules = 0;     ///< the newest of those rules; 0: there are none
  std::uint64_t without_points = 0;  ///< decisions that may rest on points removed since
  bool agrees() const { return mismatches.empty(); }
};

/// Explains one trial of a stored sweep from its log: steps through it and computes again, by the
/// code that decided (Sampler::explain, Pruner::explain, stop_rules.h), why the trial was proposed
/// and why it was stopped, and compares with what is recorded.
///
///     Explain explain(sweep);
///     for (each event and report of the sweep, in any order) explain.add(...);
///     auto explanation = explain.run(17);   // explanation->agrees()
class Explain {
 public:
  explicit Explain(SweepId sweep) : log_(std::move(sweep)) {}

  void add(Event event) { log_.add(std::move(event)); }
  void add(PointsAppended points) { log_.add(std::move(points)); }

  /// May be called again, for other trials. Errors: kNotFound for a trial that is not there;
  /// kCorruption when the log does not hold together.
  Result<Explanation> run(std::uint64_t trial, const Replay::Progress& progress = {});

 private:
  SweepLog log_;
};

}  // namespace scopa::core
