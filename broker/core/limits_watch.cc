// The limits in time: of an attempt, and of the whole sweep.
#include "broker/core/state.h"
#include "broker/core/stop_rules.h"

namespace scopa::core {

void Core::State::tick() {
  for (const wire::AttemptRef& ref : leases_.take_expired(now_)) expire(ref);
  for (const Limited& what : deadlines_.take_due(now_)) reached(what);
}

void Core::State::watch(Sweep& target, const EventBody& body) {
  if (const auto* started = std::get_if<AttemptStarted>(&body)) {
    watch_attempt(target, *target.find(started->trial));
  } else if (const auto* held = std::get_if<AttemptHeld>(&body)) {
    watch_attempt(target, *target.find(held->trial));
  } else if (const auto* ended = std::get_if<AttemptEnded>(&body)) {
    if (ended->extra) return;
    deadlines_.set({target.id, Limit::kTrialTime, ended->trial}, std::nullopt);
  } else if (!std::holds_alternative<SweepStateChanged>(body)) {
    return;
  }
  watch_budgets(target);
}

void Core::State::watch_attempt(const Sweep& target, const Trial& trial) {
  if (!target.spec->max_trial_time || trial.live_attempt()->stop) return;
  const Instant started = from_unix_us(trial.live_attempt()->started_us);
  deadlines_.set({target.id, Limit::kTrialTime, trial.number},
                 started + *target.spec->max_trial_time);
}

void Core::State::watch_budgets(Sweep& target) {
  const spec::Budget& budget = target.spec->budget;
  const bool watched = !target.out_of_budget && !has_ended(target.state);
  if (budget.wall_time) {
    deadlines_.set({target.id, Limit::kWallTime, 0},
                   watched ? target.usage().wall_reaches(budget.wall_time->count()) : std::nullopt);
  }
  if (budget.device_time) {
    deadlines_.set(
        {target.id, Limit::kDeviceTime, 0},
        watched ? target.usage().device_reaches(budget.device_time->count()) : std::nullopt);
  }
}

void Core::State::reached(const Limited& what) {
  Sweep& target = *sweep(what.sweep);
  if (what.limit == Limit::kTrialTime) {
    Trial& trial = *target.find(what.trial);
    return decide_stop(target, trial, time_limit_stop(target, trial));
  }
  const std::string reason = budget_used_up(target, now_);
  if (!reason.empty() && !has_ended(target.state)) end_by_budget(target, reason);
}

void Core::State::end_by_budget(Sweep& target, const std::string& reason) {
  target.out_of_budget = true;
  if (target.state != SweepState::kStopping) set_state(target, SweepState::kStopping, reason);
  for (const std::uint64_t number : target.queued()) {
    emit(target.id,
         TrialStateChanged{number, static_cast<std::uint8_t>(TrialState::kCancelled), reason});
  }
  const std::vector<std::uint64_t> running(target.running().begin(), target.running().end());
  for (const std::uint64_t number : running) {
    StopDecided stop;
    stop.reason = static_cast<std::uint8_t>(StopReason::kBudget);
    stop.message = reason;
    decide_stop(target, *target.find(number), std::move(stop));
  }
  finish_if_done(target);
  dispatch(target);
}

}  // namespace scopa::core
