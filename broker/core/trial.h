#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/core/attempt_metrics.h"
#include "broker/core/event.h"
#include "broker/search/history.h"
#include "sdk/base/ids.h"
#include "sdk/base/limits.h"
#include "sdk/base/states.h"
#include "sdk/base/time.h"
#include "sdk/base/value.h"

namespace scopa::core {

/// What an attempt has written to go on from.
struct Saved {
  std::uint32_t attempt = 0;
  std::int64_t step = -1;  ///< the last one in it
  std::string path;
};

/// One execution of a trial by one worker.
struct Attempt {
  static constexpr std::uint64_t kNotAskedFor = UINT64_MAX;

  std::uint32_t number = 0;
  std::string worker, host, device;
  std::uint64_t request = 0;  ///< of the ask by which its worker got it; kNotAskedFor: adopted
  std::int64_t started_us = 0;
  std::int64_t ended_us = 0;    ///< 0: it holds the trial
  std::uint64_t ended_seq = 0;  ///< of the event; points that come later do not count. 0: none
  std::uint64_t points = 0;     ///< applied offset
  std::uint64_t points_at_end = 0;
  std::uint64_t points_dropped = 0;  ///< that its trainer could not write
  std::string ended;                 ///< why, for people; at most limits::kEndedBytes
  Cause cause = Cause::kNone;
  bool suspect = false;                      ///< its lease has run out, it still holds the trial
  bool lease_lost = false;                   ///< it ended because its worker fell silent
  TrialState became = TrialState::kRunning;  ///< what its end made of the trial
  bool late = false;  ///< after that the worker has released it as an extra attempt
  std::optional<StopDecided> stop;
  std::optional<Saved> offered;  ///< when it started
  std::int64_t resumed = -1;     ///< it has gone on from `offered` after this step; -1: it has not
  std::optional<Saved> saved;    ///< latest
  /// Of an attempt that another one has followed and may have gone on from: what it logged itself
  /// of the goal metric, of long curves the values that is_kept().
  std::vector<search::CurvePoint> own;
  std::uint64_t own_values = 0;  ///< of which `own` was made, so far
  bool own_is_whole = false;     ///< `own` has reached max_steps
  /// The step of its first goal value, finite or not, at max_steps or later.
  std::optional<std::int64_t> end_step;
  wire::Forced forced = wire::Forced::kNot;  ///< how far its worker had to go to end it
  std::string folder;                        ///< of the trial, where it ran
  std::uint64_t reports = 0;                 ///< stored
  bool removed = false;                      ///< its points are, and take no others any more
  AttemptMetrics metrics;                    ///< of its points that count, in short

  bool is_live() const { return ended_us == 0; }
  /// Its worker was given up, but may still deliver what it wrote: that is kept and not counted.
  bool takes_extra_points() const { return !is_live() && lease_lost && !late; }
  bool is_extra() const { return late || (!is_live() && points > points_at_end); }
};

/// One configuration and what came of it so far; with replicates, one run of a configuration.
struct Trial {
  std::uint64_t number = 0;
  TrialState state = TrialState::kQueued;
  Origin origin = Origin::kSampler;
  Params params;
  std::int64_t created_us = 0;
  std::int64_t ended_us = 0;
  std::string reason;  ///< at most limits::kReasonBytes; the whole text is in the store
  std::vector<Attempt> attempts;
  Cause cause = Cause::kNone;  ///< of a failed trial
  // Since someone last asked for a retry:
  std::uint32_t failures = 0;      ///< attempts that failed by what they ran; see `retries`
  std::uint32_t node_losses = 0;   ///< attempts that their machines lost; see kAttemptsMax
  std::uint32_t preemptions = 0;   ///< in a row without a newer checkpoint; see kPreemptionsMax
  std::uint32_t rescues = 0;       ///< from workers that were quarantined; see kRescuesMax
  bool prefers_elsewhere = false;  ///< while queued: than where its latest attempt was
  std::int64_t queued_us = 0;      ///< since when it waits
  std::uint64_t head = 0;  ///< the first run of the configuration; its own number if it is that
  std::uint32_t replicate = 0;      ///< 0 for the first run
  std::vector<std::uint64_t> runs;  ///< of the first run: the others, in the order of creation
  std::optional<Saved> saved;       ///< what the next attempt is offered
  /// Finite values of the goal metric, in the order of logging: those of the attempts that the
  /// latest one has gone on from, up to where it did, then its own. It ends with the value that
  /// reached max_steps. Of a long attempt it has the values that is_kept() and the last ones, as
  /// many as `metric.reduce` looks at: what is in memory of a trial has a bound.
  std::vector<search::CurvePoint> curve;
  std::size_t inherited = 0;  ///< values at the front of `curve` that are not the latest attempt's
  std::uint64_t own_values = 0;  ///< of the latest attempt that count, kept or not
  double best = 0;               ///< of the curve; meaningless while it is empty
  double reduced = 0;            ///< of the curve, as the spec says; meaningless while it is empty
  /// Values of the goal metric that were NaN or infinite before the first finite one of the curve.
  std::uint64_t nans_first = 0;
  /// Whether the latest value of the goal metric that counts was NaN or infinite.
  bool ends_in_nan = false;

