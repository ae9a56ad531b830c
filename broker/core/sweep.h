#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "broker/core/conduct.h"
#include "broker/core/core.h"
#include "broker/core/failure_streak.h"
#include "broker/core/spec_library.h"
#include "broker/core/trial.h"
#include "broker/core/usage.h"
#include "broker/lint/live.h"
#include "broker/pruning/pruner.h"
#include "broker/spec/sweep_spec.h"

namespace scopa::core {

/// An ask that waits for a suggestion.
struct WaitingAsk {
  ClientId client{};
  std::string worker;
  wire::Ask ask;
};

/// A sweep's state. What apply() and append() change comes from the log and is the same after a
/// replay; the members below them are of this process only and may be lost with it.
class Sweep {
 public:
  /// A sweep whose `created.spec` is the text of `read`.
  static std::unique_ptr<Sweep> create(const SweepId& id, const SweepCreated& created,
                                       std::int64_t at_us, std::shared_ptr<const SpecFile> read);
  /// One that a log begins with. Errors: kInvalidArgument when the stored spec no longer parses.
  static Result<std::unique_ptr<Sweep>> create(const SweepId& id, const SweepCreated& created,
                                               std::int64_t at_us, SpecLibrary* files);
  /// Takes the text and what it says, and nothing that follows from them.
  void hold(std::shared_ptr<const SpecFile> read);

  // ---- the log
  /// `files` has what an edit's text says.
  void apply(const Event& event, SpecLibrary* files);
  /// Accepted points of an attempt. Returns the finite values of the goal metric among them that
  /// count: those of the latest attempt, up to the one that reaches max_steps, that came before the
  /// attempt ended. In a replay, which has all events first, also those of attempts that the latest
  /// one went on from.
  struct Appended {
    std::vector<search::CurvePoint> values;  ///< of long curves those that are kept
    /// The first value after a finite one that is not finite; none where the spec ignores them.
    std::optional<search::CurvePoint> diverged;
    std::optional<double> target_reached;  ///< the first reduced value that did
    /// At which the goal metric was logged though it had reached max_steps before.
    std::optional<std::int64_t> beyond_end;
    bool verdicts_may_change = false;
  };
  Appended append(std::uint64_t seq, std::uint64_t trial, std::uint32_t attempt, std::uint64_t to,
                  const wire::PointsView& points);

  // ---- reading
  Trial* find(std::uint64_t trial) { return trial < trials_.size() ? &trials_[trial] : nullptr; }
  const Trial* find(std::uint64_t trial) const { return const_cast<Sweep*>(this)->find(trial); }
  const std::vector<Trial>& trials() const { return trials_; }
  /// In the order in which they are handed out: those that have failed before last, else by number.
  std::vector<std::uint64_t> queued() const;
  bool has_queued() const { return !queued_.empty(); }
  /// The same, beside how often each has failed.
  const std::set<std::pair<std::uint32_t, std::uint64_t>>& queue() const { return queued_; }
  std::size_t queued_count() const { return queued_.size(); }
  const std::set<std::uint64_t>& running() const { return running_; }
  const std::vector<std::string>& metrics() const { return metrics_; }
  /// Whether the sampler would have nothing to propose, as far as that is known without asking it.
  bool has_tried_all() const;
  bool has_tried(const std::string& canonical) const { return seen_.contains(canonical); }
  bool has_notice_of(const std::string& head) const;  ///< one that begins like this
  /// The trials as the linter's live rules look at them.
  std::vector<lint::LiveTrial> live_trials() const;
  /// What has been noticed, as far as it still holds, in the words of now: the best trial at a
  /// border is another one ten trials later.
  std::vector<std::string> current_notices() const;
  /// What else there is to say of a sweep with so many is left out.
  static constexpr std::size_t kNoticesMax = 100;
  bool has_room_for_notice() const { return notices_.size() < kNoticesMax; }
  /// The trial that an enqueue request made before.
  const Trial* enqueued_by(const std::string& token) const;
  /// The trials that a retry request put back into the queue, with the causes of which they had
  /// failed; null when none came under this token.
  struct RetriedTrial {
    std::uint64_t trial = 0;
    Cause cause = Cause::kNone;
  };
  const std::vector<RetriedTrial>* retried_by(const std::string& token) const;
  const Conduct& conduct() const { return conduct_; }
  const FailureStreak& failure_streak() const { return failure_streak_; }
  /// Whether the latest attempt has logged a goal value at max_steps or later: then the trial has
  /// its result, whatever becomes of the trainer.
  bool has_reached_max_steps(const Trial& trial) const;
  /// Which stored points make up the curve of an attempt of the trial, oldest first: its own, and
  /// before them those of the attempts that it has gone on from.
  static std::vector<CurvePiece> curve_pieces(const Trial& trial, const Attempt& of);
  /// Of the trial's curve the values that is_kept(): what the model is told.
  std::vector<search::CurvePoint> kept_curve(const Trial& trial) const;
  /// Trials that are no replicates of another.
  std::uint64_t configurations() const { return heads_; }
  /// Trials that had no value when the file was last edited do not count against the cap: what the
  /// edit mended is tried again.
  bool cap_is_used_up() const { return !has_room_below(run_cap); }
  bool has_room_below(std::uint64_t cap) const { return cap == 0 || heads_ - forgiven() < cap; }
  /// What the completed runs of a configuration came to; its own value while none has one.
  struct Mean {
    std::uint32_t count = 0;  ///< 0: no value
    double mean = 0;
    double spread = 0;  ///< sample standard deviation; 0 with fewer than two
  };
  Mean mean_of(const Trial& head) const;
  /// Whether the trial is a first run that is complete and has no others yet though the spec wants
  /// them. What was stopped early or failed is not worth more runs.
  bool owes_replicates(const Trial& trial) const;
  const Usage& usage() const { return usage_; }
  /// How many events and reports its log has had, those that were removed with a trial too.
  std::uint64_t entries() const { return entries_; }
  /// What stays of a trial whose points are removed.
  TrialRemoved remains_of(const Trial& trial) const;
  /// What the pruner says now; with `grounds` also why, for each verdict.
  std::vector<pruning::Verdict> judge(std::vector<pruning::Grounds>* grounds = nullptr) const;
  /// The configuration with the best value (mean, with replicates); what failed or diverged is
  /// never best.
  const Trial* best() const;
  wire::SweepInfo info(Instant now) const;  ///< all but `workers`
  /// `now` is for the times of attempts that run.
  wire::TrialInfo trial_info(const Trial& trial, Instant now) const;

