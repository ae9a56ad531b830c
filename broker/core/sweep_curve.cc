// A trial's curve: which of the points that its attempts have logged count, and which of these stay
// in memory.
#include <algorithm>
#include <cmath>
#include <utility>

#include "broker/core/sweep.h"
#include "broker/search/reduced.h"

namespace scopa::core {
namespace {

bool reaches_max_steps(const spec::SweepSpec& spec, std::int64_t step) {
  return spec.max_steps && step >= *spec.max_steps;
}

/// How many of the last values of a curve must be there, whatever is kept of the others.
std::size_t last_values(const spec::Metric& metric) {
  return metric.reduce == spec::Reduction::kMean ? std::max<std::size_t>(metric.reduce_window, 1)
                                                 : 1;
}

}  // namespace

// ---- attempts that follow each other ------------------------------------------------------------

void Sweep::start_over(Trial* trial) {
  if (!trial->attempts.empty()) {
    trial->attempts.back().metrics.followed(trial->attempts.back().saved.has_value());
  }
  if (!trial->attempts.empty() && trial->attempts.back().saved) {
    Attempt& last = trial->attempts.back();
    const std::vector<search::CurvePoint> kept = kept_curve(*trial);
    last.own.assign(kept.begin() + static_cast<std::ptrdiff_t>(trial->inherited), kept.end());
    last.own_values = trial->own_values;
  }
  if (!trial->curve.empty() && pruner_) pruner_->forget(TrialNumber{trial->number});
  trial->curve = {};  // and its room
  trial->inherited = 0;
  trial->nans_first = 0;
  trial->ends_in_nan = false;
  trial->own_values = 0;
}

void Sweep::checkpoint_saved(const CheckpointSaved& event) {
  Trial* trial = find(event.trial);
  Attempt* attempt = trial == nullptr ? nullptr : trial->live_attempt();
  if (attempt == nullptr || attempt->number != event.attempt) return;
  if (!trial->saved || event.step > trial->saved->step) trial->preemptions = 0;
  attempt->saved = Saved{event.attempt, event.step, event.path};
  attempt->metrics.saved(event.step);
  trial->saved = attempt->saved;
}

void Sweep::attempt_resumed(const AttemptResumed& event) {
  Trial* trial = find(event.trial);
  Attempt* attempt = trial == nullptr ? nullptr : trial->live_attempt();
  if (attempt == nullptr || attempt->number != event.attempt || !attempt->offered) return;
  attempt->resumed = event.step;
  // In a replay there are no points yet: append() will know.
  Appended ignored;
  for (const search::CurvePoint& point : inherited(*trial, *attempt)) {
    add_value(trial, point, &ignored);
  }
  trial->inherited = trial->curve.size();
}

std::vector<CurvePiece> Sweep::curve_pieces(const Trial& trial, const Attempt& of) {
  std::vector<CurvePiece> pieces = {{of.number, INT64_MAX}};
  std::int64_t step_max = INT64_MAX;
  for (const Attempt* each = &of; each != nullptr && each->resumed >= 0 && each->offered;) {
    step_max = std::min(step_max, each->resumed);
    pieces.push_back({each->offered->attempt, step_max});
    each = trial.attempt(each->offered->attempt);
  }
  std::reverse(pieces.begin(), pieces.end());
  return pieces;
}

// Made of what each attempt logged itself, so it is the same live and at the end of a replay.
std::vector<search::CurvePoint> Sweep::inherited(const Trial& trial, const Attempt& of) {
  std::vector<CurvePiece> pieces = curve_pieces(trial, of);
  pieces.pop_back();
  std::vector<search::CurvePoint> points;
  for (const CurvePiece& piece : pieces) {
    const Attempt* attempt = trial.attempt(piece.attempt);
    if (attempt == nullptr) continue;
    for (const search::CurvePoint& point : attempt->own) {
      if (point.step <= piece.step_max) points.push_back(point);
    }
  }
  return points;
}

// The last values are all there, kept or not: their numbers are counted from the end.
std::vector<search::CurvePoint> Sweep::kept_curve(const Trial& trial) const {
  if (trial.curve.empty()) return {};
  std::vector<search::CurvePoint> kept;
  kept.reserve(trial.curve.size());
  const std::size_t window = last_values(*spec->metric);
  for (std::size_t i = 0; i < trial.curve.size(); ++i) {
    const std::size_t back = trial.curve.size() - i;
    const bool stays =
        i < trial.inherited || back > window || Trial::is_kept(trial.own_values - back);
    if (stays) kept.push_back(trial.curve[i]);
  }
  return kept;
}

// ---- points -------------------------------------------------------------------------------------

Sweep::Appended Sweep::append(std::uint64_t seq, std::uint64_t number, std::uint32_t attempt,
                              std::uint64_t to, const wire::PointsView& points) {
  Appended appended;
  Trial& trial = trials_[number];
  Attempt* of = trial.attempt(attempt);
  if (of == nullptr) return appended;
  of->points = std::max(of->points, to);
  ++of->reports;
  ++entries_;
  if (has_ended(trial.state)) renewed_.reset();
  if (of->ended_seq != 0 && seq > of->ended_seq) return appended;
  summarise(trial, of, points);
  if (!spec->metric) return appended;
  const auto& names = points.metrics();
  const auto goal = std::find(names.begin(), names.end(), spec->metric->name);
  if (goal == names.end()) return appended;
  const auto goal_index = static_cast<std::uint16_t>(goal - names.begin());
  std::vector<search::CurvePoint> values;
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (points.metric(i) == goal_index) values.push_back({points.step(i), points.value(i)});
  }
  if (of != &trial.attempts.back()) {
    append_earlier(&trial, of, values);
  } else {
    for (const search::CurvePoint& value : values) {
      note_end(trial, of, value.step, &appended);
      // What a trainer logs after its last step must not change the result.
      if (!has_reached_max_steps(trial)) add_own_value(&trial, value, &appended);
    }
  }
  // In a replay the points come after the events, and the trial may have been tried again since.
  const bool counts = of->became == TrialState::kCompleted || of->became == TrialState::kPruned ||
                      of->became == TrialState::kDiverged;
  if (counts && std::any_of(values.begin(), values.end(), [](const search::CurvePoint& point) {
        return std::isfinite(point.value);
      })) {
    any_success = true;
  }
  if (has_ended(trial.state) && trial.is_useful(true)) {
    any_success = true;
  }
  return appended;
}