  /// Whether the attempt's goal value number `index` stays in memory: all of the first ones, then
  /// one in so many. By the number alone, so that the same stay live and after a restart.
  static bool is_kept(std::uint64_t index) {
    return index < limits::kGoalValuesKept || index % limits::kGoalValuesOneIn == 0;
  }
  /// How many goal values count.
  std::uint64_t values() const { return inherited + own_values; }
  /// How long its attempts have run, together; waiting is left out.
  std::int64_t running_us(std::int64_t now_us) const {
    std::int64_t sum = 0;
    for (const Attempt& each : attempts) {
      const std::int64_t end_us = each.is_live() ? now_us : each.ended_us;
      if (end_us > each.started_us) sum += end_us - each.started_us;
    }
    return sum;
  }

  bool is_head() const { return replicate == 0; }
  Attempt* live_attempt() {
    return !attempts.empty() && attempts.back().is_live() ? &attempts.back() : nullptr;
  }
  const Attempt* live_attempt() const { return const_cast<Trial*>(this)->live_attempt(); }
  const Attempt* attempt(std::uint32_t which) const {
    return const_cast<Trial*>(this)->attempt(which);
  }
  Attempt* attempt(std::uint32_t which) {
    for (Attempt& each : attempts) {
      if (each.number == which) return &each;
    }
    return nullptr;
  }
  /// Whether what it had logged has been removed, and it has not been tried again since.
  bool is_removed() const { return !attempts.empty() && attempts.back().removed; }
  /// Whether the latest attempt lost the trial by silence and nobody has taken it since: then its
  /// worker goes on with it as soon as it is heard from.
  bool waits_for_its_worker() const {
    if (attempts.empty() || (state != TrialState::kQueued && state != TrialState::kFailed)) {
      return false;
    }
    const Attempt& last = attempts.back();
    return last.takes_extra_points() && !last.is_extra() && !last.stop && !last.removed;
  }
  /// It has ended with something to show: also that its configuration diverges is a result.
  bool is_useful(bool has_metric) const {
    return state == TrialState::kPruned || state == TrialState::kDiverged ||
           (state == TrialState::kCompleted && (!has_metric || !curve.empty()));
  }
  /// It has completed without a value of the goal metric: nothing can be learned from it.
  bool is_without_value(bool has_metric) const {
    return has_metric && state == TrialState::kCompleted && curve.empty();
  }
  /// What the trial came to so far. A diverged one has no value, whatever it logged before.
  std::optional<double> value() const {
    const bool none = curve.empty() || state == TrialState::kDiverged;
    return none ? std::nullopt : std::optional(reduced);
  }
};

}  // namespace scopa::core
