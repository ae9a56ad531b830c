#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "broker/core/event.h"
#include "broker/search/history.h"
#include "broker/spec/sweep_spec.h"
#include "sdk/base/limits.h"
#include "sdk/base/time.h"
#include "sdk/wire/messages.h"
#include "sdk/wire/points.h"

namespace scopa::core {

/// A connection, named by the shell; never used again for another one.
enum class ClientId : std::uint64_t {};

struct Outgoing {
  ClientId to{};
  wire::Message message;
};

/// Work for the model thread, to be done in the order in which it was decided.
struct ModelOpened {  // before anything else about a sweep
  SweepId sweep;
  std::shared_ptr<const spec::SweepSpec> spec;
  std::uint64_t seed = 0;
  std::uint64_t seq = 0;  // of the last entry of the log
};
struct ModelChanged {
  SweepId sweep;
  search::HistoryChange change;
  std::uint64_t seq = 0;  // of the entry that says so
};
/// What the next ask would get: suggestion `suggestion`, which may be computed ahead; or none.
struct ModelNext {
  SweepId sweep;
  std::optional<std::uint64_t> suggestion;
};
struct ModelWanted {  // answer with Core::suggested
  SweepId sweep;
  std::uint64_t suggestion = 0;
  std::uint64_t snapshot = 0;
};
struct ModelClosed {  // the sweep is gone
  SweepId sweep;
};
using ModelTask = std::variant<ModelOpened, ModelChanged, ModelNext, ModelWanted, ModelClosed>;

/// When a suggestion was computed: see Ahead.
enum class Computed : std::uint8_t { kWhenWanted, kAhead, kOvertaken };

/// The model thread's answer to a ModelWanted.
struct Suggested {
  SweepId sweep;
  std::uint64_t suggestion = 0;
  std::uint64_t snapshot = 0;
  std::optional<Params> params;  // none: the space is used up
  Computed computed = Computed::kWhenWanted;
};

/// What a call decided. The shell commits `events` and `points` in one write, and only when that is
/// durable sends `outgoing`. `model` may start at once: it changes nothing that others see.
struct Turn {
  std::vector<Event> events;
  std::vector<PointsAppended> points;
  std::vector<Outgoing> outgoing;
  std::vector<ModelTask> model;
  /// Sweeps whose file was edited or whose points were removed: nothing more may be decided before
  /// this turn is stored and Core::reread() has their logs.
  std::vector<SweepId> reread;

  bool must_commit() const { return !events.empty() || !points.empty(); }
  void clear() {
    events.clear();
    points.clear();
    outgoing.clear();
    model.clear();
    reread.clear();
  }
};

/// Points of an attempt that count for its trial: those up to this step.
struct CurvePiece {
  std::uint32_t attempt = 0;
  std::int64_t step_max = INT64_MAX;
  bool operator==(const CurvePiece&) const = default;
};

/// How the stored points of one attempt count for its trial's curve.
struct CountedPoints {
  std::uint32_t attempt = 0;          ///< 0: the trial has none
  std::uint32_t next_attempt = 0;     ///< whose points come next in the curve; 0: there are none
  std::int64_t step_max = INT64_MIN;  ///< points of later steps do not count
  /// Nor do points from this offset on: they came when the attempt had been given up.
  std::uint64_t up_to = UINT64_MAX;
  bool operator==(const CountedPoints&) const = default;
};

struct Options {
  std::chrono::microseconds lease = limits::kLease;
  std::chrono::microseconds heartbeat = limits::kHeartbeat;
  std::string broker_id;  // in Welcome
};

/// A `create` whose sweep file has been read and checked.
struct PreparedSweep;
/// What of a `create` needs no state: reading the file, which can take a second. In any thread;
/// Core::create() does the rest. What is wrong with the file is told there.
std::shared_ptr<PreparedSweep> prepare(wire::Create create);
std::uint64_t request_of(const PreparedSweep& prepared);
/// The same of an `edit`, for Core::edit().
struct PreparedEdit;
std::shared_ptr<PreparedEdit> prepare(wire::Edit edit);
std::uint64_t request_of(const PreparedEdit& prepared);

/// The state of all sweeps and the rules by which it changes. Pure: no clock, socket, file, thread
/// or random generator; time and messages come in, decisions go out. State changes only by events,
/// so a replay of the log gives the same state.
///
/// Not thread-safe: one thread owns it. Nothing that a message can hold makes it fail other than by
/// an Error in `outgoing`.
///
///     Core core({.broker_id = "b1"});
///     Turn turn;
///     core.receive(ClientId{1}, wire::Ask{...}, now, &turn);
///     store.commit(turn.events, turn.points);   // then send turn.outgoing
class Core {
 public:
  explicit Core(Options options);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  // ---- rebuilding, before anything else: all events in order of seq, then all points of each
  // trial in the order of its attempts and their offsets, then start().
  Status replay(const Event& event);
  Status replay_points(const wire::AttemptRef& attempt, std::uint64_t seq, std::uint64_t from,
                       std::uint64_t to, const wire::PointsView& points);
  /// Leases of attempts that were running start anew at `now`. Models open when they are asked.
  void start(Instant now, Turn* turn);

  // ---- deciding. All append to `turn`.
  void receive(ClientId from, wire::Message message, Instant now, Turn* turn);
  void suggested(const Suggested& suggestion, Instant now, Turn* turn);
  /// What receive() does with a `create`, with a file that has been read elsewhere.
  void create(ClientId from, PreparedSweep& prepared, Instant now, Turn* turn);
  /// The same of an `edit`.
  void edit(ClientId from, PreparedEdit& prepared, Instant now, Turn* turn);
  /// Expires leases, ends what has used up its time. Call at next_deadline() or later.
  void tick(Instant now, Turn* turn);
  std::optional<Instant> next_deadline() const;
  /// The connection is gone: nothing will be sent to it any more. Leases live on.
  void disconnected(ClientId client);
  /// After a turn with `reread` is stored: the whole log of one of those sweeps, both in the order
  /// of their sequence numbers. What was logged is read anew with the new text of its file.
  /// Errors: kCorruption for a log that does not hold together.
  Status reread(const SweepId& sweep, std::span<const Event> events,
                std::span<const PointsAppended> points, Instant now, Turn* turn);

  // ---- reading.
  std::uint64_t last_seq() const;
  /// When the latest event happened; 0 while there is none.
  std::int64_t last_event_us() const;
  /// Whether any attempt holds a trial.
  bool anything_runs() const;
  /// Whether the connection has said hello.
  bool knows(ClientId client) const;
  /// By id, unique prefix of an id, name (the newest of that name) or "@last".
  /// Errors: kNotFound with a did-you-mean.
  Result<SweepId> find_sweep(const std::string& what) const;
  Result<wire::SweepInfo> sweep_info(const SweepId& sweep) const;
  std::vector<SweepId> sweeps() const;
  /// The worker of an attempt; empty where there is no such attempt.
  std::string holder(const wire::AttemptRef& attempt) const;
  /// The attempts of which a trial's curve is made, oldest first: one, and before it those from
  /// whose checkpoints it has gone on. None while it has no attempt. Of an attempt that was given
  /// up, reports with a later sequence number than its end do not count.
  Result<std::vector<CurvePiece>> curve_pieces(const SweepId& sweep, TrialNumber trial) const;
  /// The same for one attempt (0: the first of the curve), as GetPoints asks for it. Of an attempt
  /// that is not part of the curve nothing counts. Errors: kNotFound.
  Result<CountedPoints> counted_points(const SweepId& sweep, TrialNumber trial,
                                       std::uint32_t attempt) const;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace scopa::core
