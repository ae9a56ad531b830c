#include <algorithm>
#include <cmath>
#include <numeric>

#include "broker/core/causes.h"
#include "broker/core/sweep.h"
#include "broker/core/wording.h"

// What a sweep and its trials look like from outside.
namespace scopa::core {
namespace {

std::int64_t micros(const std::optional<std::chrono::microseconds>& budget) {
  return budget ? budget->count() : 0;
}

std::string name_of(Origin origin) {
  switch (origin) {
    case Origin::kSampler:
      break;
    case Origin::kEnqueued:
      return "enqueued";
    case Origin::kInitial:
      return "initial";
    case Origin::kReplicate:
      return "replicate";
  }
  return "sampler";
}

wire::AttemptInfo attempt_info(const Sweep& sweep, const Trial& trial, const Attempt& attempt) {
  wire::AttemptInfo info;
  info.attempt = attempt.number;
  info.worker = attempt.worker;
  info.host = attempt.host;
  info.device = attempt.device;
  info.started_us = attempt.started_us;
  info.ended_us = attempt.ended_us;
  info.points = attempt.points;
  info.points_dropped = attempt.points_dropped;
  info.ended = attempt.ended;
  // The attempt's text is the shorter one of two that say the same.
  if (&attempt == &trial.attempts.back() &&
      info.ended == shortened(trial.reason, limits::kEndedBytes)) {
    info.ended = trial.reason;
  }
  info.cause = static_cast<std::uint8_t>(attempt.cause);
  info.suspect = attempt.suspect;
  info.extra = attempt.is_extra();
  info.resumed = attempt.resumed;
  if (attempt.saved) {
    info.checkpoint_step = attempt.saved->step;
    info.checkpoint = attempt.saved->path;
  }
  info.next = what_followed(sweep, trial, attempt);
  info.forced = static_cast<std::uint8_t>(attempt.forced);
  info.folder = attempt.folder;
  return info;
}

}  // namespace

Sweep::Mean Sweep::mean_of(const Trial& head) const {
  Mean mean;
  if (!head.value()) return mean;
  if (head.runs.empty()) return {1, *head.value(), 0};
  std::vector<double> values = {*head.value()};
  if (head.state == TrialState::kCompleted) {
    for (const std::uint64_t number : head.runs) {
      const Trial& run = trials_[number];
      if (run.state == TrialState::kCompleted && run.value()) values.push_back(*run.value());
    }
  }
  mean.count = static_cast<std::uint32_t>(values.size());
  const double n = mean.count;
  mean.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  if (!std::isfinite(mean.mean)) {  // the sum has no place, the mean has
    mean.mean = 0;
    for (const double value : values) mean.mean += value / n;
  }
  if (mean.count < 2) return mean;
  double squares = 0;
  for (const double value : values) squares += (value - mean.mean) * (value - mean.mean);
  mean.spread = std::sqrt(squares / (n - 1));
  if (!std::isfinite(mean.spread)) mean.spread = 0;
  return mean;
}

const Trial* Sweep::best() const {
  if (!spec->metric) return nullptr;
  const Trial* best = nullptr;
  double best_mean = 0;
  for (const Trial& trial : trials_) {
    if (!trial.is_head() || !trial.value() || trial.state == TrialState::kFailed) continue;
    // By value alone, as the leaderboard ranks: were completed trials put first, the best value
    // would get worse when the first trial completes.
    const double mean = mean_of(trial).mean;
    if (best != nullptr && !is_better(spec->metric->goal, mean, best_mean)) continue;
    best = &trial;
    best_mean = mean;
  }
  return best;
}

// Without max_steps nobody knows how far trials go: the next rung above the furthest one is told.
void Sweep::leave_out_rungs_beyond_reach(std::vector<std::uint64_t>* rungs) const {
  std::uint64_t reach =
      static_cast<std::uint64_t>(std::max<std::int64_t>(spec->max_steps.value_or(0), 0));
  for (const Trial& trial : trials_) {
    reach = std::max(reach, trial.values());
    if (!trial.curve.empty() && trial.curve.back().step > 0) {
      reach = std::max(reach, static_cast<std::uint64_t>(trial.curve.back().step));
    }
  }
  auto end = std::upper_bound(rungs->begin(), rungs->end(), reach);
  if (!spec->max_steps && end != rungs->end()) ++end;
  rungs->erase(end, rungs->end());
}

wire::SweepInfo Sweep::info(Instant now) const {
  wire::SweepInfo info;
  info.id = id;
  info.name = name;
  info.description = spec->description;
  info.state = static_cast<std::uint8_t>(state);
  info.reason = reason;
  info.method = spec::name_of(spec->method);
  if (spec->metric) {
    info.metric = spec->metric->name;
    info.goal = static_cast<std::uint8_t>(spec->metric->goal);
    info.reduce = spec::to_text(spec->metric->reduce, spec->metric->reduce_window);
  }
  info.run_cap = run_cap;
  info.project = project;
  info.rules = rules;
  info.seed = seed;
  std::uint64_t* const counts[] = {
      &info.counts.queued, &info.counts.running,   &info.counts.completed, &info.counts.pruned,
      &info.counts.failed, &info.counts.cancelled, &info.counts.diverged};
  for (const Trial& trial : trials_) ++*counts[static_cast<std::size_t>(trial.state)];
  if (const Trial* leader = best()) {
    info.has_best = true;
    info.best_trial = leader->number;
    info.best_value = mean_of(*leader).mean;
  }
  info.replicates = spec->replicates;
  info.configurations = heads_;
  info.wall_us = usage_.wall_us(now);
  info.wall_budget_us = micros(spec->budget.wall_time);
  info.device_us = usage_.device_us(now);
  info.device_budget_us = micros(spec->budget.device_time);
  info.created_us = created_us;
  info.updated_us = updated_us;
  info.points_dropped = points_dropped_;
  info.space_used_up = has_used_up_space;
  info.metrics = metrics_;
  info.notices = current_notices();
  for (const Conduct::Quarantine& each : conduct_.quarantined()) {
    if (info.quarantined.size() >= limits::kQuarantinedShown) break;
    info.quarantined.push_back((each.is_host ? "host " : "worker ") + each.name + ": " +
                               each.reason);
  }
  for (const spec::Parameter& parameter : spec->parameters) {
    info.parameters.push_back(parameter.name);
  }
  if (pruner_) {
    info.pruner = pruner_->name();
    info.rungs = pruner_->rungs();
    leave_out_rungs_beyond_reach(&info.rungs);
    if (info.rungs.size() > limits::kRungsMax) info.rungs.resize(limits::kRungsMax);
  }
  return info;
}

// By name: in which order trials were heard of is not the same in a replay.
std::vector<wire::MetricInfo> Sweep::metric_infos(const Trial& trial) const {
  if (trial.attempts.empty()) return {};
  std::vector<MetricSummary> metrics;
  for (const CurvePiece& piece : curve_pieces(trial, trial.attempts.back())) {
    const Attempt* attempt = trial.attempt(piece.attempt);
    if (attempt == nullptr) continue;
    follow(&metrics, attempt == &trial.attempts.back() ? attempt->metrics.all()
                                                       : attempt->metrics.up_to_checkpoint());
  }
  std::vector<wire::MetricInfo> infos;
  infos.reserve(metrics.size());
  for (const MetricSummary& each : metrics) {
    infos.push_back({metrics_[each.metric], each.last, each.last_step, each.min, each.max,
                     each.min_step, each.max_step, each.values});
  }
  std::sort(infos.begin(), infos.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return infos;
}

wire::TrialInfo Sweep::trial_info(const Trial& trial, Instant now) const {
  wire::TrialInfo info;
  info.sweep = id;
  info.trial = trial.number;
  info.state = static_cast<std::uint8_t>(trial.state);
  info.origin = name_of(trial.origin);
  info.params = trial.params;
  info.has_value = !trial.curve.empty();
  if (info.has_value) {
    info.value = trial.reduced;
    info.best = trial.best;
    info.last_step = trial.curve.back().step;
  }
  info.values = trial.values();
  info.metrics = metric_infos(trial);
  info.removed = trial.is_removed();
  info.running_us = trial.running_us(to_unix_us(now));
  info.created_us = trial.created_us;
  info.ended_us = trial.ended_us;
  info.reason = trial.reason;
  info.cause = static_cast<std::uint8_t>(trial.cause);
  info.replicate_of = trial.head;
  info.replicate = trial.replicate;
  if (trial.is_head()) {
    const Mean mean = mean_of(trial);
    info.mean_count = mean.count;
    info.mean = mean.mean;
    info.spread = mean.spread;
  }
  for (const Attempt& attempt : trial.attempts) {
    info.attempts.push_back(attempt_info(*this, trial, attempt));
  }
  if (!trial.attempts.empty()) {
    for (const CurvePiece& piece : curve_pieces(trial, trial.attempts.back())) {
      info.points_dropped += trial.attempt(piece.attempt)->points_dropped;
    }
    info.started_us = trial.attempts.front().started_us;
    const auto& stop = trial.attempts.back().stop;
    if (stop && trial.state != TrialState::kCompleted &&
        stop->reason == static_cast<std::uint8_t>(StopReason::kPruned)) {
      info.stopped = true;
      info.stop_rung = stop->rung;
      info.stop_value = stop->value;
      info.stop_threshold = stop->threshold;
    }
  }
  return info;
}

}  // namespace scopa::core
