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
#include "sdk/wire/messages.h"

/// What happened: the log that the store keeps and from which all state is rebuilt. Events are
/// facts in the past; nothing is looked up or decided while they are replayed. docs/storage.md
/// describes them.
namespace scopa::core {

struct SweepCreated {
  static constexpr std::string_view kType = "sweep_created";
  std::string token;  // of the request, so that a retry finds it
  std::string name;
  std::string file_name;
  std::string spec;  // the file's text: parsed again at replay
  std::uint64_t seed = 0;
  std::uint64_t run_cap = 0;
  std::uint32_t rules = 1;  // see kRules
  std::string project;
  SCOPA_FIELDS(SweepCreated, v("token", m.token); v("name", m.name); v("file_name", m.file_name);
               v("spec", m.spec); v("seed", m.seed); v("run_cap", m.run_cap); v("rules", m.rules);
               v("project", m.project));
};

/// The number of the rules by which this build decides. It grows whenever a suggestion or a stop
/// would come out otherwise than before: a log says by which rules its decisions were made, and
/// only those of the present ones can be recomputed.
inline constexpr std::uint32_t kRules = 4;

/// From here on, decisions about the sweep are made by these rules.
struct RulesChanged {
  static constexpr std::string_view kType = "rules";
  std::uint32_t rules = 1;
  SCOPA_FIELDS(RulesChanged, v("rules", m.rules));
};

/// The sweep file has a new text, by a person's wish.
struct SweepEdited {
  static constexpr std::string_view kType = "sweep_edited";
  std::string file_name;
  std::string spec;  // the whole new text
  SCOPA_FIELDS(SweepEdited, v("file_name", m.file_name); v("spec", m.spec));
};

struct SweepStateChanged {
  static constexpr std::string_view kType = "sweep_state";
  std::uint8_t state = 0;  // SweepState
  std::string reason;
  bool used_up = false;  // kFinished: its space holds no other configuration
  SCOPA_FIELDS(SweepStateChanged, v.code("state", m.state, SweepState::kCancelled);
               v("reason", m.reason); v("used_up", m.used_up));
};

struct RunCapChanged {
  static constexpr std::string_view kType = "run_cap";
  std::uint64_t run_cap = 0;
  SCOPA_FIELDS(RunCapChanged, v("run_cap", m.run_cap));
};

enum class Origin : std::uint8_t {
  kSampler = 0,
  kEnqueued = 1,
  kInitial = 2,    // the spec's `initial`
  kReplicate = 3,  // another run of a configuration, with another seed
};

struct TrialCreated {
  static constexpr std::string_view kType = "trial_created";
  std::uint64_t trial = 0;
  std::uint8_t origin = 0;  // Origin
  std::string token;        // of the enqueue request
  Params params;
  std::uint64_t suggestion = 0;  // kSampler: its number
  std::uint64_t snapshot = 0;  // kSampler: seq of the last event or report that the model had seen
  std::uint64_t replicate_of = 0;  // kReplicate: the first run
  std::uint32_t replicate = 0;     // kReplicate: 1, 2 ...
  SCOPA_FIELDS(TrialCreated, v("trial", m.trial); v.code("origin", m.origin, Origin::kReplicate);
               v("token", m.token); v("params", m.params); v("suggestion", m.suggestion);
               v("snapshot", m.snapshot); v("replicate_of", m.replicate_of);
               v("replicate", m.replicate));
};

struct AttemptStarted {
  static constexpr std::string_view kType = "attempt_started";
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  std::string worker, host, device;
  std::uint32_t slot = 0;
  std::uint64_t request = 0;  // of the ask, so that a retry finds it
  SCOPA_FIELDS(AttemptStarted, v("trial", m.trial); v("attempt", m.attempt); v("worker", m.worker);
               v("host", m.host); v("device", m.device); v("slot", m.slot);
               v("request", m.request));
};

struct StopDecided {
  static constexpr std::string_view kType = "stop_decided";
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  std::uint8_t reason = 0;  // StopReason
  std::uint64_t rung = 0;   // kPruned: see pruning::Verdict
  double value = 0;
  double threshold = 0;
  std::string message;
  std::uint64_t snapshot = 0;  // seq of the report that led to it
  SCOPA_FIELDS(StopDecided, v("trial", m.trial); v("attempt", m.attempt);
               v.code("reason", m.reason, StopReason::kForgotten); v("rung", m.rung);
               v("value", m.value); v("threshold", m.threshold); v("message", m.message);
               v("snapshot", m.snapshot));
};

/// An attempt is over; `state` is what the trial has become (kQueued: it will be tried again).
struct AttemptEnded {
  static constexpr std::string_view kType = "attempt_ended";
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  std::uint8_t state = 0;  // TrialState
  std::string reason;      // empty for completed
  std::int32_t exit_code = 0;
  std::int32_t signal = 0;
  std::uint64_t points = 0;  // applied offset
  std::uint64_t points_dropped = 0;
  bool lease_lost = false;  // the worker fell silent; counts against limits::kAttemptsMax
  bool failed = false;      // the trainer failed; counts against the spec's `retries`
  std::uint8_t cause = 0;   // Cause
  bool extra = false;  // of an attempt that did not hold the trial any more: that stays as it is
  std::uint8_t forced = 0;  // wire::Forced
  std::string folder;       // of the trial, on the worker's machine
  SCOPA_FIELDS(AttemptEnded, v("trial", m.trial); v("attempt", m.attempt);
               v.code("state", m.state, kTrialStateLast); v("reason", m.reason);
               v("exit_code", m.exit_code); v("signal", m.signal); v("points", m.points);
               v("points_dropped", m.points_dropped); v("lease_lost", m.lease_lost);
               v("failed", m.failed); v.code("cause", m.cause, Cause::kNode); v("extra", m.extra);
               v.code("forced", m.forced, wire::Forced::kKill); v("folder", m.folder));
};

/// The lease has run out. The attempt still holds its trial, and does so again without further ado
/// when its worker is heard from (AttemptHeld); after limits::kSuspectGrace it ends.
struct AttemptSuspected {
  static constexpr std::string_view kType = "attempt_suspected";
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  SCOPA_FIELDS(AttemptSuspected, v("trial", m.trial); v("attempt", m.attempt));
};

/// An attempt that was suspect, or had lost its trial to nobody, or whose worker died, is held (by
/// this worker) and runs.
struct AttemptHeld {
  static constexpr std::string_view kType = "attempt_held";
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  std::string worker, host, device;
  std::uint32_t slot = 0;
  SCOPA_FIELDS(AttemptHeld, v("trial", m.trial); v("attempt", m.attempt); v("worker", m.worker);
               v("host", m.host); v("device", m.device); v("slot", m.slot));
};

/// The attempt has gone on from a checkpoint: points of those before it count up to `step`.
struct AttemptResumed {
  static constexpr std::string_view kType = "attempt_resumed";
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  std::int64_t step = -1;
  SCOPA_FIELDS(AttemptResumed, v("trial", m.trial); v("attempt", m.attempt); v("step", m.step));
};

struct CheckpointSaved {
  static constexpr std::string_view kType = "checkpoint_saved";
  std::uint64_t trial = 0;
  std::uint32_t attempt = 0;
  std::int64_t step = 0;
  std::string path;
  SCOPA_FIELDS(CheckpointSaved, v("trial", m.trial); v("attempt", m.attempt); v("step", m.step);
               v("path", m.path));
};

/// The worker gets no trial of this sweep any more; with `lifted`, it does again. Without `worker`:
/// no worker of the host does.
struct WorkerQuarantined {
  static constexpr std::string_view kType = "worker_quarantined";
  std::string worker, host;
  std::string reason;
  bool lifted = false;
  SCOPA_FIELDS(WorkerQuarantined, v("worker", m.worker); v("host", m.host); v("reason", m.reason);
               v("lifted", m.lifted));
};

/// Who put an ended trial back into the queue. On disk: append, never renumber.
enum class Requeued : std::uint8_t {
  kByHand = 0,
  kRescued = 1,  ///< it failed on a worker or host that has been quarantined
};

/// A trial changes state without an attempt: requeued, or cancelled while it waited.
struct TrialStateChanged {
  static constexpr std::string_view kType = "trial_state";
  std::uint64_t trial = 0;
  std::uint8_t state = 0;  // TrialState
  std::string reason;
  std::string token;          // of the retry request, so that its repetition finds it
  std::uint8_t requeued = 0;  // kQueued: Requeued
  SCOPA_FIELDS(TrialStateChanged, v("trial", m.trial); v.code("state", m.state, kTrialStateLast);
               v("reason", m.reason); v("token", m.token);
               v.code("requeued", m.requeued, Requeued::kRescued));
};

/// Something that the owner of the sweep should look at.
struct Noticed {
  static constexpr std::string_view kType = "noticed";
  std::string text;
  SCOPA_FIELDS(Noticed, v("text", m.text));
};

/// What of a trial had been kept has been removed: the points of all its attempts and, by whoever
/// asked for it, its folder. What it came to stays, and stands here from now on.
struct TrialRemoved {
  static constexpr std::string_view kType = "trial_removed";
  std::uint64_t trial = 0;
  std::uint64_t reports = 0;  // that were stored of it and are gone, and their numbers with them
  bool has_value = false;     // of the goal metric, and then:
  double value = 0;           // its curve, reduced as the spec says
  double best = 0;
  std::int64_t last_step = 0;
  std::uint64_t values = 0;  // finite ones
  std::vector<wire::MetricInfo> metrics;
  SCOPA_FIELDS(TrialRemoved, v("trial", m.trial); v("reports", m.reports);
               v("has_value", m.has_value); v("value", m.value); v("best", m.best);
               v("last_step", m.last_step); v("values", m.values); v("metrics", m.metrics));
};

/// All of a sweep has been removed, by a person's wish. The only entry of its log: its id and the
/// token that made it never come again.
struct SweepRemoved {
  static constexpr std::string_view kType = "sweep_removed";
  std::string token, name;
  std::uint64_t entries = 0;  // of its log that are gone, and their numbers with them
  SCOPA_FIELDS(SweepRemoved, v("token", m.token); v("name", m.name); v("entries", m.entries));
};

using EventBody =
    std::variant<SweepCreated, SweepStateChanged, RunCapChanged, TrialCreated, AttemptStarted,
                 StopDecided, AttemptEnded, TrialStateChanged, Noticed, AttemptSuspected,
                 AttemptHeld, AttemptResumed, CheckpointSaved, WorkerQuarantined, RulesChanged,
                 SweepEdited, TrialRemoved, SweepRemoved>;

struct Event {
  std::uint64_t seq = 0;  // one order over all events and reports of a store
  std::int64_t at_us = 0;
  SweepId sweep;
  EventBody body;
  bool operator==(const Event&) const = default;
};

/// Points [from, to) of an attempt have been accepted. They rest in the store's `series`, not in
/// `events`; `block` is the encoding in which they came (sdk/wire/points.h).
struct PointsAppended {
  std::uint64_t seq = 0;
  wire::AttemptRef attempt;
  std::uint64_t from = 0;
  std::uint64_t to = 0;
  std::string block;
};

std::string_view type_of(const EventBody& body);
/// Whether things that are stored go with it.
inline bool removes(const EventBody& body) {
  return std::holds_alternative<TrialRemoved>(body) || std::holds_alternative<SweepRemoved>(body);
}
/// The value stored under the key (sweep, seq): a MessagePack map with `type` and `at_us`.
std::string encode_event(const Event& event);
/// Errors: kCorruption.
Result<Event> decode_event(const SweepId& sweep, std::uint64_t seq, std::string_view bytes);

}  // namespace scopa::core
