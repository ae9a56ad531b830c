#pragma once

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "broker/core/causes.h"
#include "broker/core/core.h"
#include "broker/core/deadlines.h"
#include "broker/core/leases.h"
#include "broker/core/spec_library.h"
#include "broker/core/sweep.h"
#include "broker/lint/live.h"

namespace scopa::core {

/// What a connection said in its hello.
struct ClientState {
  bool is_worker = false;
  std::string worker;
};

/// A worker as this process knows it: over reconnects and as many connections as it takes.
struct WorkerState {
  ClientId client{};
  bool connected = false;
  std::string host;
  SweepId sweep;  ///< that it asked for last
  Instant last_seen{};
};

/// The inside of Core, one source file for each side of the conversation:
/// assigning.cc, reporting.cc, checkpoints.cc, holding.cc, ending.cc, quarantine.cc, commands.cc,
/// retrying.cc, editing.cc, removing.cc, queries.cc;
/// limits_watch.cc and replicates.cc have what the sweep's own keys ask for, core.cc the log and
/// the dispatch.
class Core::State {
 public:
  explicit State(Options options) : options_(std::move(options)) {}

  Status replay(const Event& event);
  Status replay_points(const wire::AttemptRef& ref, std::uint64_t seq, std::uint64_t to,
                       const wire::PointsView& points);
  void start(Instant now, Turn* turn);
  void receive(ClientId from, wire::Message message, Instant now, Turn* turn);
  void suggested(const Suggested& suggestion);
  void tick();
  void disconnected(ClientId client);
  Status reread(const SweepId& id, std::span<const Event> events,
                std::span<const PointsAppended> points);
  std::int64_t last_event_us() const;
  bool anything_runs() const;
  bool knows(ClientId client) const {
    return clients_.contains(static_cast<std::uint64_t>(client));
  }
  void create(ClientId from, PreparedSweep& prepared);
  void edit(ClientId from, PreparedEdit& prepared);

  Result<SweepId> find_sweep(const std::string& what) const;
  Result<wire::SweepInfo> sweep_info(const SweepId& id) const;
  Result<CountedPoints> counted_points(const SweepId& id, TrialNumber trial,
                                       std::uint32_t attempt) const;
  Result<std::vector<CurvePiece>> curve_pieces(const SweepId& id, TrialNumber trial) const;
  std::string holder(const wire::AttemptRef& ref);

  // The turn that is being decided: set by Core around each call.
  Instant now_{};
  Turn* turn_ = nullptr;

  std::uint64_t last_seq_ = 0;
  Leases leases_;
  Deadlines deadlines_;
  std::vector<SweepId> order_;        ///< of creation
  std::int64_t last_removed_us_ = 0;  ///< when a sweep was, last

 private:
  /// What an attempt is to the worker that speaks of it.
  enum class Standing : std::uint8_t {
    kForgotten,  ///< there is none, or another worker holds it: nothing of it can be delivered
    kHeld,       ///< the worker's
    kExtra,      ///< it has lost its trial; what it wrote is kept and does not count
    kOver,       ///< it has been released
  };
  struct Heard {
    Sweep* sweep = nullptr;
    Trial* trial = nullptr;
    Attempt* attempt = nullptr;
    Standing standing = Standing::kForgotten;
  };

  // core.cc
  void emit(const SweepId& sweep, EventBody body);
  void record(Sweep& sweep, EventBody body);
  /// Before the first entry that this build adds to the log of a sweep from another one: what
  /// follows is decided by the rules of this one.
  void use_present_rules(Sweep& sweep);
  void tell_model(const Sweep& sweep, std::vector<search::HistoryChange> changes);
  void send(ClientId to, wire::Message message);
  void refuse(ClientId to, std::uint64_t request, const Status& status);
  Sweep* sweep(const SweepId& id);
  const Sweep* sweep(const SweepId& id) const { return const_cast<State*>(this)->sweep(id); }
  Instant lease_end() const { return now_ + options_.lease; }

