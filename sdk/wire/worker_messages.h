#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/ids.h"
#include "sdk/base/states.h"
#include "sdk/base/value.h"
#include "sdk/wire/fields.h"
#include "sdk/wire/handshake.h"

/// Worker → broker, and the answers.
namespace scopa::wire {

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
  std::uint32_t replicate = 0;  // which run of this configuration it is
  // What an attempt before it has saved, offered: it may lie where this worker cannot see it. Who
  // goes on from it says so in `resumed` of its first report or release.
  std::string checkpoint;         // path; empty: none
  std::int64_t resume_step = -1;  // the last step that the checkpoint holds
  // How long the trainer has to save after it was told to stop; 0: limits::kGraceDefault.
  std::int64_t grace_ms = 0;
  SCOPA_FIELDS(Assign, v("request", m.request); v("sweep", m.sweep); v("trial", m.trial);
               v("attempt", m.attempt); v("params", m.params); v("command", m.command);
               v("program", m.program); v("metric", m.metric); v("goal", m.goal); v("seed", m.seed);
               v("sweep_name", m.sweep_name); v("replicate", m.replicate);
               v("checkpoint", m.checkpoint); v("resume_step", m.resume_step);
               v("grace_ms", m.grace_ms));
};

struct NoWork {
  static constexpr std::string_view kType = "no_work";
  std::uint64_t request = 0;
  SweepId sweep;
  bool finished = false;            // no trial will ever come again: leave
  std::int64_t retry_after_ms = 0;  // when not finished
  std::string reason;               // "paused by user", "run cap 30 reached, 2 still running"
  bool quarantined = false;         // this worker gets nothing more of this sweep: leave
  SCOPA_FIELDS(NoWork, v("request", m.request); v("sweep", m.sweep); v("finished", m.finished);
               v("retry_after_ms", m.retry_after_ms); v("quarantined", m.quarantined);
               v("reason", m.reason));
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
  // With from = 0: the attempt went on from the checkpoint that it was offered, and the points of
  // those before it count up to this step. -1: it started from nothing.
  std::int64_t resumed = -1;
  SCOPA_FIELDS(Report, v("sweep", m.sweep); v("trial", m.trial); v("attempt", m.attempt);
               v("from", m.from); v("to", m.to); v.binary("points", m.points);
               v("resumed", m.resumed));
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

/// The trainer has saved a checkpoint, and all points up to it are acknowledged. Answered with
/// CheckpointKept once durable.
struct Checkpoint {
  static constexpr std::string_view kType = "checkpoint";
  SweepId sweep;
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  std::int64_t step = 0;  // the last one that it holds
  std::string path;       // where it is, as the worker's machine names it
  SCOPA_FIELDS(Checkpoint, v("sweep", m.sweep); v("trial", m.trial); v("attempt", m.attempt);
               v("step", m.step); v("path", m.path));
};

struct CheckpointKept {
  static constexpr std::string_view kType = "checkpoint_kept";
  SweepId sweep;
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  std::int64_t step = 0;
  SCOPA_FIELDS(CheckpointKept, v("sweep", m.sweep); v("trial", m.trial); v("attempt", m.attempt);
               v("step", m.step));
};

/// A worker has found the trainer, or the results, of a worker that died on its machine and takes
/// the attempt over.
struct Adopt {
  static constexpr std::string_view kType = "adopt";
  std::uint64_t request = 0;  // unique per worker, as in Ask
  SweepId sweep;
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  std::uint32_t slot = 0;
  std::string device;
  SCOPA_FIELDS(Adopt, v("request", m.request); v("sweep", m.sweep); v("trial", m.trial);
               v("attempt", m.attempt); v("slot", m.slot); v("device", m.device));
};

/// The answer: `held` with the number of points that are applied, or someone else holds the trial
/// (or it has ended): end the trainer; what it wrote is kept as an extra attempt, so deliver it
/// from `to` on. An attempt that the broker does not know is answered with Stop, kForgotten.
struct Adopted {
  static constexpr std::string_view kType = "adopted";
  std::uint64_t request = 0;
  SweepId sweep;
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  bool held = false;
  std::uint64_t to = 0;
  SCOPA_FIELDS(Adopted, v("request", m.request); v("sweep", m.sweep); v("trial", m.trial);
               v("attempt", m.attempt); v("held", m.held); v("to", m.to));
};

/// Tells the worker to end an attempt. Repeated in answer to heartbeats and reports until the
/// attempt is released, so a lost one costs a heartbeat.
struct Stop {
  static constexpr std::string_view kType = "stop";
  SweepId sweep;
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  // scopa::StopReason. kFenced: someone else holds the trial; end it at once and deliver what it
  // wrote, which is kept as an extra attempt. kForgotten: end it at once, deliver nothing.
  std::uint8_t reason = 0;
  std::string message;  // for people
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
  kGaveUp = 5,  // by itself and without being told to, before its training was over: as if pruned
};

/// How far the worker had to go to end a trainer that it had told to stop. On the wire: append,
/// never renumber.
enum class Forced : std::uint8_t {
  kNot = 0,   // it ended by itself, or was never told to
  kTerm = 1,  // SIGTERM, of a trainer that had been asked by the SDK's flag before
  kKill = 2,  // SIGKILL
};

/// What a worker noticed of how a trainer used its parameters and metrics. Lists are cut to
/// limits::kTrainerNotesMax items.
struct TrainerNotes {
  std::vector<std::string>
      unread;                      // parameters of the trial that a trainer with the SDK never read
  std::vector<std::string> asked;  // names that it asked for and that are no parameters
  std::vector<std::string> errors;  // parameters that could not be converted, and how
  std::uint64_t left_out = 0;       // lines or values of metrics that were not taken
  std::string left_out_why;         // of the first of them
  bool late = false;  // all points came at the trainer's end, though it ran for a while
  SCOPA_FIELDS(TrainerNotes, v("unread", m.unread); v("asked", m.asked); v("errors", m.errors);
               v("left_out", m.left_out); v("left_out_why", m.left_out_why); v("late", m.late));
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
  std::string message;        // why, for people: last lines of stderr, what() of an exception
  std::uint8_t cause = 0;     // scopa::Cause, as far as the worker can tell
  std::int64_t resumed = -1;  // as in Report, for an attempt without points
  std::uint8_t forced = 0;    // Forced
  std::string folder;         // of the trial, on the worker's machine; empty: it has none
  TrainerNotes notes;
  SCOPA_FIELDS(Release, v("sweep", m.sweep); v("trial", m.trial); v("attempt", m.attempt);
               v("to", m.to); v("outcome", m.outcome); v("exit_code", m.exit_code);
               v("signal", m.signal); v("ran_to_end", m.ran_to_end); v("requeue", m.requeue);
               v("points_dropped", m.points_dropped); v("message", m.message); v("cause", m.cause);
               v("resumed", m.resumed); v("forced", m.forced); v("folder", m.folder);
               v("notes", m.notes));
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

inline AttemptRef attempt_of(const auto& m) { return {m.sweep, m.trial, m.attempt}; }

}  // namespace scopa::wire
