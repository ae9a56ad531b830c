#include "tests/simulation/client.h"

#include <utility>
#include <variant>

#include "sdk/base/states.h"
#include "sdk/wire/codec.h"

namespace scopa::sim {

Client::Client(World* world, Network* network, int host, int number, std::string spec)
    : world_(world),
      network_(network),
      host_(host),
      name_("client" + std::to_string(number)),
      spec_(std::move(spec)),
      random_(world->random(name_)),
      retries_(world->random("retries of " + name_)),
      removals_(world->random("removals of " + name_)) {}

void Client::start() {
  dealer_ = std::make_unique<Dealer>(world_, network_, host_,
                                     [this](const std::string& frame) { receive(frame); });
  next_in(random_.time(microseconds(0), seconds(5)));
}

void Client::next_in(microseconds pause) {
  world_->after(pause, shared_from_this(), [this] { next(); });
}

void Client::next() {
  if (open_) return;
  open_ = draw_request();
  std::visit(
      [&](auto& m) {
        if constexpr (requires { m.request; }) m.request = ++requests_;
      },
      *open_);
  send();
  repeat_later();
}

// ---- what it wants ------------------------------------------------------------------------------

wire::Message Client::create() const {
  wire::Create create;
  create.token = "token of " + name_;
  create.file_name = "sweep.yaml";
  create.spec = spec_;
  return create;
}

wire::Message Client::get_sweep() const {
  wire::GetSweep get;
  get.sweep = sweep_;
  return get;
}

wire::Message Client::control(wire::Action action) const {
  wire::Control control;
  control.sweep = sweep_;
  control.action = static_cast<std::uint8_t>(action);
  return control;
}

/// All that have failed, those of one cause, or some by number, whatever has become of them.
wire::Message Client::retry() {
  wire::Retry retry;
  retry.sweep = sweep_;
  retry.token = "retry " + std::to_string(++tokens_);
  retry.dry_run = retries_.chance(0.1);
  if (retries_.chance(0.4)) retry.cause = static_cast<std::uint8_t>(retries_.between(1, 7));
  if (retries_.chance(0.4)) {
    for (std::uint64_t n = 1 + retries_.below(3); n > 0; --n) {
      retry.trials.push_back(retries_.below(8));
    }
  }
  return retry;
}

/// What some trials have left; those that have not ended are refused.
wire::Message Client::remove() {
  wire::Remove remove;
  remove.sweep = sweep_;
  for (std::uint64_t n = 1 + removals_.below(2); n > 0; --n) {
    remove.trials.push_back(removals_.below(6));
  }
  return remove;
}

/// Another text that says the same of the search.
wire::Message Client::edit() {
  wire::Edit edit;
  edit.sweep = sweep_;
  edit.file_name = "sweep.yaml";
  edit.spec = spec_ + "grace: " + std::to_string(1 + removals_.below(60)) + "s\n";
  return edit;
}

wire::Message Client::draw_request() {
  if (sweep_.empty()) return create();
  if (again_) {
    const wire::Message again = std::move(*again_);
    again_.reset();
    return again;
  }
  if (diligent_) return seen_ ? look_after(*std::exchange(seen_, std::nullopt)) : get_sweep();
  if (!random_.chance(meddles)) {
    switch (random_.below(4)) {
      case 0:
        return wire::ListSweeps{};
      case 1: {
        wire::ListTrials list;
        list.sweep = sweep_;
        return list;
      }
      case 2: {
        wire::GetPoints points;
        points.sweep = sweep_;
        points.trial = random_.below(5);
        return points;
      }
      default:
        return get_sweep();
    }
  }
  if (removals_.chance(0.12)) return removals_.chance(0.7) ? remove() : edit();
  if (retries_.chance(0.15)) return retry();
  const std::uint64_t dice = random_.below(100);
  if (dice < 5) return create();
  if (dice < 25) return control(wire::Action::kPause);
  if (dice < 55) {
    wire::Message resume = control(wire::Action::kResume);
    std::get<wire::Control>(resume).retry_failed = random_.chance(0.3);
    if (random_.chance(0.2)) std::get<wire::Control>(resume).run_cap = 3 + random_.below(8);
    return resume;
  }
  if (dice < 95) {
    wire::Enqueue enqueue;
    enqueue.token = name_ + " " + std::to_string(++tokens_);
    enqueue.sweep = sweep_;
    return enqueue;
  }
  return control(dice < 98 ? wire::Action::kStop : wire::Action::kCancel);
}

wire::Message Client::look_after(const wire::SweepInfo& info) {
  const auto state = static_cast<SweepState>(info.state);
  done_ = has_ended(state);
  if (done_) return get_sweep();
  // Paused by a person, or because trials failed: three times the same is enough.
  if (state == SweepState::kPaused) {
    return control(random_.chance(0.7) ? wire::Action::kResume : wire::Action::kStop);
  }
  if (!info.quarantined.empty()) return control(wire::Action::kResume);
  return get_sweep();
}

// ---- conversation -------------------------------------------------------------------------------

void Client::send() { dealer_->send(wire::encode(*open_)); }

void Client::repeat_later() {
  const std::uint64_t request = requests_;
  world_->after(random_.time(seconds(1), seconds(10)), shared_from_this(), [this, request] {
    if (!open_ || request != requests_) return;
    if (random_.chance(0.3)) dealer_->reconnect();
    send();
    repeat_later();
  });
}

void Client::receive(const std::string& frame) {
  const auto message = wire::decode(frame);
  if (!message) return world_->violate("wire", message.status().to_string());
  const auto* error = std::get_if<wire::Error>(&*message);
  if (error != nullptr && static_cast<Code>(error->code) == Code::kHelloRequired) {
    wire::Hello hello;
    hello.role = "client";
    dealer_->send(wire::encode(hello));
    if (open_) send();
    return;
  }
  if (!open_ || wire::request_of(*message) != requests_) return;
  if (error != nullptr && static_cast<Code>(error->code) == Code::kUnavailable) return;
  answered(*message);
}

void Client::answered(const wire::Message& message) {
  if (world_->keeps_text()) {
    const auto* error = std::get_if<wire::Error>(&message);
    world_->say(name_, std::string(wire::type_of(*open_)) + " was answered with " +
                           std::string(wire::type_of(message)) +
                           (error == nullptr ? "" : ": " + error->message));
  }
  if (const auto* created = std::get_if<wire::Created>(&message)) {
    if (!sweep_.empty() && created->sweep != sweep_) {
      world_->violate("create-once", "one token was answered with two sweeps");
    }
    if (std::exchange(sweep_, created->sweep).empty()) on_created(sweep_);
  } else if (std::holds_alternative<wire::Error>(message) && sweep_.empty()) {
    return world_->violate("spec", std::get<wire::Error>(message).message);
  }
  if (const auto* reply = std::get_if<wire::SweepReply>(&message)) seen_ = reply->sweep;
  // As if the answer had been lost on the way: the same token must not make a second one.
  if (!diligent_ && std::holds_alternative<wire::Enqueued>(message) && random_.chance(0.2)) {
    again_ = open_;
  }
  if (!diligent_ && std::holds_alternative<wire::Retried>(message) && retries_.chance(0.4)) {
    again_ = open_;
  }
  open_.reset();
  next_in(diligent_ ? random_.time(seconds(1), seconds(5)) : random_.time(seconds(1), seconds(90)));
}

}  // namespace scopa::sim
