#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace scopa {

/// On the wire and on disk: append, never renumber.
enum class SweepState : std::uint8_t {
  kRunning = 0,
  kPaused = 1,
  kStopping = 2,  ///< no new trials; running ones end by themselves
  kFinished = 3,
  kCancelled = 4,
};

/// On the wire and on disk: append, never renumber.
enum class TrialState : std::uint8_t {
  kQueued = 0,
  kRunning = 1,
  kCompleted = 2,
  kPruned = 3,
  kFailed = 4,
  kCancelled = 5,
  kDiverged = 6,  ///< the goal metric became NaN or infinite: a failure of the configuration
};
inline constexpr TrialState kTrialStateLast = TrialState::kDiverged;

enum class Goal : std::uint8_t { kMinimize = 0, kMaximize = 1 };

/// Why a trainer should stop. On the wire: append, never renumber.
enum class StopReason : std::uint8_t {
  kNone = 0,
  kPruned = 1,      ///< a pruner's decision
  kCancelled = 2,   ///< the sweep or the trial was cancelled
  kFenced = 3,      ///< the lease was lost; what this attempt still sends changes nothing
  kWorkerExit = 4,  ///< the worker is going away
  kDiverged = 5,    ///< the goal metric is NaN or infinite
  kTimeLimit = 6,   ///< the attempt has run for max_trial_time
  kStepLimit = 7,   ///< the goal metric goes on beyond max_steps: the trial is complete
  kBudget = 8,      ///< the sweep's budget is used up
  kForgotten = 9,   ///< the broker has no such attempt: nothing of it can be delivered any more
};

/// What made an attempt fail or end early: it decides whether, and where, it is tried again. On the
/// wire and on disk: append, never renumber.
enum class Cause : std::uint8_t {
  kNone = 0,       ///< it did not fail, or nobody can tell
  kOom = 1,        ///< host or device memory ran out
  kNan = 2,        ///< the goal metric was NaN or infinite, and the spec calls that a failure
  kCrash = 3,      ///< a signal that nobody sent on purpose
  kUserError = 4,  ///< the trainer ended with an exit code, or threw
  kTimeout = 5,    ///< max_trial_time, without a result
  kPreempted = 6,  ///< the machine was taken away, with notice
  kNode = 7,       ///< the machine or its worker: lost, or the trainer could not be started there
};

std::string_view name_of(SweepState state);
std::string_view name_of(TrialState state);
std::string_view name_of(Goal goal);
std::string_view name_of(StopReason reason);
/// "oom", "user_error" ...; empty for kNone.
std::string_view name_of(Cause cause);
std::optional<SweepState> sweep_state_from(std::string_view name);
std::optional<TrialState> trial_state_from(std::string_view name);
/// Not kNone, which has no name.
std::optional<Cause> cause_from(std::string_view name);

constexpr bool has_ended(TrialState s) {
  return s != TrialState::kQueued && s != TrialState::kRunning;
}
constexpr bool has_ended(SweepState s) {
  return s == SweepState::kFinished || s == SweepState::kCancelled;
}

/// True when `a` is the better value of the goal metric.
constexpr bool is_better(Goal goal, double a, double b) {
  return goal == Goal::kMinimize ? a < b : a > b;
}

}  // namespace scopa
