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
    const std::uint64_t dice = random_() % 40;
    if (dice == 0) {
      h.advance(limits::kLease + std::chrono::seconds(1));
      open_.clear();
    } else if (dice == 1) {
      restart();
    } else if (dice < 15) {
      start();
    } else if (dice < 22) {
      finish();
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
  const wire::Assign trial = h.ask(any_worker(), sweep);
  if (!trial.sweep.empty()) return open_.push_back({trial, 0});
  // Three failures at the start may have paused it.
  h.send(CoreHarness::kCli,
         wire::Control{1, sweep, static_cast<std::uint8_t>(wire::Action::kResume), 0, false});
}

void BadDay::report() {
  if (open_.empty()) return;
  Open& each = open_[random_() % open_.size()];
  double value = static_cast<double>(random_() % 1000) / 1000;
  if (with_nan && random_() % 30 == 0) value = std::numeric_limits<double>::quiet_NaN();
  const auto answers = h.report(any_worker(), each.trial, each.sent, {value});
  if (!answers.empty() && std::holds_alternative<wire::Ack>(answers.front())) ++each.sent;
}

void BadDay::finish() {
  if (open_.empty()) return;
  const std::size_t index = random_() % open_.size();
  if (open_[index].sent == 0) return;
  h.release(any_worker(), open_[index].trial, open_[index].sent, random_() % 5 == 0 ? 1 : 0);
  open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(index));
}

}  // namespace scopa::core
