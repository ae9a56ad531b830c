#include "tests/unit/broker/core/bad_day.h"

#include <limits>

namespace scopa::core {

BadDay::BadDay(std::uint64_t seed, const std::string& yaml) : random_(seed) {
  h.use_sampler = true;
  sweep = h.create(yaml);
  for (int i = 0; i < 3; ++i) workers_.push_back(h.hello_worker("w" + std::to_string(i)));
}

void BadDay::play(int steps) {
  for (int i = 0; i < steps; ++i) {
    const std::uint64_t what = random_() % 48;
    if (what == 0 || what == 2) {
      if (!with_silence) continue;
    }
    if (what == 0) {
      h.lose_leases();
      if (dice(2)) open_.clear();  // else they come back, and find their trials taken or not
    } else if (what == 1) {
      if (with_restarts) restart();
    } else if (what == 2) {
      h.advance(limits::kLease + std::chrono::seconds(1));
    } else if (what == 3) {
      adopt();
    } else if (what < 16) {
      start();
    } else if (what < 24) {
      finish();
    } else if (what < 28) {
      save();
    } else {
      report();
    }
  }
}

void BadDay::restart() {
  h.restart();
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    workers_[i] = h.hello_worker("w" + std::to_string(i));
  }
}

void BadDay::start() {
  const std::size_t worker = any_worker();
  const wire::Assign trial = h.ask(workers_[worker], sweep);
  const std::int64_t resumed = dice(3) ? -1 : trial.resume_step;
  if (!trial.sweep.empty()) return open_.push_back({trial, worker, 0, resumed});
  // Three failures at the start may have paused it.
  h.send(CoreHarness::kCli,
         wire::Control{1, sweep, static_cast<std::uint8_t>(wire::Action::kResume), 0, false});
}

void BadDay::report() {
  if (open_.empty()) return;
  const std::size_t index = random_() % open_.size();
  Open& each = open_[index];
  double value = static_cast<double>(random_() % 1000) / 1000;
  if (with_nan && dice(30)) value = std::numeric_limits<double>::quiet_NaN();
  // Steps go back now and then, as those of a trainer with two phases.
  const std::int64_t step =
      each.resumed + 1 + static_cast<std::int64_t>(each.sent) - (dice(9) ? 2 : 0);
  wire::Report report{sweep,
                      each.trial.trial,
                      each.trial.attempt,
                      each.sent,
                      each.sent + 1,
                      block_of("loss", step, {value}),
                      each.sent == 0 ? each.resumed : -1};
  for (const auto& answer : h.send(workers_[each.worker], report)) {
    if (const auto* ack = std::get_if<wire::Ack>(&answer)) each.sent = ack->to;
    const auto* stop = std::get_if<wire::Stop>(&answer);
    if (stop && stop->reason == static_cast<std::uint8_t>(StopReason::kForgotten)) {
      return forget(index);
    }
  }
}

void BadDay::adopt() {
  if (open_.empty()) return;
  Open& each = open_[random_() % open_.size()];
  each.worker = any_worker();
  wire::Adopt adopt;
  adopt.sweep = sweep;
  adopt.trial = each.trial.trial;
  adopt.attempt = each.trial.attempt;
  each.sent = h.ask_for<wire::Adopted>(workers_[each.worker], adopt).to;
}

void BadDay::save() {
  if (open_.empty()) return;
  const Open& each = open_[random_() % open_.size()];
  if (each.sent == 0) return;
  wire::Checkpoint saved;
  saved.sweep = sweep;
  saved.trial = each.trial.trial;
  saved.attempt = each.trial.attempt;
  saved.step = each.resumed + static_cast<std::int64_t>(each.sent) - (dice(4) ? 1 : 0);
  saved.path = "/ckpt/" + std::to_string(saved.trial);
  h.send(workers_[each.worker], saved);
}

void BadDay::finish() {
  if (open_.empty()) return;
  const std::size_t index = random_() % open_.size();
  if (open_[index].sent == 0) return;
  wire::Release release;
  release.sweep = sweep;
  release.trial = open_[index].trial.trial;
  release.attempt = open_[index].trial.attempt;
  release.to = open_[index].sent;
  if (dice(5)) release.exit_code = 1;
  if (dice(3)) {
    release.requeue = true;
    release.cause = static_cast<std::uint8_t>(Cause::kPreempted);
  }
  h.send(workers_[open_[index].worker], release);
  forget(index);
}

void BadDay::forget(std::size_t index) {
  open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(index));
}

}  // namespace scopa::core
