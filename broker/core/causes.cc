#include "broker/core/causes.h"

#include <utility>

#include "sdk/base/limits.h"

namespace scopa::core {
namespace {

std::string times(std::uint32_t n) { return n == 1 ? "1 time" : std::to_string(n) + " times"; }

std::string why_not(const Sweep& sweep, const Trial& trial, Cause cause) {
  switch (cause) {
    case Cause::kNan:
    case Cause::kTimeout:
      return std::string(name_of(cause)) + " would come again";
    case Cause::kNode:
      return "lost by machines " + times(trial.node_losses);
    case Cause::kPreempted:
      return "preempted " + times(trial.preemptions) + " in a row without a newer checkpoint";
    default:
      break;
  }
  if (sweep.spec->retries == 0) return "`retries` is 0";
  if (trial.failures <= sweep.spec->retries) return "the sweep was ending";
  return "`retries` " + std::to_string(sweep.spec->retries) +
         (sweep.spec->retries == 1 ? " is used up" : " are used up");
}

}  // namespace

Cause cause_of(const wire::Release& release) {
  const auto said = static_cast<Cause>(release.cause);
  if (said != Cause::kNone && said <= Cause::kNode) return said;
  switch (static_cast<wire::Outcome>(release.outcome)) {
    case wire::Outcome::kSignaled:
      return Cause::kCrash;
    case wire::Outcome::kKilled:
      return Cause::kPreempted;
    case wire::Outcome::kNotStarted:
      return Cause::kUserError;
    case wire::Outcome::kExited:
    case wire::Outcome::kReturned:
    case wire::Outcome::kGaveUp:
      break;
  }
  return release.exit_code == 0 ? Cause::kNone : Cause::kUserError;
}

Cause cause_of_stop(const Attempt& attempt, TrialState state) {
  if (state != TrialState::kFailed || !attempt.stop) return Cause::kNone;
  const auto reason = static_cast<StopReason>(attempt.stop->reason);
  if (reason == StopReason::kDiverged) return Cause::kNan;
  return reason == StopReason::kTimeLimit ? Cause::kTimeout : Cause::kNone;
}

std::string how_it_ended(const wire::Release& release) {
  switch (static_cast<wire::Outcome>(release.outcome)) {
    case wire::Outcome::kNotStarted:
      return "not started";
    case wire::Outcome::kSignaled:
    case wire::Outcome::kKilled:
      return "killed by signal " + std::to_string(release.signal);
    case wire::Outcome::kExited:
    case wire::Outcome::kReturned:
      break;
    case wire::Outcome::kGaveUp:
      return "gave up";
  }
  return "exit " + std::to_string(release.exit_code);
}

std::string after_the_last_step(const Sweep& sweep, const std::string& how) {
  return how + ", after it had reached max_steps " + std::to_string(*sweep.spec->max_steps);
}

std::pair<TrialState, std::string> again_elsewhere(const Trial& trial, Cause cause,
                                                   std::string reason) {
  if (cause == Cause::kPreempted) {
    if (trial.preemptions + 1 < limits::kPreemptionsMax) return {TrialState::kQueued, reason};
    return {TrialState::kFailed, reason + "; that was preemption " +
                                     std::to_string(limits::kPreemptionsMax) +
                                     " in a row without a newer checkpoint"};
  }
  const std::uint32_t lost = trial.node_losses + 1;
  const std::string of = " of " + std::to_string(limits::kAttemptsMax);
  if (lost >= limits::kAttemptsMax) {
    return {TrialState::kFailed, reason + "; that was attempt " + std::to_string(lost) + of};
  }
  return {TrialState::kQueued, reason + " (retry " + std::to_string(lost) + " of " +
                                   std::to_string(limits::kAttemptsMax - 1) + " elsewhere)"};
}

std::pair<TrialState, std::string> after_failure(const Sweep& sweep, const Trial& trial,
                                                 Cause cause, std::string reason) {
  if (cause != Cause::kNone && !may_be_of_either(cause))
    reason += ", " + std::string(name_of(cause));
  if (cause == Cause::kOom) reason += ", out of memory";
  if (is_of_the_machine(cause)) return again_elsewhere(trial, cause, std::move(reason));
  const bool may_run = sweep.state == SweepState::kRunning || sweep.state == SweepState::kPaused;
  if (!may_be_of_either(cause) || trial.failures >= sweep.spec->retries || !may_run) {
    return {TrialState::kFailed, std::move(reason)};
  }
  return {TrialState::kQueued, reason + " (retry " + std::to_string(trial.failures + 1) + " of " +
                                   std::to_string(sweep.spec->retries) + ")"};
}

std::string what_followed(const Sweep& sweep, const Trial& trial, const Attempt& attempt) {
  if (attempt.is_live() || attempt.cause == Cause::kNone) return {};
  if (&attempt != &trial.attempts.back()) {
    const Attempt& next = *(&attempt + 1);
    const bool known = !next.host.empty() && !attempt.host.empty();
    return "tried again as attempt " + std::to_string(next.number) +
           (!known                          ? ""
            : next.host != attempt.host     ? " on another host"
            : next.worker != attempt.worker ? " by another worker"
                                            : " on the same worker");
  }
  if (trial.state == TrialState::kQueued) {
    return std::string("is tried again") +
           (trial.prefers_elsewhere ? ", elsewhere if somebody else is there" : "");
  }
  if (trial.state != TrialState::kFailed) return {};
  return "not tried again: " + why_not(sweep, trial, attempt.cause);
}

}  // namespace scopa::core
