#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broker/core/core.h"
#include "broker/core/models.h"
#include "sdk/session/session.h"

namespace scopa::fuzz {

/// A broker's core, a worker's session and strangers in one thread, without sockets. Bytes say what
/// happens, one step after the other:
///
///     u8   what happens, modulo 8 (Step), and in its upper bits which stranger does it
///     u16  a number, or the length of the frame that follows
///
/// In frames, `@` as a sweep stands for the one that there is: what was found goes on working when
/// names are made differently. All that is sent is encoded and decoded.
class Dialog {
 public:
  enum Step : std::uint8_t {
    kToBroker = 0,  // a frame from a stranger
    kToWorker = 1,  // a frame as if from the broker
    kTime = 2,      // goes on by n * 50 ms
    kExchange = 3,  // n messages get through between worker and broker
    kHangUp = 4,    // a stranger's connection, or all that is under way, is lost
    kPoints = 5,    // every trainer logs n points
    kEnd = 6,      // the trainer of slot n / 4 ends: n % 4 = by itself, failed, killed, not started
    kRestart = 7,  // the broker dies and comes again
  };

  Dialog();
  ~Dialog();
  /// What did not hold, or nothing.
  std::string play(std::string_view script);
  /// The state as its log gives it is the state as it is.
  std::string check_log();

  const std::vector<core::Event>& events() const { return events_; }
  const std::vector<core::PointsAppended>& reports() const { return reports_; }

 private:
  struct Source;
  struct Slot {
    std::unique_ptr<Source> source;  // while a trainer runs or is delivered
    bool starting = false;
    bool running = false;
  };

  void step(Step what, std::uint64_t who, std::uint64_t number, std::string_view frame);
  void to_broker(core::ClientId from, wire::Message message);
  void settle(core::Turn turn);
  void follow(const core::Outgoing& out);
  void follow(session::Action& action);
  void tick_worker();
  void restart();
  void exchange(std::uint64_t messages);
  void end_trainer(std::uint64_t number);
  void check_counts();
  void check_event(const core::Event& event);
  void check_points(const core::PointsAppended& points);
  /// What travels must survive its own encoding.
  std::optional<wire::Message> travel(const wire::Message& message);
  std::unique_ptr<core::Core> replayed();
  std::string state_of(core::Core& core);
  void wrong(std::string what) {
    if (wrong_.empty()) wrong_ = std::move(what);
  }

  Instant now_;
  std::unique_ptr<core::Core> core_;
  SweepId sweep_;
  core::Models models_;
  std::vector<core::Event> events_;
  std::vector<core::PointsAppended> reports_;
  std::map<wire::AttemptRef, std::uint64_t> applied_;

  std::unique_ptr<session::Session> session_;
  session::Actions actions_;
  std::vector<Slot> slots_;
  std::uint64_t worker_client_ = 1000;  // of its connection now
  std::deque<wire::Message> to_broker_, to_worker_;

  std::string wrong_;
};

}  // namespace scopa::fuzz
