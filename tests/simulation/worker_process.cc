#include "tests/simulation/worker_process.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "sdk/wire/codec.h"

namespace scopa::sim {
namespace {

session::SessionOptions options_of(const WorkerProcess::Options& options, const Host& host,
                                   std::uint64_t seed) {
  session::SessionOptions made;
  made.endpoint = "tcp://broker";
  made.worker = options.id;
  made.host = host.name();
  made.sweep = options.sweep;
  made.devices.resize(options.slots, "cpu");
  made.seed = seed;
  return made;
}

}  // namespace

WorkerProcess::WorkerProcess(World* world, Network* network, Host* host, const Options& options)
    : world_(world),
      network_(network),
      host_(host),
      random_(world->random("worker " + options.id)),
      id_(options.id),
      slots_(options.slots),
      start_fails_(options.start_fails),
      clock_offset_(options.clock_offset),
      session_(options_of(options, *host, random_.next()), world->now() + options.clock_offset),
      active_(limits::kSlotsMax) {}

void WorkerProcess::start(const std::vector<std::shared_ptr<Trainer>>& leftovers) {
  for (const auto& trainer : leftovers) adopt(trainer);
  dealer_ = std::make_unique<Dealer>(world_, network_, host_->index(),
                                     [this](const std::string& frame) { receive(frame); });
  wake();
}

// ---- time ---------------------------------------------------------------------------------------

void WorkerProcess::wake_in(microseconds delay) {
  const Instant at = world_->now() + std::max(delay, microseconds(20));
  if (waking_at_ && *waking_at_ <= at) return;
  waking_at_ = at;
  world_->after(std::chrono::duration_cast<microseconds>(at - world_->now()), shared_from_this(),
                [this, at] {
                  if (waking_at_ == at) wake();
                });
}

void WorkerProcess::stall(microseconds duration) {
  stalled_until_ = std::max(stalled_until_, world_->now() + duration);
  world_->say(id_, "stalls for " + std::to_string(duration.count() / 1000) + " ms");
  waking_at_.reset();
  wake_in(std::chrono::duration_cast<microseconds>(stalled_until_ - world_->now()));
}

void WorkerProcess::wake() {
  waking_at_.reset();
  if (is_stalled()) {
    return wake_in(std::chrono::duration_cast<microseconds>(stalled_until_ - world_->now()));
  }
  while (!inbox_.empty()) {
    const std::string frame = std::move(inbox_.front());
    inbox_.pop_front();
    const auto message = wire::decode(frame);
    if (!message) return world_->violate("wire", message.status().to_string());
    session_.receive(*message, now(), &actions_);
  }
  look_after_trainers();
  session_.tick(now(), &actions_);
  perform();
  if (session_.done()) {
    world_->note(id_, "left");
    world_->say(id_, "left: " + session_.status().to_string());
    return host_->worker_left(id_, session_.status());
  }
  if (const auto next = session_.next_deadline()) {
    wake_in(std::chrono::duration_cast<microseconds>(*next - now()));
  }
}

void WorkerProcess::receive(const std::string& frame) {
  inbox_.push_back(frame);
  wake_in(microseconds(30));
}

void WorkerProcess::drain() {
  session_.drain(now());
  wake_in(microseconds(0));
}

void WorkerProcess::preempt() {
  session_.preempt(now(), &actions_);
  wake_in(microseconds(0));
}

void WorkerProcess::stop() {
  session_.stop(now(), &actions_);
  wake_in(microseconds(0));
}

// ---- trainers -----------------------------------------------------------------------------------

void WorkerProcess::watch(const std::shared_ptr<Trainer>& trainer) {
  const std::weak_ptr<WorkerProcess> self = weak_from_this();
  trainer->on_change = [self] {
    // The journal is looked at every few milliseconds.
    if (const auto worker = self.lock()) {
      worker->wake_in(worker->random_.time(microseconds(100), milliseconds(10)));
    }
  };
}

void WorkerProcess::adopt(const std::shared_ptr<Trainer>& trainer) {
  session::Leftover leftover;
  leftover.attempt = wire::attempt_of(trainer->assign());
  leftover.device = "cpu";
  leftover.source = trainer->journal().get();
  if (trainer->has_ended()) leftover.end = trainer->end();
  std::uint32_t free = 0;
  while (free < slots_ && active_[free].trainer) ++free;
  const bool is_over = leftover.end.has_value();
  const std::uint32_t slot = session_.adopt(free, std::move(leftover));
  if (slot >= active_.size()) active_.resize(slot + 1);
  if (active_[slot].trainer) return world_->violate("session", "a slot got two trials");
  active_[slot] = {trainer, is_over};
  watch(trainer);
  world_->injected("attempt found by a new worker");
}

void WorkerProcess::look_after_trainers() {
  for (std::uint32_t slot = 0; slot < active_.size(); ++slot) {
    Active& active = active_[slot];
    if (!active.trainer || active.is_over || !active.trainer->has_ended()) continue;
    active.is_over = true;
    session_.ended(slot, active.trainer->end(), now(), &actions_);
  }
}

void WorkerProcess::perform() {
  for (std::size_t i = 0; i < actions_.size(); ++i) {
    const session::Action action = std::move(actions_[i]);
    if (const auto* send = std::get_if<session::Send>(&action)) {
      dealer_->send(wire::encode(send->message));
    } else if (std::holds_alternative<session::Connect>(action)) {
      dealer_->reconnect();
    } else if (const auto* start = std::get_if<session::StartTrial>(&action)) {
      perform(*start);
    } else if (const auto* request = std::get_if<session::RequestCheckpoint>(&action)) {
      if (active_[request->slot].trainer) active_[request->slot].trainer->request_checkpoint();
    } else if (const auto* end = std::get_if<session::EndTrial>(&action)) {
      perform(*end);
    } else if (const auto* forget = std::get_if<session::ForgetTrial>(&action)) {
      perform(*forget);
    } else if (const auto* tell = std::get_if<session::Tell>(&action)) {
      world_->say(id_, tell->text);
    }
  }
  actions_.clear();
  // Heartbeats, asks and a window of reports for each slot, for as long as a silence is borne.
  const std::size_t bound = 16 + slots_ * (limits::kReportsInFlight + 8);
  if (dealer_->waiting_max() > bound) {
    world_->violate("bounded", id_ + " keeps " + std::to_string(dealer_->waiting_max()) +
                                   " messages for a broker that is away");
  }
}

void WorkerProcess::perform(const session::StartTrial& start) {
  Active& active = active_[start.slot];
  if (active.trainer) return world_->violate("session", "a slot got two trials");
  if (random_.chance(start_fails_)) {
    session::TrialEnd end;
    end.outcome = wire::Outcome::kNotStarted;
    end.message = "no such program";
    end.cause = random_.chance(0.5) ? Cause::kNode : Cause::kUserError;
    session_.ended(start.slot, std::move(end), now(), &actions_);
    session_.tick(now(), &actions_);
    return;
  }
  active = {host_->start_trainer(id_, start.assign), false};
  watch(active.trainer);
  session_.started(start.slot, active.trainer->journal().get());
}

void WorkerProcess::perform(const session::EndTrial& end) {
  const Active& active = active_[end.slot];
  if (!active.trainer || active.is_over) return;
  const milliseconds grace(active.trainer->assign().grace_ms);
  active.trainer->ask_to_stop(std::min<microseconds>(grace, end.at_most) + limits::kTermGrace);
}

void WorkerProcess::perform(const session::ForgetTrial& forget) {
  Active& active = active_[forget.slot];
  const bool undelivered = !forget.state && forget.stop == StopReason::kNone;
  if (active.trainer) {
    undelivered ? host_->leave_behind(active.trainer) : host_->forget(active.trainer);
  }
  active = Active{};
}

}  // namespace scopa::sim