std::optional<std::uint32_t> Sweep::remember_metric(std::string_view metric) {
  std::string text(metric);
  const auto known = metric_index_.find(text);
  if (known != metric_index_.end()) return known->second;
  if (metrics_.size() >= limits::kMetricNamesMax) return std::nullopt;
  const auto index = static_cast<std::uint32_t>(metrics_.size());
  metric_index_.emplace(text, index);
  metrics_.push_back(std::move(text));
  return index;
}

std::vector<std::optional<std::uint32_t>> Sweep::remember_metrics(const wire::PointsView& points) {
  std::vector<std::optional<std::uint32_t>> indexes;
  indexes.reserve(points.metrics().size());
  for (const std::string_view metric : points.metrics()) {
    indexes.push_back(remember_metric(metric));
  }
  return indexes;
}

// Of the goal nothing counts that comes after the value at max_steps.
void Sweep::summarise(const Trial& trial, Attempt* of, const wire::PointsView& points) {
  const std::vector<std::optional<std::uint32_t>> indexes = remember_metrics(points);
  const bool is_latest = of == &trial.attempts.back();
  AttemptMetrics::Rules how;
  how.has_checkpoint = of->saved.has_value();
  if (!is_latest && !how.has_checkpoint) return;
  how.keeps_beyond = is_latest && (of->is_live() || of->lease_lost);
  for (std::size_t i = 0; i < points.size(); ++i) {
    const auto& index = indexes[points.metric(i)];
    if (!index) continue;
    how.is_goal = spec->metric && metrics_[*index] == spec->metric->name;
    how.ends =
        how.is_goal && std::isfinite(points.value(i)) && reaches_max_steps(*spec, points.step(i));
    of->metrics.add({*index, points.step(i), points.value(i)}, how);
  }
}

