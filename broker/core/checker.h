#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/core/explain.h"
#include "broker/core/log_walk.h"
#include "broker/core/replay.h"
#include "broker/search/sampler.h"

namespace scopa::core {

/// What Replay and Explain share: steps through a log and compares each decision in it with what
/// the rules make of all before it.
class Checker {
 public:
  /// With `into` it explains the trial `into->trial.trial`: of suggestions, only that trial's is
  /// computed, and only mismatches of it are kept.
  explicit Checker(LogWalk* walk, Explanation* into = nullptr);

  Status run(const Replay::Progress& progress);
  Replay::Outcome take() { return std::move(outcome_); }

 private:
  void before(const Event& event);
  void after(const PointsAppended& report, bool lacked);
  // Why a trial has its parameters.
  void created(const Event& event, const TrialCreated& created);
  void suggestion(std::uint64_t seq, const TrialCreated& created);
  void initial(std::uint64_t seq, const TrialCreated& created);
  void replicate(std::uint64_t seq, const TrialCreated& created);
  // Why it is stopped.
  void stop(const Event& event, const StopDecided& stop);
  std::optional<StopDecided> expect(const Event& event, const StopDecided& stop,
                                    pruning::Grounds* grounds);
  void explain_stop(const Event& event, const StopDecided& stop, bool equal,
                    pruning::Grounds grounds);
  void miss(std::uint64_t trial, std::uint32_t attempt);
  void miss_the_rest();
  // Why the sweep ends.
  void end(const Event& event, const SweepStateChanged& changed);

  /// Whether the decision that comes next cannot be recomputed, since other rules than this build's
  /// made it, or points that it may rest on (`Needs::kPoints`) have been removed; `trial` is what
  /// it is about, none for the sweep as a whole.
  enum class Needs : std::uint8_t { kNothing, kPoints };
  bool skips(std::optional<std::uint64_t> trial, Needs needs);
  bool is_about(std::uint64_t trial) const { return into_ && into_->trial.trial == trial; }
  void checked(std::uint64_t trial, std::string what);
  void differ(Replay::Mismatch mismatch);

  LogWalk& walk_;
  Explanation* into_;
  std::unique_ptr<search::Sampler> sampler_;
  std::optional<Result<std::vector<Params>>> initial_;
  Replay::Outcome outcome_;
  std::uint64_t last_snapshot_ = 0;
  // What the last report leads to and is not yet seen.
  struct Due {
    StopDecided stop;
    pruning::Grounds grounds;
  };
  std::uint64_t due_seq_ = 0;
  std::vector<Due> due_;
  std::string due_end_;
};

}  // namespace scopa::core
