#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sdk/base/limits.h"
#include "sdk/base/states.h"
#include "sdk/base/status.h"
#include "sdk/base/time.h"
#include "sdk/session/attempt_stream.h"
#include "sdk/session/client_keys.h"
#include "sdk/session/notice.h"
#include "sdk/session/point_source.h"
#include "sdk/wire/messages.h"

namespace scopa::session {

struct SessionOptions {
  std::string endpoint;              ///< for messages to people
  std::string worker;                ///< unique id, the same over reconnects
  std::string host;                  ///< for people
  std::int64_t pid = 0;              ///< for people
  SweepId sweep;                     ///< a full id
  std::vector<std::string> devices;  ///< one per slot, e.g. "cpu" or a GPU's UUID
  std::uint64_t count = 0;           ///< at most so many trials, a dead worker's too; 0: no limit
  std::uint64_t seed = 0;            ///< of the jitter
  ClientKeysPtr keys;                ///< for the connection; none: plain
  /// With a broker that is away, without any trial.
  std::chrono::microseconds patience = limits::kPatienceIdle;
};

// ---- what the shell is to do, in this order ----------------------------------------------------

/// Close the connection, if there is one, and open a new one. Must not fail: what cannot be sent
/// is sent again later.
struct Connect {};
struct Send {
  wire::Message message;
};
/// Start a trainer, then call Session::started() or, when that fails, Session::ended().
struct StartTrial {
  std::uint32_t slot = 0;
  wire::Assign assign;
};
/// Ask the trainer to save a checkpoint soon.
struct RequestCheckpoint {
  std::uint32_t slot = 0;
};
/// End the trainer. Comes again when there is less time than was said before.
struct EndTrial {
  std::uint32_t slot = 0;
  StopReason reason = StopReason::kNone;
  std::string message;
  /// How long it has to save, where that is less than the sweep's grace.
  std::chrono::microseconds at_most = std::chrono::microseconds::max();
};
/// The trial is over for this worker; its source is not read again and its journal can go.
/// `state` is what the trial has become; none when the attempt did not count for it any more
/// (`stop` is kFenced: it was delivered all the same, as an extra one; or kForgotten), or was given
/// up.
struct ForgetTrial {
  std::uint32_t slot = 0;
  wire::AttemptRef attempt;
  std::optional<TrialState> state;
  StopReason stop = StopReason::kNone;
};
/// One line for a person.
struct Tell {
  std::string text;
};
using Action =
    std::variant<Connect, Send, StartTrial, RequestCheckpoint, EndTrial, ForgetTrial, Tell>;
using Actions = std::vector<Action>;

/// Whether nobody can use the result of a trainer that is ended for this reason: it has
/// limits::kFencedGrace, whatever the sweep's grace.
constexpr bool is_given_up(StopReason reason) {
  return reason == StopReason::kFenced || reason == StopReason::kForgotten;
}

/// What a worker that died has left on this machine.
struct Leftover {
  wire::AttemptRef attempt;
  std::string device;             ///< on which its trainer runs, for records
  PointSource* source = nullptr;  ///< valid until ForgetTrial
  std::optional<TrialEnd> end;    ///< when its trainer is gone
};

/// The worker's side of the protocol (docs/protocol.md): connects, asks for trials, delivers their
/// points, releases them. Messages, ends of trainers and time go in, actions come out; there is no
/// socket, clock, thread or global generator, so a simulation runs this very code.
///
/// `now` may be any clock that never goes back. One thread. Nothing that a broker sends makes it
/// fail other than by status().
///
///     Session session(options, now);
///     while (!session.done()) {
///       session.tick(now, &actions);        // then do the actions
///       // wait for a message, an end, new points, or session.next_deadline()
///       session.receive(message, now, &actions);
///     }
class Session {
 public:
  Session(SessionOptions options, Instant now);

  /// Does what is due: connecting, asking, reporting, resending, heartbeats. Call it at
  /// next_deadline() at the latest, after every other call, and every few milliseconds while
  /// trainers run, to fetch their points.
  void tick(Instant now, Actions* actions);
  void receive(const wire::Message& message, Instant now, Actions* actions);
  /// The trainer of a StartTrial runs; `source` is valid until ForgetTrial.
  void started(std::uint32_t slot, PointSource* source);
  /// The trainer and all that it started are gone: the source will not grow any more. Without a
  /// started() before: it could not be started. After one that was interrupted, no slot asks for
  /// more until limits::kSignalExpected has passed: with the machine taken away, a new trial would
  /// only be given back.
  void ended(std::uint32_t slot, TrialEnd how, Instant now, Actions* actions);
  /// Takes over what a dead worker left: before the first tick(). It is said to the broker, and
  /// once that has answered, delivery goes on where the dead worker's ended; if somebody else has
  /// the trial by now, the trainer is ended (EndTrial with kFenced) and what it wrote delivered all
  /// the same. A trainer that runs goes into `slot`, when that is free; everything else into a
  /// further one behind the devices, which is for this attempt alone. Returns the slot: it stands
  /// for the attempt in all actions, and ended() is called for it when a trainer that runs now has
  /// ended.
  std::uint32_t adopt(std::uint32_t slot, Leftover leftover);
  /// No new trials.
  void drain(Instant now);
  /// No new trials; running ones are ended and given back to the queue.
  void stop(Instant now, Actions* actions);
  /// The same, and they get no time to save.
  void stop_at_once(Instant now, Actions* actions);
  /// The machine will be taken away in `left`: no new trials; running ones are asked for a
  /// checkpoint and have times_of(left).checkpoint to save it (nothing, if they never look for such
  /// a request), then they are ended and given back to the queue. All grace is cut to
  /// times_of(left).end. A second call can only shorten that. Tells how long they have.
  void preempt(Instant now, Actions* actions, std::chrono::microseconds left = limits::kNoticeLong);