  SweepId id;
  std::string token, name, file_name;
  std::shared_ptr<const SpecFile> file;
  std::shared_ptr<const spec::SweepSpec> spec;  ///< of `file`
  std::uint64_t seed = 0;
  std::uint64_t run_cap = 0;
  std::uint32_t rules = 1;  ///< by which the decisions from here on are made, see kRules
  std::string project;
  SweepState state = SweepState::kRunning;
  std::string reason;
  std::int64_t created_us = 0;
  std::int64_t updated_us = 0;
  std::uint64_t suggestions = 0;  ///< trials that the sampler proposed: the next one's number
  /// Trials at the start (or since the last resume) that ended without use, none with use before.
  int start_failures = 0;
  bool any_success = false;
  /// It finished since its space held no other configuration.
  bool has_used_up_space = false;

  // ---- of this process only
  std::deque<WaitingAsk> waiting;
  bool suggestion_wanted = false;
  bool space_used_up = false;
  int duplicate_suggestions = 0;  ///< in a row
  bool model_is_open = false;
  bool next_is_told = false;     ///< the model may compute the next suggestion before it is wanted
  bool out_of_budget = false;    ///< and everything has been told to stop
  std::uint64_t model_from = 0;  ///< suggestions of an older snapshot are of a model that is gone

 private:
  void set_state(Trial* trial, TrialState state);
  void edited(const SweepEdited& event, SpecLibrary* files);
  void removed(const TrialRemoved& event);
  std::uint64_t forgiven() const;
  void start_over(Trial* trial);
  void attempt_resumed(const AttemptResumed& event);
  void checkpoint_saved(const CheckpointSaved& event);
  static std::vector<search::CurvePoint> inherited(const Trial& trial, const Attempt& of);
  void append_earlier(Trial* trial, Attempt* of, const std::vector<search::CurvePoint>& values);
  void created(const TrialCreated& event, std::int64_t at_us);
  void attempt_started(const AttemptStarted& event, std::int64_t at_us);
  void attempt_ended(const AttemptEnded& event, std::uint64_t seq, std::int64_t at_us);
  void attempt_held(const AttemptHeld& event);
  void state_changed(const SweepStateChanged& event, std::int64_t at_us);
  void trial_state_changed(const TrialStateChanged& event, std::int64_t at_us);
  void add_value(Trial* trial, const search::CurvePoint& point, Appended* appended);
  void add_own_value(Trial* trial, const search::CurvePoint& point, Appended* appended);
  void note_end(const Trial& trial, Attempt* of, std::int64_t step, Appended* appended) const;
  /// The index of each of the block's metrics in metrics(); none for those that are too many.
  std::vector<std::optional<std::uint32_t>> remember_metrics(const wire::PointsView& points);
  std::optional<std::uint32_t> remember_metric(std::string_view name);
  void summarise(const Trial& trial, Attempt* of, const wire::PointsView& points);
  std::vector<wire::MetricInfo> metric_infos(const Trial& trial) const;
  void leave_out_rungs_beyond_reach(std::vector<std::uint64_t>* rungs) const;

  std::vector<Trial> trials_;
  std::set<std::pair<std::uint32_t, std::uint64_t>> queued_;  // failures, number
  std::set<std::uint64_t> running_;
  std::uint64_t entries_ = 1;  // the first event makes the sweep
  std::uint64_t heads_ = 0;
  std::uint64_t trials_before_edit_ = 0;
  Usage usage_;
  std::unordered_set<std::string> seen_;
  std::unordered_map<std::string, std::uint64_t> enqueue_tokens_;
  std::unordered_map<std::string, std::vector<RetriedTrial>> retry_tokens_;
  Conduct conduct_;
  FailureStreak failure_streak_;
  std::vector<std::string> metrics_;
  std::unordered_map<std::string, std::uint32_t> metric_index_;  // into metrics_
  std::vector<std::string> notices_;
  std::uint64_t points_dropped_ = 0;
  /// What notices_ say by now, until something happens.
  mutable std::optional<std::vector<std::string>> renewed_;
  std::unique_ptr<pruning::Pruner> pruner_;
};

}  // namespace scopa::core
