#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sdk/session/session.h"
#include "sdk/wire/points.h"

namespace scopa::session {

using namespace std::chrono_literals;

inline constexpr const char* kSweep = "k3v9q2ha";

/// Points of one metric, value = record number; `readable` of them can be read.
class ListSource final : public PointSource {
 public:
  explicit ListSource(std::uint64_t readable = 0) : readable_(readable) {}
  void grow(std::uint64_t by) { readable_ += by; }
  std::uint64_t available() const override { return readable_; }
  std::uint64_t read(std::uint64_t from, std::size_t records_max, PointBlock* block) override {
    const std::uint64_t to = std::min<std::uint64_t>(readable_, from + records_max);
    if (to <= from) return from;
    block->metrics = {"loss"};
    for (std::uint64_t i = from; i < to; ++i) {
      block->metric.push_back(0);
      block->step.push_back(static_cast<std::int64_t>(i));
      block->value.push_back(static_cast<double>(i));
      block->time_us.push_back(static_cast<std::int64_t>(i));
    }
    return to;
  }
  std::optional<CheckpointNote> checkpoint() const override { return note; }
  bool saves_checkpoints() const override { return saves; }
  std::int64_t resumed() const override { return resumed_step; }

  std::uint64_t dropped() const override { return lost; }

  std::uint64_t lost = 0;
  std::optional<CheckpointNote> note;
  bool saves = false;
  std::int64_t resumed_step = -1;

 private:
  std::uint64_t readable_;
};

/// A session and what it wants done, with a clock that only the test moves.
class Harness {
 public:
  explicit Harness(std::size_t slots = 1, std::uint64_t count = 0)
      : session(options(slots, count), now) {}

  static SessionOptions options(std::size_t slots, std::uint64_t count) {
    SessionOptions o;
    o.endpoint = "inproc://test";
    o.worker = "w1";
    o.host = "box";
    o.pid = 42;
    o.sweep = kSweep;
    o.devices.assign(slots, "cpu");
    o.count = count;
    o.seed = 7;
    return o;
  }

  void tick(std::chrono::microseconds later = 0us) {
    now += later;
    session.tick(now, &actions);
  }
  void receive(const wire::Message& m) {
    session.receive(m, now, &actions);
    session.tick(now, &actions);
  }
  void end(std::uint32_t slot, TrialEnd how = {}) {
    session.ended(slot, std::move(how), now, &actions);
    session.tick(now, &actions);
  }
  /// Lets time pass in steps of 50 ms, as a shell would.
  void pass(std::chrono::microseconds time) {
    for (const Instant end = now + time; now < end && !session.done();) tick(50ms);
  }

  /// All messages of type M since the last take, in order; the other actions stay.
  template <class M>
  std::vector<M> take_sent() {
    std::vector<M> found;
    Actions rest;
    for (Action& action : actions) {
      auto* send = std::get_if<Send>(&action);
      if (send != nullptr && std::holds_alternative<M>(send->message)) {
        found.push_back(std::get<M>(std::move(send->message)));
      } else {
        rest.push_back(std::move(action));
      }
    }
    actions = std::move(rest);
    return found;
  }
  template <class A>
  std::vector<A> take() {
    std::vector<A> found;
    Actions rest;
    for (Action& action : actions) {
      if (auto* a = std::get_if<A>(&action)) {
        found.push_back(std::move(*a));
      } else {
        rest.push_back(std::move(action));
      }
    }
    actions = std::move(rest);
    return found;
  }
  std::size_t sent_count() const {
    std::size_t n = 0;
    for (const Action& action : actions) n += std::holds_alternative<Send>(action) ? 1 : 0;
    return n;
  }

  void connect(const std::string& broker = "b1") {
    tick();
    wire::Welcome welcome;
    welcome.version = 1;
    welcome.broker = broker;
    welcome.heartbeat_ms = 5000;
    welcome.lease_ms = 30000;
    receive(welcome);
  }
  /// Connects, and gives trial `trial` to the first slot that asks.
  void run_trial(std::uint64_t trial, PointSource* source, std::uint32_t slot = 0) {
    if (!session.is_connected()) connect();
    for (const wire::Ask& ask : take_sent<wire::Ask>()) asked[ask.slot] = ask.request;
    receive(assignment(asked[slot], trial));
    session.started(slot, source);
    session.tick(now, &actions);
  }
  static wire::Assign assignment(std::uint64_t request, std::uint64_t trial) {
    wire::Assign m;
    m.request = request;
    m.sweep = kSweep;
    m.trial = trial;
    m.attempt = 1;
    return m;
  }
  static wire::Ack ack(std::uint64_t trial, std::uint64_t to) {
    return {.sweep = kSweep, .trial = trial, .attempt = 1, .to = to};
  }
  static wire::Stop stop(std::uint64_t trial, StopReason reason) {
    wire::Stop m;
    m.sweep = kSweep;
    m.trial = trial;
    m.attempt = 1;
    m.reason = static_cast<std::uint8_t>(reason);
    return m;
  }
  static wire::Released released(std::uint64_t trial, TrialState state = TrialState::kCompleted) {
    return {kSweep, trial, 1, static_cast<std::uint8_t>(state)};
  }
  static wire::Error error(Code code, std::uint64_t request = 0) {
    return {request, static_cast<std::int32_t>(code), "no", ""};
  }

  Instant now = from_unix_us(1'000'000'000);
  Actions actions;
  Session session;
  std::map<std::uint32_t, std::uint64_t> asked;  // slot → request of its ask
};

}  // namespace scopa::session
