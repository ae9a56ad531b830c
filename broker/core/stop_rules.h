#pragma once

#include <string>
#include <vector>

#include "broker/core/event.h"
#include "broker/core/sweep.h"

/// What follows from the log by rule, without anybody's wish: the broker decides with these, and a
/// replay checks with the same ones. All are functions of the sweep as it stands.
namespace scopa::core {

/// Whom points that `sweep` has just taken stop, in the order in which it is decided: their own
/// trial, when it diverged or goes on beyond max_steps, then those on whom the pruner has a
/// verdict. Trials that do not run, have been told to stop or have reached max_steps are left out
/// of that. `snapshot` is not set. With `grounds`, which must not change the answer, there is one
/// for each stop; empty where it is not a pruner's.
std::vector<StopDecided> stops_after_points(const Sweep& sweep, const Trial& trial,
                                            const Sweep::Appended& appended,
                                            std::vector<pruning::Grounds>* grounds = nullptr);

/// Why the sweep ends after these points: "target 0.1 reached by trial 3: 0.09"; empty: it does
/// not.
std::string target_reached(const Sweep& sweep, const Trial& trial, const Sweep::Appended& appended);

/// Whether the running attempt of `trial` has had its max_trial_time at `now`.
bool time_is_up(const Sweep& sweep, const Trial& trial, Instant now);
/// The stop that follows.
StopDecided time_limit_stop(const Sweep& sweep, const Trial& trial);

/// Which budget is used up at `now`, for people; empty: none.
std::string budget_used_up(const Sweep& sweep, Instant now);

/// Why the sweep is finished as it stands; empty: it is not.
std::string reason_to_finish(const Sweep& sweep, bool space_used_up);

}  // namespace scopa::core