  /// The broker does not let this worker in, or no longer: `why`, for a person. One that it has
  /// never let in is done. Later it tries again for limits::kPatienceRefused, since keys are edited
  /// by people; then running trials are ended, as nobody takes their results.
  void refused(const Status& why, Instant now, Actions* actions);

  std::optional<Instant> next_deadline() const;
  /// Whether all is said; then status() tells how it ended.
  bool done() const { return done_; }
  const Status& status() const { return status_; }
  /// Trials whose trainer runs.
  std::size_t running() const;
  bool is_connected() const { return link_ == Link::kUp; }

 private:
  enum class Link { kDown, kGreeting, kUp };
  enum class Phase { kIdle, kAsking, kRunning, kDelivering };
  struct Slot {
    Phase phase = Phase::kIdle;
    Instant ask_at{};           // kIdle: not before; kAsking: when to send it again
    std::uint64_t request = 0;  // of the ask
    bool ask_sent = false;      // on this connection
    std::uint32_t refusals = 0;
    std::optional<AttemptStream> stream;
    StopReason stop = StopReason::kNone;
    bool adopting = false;  // the broker has not said yet whose it is; `ask_*` are of the Adopt
    std::string device;     // of what is adopted
    PointSource* source = nullptr;
    std::optional<Instant> checkpoint_until;  // preempted: ended then, or with the next checkpoint
    std::optional<std::int64_t> checkpoint_before;
  };

  void greet(Instant now, bool reconnect, Actions* actions);
  void check_link(Instant now, Actions* actions);
  void check_patience(Instant now, Actions* actions);
  void check_refusal(Instant now, Actions* actions);
  void welcome(const wire::Welcome& m, Instant now);
  void refuse(const wire::Error& m, Instant now, Actions* actions);
  void refuse_ask(Slot& slot, const wire::Error& m, Instant now);
  void assign(const wire::Assign& m, Instant now, Actions* actions);
  void no_work(const wire::NoWork& m, Instant now, Actions* actions);
  void quarantine(const wire::NoWork& m, Actions* actions);
  void stop_attempt(const wire::Stop& m, Instant now, Actions* actions);
  void end_trial(std::uint32_t slot, std::string message, Instant now, Actions* actions) const;
  void hurry(Instant end, Instant now, Actions* actions);
  void adopt_where_due(Instant now, Actions* actions);
  void adopted(const wire::Adopted& m, Instant now, Actions* actions);
  void refuse_adoption(Slot& slot, const wire::Error& m, Instant now, Actions* actions);
  void end_preempted(Instant now, Actions* actions);
  void checkpoint_kept(const wire::CheckpointKept& m);
  void released(const wire::Released& m, Actions* actions);
  void give_back(const wire::Assign& m);
  void forget(std::uint32_t slot, std::optional<TrialState> state, Actions* actions);
  void ask_where_due(Instant now, Actions* actions);
  void beat(Instant now, Actions* actions);
  void settle(Instant now);
  void fail(Status status);

  bool may_ask() const;
  bool may_ask_for_one_more() const;
  Slot* find(const wire::AttemptRef& ref);
  AttemptStream* find_returned(const wire::AttemptRef& ref);
  std::size_t count_in(Phase phase) const;
  std::chrono::microseconds jittered(std::chrono::microseconds d);

  SessionOptions options_;
  std::vector<Slot> slots_;
  std::deque<AttemptStream> returned_;       // assigned to an ask that nobody waits for any more
  std::deque<wire::AttemptRef> ended_refs_;  // lately ended: a repeated Assign is no new trial
  std::uint64_t requests_ = 0;
  std::uint64_t assigned_ = 0;
  std::uint64_t random_ = 0;

  Link link_ = Link::kDown;
  Instant greet_again_at_{};
  std::chrono::microseconds backoff_ = limits::kReconnectFirst;
  Instant heard_at_{};
  bool told_lost_ = false;
  bool was_welcome_ = false;
  std::optional<Instant> refused_since_;
  Status why_refused_;
  std::chrono::microseconds heartbeat_ = limits::kHeartbeat;
  Instant beat_at_{};
  std::size_t frame_bytes_max_ = limits::kFrameBytesMax;
  std::uint32_t refusals_ = 0;  // in a row, of messages without a request
  bool told_unavailable_ = false;

  bool draining_ = false;
  bool stopping_ = false;
  bool finished_ = false;
  bool done_ = false;
  Instant ask_from_{};  // a trainer was interrupted: the machine may be about to go
  std::optional<Instant> no_grace_from_;  // when the machine goes, or nobody wants to wait
  std::optional<Instant> stopped_at_;     // stopping, and the last trainer is gone
  std::optional<Instant> leaving_at_;     // nothing runs any more; answers to asks are awaited
  Status status_;
  std::vector<wire::Message> out_;  // kept for its room
};

}  // namespace scopa::session
