// What becomes of an attempt: its points, its lease, its stop, its end.
#include <algorithm>
#include <cstdio>
#include <utility>

#include "broker/core/model_feed.h"
#include "broker/core/state.h"
#include "sdk/base/text.h"

namespace scopa::core {
namespace {

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string last_line(const std::string& text) {
  std::size_t end = text.find_last_not_of(" \n\r\t");
  if (end == std::string::npos) return {};
  const std::size_t start = text.find_last_of('\n', end);
  return text.substr(start == std::string::npos ? 0 : start + 1,
                     end - (start == std::string::npos ? 0 : start + 1) + 1);
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

// ---- points -------------------------------------------------------------------------------------

void Core::State::on(ClientId from, wire::Report& report) {
  const wire::AttemptRef ref = wire::attempt_of(report);
  const Found found = find(ref);
  if (found.attempt == nullptr) return push_fenced(from, ref);
  leases_.renew(ref, lease_end());
  const std::uint64_t applied = found.attempt->points;
  // A duplicate, a gap or a batch cut differently: the worker goes on from what is applied.
  if (report.from != applied || report.to <= report.from) {
    return send(from, wire::Ack{ref.sweep, ref.trial, ref.attempt, applied});
  }
  const auto points = wire::PointsView::parse(report.points);
  if (!points) return refuse(from, 0, points.status().with_prefix("report"));
  if (points->size() > report.to - report.from) {
    return refuse(from, 0,
                  {Code::kInvalidArgument, "report: more points than [from, to) has places"});
  }
  const std::uint64_t seq = ++last_seq_;
  const Sweep::Appended appended = found.sweep->append(ref.trial, ref.attempt, report.to, *points);
  turn_->points.push_back({seq, ref, report.from, report.to, std::move(report.points)});
  send(from, wire::Ack{ref.sweep, ref.trial, ref.attempt, report.to});
  after_points(*found.sweep, *found.trial, appended);
}

void Core::State::after_points(Sweep& target, Trial& trial, const Sweep::Appended& appended) {
  const bool was_stopped = trial.live_attempt()->stop.has_value();
  if (target.model_is_open) tell_model(target, history_changes(trial.number, appended));
  if (appended.diverged && !was_stopped) {
    StopDecided stop;
    stop.reason = static_cast<std::uint8_t>(StopReason::kDiverged);
    stop.value = appended.diverged->value;
    stop.message = "`" + target.spec->metric->name + "` is " + number_text(stop.value) +
                   " at step " + std::to_string(appended.diverged->step);
    decide_stop(target, trial, std::move(stop));
  }
  if (appended.verdicts_may_change) {
    for (const pruning::Verdict& verdict : target.judge()) {
      StopDecided stop;
      stop.reason = static_cast<std::uint8_t>(StopReason::kPruned);
      stop.rung = verdict.rung;
      stop.value = verdict.value;
      stop.threshold = verdict.threshold;
      stop.message = verdict.message;
      decide_stop(target, *target.find(raw(verdict.trial)), std::move(stop));
    }
  }
  if (was_stopped) push_stop(target, trial);
  const auto& metric = target.spec->metric;
  if (metric && metric->target && target.state == SweepState::kRunning &&
      !appended.values.empty() && !is_better(metric->goal, *metric->target, trial.best)) {
    stop_sweep(target, "target " + number_text(*metric->target) + " reached by trial " +
                           std::to_string(trial.number) + ": " + number_text(trial.best));
    dispatch(target);
  }
}

// ---- stops --------------------------------------------------------------------------------------

void Core::State::decide_stop(Sweep& target, Trial& trial, StopDecided stop) {
  Attempt* attempt = trial.live_attempt();
  if (attempt == nullptr || attempt->stop) return;
  stop.trial = trial.number;
  stop.attempt = attempt->number;
  stop.snapshot = last_seq_;
  emit(target.id, std::move(stop));
  push_stop(target, trial);
}

void Core::State::push_stop(const Sweep& target, const Trial& trial) {
  const Attempt* attempt = trial.live_attempt();
  if (attempt == nullptr || !attempt->stop) return;
  const auto worker = workers_.find(attempt->worker);
  if (worker == workers_.end() || !worker->second.connected) return;  // its next heartbeat will do
  send(worker->second.client, wire::Stop{target.id, trial.number, attempt->number,
                                         attempt->stop->reason, attempt->stop->message});
}

void Core::State::push_fenced(ClientId to, const wire::AttemptRef& ref) {
  send(to,
       wire::Stop{ref.sweep, ref.trial, ref.attempt, static_cast<std::uint8_t>(StopReason::kFenced),
                  "this attempt no longer holds the trial"});
}

// ---- leases -------------------------------------------------------------------------------------

void Core::State::on(ClientId from, wire::Heartbeat& heartbeat) {
  for (const wire::AttemptRef& ref : heartbeat.running) {
    const Found found = find(ref);
    if (found.attempt == nullptr) {
      push_fenced(from, ref);
      continue;
    }
    leases_.renew(ref, lease_end());
    if (found.attempt->stop) push_stop(*found.sweep, *found.trial);
  }
  send(from, wire::HeartbeatReply{heartbeat.request});
}

void Core::State::tick() {
  for (const wire::AttemptRef& ref : leases_.take_expired(now_)) expire(ref);
}

void Core::State::expire(const wire::AttemptRef& ref) {
  const Found found = find(ref);
  if (found.attempt == nullptr) return;
  AttemptEnded ended;
  ended.trial = ref.trial;
  ended.attempt = ref.attempt;
  ended.points = found.attempt->points;
  ended.lease_lost = true;
  ended.reason = "lease expired: no word from worker " + found.attempt->worker;
  TrialState state = TrialState::kQueued;
  if (const auto& stop = found.attempt->stop) {
    state = stop->reason == static_cast<std::uint8_t>(StopReason::kCancelled)
                ? TrialState::kCancelled
                : TrialState::kPruned;
    ended.reason = stop->message;
  } else if (found.trial->leases_lost() + 1 >= limits::kAttemptsMax) {
    state = TrialState::kFailed;
    ended.reason += "; that was attempt " + std::to_string(limits::kAttemptsMax) + " of " +
                    std::to_string(limits::kAttemptsMax);
  }
  ended.state = static_cast<std::uint8_t>(state);
  emit(ref.sweep, std::move(ended));
  after_end(*found.sweep, *found.sweep->find(ref.trial));
}

// ---- ends ---------------------------------------------------------------------------------------

void Core::State::on(ClientId from, wire::Release& release) {
  const wire::AttemptRef ref = wire::attempt_of(release);
  const Found found = find(ref);
  if (found.attempt == nullptr) {
    const auto state = found.trial != nullptr ? found.trial->state : TrialState::kCancelled;
    return send(
        from, wire::Released{ref.sweep, ref.trial, ref.attempt, static_cast<std::uint8_t>(state)});
  }
  leases_.renew(ref, lease_end());
  if (release.to > found.attempt->points) {
    return send(from, wire::Ack{ref.sweep, ref.trial, ref.attempt, found.attempt->points});
  }
  release.message = printable(release.message, limits::kTextBytesMax);
  AttemptEnded ended = judge_release(*found.sweep, *found.trial, release);
  const auto state = static_cast<TrialState>(ended.state);
  emit(ref.sweep, std::move(ended));
  leases_.end(ref);
  send(from, wire::Released{ref.sweep, ref.trial, ref.attempt, static_cast<std::uint8_t>(state)});
  after_end(*found.sweep, *found.sweep->find(ref.trial));
}

AttemptEnded Core::State::judge_release(const Sweep& target, const Trial& trial,
                                        const wire::Release& release) {
  const Attempt& attempt = *trial.live_attempt();
  AttemptEnded ended;
  ended.trial = trial.number;
  ended.attempt = attempt.number;
  ended.exit_code = release.exit_code;
  ended.signal = release.signal;
  ended.points = attempt.points;
  ended.points_dropped = release.points_dropped;
  TrialState state = TrialState::kFailed;
  const auto outcome = static_cast<wire::Outcome>(release.outcome);
  const bool left_by_itself =
      outcome == wire::Outcome::kExited || outcome == wire::Outcome::kReturned;
  // A stop that came when the training was over has saved nothing: the trial is complete.
  const bool stopped_in_vain =
      attempt.stop && release.ran_to_end &&
      attempt.stop->reason == static_cast<std::uint8_t>(StopReason::kPruned);
  if (attempt.stop && !stopped_in_vain) {
    const bool cancelled =
        attempt.stop->reason == static_cast<std::uint8_t>(StopReason::kCancelled);
    state = cancelled ? TrialState::kCancelled : TrialState::kPruned;
    ended.reason = attempt.stop->message;
  } else if (release.requeue) {
    state = TrialState::kQueued;
    ended.reason = "worker left: " + (release.message.empty() ? "it was told to" : release.message);
  } else if (left_by_itself && release.exit_code == 0) {
    state = TrialState::kCompleted;
    if (target.spec->metric && trial.curve.empty()) {
      ended.reason = "ended without a value of `" + target.spec->metric->name + "`";
    }
  } else {
    ended.reason = outcome == wire::Outcome::kNotStarted ? "not started"
                   : outcome == wire::Outcome::kSignaled || outcome == wire::Outcome::kKilled
                       ? "killed by signal " + std::to_string(release.signal)
                       : "exit " + std::to_string(release.exit_code);
    if (!release.message.empty()) ended.reason += ": " + release.message;
  }
  ended.state = static_cast<std::uint8_t>(state);
  return ended;
}

void Core::State::notice(Sweep& target, std::string text) {
  constexpr std::size_t kNoticesMax = 100;
  if (target.has_noticed(text) || target.notice_count() >= kNoticesMax) return;
  emit(target.id, Noticed{std::move(text)});
}

void Core::State::after_end(Sweep& target, const Trial& trial) {
  const auto& metric = target.spec->metric;
  const bool without_goal = trial.state == TrialState::kCompleted && metric && trial.curve.empty();
  if (without_goal) {
    std::string text = "trials end without a value of the goal metric `" + metric->name +
                       "`; they logged " + names(target.metrics());
    const std::string meant = closest_match(metric->name, target.metrics());
    if (!meant.empty()) text += "; did you mean `" + meant + "`?";
    notice(target, std::move(text));
  }
  const bool useless = without_goal || trial.state == TrialState::kFailed;
  if (useless && target.state == SweepState::kRunning && !target.any_success &&
      target.start_failures >= limits::kStartFailuresMax) {
    const std::string count = std::to_string(target.start_failures);
    set_state(target, SweepState::kPaused,
              without_goal ? count + " of " + count + " trials ended without a value of `" +
                                 metric->name + "`; they logged " + names(target.metrics())
                           : count + " of " + count + " trials failed; trial " +
                                 std::to_string(trial.number) + ": " +
                                 trial.reason.substr(0, trial.reason.find('\n')) +
                                 (trial.reason.find('\n') == std::string::npos
                                      ? ""
                                      : " ... " + last_line(trial.reason)));
  }
  finish_if_done(target);
  dispatch(target);
}

}  // namespace scopa::core
