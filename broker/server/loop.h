#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/core/core.h"
#include "broker/server/acks.h"
#include "broker/server/broker.h"
#include "broker/server/clients.h"
#include "broker/server/committer.h"
#include "broker/server/garbage.h"
#include "broker/server/guard.h"
#include "broker/server/model_thread.h"
#include "broker/server/query_queue.h"
#include "broker/server/round.h"
#include "broker/server/router_socket.h"
#include "broker/server/standing.h"
#include "broker/server/stored_log.h"
#include "broker/store/store.h"

namespace scopa::server {

/// The broker's one loop: it owns the core and the socket. Decide → commit → speak: while the
/// committer makes one round durable, the next one is being decided; what a round says is sent when
/// it and all rounds before it are durable, in the order in which it was decided.
///
/// Internal, and heavy to include: only broker.cc does.
class Loop {
 public:
  explicit Loop(BrokerOptions options);
  ~Loop();

  Status open();
  Status run();
  /// From any thread.
  void stop();
  const std::vector<std::string>& endpoints() const { return socket_->endpoints(); }
  BrokerTotals totals() const;

 private:
  Instant now() const;
  std::string endpoint_file() const { return options_.folder + "/endpoint"; }
  Status write_endpoint_file();
  void set_clock();
  void keep_others_out() const;

  // Deciding.
  void pump();
  void pump_later();
  bool accepts() const;
  void take(const Frame& frame);
  void decide(core::ClientId from, wire::Message message);
  void answer_queries();
  void wait_for_turn(core::ClientId from, wire::Message message, std::size_t bytes);
  void disconnected(core::ClientId client);
  void forget_gone();
  void decided();
  core::Options core_options();
  void start_model();

  // Committing.
  bool advance();
  void submit();
  void committed(std::unique_ptr<Round> round, Status status);
  void finish(std::unique_ptr<Round> round);

  // Sweep files: loop_files.cc.
  void read_next_file();
  template <class Prepared>
  void file_was_read(core::ClientId from, std::shared_ptr<Prepared> prepared);
  void decide_on(core::ClientId from, core::PreparedSweep& prepared);
  void decide_on(core::ClientId from, core::PreparedEdit& prepared);

  // When a sweep file was edited, or points were removed: loop_edits.cc.
  void reread(std::unique_ptr<Round> round);
  void when_reread(std::function<void()> decide);
  void decide_late();
  void reread_done(const std::vector<Result<StoredLog>>& logs, std::unique_ptr<Round> round);

  // While the store cannot be written: loop_trouble.cc.
  void fail(const Round& round, const Status& status);
  void look_at_store();
  bool serves(core::ClientId from, wire::Message* message);
  void work_on_trouble();
  void mended(Mended mended);
  void be_well();
  wire::BrokerInfo about(std::uint64_t request, session::Role role) const;

  // What reads the store and takes long, beside the loop: loop_errands.cc.
  void back_up(core::ClientId from, const wire::Backup& request);
  void give_back(const std::vector<core::Event>& events);
  void run_errand(std::function<void()> errand, std::function<void()> then);

  // Speaking.
  void speak(Round& round);
  void send(core::ClientId to, const wire::Message& message);

  // Time and end.
  void arm_deadline();
  void arm_watchdog();
  void catch_signals();
  void wait_for_signal();
  void begin_stop(const std::string& why);
  void end_if_quiet();
  void close();

  const BrokerOptions options_;
  const std::chrono::steady_clock::time_point started_;
  Instant started_at_;
  const std::string process_id_;

  boost::asio::io_context io_{1};
  boost::asio::steady_timer deadline_{io_};
  boost::asio::steady_timer watchdog_{io_};
  boost::asio::steady_timer trouble_{io_};
  boost::asio::steady_timer look_{io_};
  boost::asio::signal_set signals_{io_};
  std::optional<Instant> armed_for_;

  std::unique_ptr<store::Store> store_;
  std::unique_ptr<core::Core> core_;
  std::unique_ptr<RouterSocket> socket_;
  Clients clients_;
  QueryQueue queries_;
  QueryQueue files_{limits::kCreatesOfClientMax, limits::kCreatesMax};  // sweep files to read
  Garbage garbage_;
  Guard guard_;
  Acks acks_;
  Standing standing_;
  struct Held {
    core::ClientId from{};
    wire::Message query;
  };
  std::deque<Held> held_;  // until the store can be read

  std::unique_ptr<Round> round_ = std::make_unique<Round>();  // being decided
  std::vector<std::unique_ptr<Round>> spares_;                // for their room
  bool committing_ = false;
  bool rereads_ = false;  // an edit is being stored, or the points are read that it concerns
  std::vector<std::function<void()>> late_;  // what would have been decided meanwhile
  bool backing_up_ = false;
  std::size_t errands_ = 0;  // that run or wait; nobody may open the store again meanwhile
  bool reading_file_ = false;
  bool pump_is_posted_ = false;
  bool stopping_ = false;
  std::uint64_t cores_ = 0;   // so far; each has an id of its own
  std::uint64_t models_ = 0;  // so far: answers of an earlier one are stale
  std::uint64_t durable_seq_ = 0;
  Status end_;
  std::string frame_;

  // Written by the loop, read by anyone.
  std::atomic<std::uint64_t> frames_{0};
  std::atomic<std::uint64_t> garbage_frames_{0};
  std::atomic<std::uint64_t> commits_{0};
  std::atomic<std::uint64_t> replies_dropped_{0};
  std::atomic<std::uint64_t> suggested_{0}, ahead_{0}, overtaken_{0};

  // Last: their threads post into the loop, and end before anything else goes.
  std::unique_ptr<ModelThread> model_;
  std::unique_ptr<Committer> committer_;
  std::atomic<bool> cancel_errands_{false};
  std::unique_ptr<boost::asio::thread_pool> errand_thread_;
  std::unique_ptr<boost::asio::thread_pool> file_thread_;
};

}  // namespace scopa::server
