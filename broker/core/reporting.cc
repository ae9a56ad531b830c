// What a running attempt says, and when it is told to stop.
#include <utility>

#include "broker/core/model_feed.h"
#include "broker/core/state.h"
#include "broker/core/stop_rules.h"
#include "sdk/base/utf8.h"

namespace scopa::core {

// ---- points -------------------------------------------------------------------------------------

void Core::State::on(ClientId from, wire::Report& report) {
  const wire::AttemptRef ref = wire::attempt_of(report);
  const Heard heard = hear(from, ref);
  if (heard.standing == Standing::kForgotten) return;
  if (heard.standing == Standing::kOver) return push_over(from, ref);
  if (report.to > report.from && report.to - report.from > limits::kReportPointsMax) {
    return refuse(
        from, 0,
        {Code::kInvalidArgument,
         "report: [from, to) has more than " + std::to_string(limits::kReportPointsMax) + " places",
         "send a gap of points that were lost in several reports"});
  }
  const std::uint64_t applied = heard.attempt->points;
  if (report.from == 0) note_resumed(heard, report.resumed);
  // A duplicate, a gap or a batch cut differently: the worker goes on from what is applied.
  if (report.from != applied || report.to <= report.from) {
    send(from, wire::Ack{ref.sweep, ref.trial, ref.attempt, applied});
    if (heard.standing == Standing::kExtra) push_fenced(from, ref);
    return;
  }
  const auto points = wire::PointsView::parse(report.points);
  if (!points) return refuse(from, 0, points.status().with_prefix("report"));
  for (const std::string_view name : points->metrics()) {
    if (is_utf8(name)) continue;
    return refuse(from, 0, {Code::kInvalidArgument, "report: the name of a metric must be UTF-8"});
  }
  if (points->size() > report.to - report.from) {
    return refuse(from, 0,
                  {Code::kInvalidArgument, "report: more points than [from, to) has places"});
  }
  use_present_rules(*heard.sweep);
  const std::uint64_t seq = ++last_seq_;
  const Sweep::Appended appended =
      heard.sweep->append(seq, ref.trial, ref.attempt, report.to, *points);
  turn_->points.push_back({seq, ref, report.from, report.to, std::move(report.points)});
  send(from, wire::Ack{ref.sweep, ref.trial, ref.attempt, report.to});
  if (heard.standing == Standing::kExtra) return push_fenced(from, ref);
  after_points(*heard.sweep, *heard.trial, appended);
}

void Core::State::after_points(Sweep& target, Trial& trial, const Sweep::Appended& appended) {
  const bool was_stopped = trial.live_attempt()->stop.has_value();
  if (target.model_is_open) tell_model(target, history_changes(target, trial.number, appended));
  for (StopDecided& stop : stops_after_points(target, trial, appended)) {
    Trial& stopped = *target.find(stop.trial);
    decide_stop(target, stopped, std::move(stop));
  }
  if (was_stopped) push_stop(target, trial);
  if (const std::string reason = target_reached(target, trial, appended); !reason.empty()) {
    stop_sweep(target, reason);
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

// ---- leases -------------------------------------------------------------------------------------

void Core::State::on(ClientId from, wire::Heartbeat& heartbeat) {
  if (heartbeat.running.size() > limits::kHeartbeatRunningMax) {
    return refuse(from, heartbeat.request,
                  {Code::kInvalidArgument,
                   "heartbeat: `running` has more than " +
                       std::to_string(limits::kHeartbeatRunningMax) + " attempts",
                   "send several heartbeats"});
  }
  for (const wire::AttemptRef& ref : heartbeat.running) {
    const Heard heard = hear(from, ref);
    if (heard.standing == Standing::kOver) {
      push_over(from, ref);
    } else if (heard.standing == Standing::kExtra) {
      push_fenced(from, ref);
    } else if (heard.standing == Standing::kHeld && heard.attempt->stop) {
      push_stop(*heard.sweep, *heard.trial);
    }
  }
  send(from, wire::HeartbeatReply{heartbeat.request});
}

}  // namespace scopa::core
