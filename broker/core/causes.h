#pragma once

#include <string>
#include <utility>

#include "broker/core/sweep.h"
#include "broker/core/trial.h"
#include "sdk/base/states.h"
#include "sdk/wire/messages.h"

/// Why an attempt failed, and whether its trial is tried again.
namespace scopa::core {

/// What the worker says, or what the way in which the trainer ended tells by itself. kNone for one
/// that ended well.
Cause cause_of(const wire::Release& release);

/// Of an attempt that had been told to stop and left its trial in this state.
Cause cause_of_stop(const Attempt& attempt, TrialState state);

/// "exit 3", "killed by signal 9", "not started".
std::string how_it_ended(const wire::Release& release);

/// "exit 3, after it had reached max_steps 50": of a trainer that ended otherwise than well when
/// its trial had its result already.
std::string after_the_last_step(const Sweep& sweep, const std::string& how);

/// The configuration is not to blame: nothing can be learned of it from such an end.
constexpr bool is_of_the_machine(Cause cause) {
  return cause == Cause::kNode || cause == Cause::kPreempted;
}

/// Either the configuration or the machine: these are retried, and tell on a machine when others
/// do not fail so.
constexpr bool may_be_of_either(Cause cause) {
  return cause == Cause::kOom || cause == Cause::kCrash || cause == Cause::kUserError;
}

/// What becomes of a trial whose machine was lost or taken away: it is tried again, up to
/// limits::kAttemptsMax lost ones, or kPreemptionsMax in a row without a newer checkpoint. With
/// `reason`, completed.
std::pair<TrialState, std::string> again_elsewhere(const Trial& trial, Cause cause,
                                                   std::string reason);

/// What becomes of a trial whose attempt failed: tried again elsewhere when the machine is to
/// blame, or as often as the spec's `retries` says after oom, crash and user_error.
std::pair<TrialState, std::string> after_failure(const Sweep& sweep, const Trial& trial,
                                                 Cause cause, std::string reason);

/// Of an attempt that failed: "tried again as attempt 2", "not tried again: `retries` is 0". Empty
/// for one that did not fail.
std::string what_followed(const Sweep& sweep, const Trial& trial, const Attempt& attempt);

}  // namespace scopa::core
