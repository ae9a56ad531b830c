#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sdk/base/ids.h"
#include "sdk/base/states.h"
#include "sdk/base/status.h"
#include "sdk/base/value.h"

/// Everything that travels between broker, workers and command line; docs/protocol.md tells the
/// conversation. One frame is one MessagePack map: the message's `type` and its fields. A struct
/// names its fields once, in `fields`; encoder, decoder, JSON output and event log all read them
/// there. Unknown fields are ignored, missing ones keep the default written here.
namespace scopa::wire {

/// Bumped when a message changes in a way that an older peer would misread.
inline constexpr std::uint32_t kProtocolVersion = 1;
inline constexpr std::uint32_t kProtocolVersionMin = 1;

#define SCOPA_FIELDS(Struct, ...)          \
  template <class Self, class Visit>       \
  static void fields(Self& m, Visit&& v) { \
    __VA_ARGS__;                           \
  }                                        \
  bool operator==(const Struct&) const = default

/// Names one attempt: the unit of leases, reports and stops.
struct AttemptRef {
  SweepId sweep;
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  SCOPA_FIELDS(AttemptRef, v("sweep", m.sweep); v("trial", m.trial); v("attempt", m.attempt));
  auto operator<=>(const AttemptRef&) const = default;
};

// ---- any peer → broker --------------------------------------------------------------------------

/// First message of a connection, and again whenever the broker answers kHelloRequired.
struct Hello {
  static constexpr std::string_view kType = "hello";
  std::uint32_t version_min = kProtocolVersionMin;
  std::uint32_t version_max = kProtocolVersion;
  std::string role;      // "worker" or "client"
  std::string worker;    // a worker's unique id, the same over reconnects; empty for clients
  std::string host;      // for people
  std::int64_t pid = 0;  // for people
  std::string software;  // e.g. "scopa 0.1.0"
  SCOPA_FIELDS(Hello, v("version_min", m.version_min); v("version_max", m.version_max);
               v("role", m.role); v("worker", m.worker); v("host", m.host); v("pid", m.pid);
               v("software", m.software));
};

struct Welcome {
  static constexpr std::string_view kType = "welcome";
  std::uint32_t version = 0;
  std::string broker;  // id of this broker process: it changes when the broker restarts
  std::int64_t heartbeat_ms = 0;
  std::int64_t lease_ms = 0;
  std::uint64_t frame_bytes_max = 0;
  SCOPA_FIELDS(Welcome, v("version", m.version); v("broker", m.broker);
               v("heartbeat_ms", m.heartbeat_ms); v("lease_ms", m.lease_ms);
               v("frame_bytes_max", m.frame_bytes_max));
};

struct Error {
  static constexpr std::string_view kType = "error";
  std::uint64_t request = 0;  // of the message that failed; 0 where it had none
  std::int32_t code = 0;      // scopa::Code
  std::string message;
  std::string help;
  SCOPA_FIELDS(Error, v("request", m.request); v("code", m.code); v("message", m.message);
               v("help", m.help));
  Status status() const { return {static_cast<Code>(code), message, help}; }
};

// ---- worker → broker, and the answers -----------------------------------------------------------

/// A free slot asks for a trial. Sent again with the same `request` after a reconnect, it gets the
/// assignment that was made the first time.
struct Ask {
  static constexpr std::string_view kType = "ask";
  std::uint64_t request = 0;  // unique per worker, increasing
  SweepId sweep;
  std::uint32_t slot = 0;
  std::string device;  // "cpu" or a GPU's UUID, for people and records
  SCOPA_FIELDS(Ask, v("request", m.request); v("sweep", m.sweep); v("slot", m.slot);
               v("device", m.device));
};

struct Assign {
  static constexpr std::string_view kType = "assign";
  std::uint64_t request = 0;
  SweepId sweep;
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  Params params;
  std::vector<std::string> command;  // the spec's command with its macros, not yet expanded
  std::string program;               // the spec's program
  std::string metric;                // goal metric
  std::uint8_t goal = 0;             // scopa::Goal
  std::uint64_t seed = 0;            // for the trainer's own random numbers
  std::string sweep_name;
  SCOPA_FIELDS(Assign, v("request", m.request); v("sweep", m.sweep); v("trial", m.trial);
               v("attempt", m.attempt); v("params", m.params); v("command", m.command);
               v("program", m.program); v("metric", m.metric); v("goal", m.goal); v("seed", m.seed);
               v("sweep_name", m.sweep_name));
};

struct NoWork {
  static constexpr std::string_view kType = "no_work";
  std::uint64_t request = 0;
  SweepId sweep;
  bool finished = false;            // no trial will ever come again: leave
  std::int64_t retry_after_ms = 0;  // when not finished
  std::string reason;               // "paused by user", "run cap 30 reached, 2 still running"
  SCOPA_FIELDS(NoWork, v("request", m.request); v("sweep", m.sweep); v("finished", m.finished);
               v("retry_after_ms", m.retry_after_ms); v("reason", m.reason));
};

/// Metric points [from, to) of one attempt's journal. `points` is an encoded block (points.h); it
/// holds to - from points, less the records that a killed trainer left unwritten.
struct Report {
  static constexpr std::string_view kType = "report";
  SweepId sweep;
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::string points;  // MessagePack bin
  SCOPA_FIELDS(Report, v("sweep", m.sweep); v("trial", m.trial); v("attempt", m.attempt);
               v("from", m.from); v("to", m.to); v.binary("points", m.points));
};

/// All points below `to` are durable. Also the answer to a duplicate or a gap: go on from `to`.
struct Ack {
  static constexpr std::string_view kType = "ack";
  SweepId sweep;
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  std::uint64_t to = 0;
  SCOPA_FIELDS(Ack, v("sweep", m.sweep); v("trial", m.trial); v("attempt", m.attempt);
               v("to", m.to));
};

/// Tells the worker to end an attempt. Repeated in answer to heartbeats and reports until the
/// attempt is released, so a lost one costs a heartbeat.
struct Stop {
  static constexpr std::string_view kType = "stop";
  SweepId sweep;
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  std::uint8_t reason = 0;  // scopa::StopReason; kFenced also means: deliver nothing more
  std::string message;      // for people
  SCOPA_FIELDS(Stop, v("sweep", m.sweep); v("trial", m.trial); v("attempt", m.attempt);
               v("reason", m.reason); v("message", m.message));
};

/// Renews the leases of `running`; so does any other message of the same worker.
struct Heartbeat {
  static constexpr std::string_view kType = "heartbeat";
  std::uint64_t request = 0;
  std::vector<AttemptRef> running;
  SCOPA_FIELDS(Heartbeat, v("request", m.request); v("running", m.running));
};

struct HeartbeatReply {
  static constexpr std::string_view kType = "alive";
  std::uint64_t request = 0;
  SCOPA_FIELDS(HeartbeatReply, v("request", m.request));
};

/// How a trainer ended. On the wire: append, never renumber.
enum class Outcome : std::uint8_t {
  kExited = 0,      // by itself; exit_code tells
  kSignaled = 1,    // by a signal; `signal` tells
  kNotStarted = 2,  // the program could not be started
  kReturned = 3,    // run_worker's function returned or threw (then exit_code is 1)
  kKilled = 4,      // the worker ended it (a stop, or the worker's own exit)
};

/// The attempt has ended and all its points are delivered. Answered with Released once durable, or
/// with an Ack below `to` when points are missing: deliver, then release again.
struct Release {
  static constexpr std::string_view kType = "release";
  SweepId sweep;
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  std::uint64_t to = 0;
  std::uint8_t outcome = 0;  // Outcome
  std::int32_t exit_code = 0;
  std::int32_t signal = 0;
  bool ran_to_end = false;           // it succeeded and had not been told of any stop
  bool requeue = false;              // the worker went away: give the trial to someone else
  std::uint64_t points_dropped = 0;  // not written for want of room, counted by the SDK
  std::string message;  // why, for people: last lines of stderr, what() of an exception
  SCOPA_FIELDS(Release, v("sweep", m.sweep); v("trial", m.trial); v("attempt", m.attempt);
               v("to", m.to); v("outcome", m.outcome); v("exit_code", m.exit_code);
               v("signal", m.signal); v("ran_to_end", m.ran_to_end); v("requeue", m.requeue);
               v("points_dropped", m.points_dropped); v("message", m.message));
};

struct Released {
  static constexpr std::string_view kType = "released";
  SweepId sweep;
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  std::uint8_t state = 0;  // scopa::TrialState that the trial has now
  SCOPA_FIELDS(Released, v("sweep", m.sweep); v("trial", m.trial); v("attempt", m.attempt);
               v("state", m.state));
};

// ---- command line → broker ----------------------------------------------------------------------

/// Creates a sweep from the text of a sweep file. The same `token` again answers with the same
/// sweep.
struct Create {
  static constexpr std::string_view kType = "create";
  std::uint64_t request = 0;
  std::string token;
  std::string file_name;  // for messages
  std::string spec;       // YAML or JSON
  // What the command line says instead of the file; empty or 0 keeps the file's.
  std::string name;
  std::uint64_t seed = 0;
  std::uint64_t run_cap = 0;
  SCOPA_FIELDS(Create, v("request", m.request); v("token", m.token); v("file_name", m.file_name);
               v("spec", m.spec); v("name", m.name); v("seed", m.seed); v("run_cap", m.run_cap));
};

struct Created {
  static constexpr std::string_view kType = "created";
  std::uint64_t request = 0;
  SweepId sweep;
  std::string name;
  SCOPA_FIELDS(Created, v("request", m.request); v("sweep", m.sweep); v("name", m.name));
};

enum class Action : std::uint8_t { kPause = 0, kResume = 1, kStop = 2, kCancel = 3 };

/// Changes a sweep's state. Doing what is already so is no error.
struct Control {
  static constexpr std::string_view kType = "control";
  std::uint64_t request = 0;
  SweepId sweep;
  std::uint8_t action = 0;    // Action
  std::uint64_t run_cap = 0;  // with kResume: the new cap; 0 keeps it
  bool retry_failed = false;  // with kResume: failed trials go back to the queue
  SCOPA_FIELDS(Control, v("request", m.request); v("sweep", m.sweep); v("action", m.action);
               v("run_cap", m.run_cap); v("retry_failed", m.retry_failed));
};

/// One configuration chosen by a person, tried before what the sampler proposes. Parameters that
/// are left out are drawn from their distributions.
struct Enqueue {
  static constexpr std::string_view kType = "enqueue";
  std::uint64_t request = 0;
  std::string token;
  SweepId sweep;
  Params params;
  SCOPA_FIELDS(Enqueue, v("request", m.request); v("token", m.token); v("sweep", m.sweep);
               v("params", m.params));
};

struct Enqueued {
  static constexpr std::string_view kType = "enqueued";
  std::uint64_t request = 0;
  SweepId sweep;
  std::uint64_t trial = 0;
  Params params;
  SCOPA_FIELDS(Enqueued, v("request", m.request); v("sweep", m.sweep); v("trial", m.trial);
               v("params", m.params));
};

/// The change is durable.
struct Done {
  static constexpr std::string_view kType = "done";
  std::uint64_t request = 0;
  SweepId sweep;
  std::uint8_t state = 0;  // scopa::SweepState
  SCOPA_FIELDS(Done, v("request", m.request); v("sweep", m.sweep); v("state", m.state));
};

// ---- queries ------------------------------------------------------------------------------------

struct ListSweeps {
  static constexpr std::string_view kType = "list_sweeps";
  std::uint64_t request = 0;
  SCOPA_FIELDS(ListSweeps, v("request", m.request));
};

struct StateCounts {
  std::uint64_t queued = 0, running = 0, completed = 0, pruned = 0, failed = 0, cancelled = 0;
  SCOPA_FIELDS(StateCounts, v("queued", m.queued); v("running", m.running);
               v("completed", m.completed); v("pruned", m.pruned); v("failed", m.failed);
               v("cancelled", m.cancelled));
  std::uint64_t total() const { return queued + running + completed + pruned + failed + cancelled; }
};

struct SweepInfo {
  SweepId id;
  std::string name;
  std::string description;
  std::uint8_t state = 0;  // scopa::SweepState
  std::string reason;      // why it has this state, where that is worth saying
  std::string method;
  std::string metric;
  std::uint8_t goal = 0;
  std::uint64_t run_cap = 0;  // 0: none
  std::uint64_t seed = 0;
  StateCounts counts;
  bool has_best = false;
  std::uint64_t best_trial = 0;
  double best_value = 0;
  std::uint32_t workers = 0;  // that hold a lease or asked in the last minute
  std::int64_t created_us = 0, updated_us = 0;
  std::vector<std::string> metrics;     // names that have been logged, first come first
  std::vector<std::string> notices;     // what someone should look at, newest last
  std::vector<std::string> parameters;  // names in the order of the spec
  std::string pruner;                   // "hyperband" or empty
  std::vector<std::uint64_t> rungs;     // where the pruner compares, in its unit
  SCOPA_FIELDS(SweepInfo, v("id", m.id); v("name", m.name); v("description", m.description);
               v("state", m.state); v("reason", m.reason); v("method", m.method);
               v("metric", m.metric); v("goal", m.goal); v("run_cap", m.run_cap); v("seed", m.seed);
               v("counts", m.counts); v("has_best", m.has_best); v("best_trial", m.best_trial);
               v("best_value", m.best_value); v("workers", m.workers);
               v("created_us", m.created_us); v("updated_us", m.updated_us);
               v("metrics", m.metrics); v("notices", m.notices); v("parameters", m.parameters);
               v("pruner", m.pruner); v("rungs", m.rungs));
};

struct Sweeps {
  static constexpr std::string_view kType = "sweeps";
  std::uint64_t request = 0;
  std::vector<SweepInfo> sweeps;
  SCOPA_FIELDS(Sweeps, v("request", m.request); v("sweeps", m.sweeps));
};

/// One sweep by id, unique prefix of an id, name, or `@last`.
struct GetSweep {
  static constexpr std::string_view kType = "get_sweep";
  std::uint64_t request = 0;
  std::string sweep;
  bool with_spec = false;
  SCOPA_FIELDS(GetSweep, v("request", m.request); v("sweep", m.sweep); v("with_spec", m.with_spec));
};

struct SweepReply {
  static constexpr std::string_view kType = "sweep";
  std::uint64_t request = 0;
  SweepInfo sweep;
  std::string spec;  // the sweep file's text, when asked for
  std::string file_name;
  SCOPA_FIELDS(SweepReply, v("request", m.request); v("sweep", m.sweep); v("spec", m.spec);
               v("file_name", m.file_name));
};

/// One attempt, for `scopa show`.
struct AttemptInfo {
  std::uint32_t attempt = 0;
  std::string worker, host, device;
  std::int64_t started_us = 0, ended_us = 0;
  std::uint64_t points = 0;  // applied offset
  std::string ended;         // "completed", "lease expired", "failed: exit 1" ...
  SCOPA_FIELDS(AttemptInfo, v("attempt", m.attempt); v("worker", m.worker); v("host", m.host);
               v("device", m.device); v("started_us", m.started_us); v("ended_us", m.ended_us);
               v("points", m.points); v("ended", m.ended));
};

struct TrialInfo {
  SweepId sweep;
  std::uint64_t trial = 0;
  std::uint8_t state = 0;  // scopa::TrialState
  std::string origin;      // "sampler", "enqueued"
  Params params;
  bool has_value = false;      // of the goal metric, reduced as the spec says (last; best is below)
  double value = 0;            // last finite value
  double best = 0;             // best finite value
  std::uint64_t values = 0;    // finite values of the goal metric so far
  std::int64_t last_step = 0;  // of the goal metric
  std::int64_t created_us = 0, started_us = 0, ended_us = 0;
  std::string reason;  // why pruned or failed
  // Set when a pruner stopped it:
  bool stopped = false;
  std::uint64_t stop_rung = 0;
  double stop_value = 0;
  double stop_threshold = 0;
  std::vector<AttemptInfo> attempts;  // all, oldest first
  SCOPA_FIELDS(TrialInfo, v("sweep", m.sweep); v("trial", m.trial); v("state", m.state);
               v("origin", m.origin); v("params", m.params); v("has_value", m.has_value);
               v("value", m.value); v("best", m.best); v("values", m.values);
               v("last_step", m.last_step); v("created_us", m.created_us);
               v("started_us", m.started_us); v("ended_us", m.ended_us); v("reason", m.reason);
               v("stopped", m.stopped); v("stop_rung", m.stop_rung); v("stop_value", m.stop_value);
               v("stop_threshold", m.stop_threshold); v("attempts", m.attempts));
};

/// Trials in the order of their numbers, a page at a time.
struct ListTrials {
  static constexpr std::string_view kType = "list_trials";
  std::uint64_t request = 0;
  std::string sweep;
  std::uint64_t offset = 0;
  std::uint64_t limit = 0;  // 0: the most that one answer holds
  SCOPA_FIELDS(ListTrials, v("request", m.request); v("sweep", m.sweep); v("offset", m.offset);
               v("limit", m.limit));
};

struct Trials {
  static constexpr std::string_view kType = "trials";
  std::uint64_t request = 0;
  std::vector<TrialInfo> trials;
  std::uint64_t total = 0;
  SCOPA_FIELDS(Trials, v("request", m.request); v("trials", m.trials); v("total", m.total));
};

/// Every stored point of one attempt (0: the latest), a page at a time, read from the store.
struct GetPoints {
  static constexpr std::string_view kType = "get_points";
  std::uint64_t request = 0;
  std::string sweep;
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  std::uint64_t offset = 0;
  SCOPA_FIELDS(GetPoints, v("request", m.request); v("sweep", m.sweep); v("trial", m.trial);
               v("attempt", m.attempt); v("offset", m.offset));
};

struct PointsReply {
  static constexpr std::string_view kType = "points";
  std::uint64_t request = 0;
  std::uint32_t attempt = 0;
  std::vector<std::string> blocks;  // encoded blocks (points.h), in order of offset
  std::uint64_t next_offset = 0;    // 0: that was all
  SCOPA_FIELDS(PointsReply, v("request", m.request); v("attempt", m.attempt);
               v.binaries("blocks", m.blocks); v("next_offset", m.next_offset));
};

/// What a peer may send. Order is of no meaning on the wire.
using Message = std::variant<Hello, Welcome, Error, Ask, Assign, NoWork, Report, Ack, Stop,
                             Heartbeat, HeartbeatReply, Release, Released, Create, Created, Control,
                             Enqueue, Enqueued, Done, ListSweeps, Sweeps, GetSweep, SweepReply,
                             ListTrials, Trials, GetPoints, PointsReply>;

/// The `type` of a message, e.g. "report".
std::string_view type_of(const Message& message);

inline AttemptRef attempt_of(const auto& m) { return {m.sweep, m.trial, m.attempt}; }

}  // namespace scopa::wire