// Only in a replay: live, an attempt that others have followed has ended and adds nothing.
void Sweep::append_earlier(Trial* trial, Attempt* of,
                           const std::vector<search::CurvePoint>& values) {
  // A value at max_steps that it went on from ends what counts, as the loop in append() has it.
  const auto before = reaches_max_steps(*spec, of->resumed) ? inherited(*trial, *of)
                                                            : std::vector<search::CurvePoint>{};
  if (!before.empty() && reaches_max_steps(*spec, before.back().step)) return;
  std::optional<std::int64_t> counts_up_to;
  for (const CurvePiece& piece : curve_pieces(*trial, trial->attempts.back())) {
    if (piece.attempt == of->number) counts_up_to = piece.step_max;
  }
  for (const search::CurvePoint& value : values) {
    if (of->own_is_whole) return;
    if (!std::isfinite(value.value)) continue;
    of->own_is_whole = reaches_max_steps(*spec, value.step);
    if (!Trial::is_kept(of->own_values++)) continue;
    if (of->saved) of->own.push_back(value);
    if (!counts_up_to || value.step > *counts_up_to) continue;
    Appended ignored;
    add_value(trial, value, &ignored);
    trial->inherited = trial->curve.size();
  }
}

/// A value of the latest attempt. What `metric.reduce` does not look at any more goes if it is not
/// kept.
void Sweep::add_own_value(Trial* trial, const search::CurvePoint& point, Appended* appended) {
  const std::size_t before = trial->curve.size();
  const std::size_t told = appended->values.size();
  add_value(trial, point, appended);
  if (trial->curve.size() == before) return;
  const std::uint64_t index = trial->own_values++;
  if (!Trial::is_kept(index)) appended->values.resize(told);
  const std::size_t window = last_values(*spec->metric);
  if (index < window || Trial::is_kept(index - window)) return;
  trial->curve.erase(trial->curve.end() - static_cast<std::ptrdiff_t>(window) - 1);
}

void Sweep::add_value(Trial* trial, const search::CurvePoint& point, Appended* appended) {
  const spec::Metric& metric = *spec->metric;
  trial->ends_in_nan = !std::isfinite(point.value);
  if (trial->ends_in_nan) {
    if (trial->curve.empty()) {
      ++trial->nans_first;
    } else if (spec->on_nan != spec::OnNan::kIgnore && !appended->diverged) {
      appended->diverged = point;
    }
    return;
  }
  if (trial->curve.empty() || is_better(metric.goal, point.value, trial->best)) {
    trial->best = point.value;
  }
  trial->curve.push_back(point);
  trial->reduced = search::reduced(metric, trial->curve, trial->best);
  appended->values.push_back(point);
  if (metric.target && !appended->target_reached &&
      !is_better(metric.goal, *metric.target, trial->reduced)) {
    appended->target_reached = trial->reduced;
  }
  // In a replay the end is known before the points: nobody is compared with a trial that diverged.
  if (pruner_ && trial->is_head() && trial->state != TrialState::kDiverged &&
      pruner_->observe(TrialNumber{trial->number}, point.step, trial->reduced)) {
    appended->verdicts_may_change = true;
  }
}

// Reaching max_steps is an end that nobody need be told of, going beyond it is not.
void Sweep::note_end(const Trial& trial, Attempt* of, std::int64_t step, Appended* appended) const {
  if (!reaches_max_steps(*spec, step)) return;
  if (!of->end_step && has_reached_max_steps(trial)) of->end_step = trial.curve.back().step;
  if (!of->end_step) {
    of->end_step = step;
  } else if (step > *of->end_step && !appended->beyond_end) {
    appended->beyond_end = step;
  }
}

bool Sweep::has_reached_max_steps(const Trial& trial) const {
  return !trial.curve.empty() && reaches_max_steps(*spec, trial.curve.back().step);
}

}  // namespace scopa::core
