#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "sdk/base/states.h"
#include "sdk/base/status.h"
#include "sdk/base/value.h"

namespace scopa::rehearsal {

/// What one training reports, known before it starts.
struct Training {
  std::vector<double> values;  ///< of the goal metric at the steps first_step, first_step + 1 ...
  double step_seconds = 1;     ///< of virtual time that one step takes, from step 1 on
  std::uint64_t first_step = 1;
  /// Where steps or times are not even: of each value, ascending. Empty, or as many as values.
  std::vector<std::int64_t> steps;  ///< 0 or more
  std::vector<double> seconds;      ///< since the start of the training
  /// Its end is a failure. Such a training may have no value at all; then it takes step_seconds.
  bool fails = false;
};

/// The training of a configuration as trial `number`.
using Objective = std::function<Result<Training>(const Params& params, std::uint64_t number)>;

struct Rehearsal {
  std::uint64_t workers = 1;
  std::uint64_t trials_max = 0;  ///< that may start; 0: no limit
  double seconds_max = 0;        ///< of virtual time, after which nothing more happens; 0: no limit
  std::uint64_t run_cap = 0;     ///< instead of the sweep file's; 0: the file's
  std::optional<double> target;  ///< of which Rehearsed::target_at tells
};

/// One trial of a rehearsed sweep, as it ended, or as it stood at the end of the time.
struct Rehearsed {
  std::uint64_t trial = 0;
  Params params;
  /// Seconds of virtual time since the start of the sweep. `ended` of a trial that still runs is
  /// the end of the time.
  double started = 0, ended = 0;
  TrialState state = TrialState::kRunning;  ///< kRunning, kCompleted, kPruned, kDiverged, kFailed
  std::uint64_t steps = 0;                  ///< that it took
  std::uint64_t steps_whole = 0;            ///< that it would have taken, had nobody stopped it
  double value = 0;                         ///< the last that it reported
  /// Its finite values so far as the file's `metric.reduce` reads them; NaN while there is none.
  double reduced = std::numeric_limits<double>::quiet_NaN();
  std::optional<double> target_at;  ///< when `reduced` came to the target first
};

/// Runs the sweep of `spec` (a sweep file's text) in virtual time: the broker's own core, samplers
/// and pruners, and workers that take the next trial at the instant at which they have finished
/// one. A trial that is told to stop ends there, as pruned; the tuner's own time costs nothing. Of
/// what happens at the same instant, the worker with the lower number goes first, so the same input
/// gives the same sweep. In the order in which the trials started (one that is tried again comes
/// again); ends when the sweep does, at the limits, or when all workers wait for ever. The file's
/// `max_steps`, `max_trial_time` and `budget` count as they do in a broker, in virtual time. Pure.
///
/// A `seed` of 0 is the file's. Errors: those of SoloSweep::create, those of the objective,
/// kInvalidArgument for a sweep without any end, and for one of more than 100,000 trials.
Result<std::vector<Rehearsed>> rehearse(const std::string& spec, std::uint64_t seed,
                                        const Objective& objective, const Rehearsal& rehearsal);

}  // namespace scopa::rehearsal
