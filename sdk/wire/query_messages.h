#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "sdk/base/ids.h"
#include "sdk/base/states.h"
#include "sdk/base/value.h"
#include "sdk/wire/fields.h"

/// Command line → broker: what asks about sweeps, and the answers.
namespace scopa::wire {

struct ListSweeps {
  static constexpr std::string_view kType = "list_sweeps";
  std::uint64_t request = 0;
  std::uint64_t offset = 0;
  std::uint64_t limit = 0;    // 0: the most that one answer holds
  bool newest_first = false;  // else in the order of creation
  std::string project;        // only sweeps of this project; empty: all
  SCOPA_FIELDS(ListSweeps, v("request", m.request); v("offset", m.offset); v("limit", m.limit);
               v("newest_first", m.newest_first); v("project", m.project));
};

struct StateCounts {
  std::uint64_t queued = 0, running = 0, completed = 0, pruned = 0, failed = 0, cancelled = 0,
                diverged = 0;
  SCOPA_FIELDS(StateCounts, v("queued", m.queued); v("running", m.running);
               v("completed", m.completed); v("pruned", m.pruned); v("failed", m.failed);
               v("cancelled", m.cancelled); v("diverged", m.diverged));
  std::uint64_t total() const {
    return queued + running + completed + pruned + failed + cancelled + diverged;
  }
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
  std::vector<std::string> metrics;      // names that have been logged, first come first
  std::vector<std::string> notices;      // what someone should look at, newest last
  std::vector<std::string> parameters;   // names in the order of the spec
  std::string pruner;                    // "hyperband", "asha" ... or empty
  std::vector<std::uint64_t> rungs;      // where the pruner compares, in its unit
  std::string reduce;                    // "last", "best", "mean(5)": how a curve becomes a value
  std::uint32_t replicates = 1;          // runs of one configuration
  std::uint64_t configurations = 0;      // trials that are no replicates of another
  std::int64_t wall_us = 0;              // since the first attempt started, up to the sweep's end
  std::int64_t wall_budget_us = 0;       // 0: none
  std::int64_t device_us = 0;            // of all attempts together
  std::int64_t device_budget_us = 0;     // 0: none
  std::vector<std::string> quarantined;  // workers that get no trial any more, and why
  std::string project;
  std::uint32_t rules = 1;           // by which rules the newest decisions were made
  bool space_used_up = false;        // the space holds no configuration that was not tried
  std::uint64_t points_dropped = 0;  // of all attempts, that trainers could not write
  SCOPA_FIELDS(SweepInfo, v("id", m.id); v("name", m.name); v("description", m.description);
               v("state", m.state); v("reason", m.reason); v("method", m.method);
               v("metric", m.metric); v("goal", m.goal); v("run_cap", m.run_cap); v("seed", m.seed);
               v("counts", m.counts); v("has_best", m.has_best); v("best_trial", m.best_trial);
               v("best_value", m.best_value); v("workers", m.workers);
               v("created_us", m.created_us); v("updated_us", m.updated_us);
               v("metrics", m.metrics); v("notices", m.notices); v("parameters", m.parameters);
               v("pruner", m.pruner); v("rungs", m.rungs); v("reduce", m.reduce);
               v("replicates", m.replicates); v("configurations", m.configurations);
               v("wall_us", m.wall_us); v("wall_budget_us", m.wall_budget_us);
               v("device_us", m.device_us); v("device_budget_us", m.device_budget_us);
               v("quarantined", m.quarantined); v("project", m.project); v("rules", m.rules);
               v("space_used_up", m.space_used_up); v("points_dropped", m.points_dropped));
};

struct Sweeps {
  static constexpr std::string_view kType = "sweeps";
  std::uint64_t request = 0;
  std::vector<SweepInfo> sweeps;
  std::uint64_t total = 0;  // that match, on all pages
  SCOPA_FIELDS(Sweeps, v("request", m.request); v("sweeps", m.sweeps); v("total", m.total));
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
  std::uint64_t points = 0;   // applied offset
  std::string ended;          // "completed", "lease expired", "failed: exit 1" ...
  std::uint8_t cause = 0;     // scopa::Cause
  bool suspect = false;       // its lease has run out, but nobody else has the trial yet
  bool extra = false;         // delivered when someone else held the trial: it counts for nothing
  std::int64_t resumed = -1;  // it went on after this step of the attempts before it
  std::int64_t checkpoint_step = -1;  // the latest checkpoint that it saved
  std::string checkpoint;
  std::string next;         // of a failed one: whether its trial is tried again, or why not
  std::uint8_t forced = 0;  // wire::Forced: how far the worker had to go to end it
  std::uint64_t points_dropped = 0;  // that the trainer could not write
  std::string folder;                // of the trial, on `host`
  SCOPA_FIELDS(AttemptInfo, v("attempt", m.attempt); v("worker", m.worker); v("host", m.host);
               v("device", m.device); v("started_us", m.started_us); v("ended_us", m.ended_us);
               v("points", m.points); v("ended", m.ended); v("cause", m.cause);
               v("suspect", m.suspect); v("extra", m.extra); v("resumed", m.resumed);
               v("checkpoint_step", m.checkpoint_step); v("checkpoint", m.checkpoint);
               v("next", m.next); v("forced", m.forced); v("points_dropped", m.points_dropped);
               v("folder", m.folder));
};

/// What a trial has logged of one metric, of the points that count for it.
struct MetricInfo {
  std::string name;
  double last = 0;             // its latest value, finite or not
  std::int64_t last_step = 0;  // at which that was logged
  double min = 0, max = 0;     // of the finite values; 0 while there is none
  std::int64_t min_step = 0, max_step = 0;
  std::uint64_t values = 0;  // finite ones
  template <class Self, class Visit>
  static void fields(Self& m, Visit&& v) {
    v("name", m.name);
    v("last", m.last);
    v("last_step", m.last_step);
    v("min", m.min);
    v("max", m.max);
    v("min_step", m.min_step);
    v("max_step", m.max_step);
    v("values", m.values);
  }
  /// NaN is the same as NaN here.
  bool operator==(const MetricInfo& other) const {
    const auto rest = [](const MetricInfo& m) {
      return std::tie(m.name, m.last_step, m.min, m.max, m.min_step, m.max_step, m.values);
    };
    return rest(*this) == rest(other) &&
           std::bit_cast<std::uint64_t>(last) == std::bit_cast<std::uint64_t>(other.last);
  }
};

struct TrialInfo {
  SweepId sweep;
  std::uint64_t trial = 0;
  std::uint8_t state = 0;  // scopa::TrialState
  std::string origin;      // "sampler", "enqueued", "initial", "replicate"
  Params params;
  bool has_value = false;      // of the goal metric
  double value = 0;            // its curve, reduced as the spec says; this run's alone
  double best = 0;             // best finite value
  std::uint64_t values = 0;    // finite values of the goal metric so far
  std::int64_t last_step = 0;  // of the goal metric
  std::int64_t created_us = 0, started_us = 0, ended_us = 0;
  std::string reason;      // why pruned or failed
  std::uint8_t cause = 0;  // scopa::Cause
  // Replicates of one configuration. The first run of it speaks for all:
  std::uint64_t replicate_of = 0;  // its number; its own for the first run
  std::uint32_t replicate = 0;     // 0 for the first run
  std::uint32_t mean_count = 0;    // values in the mean; 0 for those that are not the first run
  double mean = 0;                 // of the completed runs; `value` while none is
  double spread = 0;               // their standard deviation; 0 with fewer than two
  // Set when a pruner stopped it:
  bool stopped = false;
  std::uint64_t stop_rung = 0;
  double stop_value = 0;
  double stop_threshold = 0;
  std::vector<AttemptInfo> attempts;    // oldest first
  std::uint64_t attempts_left_out = 0;  // the oldest, where all would not fit an answer
  std::int64_t running_us = 0;          // of all attempts together, waiting left out
  std::uint64_t points_dropped = 0;     // of the attempts that count
  std::vector<MetricInfo> metrics;      // by name
  bool removed = false;                 // its points and its folder, by `scopa rm`
  SCOPA_FIELDS(TrialInfo, v("sweep", m.sweep); v("trial", m.trial); v("state", m.state);
               v("origin", m.origin); v("params", m.params); v("has_value", m.has_value);
               v("value", m.value); v("best", m.best); v("values", m.values);
               v("last_step", m.last_step); v("created_us", m.created_us);
               v("started_us", m.started_us); v("ended_us", m.ended_us); v("reason", m.reason);
               v("cause", m.cause); v("replicate_of", m.replicate_of); v("replicate", m.replicate);
               v("mean_count", m.mean_count); v("mean", m.mean); v("spread", m.spread);
               v("stopped", m.stopped); v("stop_rung", m.stop_rung); v("stop_value", m.stop_value);
               v("stop_threshold", m.stop_threshold); v("attempts", m.attempts);
               v("attempts_left_out", m.attempts_left_out); v("running_us", m.running_us);
               v("points_dropped", m.points_dropped); v("metrics", m.metrics);
               v("removed", m.removed));
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

/// Every stored point of one attempt, a page at a time, read from the store. Attempt 0: all that
/// count for the trial, those of resumed attempts one after the other.
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
  std::vector<std::string> blocks;    // encoded blocks (points.h), in order of offset
  std::uint64_t next_offset = 0;      // 0: that was all of this attempt
  std::int64_t step_max = INT64_MAX;  // points of later steps do not count
  std::uint32_t next_attempt = 0;     // asked with attempt 0: go on with this one; 0: that was all
  SCOPA_FIELDS(PointsReply, v("request", m.request); v("attempt", m.attempt);
               v.binaries("blocks", m.blocks); v("next_offset", m.next_offset);
               v("step_max", m.step_max); v("next_attempt", m.next_attempt));
};

/// The stored log of one sweep, for replay: first its events, then its reports, a page at a time.
struct GetLog {
  static constexpr std::string_view kType = "get_log";
  std::uint64_t request = 0;
  std::string sweep;
  std::string cursor;  // MessagePack bin: of the page before; empty for the first
  SCOPA_FIELDS(GetLog, v("request", m.request); v("sweep", m.sweep); v.binary("cursor", m.cursor));
};

struct LogReply {
  static constexpr std::string_view kType = "log";
  std::uint64_t request = 0;
  SweepId sweep;
  std::vector<std::string> keys;    // as stored (docs/storage.md): 16 bytes events, 28 reports
  std::vector<std::string> values;  // as stored
  std::string cursor;               // for the next page; empty: that was all
  SCOPA_FIELDS(LogReply, v("request", m.request); v("sweep", m.sweep); v.binaries("keys", m.keys);
               v.binaries("values", m.values); v.binary("cursor", m.cursor));
};

/// About the broker itself.
struct GetBroker {
  static constexpr std::string_view kType = "get_broker";
  std::uint64_t request = 0;
  SCOPA_FIELDS(GetBroker, v("request", m.request));
};

struct BrokerInfo {
  static constexpr std::string_view kType = "broker";
  std::uint64_t request = 0;
  std::string broker;    // id of this broker process
  std::string software;  // e.g. "scopa 0.1.0"
  std::string folder;
  std::string durability;       // "power", "process"
  std::string trouble;          // why nothing can be changed at present; empty: all is well
  std::int64_t trouble_us = 0;  // since when
  std::int64_t started_us = 0;
  std::uint64_t last_seq = 0;
  std::uint32_t clients = 0;          // connections
  std::uint64_t garbage = 0;          // frames that could not be read
  std::uint64_t replies_dropped = 0;  // to clients that do not read
  std::uint64_t refused = 0;          // connections that could not prove who they are
  std::string role;                   // of who asks: "worker", "viewer", "admin"
  SCOPA_FIELDS(BrokerInfo, v("request", m.request); v("broker", m.broker);
               v("software", m.software); v("folder", m.folder); v("durability", m.durability);
               v("trouble", m.trouble); v("trouble_us", m.trouble_us);
               v("started_us", m.started_us); v("last_seq", m.last_seq); v("clients", m.clients);
               v("garbage", m.garbage); v("replies_dropped", m.replies_dropped);
               v("refused", m.refused); v("role", m.role));
};

}  // namespace scopa::wire