  void on(ClientId from, wire::Hello& hello);
  void want_hello(ClientId from, std::uint64_t request);
  // assigning.cc
  void on(ClientId from, wire::Ask& ask);
  bool answer_again(ClientId from, const wire::Ask& ask, Sweep& sweep);
  void assign(Sweep& sweep, std::uint64_t trial, const WaitingAsk& ask);
  struct Match {
    std::size_t ask = 0;  ///< index into Sweep::waiting
    std::uint64_t trial = 0;
  };
  std::optional<Match> match(Sweep& sweep);
  void dispatch(Sweep& sweep);
  void want_suggestion(Sweep& sweep);
  static bool may_suggest(const Sweep& sweep);
  void look_ahead(Sweep& sweep);
  void tell_next(Sweep& sweep, std::optional<std::uint64_t> suggestion);
  void open_model(Sweep& sweep);
  void no_work(const Sweep& sweep, const WaitingAsk& ask);
  void finish_if_done(Sweep& sweep);
  // reporting.cc
  void on(ClientId from, wire::Report& report);
  void on(ClientId from, wire::Heartbeat& heartbeat);
  void after_points(Sweep& sweep, Trial& trial, const Sweep::Appended& appended);
  void decide_stop(Sweep& sweep, Trial& trial, StopDecided stop);
  void push_stop(const Sweep& sweep, const Trial& trial);
  // holding.cc
  void on(ClientId from, wire::Adopt& adopt);
  Heard look_up(const wire::AttemptRef& ref);
  Heard hear(ClientId from, const wire::AttemptRef& ref);
  void hold(const Heard& heard, const std::string& worker, const wire::Adopt* adopt);
  void expire(const wire::AttemptRef& ref);
  void lose(const Heard& heard);
  void push_fenced(ClientId to, const wire::AttemptRef& ref);
  void push_over(ClientId to, const wire::AttemptRef& ref);
  // checkpoints.cc
  void on(ClientId from, wire::Checkpoint& checkpoint);
  void note_resumed(const Heard& heard, std::int64_t step);
  // ending.cc
  void on(ClientId from, wire::Release& release);
  void release_extra(const Heard& heard, const wire::Release& release);
  static std::pair<TrialState, std::string> end_after_stop(const Sweep& sweep, const Trial& trial);
  AttemptEnded judge_release(const Sweep& sweep, const Trial& trial, const wire::Release& release);
  void after_end(Sweep& sweep, std::uint64_t trial);
  void pause_if_it_only_fails(Sweep& sweep, const Trial& trial, bool without_goal);
  // remarks.cc
  void look_for_remarks(Sweep& sweep);
  void remark_on_end(Sweep& sweep, const Trial& trial, const wire::Release& release);
  void remark_on_notes(Sweep& sweep, const wire::TrainerNotes& notes);
  void notice(Sweep& sweep, const lint::LiveRemark& remark);
  // limits_watch.cc
  void watch(Sweep& sweep, const EventBody& body);
  void watch_budgets(Sweep& sweep);
  void watch_attempt(const Sweep& sweep, const Trial& trial);
  void reached(const Limited& what);
  void end_by_budget(Sweep& sweep, const std::string& reason);
  // quarantine.cc
  void judge_conduct(Sweep& sweep, std::uint64_t trial);
  void quarantine(Sweep& sweep, const Streak& streak, const Place& place, const std::string& why);
  void rescue(Sweep& sweep, const std::vector<std::uint64_t>& trials);
  void turn_away(Sweep& sweep);
  Status lift(Sweep& sweep, const std::string& name);
  bool is_it_alone(const Sweep& sweep, const Attempt& attempt, std::uint64_t failures) const;
  // retrying.cc
  void on(ClientId from, wire::Retry& retry);
  Status may_go_on(const Sweep& sweep) const;
  Status may_enqueue(const Sweep& sweep) const;
  void requeue(Sweep& sweep, const std::vector<std::uint64_t>& trials, const std::string& token);
  // replicates.cc
  void add_replicates(Sweep& sweep, std::uint64_t trial);
  void add_initial(Sweep& sweep, std::vector<Params> points);
  // commands.cc
  void on(ClientId from, wire::Create& create);
  bool has_created(ClientId from, const wire::Create& create);
  void on(ClientId from, wire::Control& control);
  void on(ClientId from, wire::Enqueue& enqueue);
  Status resume(Sweep& sweep, const wire::Control& control);
  void stop_sweep(Sweep& sweep, const std::string& reason);
  void cancel_sweep(Sweep& sweep);
  void set_state(Sweep& sweep, SweepState state, std::string reason);
  // editing.cc
  void on(ClientId from, wire::Edit& edit);
  // removing.cc
  void on(ClientId from, wire::Remove& remove);
  void forget_sweep(Sweep& sweep);
  void remember_removed(const SweepId& id, const SweepRemoved& removed);
  /// The error for whoever names a sweep that was removed; ok when none that was is meant.
  Status was_removed(const std::string& what) const;
  // queries.cc
  Result<const Trial*> find_trial(const SweepId& id, TrialNumber trial) const;
  void on(ClientId from, wire::ListSweeps& query);
  void on(ClientId from, wire::GetSweep& query);
  void on(ClientId from, wire::ListTrials& query);
  wire::SweepInfo info(const Sweep& sweep) const;
  Instant now_for(const Sweep& sweep) const;

  Options options_;
  SpecLibrary files_;  ///< of all sweeps
  std::unordered_map<SweepId, std::unique_ptr<Sweep>> sweeps_;
  std::unordered_map<std::string, SweepId> create_tokens_;
  std::unordered_map<SweepId, std::string> removed_;  ///< with their names
  std::unordered_set<std::string> removed_tokens_;    ///< of what made them
  std::unordered_map<std::uint64_t, ClientState> clients_;
  std::unordered_map<std::string, WorkerState> workers_;
};

}  // namespace scopa::core
