#pragma once

#include <cstdint>
#include <functional>
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
};

/// The training of a configuration as trial `number`.
using Objective = std::function<Result<Training>(const Params& params, std::uint64_t number)>;

struct Rehearsal {
  std::uint64_t workers = 1;
  std::uint64_t trials_max = 0;  ///< that may start; 0: no limit
  double seconds_max = 0;        ///< of virtual time, after which nothing more happens; 0: no limit
};

/// One trial of a rehearsed sweep, as it ended, or as it stood at the end of the time.
struct Rehearsed {
  std::uint64_t trial = 0;
  Params params;
  double started = 0, ended = 0;  ///< seconds of virtual time since the start of the sweep
  TrialState state = TrialState::kRunning;  ///< kRunning, kCompleted, kPruned
  std::uint64_t steps = 0;                  ///< that it took
  double value = 0;                         ///< the last that it reported
};

/// Runs the sweep of `spec` (a sweep file's text) in virtual time: the broker's own core, samplers
/// and pruners, and workers that take the next trial at the instant at which they have finished
/// one. A trial that is told to stop ends there, as pruned; the tuner's own time costs nothing. Of
/// what happens at the same instant, the worker with the lower number goes first, so the same input
/// gives the same sweep. In the order in which the trials started; ends when the sweep does, at the
/// limits, or when all workers wait for ever. Pure.
///
/// Errors: those of SoloSweep::create, those of the objective, kInvalidArgument for a sweep without
/// any end.
Result<std::vector<Rehearsed>> rehearse(const std::string& spec, std::uint64_t seed,
                                        const Objective& objective, const Rehearsal& rehearsal);

}  // namespace scopa::rehearsal
