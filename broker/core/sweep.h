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

#include "broker/core/core.h"
#include "broker/core/trial.h"
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
  /// Errors: kInvalidArgument when the stored spec no longer parses.
  static Result<std::unique_ptr<Sweep>> create(const SweepId& id, const SweepCreated& created,
                                               std::int64_t at_us);

  // ---- the log
  void apply(const Event& event);
  /// Accepted points of an attempt. Returns the finite values of the goal metric among them that
  /// count (those of the latest attempt).
  struct Appended {
    std::vector<search::CurvePoint> values;
    std::optional<search::CurvePoint> diverged;  ///< the first value that is not finite
    bool verdicts_may_change = false;
  };
  Appended append(std::uint64_t trial, std::uint32_t attempt, std::uint64_t to,
                  const wire::PointsView& points);

  // ---- reading
  Trial* find(std::uint64_t trial) { return trial < trials_.size() ? &trials_[trial] : nullptr; }
  const Trial* find(std::uint64_t trial) const { return const_cast<Sweep*>(this)->find(trial); }
  const std::vector<Trial>& trials() const { return trials_; }
  const std::set<std::uint64_t>& queued() const { return queued_; }
  const std::set<std::uint64_t>& running() const { return running_; }
  const std::vector<std::string>& metrics() const { return metrics_; }
  bool has_tried(const std::string& canonical) const { return seen_.contains(canonical); }
  bool has_noticed(const std::string& text) const;
  std::size_t notice_count() const { return notices_.size(); }
  /// The trial that an enqueue request made before.
  const Trial* enqueued_by(const std::string& token) const;
  bool cap_is_used_up() const { return run_cap != 0 && trials_.size() >= run_cap; }
  std::vector<pruning::Verdict> judge() const;
  /// The trial to show as the best so far: completed ones first, else any with a value.
  const Trial* best() const;
  wire::SweepInfo info() const;  ///< all but `workers`
  wire::TrialInfo trial_info(const Trial& trial) const;

  SweepId id;
  std::string token, name, file_name, spec_text;
  std::shared_ptr<const spec::SweepSpec> spec;
  std::uint64_t seed = 0;
  std::uint64_t run_cap = 0;
  SweepState state = SweepState::kRunning;
  std::string reason;
  std::int64_t created_us = 0;
  std::int64_t updated_us = 0;
  std::uint64_t suggestions = 0;  ///< trials that the sampler proposed: the next one's number
  /// Trials at the start (or since the last resume) that ended without use, none with use before.
  int start_failures = 0;
  bool any_success = false;

  // ---- of this process only
  std::deque<WaitingAsk> waiting;
  bool suggestion_wanted = false;
  bool space_used_up = false;
  int duplicate_suggestions = 0;  ///< in a row
  bool model_is_open = false;

 private:
  void set_state(Trial* trial, TrialState state);
  void start_over(Trial* trial);
  void created(const TrialCreated& event, std::int64_t at_us);
  void attempt_started(const AttemptStarted& event, std::int64_t at_us);
  void attempt_ended(const AttemptEnded& event, std::int64_t at_us);
  void state_changed(const SweepStateChanged& event);
  void remember_metrics(const wire::PointsView& points);

  std::vector<Trial> trials_;
  std::set<std::uint64_t> queued_, running_;
  std::unordered_set<std::string> seen_;
  std::unordered_map<std::string, std::uint64_t> enqueue_tokens_;
  std::vector<std::string> metrics_;
  std::unordered_set<std::string> metric_set_;
  std::vector<std::string> notices_;
  std::unique_ptr<pruning::Pruner> pruner_;
};

}  // namespace scopa::core
