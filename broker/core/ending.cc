// What becomes of a trial whose attempt is over, and of its sweep.
#include <algorithm>
#include <tuple>
#include <utility>

#include "broker/core/state.h"
#include "sdk/base/text.h"

namespace scopa::core {
namespace {

// Of a training that would have gone on to a result.
bool stops_early(const StopDecided& stop) {
  const auto reason = static_cast<StopReason>(stop.reason);
  return reason == StopReason::kPruned || reason == StopReason::kTimeLimit ||
         reason == StopReason::kBudget;
}

// Of a trial that nobody stopped for it: the spec ignores such values, or it never logged another.
std::pair<TrialState, std::string> end_in_nan(const Sweep& sweep, const Trial& trial) {
  const std::string metric = "`" + sweep.spec->metric->name + "`";
  return {sweep.spec->on_nan == spec::OnNan::kFail ? TrialState::kFailed : TrialState::kDiverged,
          trial.curve.empty() ? "logged no finite value of " + metric + ", only " +
                                    std::to_string(trial.nans_first) + " that were NaN or infinite"
                              : "the last value of " + metric + " is NaN or infinite"};
}

bool ended_well(const wire::Release& release) {
  const auto outcome = static_cast<wire::Outcome>(release.outcome);
  return (outcome == wire::Outcome::kExited || outcome == wire::Outcome::kReturned) &&
         release.exit_code == 0 && !release.requeue;
}

/// What a worker tells of the end of an attempt, whatever that means for the trial.
AttemptEnded told_by(const wire::Release& release, const Trial& trial, const Attempt& attempt) {
  AttemptEnded ended;
  ended.trial = trial.number;
  ended.attempt = attempt.number;
  ended.exit_code = release.exit_code;
  ended.signal = release.signal;
  ended.points = attempt.points;
  ended.points_dropped = release.points_dropped;
  ended.forced =
      std::min<std::uint8_t>(release.forced, static_cast<std::uint8_t>(wire::Forced::kKill));
  ended.folder = release.folder;
  return ended;
}

std::string last_line(const std::string& text) {
  std::size_t end = text.find_last_not_of(" \n\r\t");
  if (end == std::string::npos) return {};
  const std::size_t start = text.find_last_of('\n', end);
  return text.substr(start == std::string::npos ? 0 : start + 1,
                     end - (start == std::string::npos ? 0 : start + 1) + 1);
}

// "trial 9: exit 1: Traceback ... ValueError": the first line of why it ended, and the last one.
std::string in_short(const Trial& trial) {
  const std::string& why = trial.attempts.back().ended;
  const std::size_t line = why.find('\n');
  return "trial " + std::to_string(trial.number) + ": " + why.substr(0, line) +
         (line == std::string::npos ? "" : " ... " + last_line(why));
}

std::string names(const std::vector<std::string>& metrics) {
  constexpr std::size_t kShownMax = 8;
  if (metrics.empty()) return "no metric at all";
  std::string text;
  for (std::size_t i = 0; i < std::min(metrics.size(), kShownMax); ++i) {
    text += (i == 0 ? "`" : ", `") + printable(metrics[i], 64) + "`";
  }
  if (metrics.size() > kShownMax)
    text += " and " + std::to_string(metrics.size() - kShownMax) + " more";
  return text;
}

}  // namespace

// ---- ends ---------------------------------------------------------------------------------------

void Core::State::on(ClientId from, wire::Release& release) {
  const wire::AttemptRef ref = wire::attempt_of(release);
  const Heard heard = hear(from, ref);
  if (heard.standing == Standing::kForgotten) {
    // An answer to the release as well: the worker is to be rid of the attempt.
    const auto state = heard.trial != nullptr ? heard.trial->state : TrialState::kCancelled;
    return send(
        from, wire::Released{ref.sweep, ref.trial, ref.attempt, static_cast<std::uint8_t>(state)});
  }
  if (heard.standing != Standing::kOver) {
    if (release.to > heard.attempt->points) {
      return send(from, wire::Ack{ref.sweep, ref.trial, ref.attempt, heard.attempt->points});
    }
    release.message = printable(release.message, limits::kTextBytesMax);
    release.folder = printable(release.folder, limits::kPathBytesMax);
  }
  if (heard.standing == Standing::kExtra) {
    release_extra(heard, release);
  } else if (heard.standing == Standing::kHeld) {
    note_resumed(heard, release.resumed);
    emit(ref.sweep, judge_release(*heard.sweep, *heard.trial, release));
    leases_.end(ref);
    remark_on_end(*heard.sweep, *heard.trial, release);
    remark_on_notes(*heard.sweep, release.notes);
  }
  // after_end() may start the trial anew: the worker is told what became of its attempt.
  send(from, wire::Released{ref.sweep, ref.trial, ref.attempt,
                            static_cast<std::uint8_t>(heard.trial->state)});
  if (heard.standing == Standing::kHeld) after_end(*heard.sweep, ref.trial);
}

// The trial stays what it is: someone else has it, or it has ended without this attempt.
void Core::State::release_extra(const Heard& heard, const wire::Release& release) {
  AttemptEnded ended = told_by(release, *heard.trial, *heard.attempt);
  ended.state = static_cast<std::uint8_t>(heard.trial->state);
  ended.cause = static_cast<std::uint8_t>(cause_of(release));
  ended.extra = true;
  ended.reason = how_it_ended(release);
  emit(heard.sweep->id, std::move(ended));
}

// What a trial that was told to stop has become when its attempt is over, however it ended.
std::pair<TrialState, std::string> Core::State::end_after_stop(const Sweep& target,
                                                               const Trial& trial) {
  const StopDecided& stop = *trial.live_attempt()->stop;
  const bool is_cancelled = static_cast<StopReason>(stop.reason) == StopReason::kCancelled;
  if ((stops_early(stop) || is_cancelled) && target.has_reached_max_steps(trial)) {
    return {TrialState::kCompleted, after_the_last_step(target, stop.message)};
  }
  const auto& metric = target.spec->metric;
  const std::string without =
      metric && trial.curve.empty() ? " without a value of `" + metric->name + "`" : "";
  switch (static_cast<StopReason>(stop.reason)) {
    case StopReason::kCancelled:
      return {TrialState::kCancelled, stop.message};
    case StopReason::kDiverged:
      return {
          target.spec->on_nan == spec::OnNan::kFail ? TrialState::kFailed : TrialState::kDiverged,
          stop.message};
    case StopReason::kStepLimit:
      return {TrialState::kCompleted, stop.message + without};
    case StopReason::kTimeLimit:
      return {without.empty() ? TrialState::kPruned : TrialState::kFailed, stop.message + without};
    case StopReason::kBudget:
      return {without.empty() ? TrialState::kPruned : TrialState::kCancelled, stop.message};
    default:
      return {TrialState::kPruned, stop.message};
  }
}

AttemptEnded Core::State::judge_release(const Sweep& target, const Trial& trial,
                                        const wire::Release& release) {
  const Attempt& attempt = *trial.live_attempt();
  AttemptEnded ended = told_by(release, trial, attempt);
  TrialState state = TrialState::kFailed;
  const auto outcome = static_cast<wire::Outcome>(release.outcome);
  // A stop that came when the training was over has saved nothing: the trial is complete.
  const bool in_vain = attempt.stop && release.ran_to_end && stops_early(*attempt.stop);
  Cause cause = Cause::kNone;
  if (attempt.stop && !in_vain) {
    std::tie(state, ended.reason) = end_after_stop(target, trial);
    cause = cause_of_stop(attempt, state);
  } else if (target.has_reached_max_steps(trial) && !ended_well(release)) {
    state = TrialState::kCompleted;
    const bool left = release.requeue || outcome == wire::Outcome::kKilled;
    ended.reason = after_the_last_step(target, left ? "its worker left" : how_it_ended(release));
    if (!release.message.empty()) ended.reason += ": " + release.message;
  } else if (release.requeue || outcome == wire::Outcome::kKilled) {
    cause = cause_of(release) == Cause::kNode ? Cause::kNode : Cause::kPreempted;
    const bool noticed = release.cause == static_cast<std::uint8_t>(Cause::kPreempted);
    ended.reason = noticed ? "its machine was taken away" : "its worker left";
    if (!release.message.empty()) ended.reason += ": " + release.message;
    std::tie(state, ended.reason) = again_elsewhere(trial, cause, std::move(ended.reason));
  } else if (outcome == wire::Outcome::kGaveUp) {
    state = TrialState::kPruned;
    ended.reason = "gave up by itself";
  } else if (ended_well(release)) {
    state = TrialState::kCompleted;
    if (target.spec->metric && trial.curve.empty()) {
      ended.reason = "ended without a value of `" + target.spec->metric->name + "`";
    }
  } else {
    cause = cause_of(release);
    std::tie(state, ended.reason) = after_failure(target, trial, cause, how_it_ended(release));
    ended.failed = !is_of_the_machine(cause);
    if (!release.message.empty()) ended.reason += ": " + release.message;
  }
  const bool has_result = state == TrialState::kCompleted || state == TrialState::kPruned;
  if (has_result && trial.ends_in_nan) {
    std::tie(state, ended.reason) = end_in_nan(target, trial);
    if (state == TrialState::kFailed) cause = Cause::kNan;
  }
  ended.cause = static_cast<std::uint8_t>(cause);
  ended.state = static_cast<std::uint8_t>(state);
  return ended;
}

// A sweep whose trials bring nothing is paused before it has used up its cap: at its start after
// limits::kStartFailuresMax of them, later when so many in a row cannot be bad luck.
void Core::State::pause_if_it_only_fails(Sweep& target, const Trial& trial, bool without_goal) {
  const bool useless = without_goal || trial.state == TrialState::kFailed;
  if (target.state != SweepState::kRunning) return;
  const auto at_start = static_cast<std::uint64_t>(target.start_failures);
  const Attempt& attempt = trial.attempts.back();
  if (useless && !target.any_success && target.start_failures >= limits::kStartFailuresMax &&
      (without_goal || target.start_failures >= limits::kOnlyFailuresMax ||
       !is_it_alone(target, attempt, at_start))) {
    const std::string count = std::to_string(target.start_failures);
    return set_state(target, SweepState::kPaused,
                     without_goal ? count + " of " + count + " trials ended without a value of `" +
                                        target.spec->metric->name + "`; they logged " +
                                        names(target.metrics())
                                  : count + " of " + count + " trials failed; " + in_short(trial));
  }
  const FailureStreak& streak = target.failure_streak();
  if (streak.is_beyond_chance() && !is_it_alone(target, attempt, streak.count())) {
    set_state(target, SweepState::kPaused,
              std::to_string(streak.count()) + " trials in a row failed (" + streak.causes() +
                  "); " + in_short(trial));
  }
}

void Core::State::after_end(Sweep& target, std::uint64_t number) {
  add_replicates(target, number);
  const Trial& trial = *target.find(number);
  judge_conduct(target, number);
  const auto& metric = target.spec->metric;
  const bool without_goal = trial.state == TrialState::kCompleted && metric && trial.curve.empty();
  if (without_goal) notice(target, lint::goal_never_logged(metric->name, target.metrics()));
  look_for_remarks(target);
  pause_if_it_only_fails(target, trial, without_goal);
  finish_if_done(target);
  dispatch(target);
}

}  // namespace scopa::core
