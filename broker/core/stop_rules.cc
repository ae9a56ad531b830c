#include "broker/core/stop_rules.h"

#include <algorithm>
#include <utility>

#include "broker/core/wording.h"
#include "broker/spec/duration.h"

namespace scopa::core {
namespace {

StopDecided stop_of(const Trial& trial, StopReason reason, std::string message) {
  StopDecided stop;
  stop.trial = trial.number;
  stop.attempt = trial.attempts.empty() ? 0 : trial.attempts.back().number;
  stop.reason = static_cast<std::uint8_t>(reason);
  stop.message = std::move(message);
  return stop;
}

bool may_stop(const Trial& trial) {
  const Attempt* attempt = trial.live_attempt();
  return attempt != nullptr && !attempt->stop;
}

}  // namespace

std::vector<StopDecided> stops_after_points(const Sweep& sweep, const Trial& trial,
                                            const Sweep::Appended& appended,
                                            std::vector<pruning::Grounds>* grounds) {
  std::vector<StopDecided> stops;
  if (appended.diverged && may_stop(trial)) {
    const double value = appended.diverged->value;
    stops.push_back(stop_of(trial, StopReason::kDiverged,
                            "`" + sweep.spec->metric->name + "` is " + number_text(value) +
                                " at step " + std::to_string(appended.diverged->step)));
    stops.back().value = value;
  } else if (appended.beyond_end && may_stop(trial)) {
    stops.push_back(stop_of(trial, StopReason::kStepLimit,
                            "logged step " + std::to_string(*appended.beyond_end) +
                                " after max_steps " + std::to_string(*sweep.spec->max_steps)));
  }
  if (grounds != nullptr) grounds->resize(stops.size());
  if (!appended.verdicts_may_change) return stops;
  std::vector<pruning::Grounds> all;
  std::size_t which = 0;
  for (pruning::Verdict& verdict : sweep.judge(grounds == nullptr ? nullptr : &all)) {
    const std::size_t index = which++;
    const Trial& judged = *sweep.find(raw(verdict.trial));
    // What has been decided above stands.
    if (!stops.empty() && stops.front().trial == judged.number) continue;
    if (!may_stop(judged)) continue;
    StopDecided stop = stop_of(judged, StopReason::kPruned, std::move(verdict.message));
    stop.rung = verdict.rung;
    stop.value = verdict.value;
    stop.threshold = verdict.threshold;
    stops.push_back(std::move(stop));
    if (grounds != nullptr) grounds->push_back(std::move(all[index]));
  }
  return stops;
}

std::string target_reached(const Sweep& sweep, const Trial& trial,
                           const Sweep::Appended& appended) {
  if (!appended.target_reached || sweep.state != SweepState::kRunning) return {};
  return "target " + number_text(*sweep.spec->metric->target) + " reached by trial " +
         std::to_string(trial.number) + ": " + number_text(*appended.target_reached);
}

bool time_is_up(const Sweep& sweep, const Trial& trial, Instant now) {
  const Attempt* attempt = trial.live_attempt();
  if (attempt == nullptr || !sweep.spec->max_trial_time) return false;
  return now >= from_unix_us(attempt->started_us) + *sweep.spec->max_trial_time;
}

StopDecided time_limit_stop(const Sweep& sweep, const Trial& trial) {
  return stop_of(trial, StopReason::kTimeLimit,
                 "ran for max_trial_time " + spec::to_text(*sweep.spec->max_trial_time));
}

std::string budget_used_up(const Sweep& sweep, Instant now) {
  const spec::Budget& budget = sweep.spec->budget;
  if (budget.wall_time && sweep.usage().wall_us(now) >= budget.wall_time->count()) {
    return "wall time budget " + spec::to_text(*budget.wall_time) + " used up";
  }
  if (budget.device_time && sweep.usage().device_us(now) >= budget.device_time->count()) {
    return "budget of " + number_text(static_cast<double>(budget.device_time->count()) / 3.6e9) +
           " device-hours used up";
  }
  return {};
}

std::string reason_to_finish(const Sweep& sweep, bool space_used_up) {
  if (!sweep.running().empty()) return {};
  if (sweep.state == SweepState::kStopping) return sweep.reason;
  if (sweep.state != SweepState::kRunning || sweep.has_queued()) return {};
  if (sweep.cap_is_used_up()) return "run cap " + std::to_string(sweep.run_cap) + " reached";
  if (!space_used_up) return {};
  return "all " + std::to_string(sweep.configurations()) +
         (sweep.spec->constraints.empty()
              ? " configurations of the space are used up"
              : " configurations that were found to satisfy the constraints are used up");
}

}  // namespace scopa::core
