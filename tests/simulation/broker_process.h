#pragma once

#include "broker/core/ahead.h"
#include "broker/core/models.h"
#include "broker/server/rebuild.h"
#include "broker/server/standing.h"
#include "tests/simulation/broker_machine.h"
#include "tests/simulation/rebuilt.h"

namespace scopa::sim {

/// One broker process, from its start to its death: sockets and threads are events here, decisions
/// are the production code's.
class BrokerMachine::Process : public std::enable_shared_from_this<BrokerMachine::Process> {
 public:
  explicit Process(BrokerMachine* machine);

  void open();
  /// What is rebuilt from the store is what the broker holds.
  void check_rebuilt();
  bool look(const std::function<void(core::Core&)>& look);

 private:
  struct Arrived {
    std::string routing_id;
    std::string bytes;
  };

  Instant now() const { return started_at_ + (machine_->world_->now() - started_); }
  World* world() const { return machine_->world_; }
  /// `what` in `delay`, if this process still lives.
  void later(microseconds delay, void (Process::*what)());

  void serve();
  void pump();
  void take(const Arrived& frame);
  void take(core::ClientId from, wire::Message message);
  void decided();
  void think(const core::ModelTask& task);
  void think_on();
  void forget_thoughts();
  void be_busy(microseconds time, std::function<void()> then);
  microseconds time_to_think();
  void suggest(core::Suggested suggested, microseconds in);
  void advance();
  void submit();
  void write();
  void written();
  // broker/server/loop_edits.cc: an edited sweep, or one whose points were removed, is read again.
  void reread();
  void finish(server::Round& round);
  // broker_trouble.cc: while the store cannot be written.
  bool serves(core::ClientId from, const wire::Message& message);
  void fail();
  void work_on_trouble();
  void probe();
  void mend();
  void check_said(const wire::Message& message) const;
  void check_leases(const std::vector<core::Event>& events) const;
  void speak(server::Round& round);
  void send(core::ClientId to, const wire::Message& message);
  void arm_deadline();
  std::string worker_of(core::ClientId client) const;
  bool is_quiet() const;

  BrokerMachine* machine_;
  const Instant started_;
  Instant started_at_;
  core::Options core_options_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<core::Core> core_;
  server::Clients clients_;
  server::Acks acks_;
  core::Models models_;
  core::Ahead ahead_;
  std::deque<core::ModelTask> tasks_;  // of the model
  bool thinks_ = false;
  std::map<core::ClientId, std::string> workers_;  // who said hello as which
  std::deque<Arrived> inbox_;
  std::unique_ptr<server::Round> round_ = std::make_unique<server::Round>();
  std::unique_ptr<server::Round> committing_;
  Status commit_status_;
  bool rereads_ = false;
  std::unique_ptr<server::Round> rereading_;  // stored, and nobody has heard of it
  std::vector<std::function<void()>> late_;   // what would have been decided meanwhile
  bool pump_planned_ = false;
  std::optional<Instant> armed_for_;
  server::Standing standing_;
  std::deque<std::pair<core::ClientId, wire::Message>> held_;
  std::uint64_t cores_ = 0;
  Instant decides_since_{};  // from then on no lease ends for as long as one lasts
};

}  // namespace scopa::sim
