// A trial whose points have been removed: what it came to stays.
#include <cmath>
#include <utility>

#include "broker/core/sweep.h"

namespace scopa::core {

TrialRemoved Sweep::remains_of(const Trial& trial) const {
  TrialRemoved event;
  event.trial = trial.number;
  for (const Attempt& attempt : trial.attempts) {
    if (!attempt.removed) event.reports += attempt.reports;
  }
  event.has_value = !trial.curve.empty();
  if (event.has_value) {
    event.value = trial.reduced;
    event.best = trial.best;
    event.last_step = trial.curve.back().step;
    event.values = trial.values();
  }
  event.metrics = metric_infos(trial);
  return event;
}

// Of the curve its last point stays, with the value of the whole, so that it is where it was for
// the model and for whatever asks how far the trial came. Pruners compare curves: for them the
// trial is gone as soon as the sweep is read again.
void Sweep::removed(const TrialRemoved& event) {
  Trial* trial = find(event.trial);
  if (trial == nullptr || trial->attempts.empty()) return;
  entries_ += event.reports;
  for (Attempt& attempt : trial->attempts) {
    attempt.removed = true;
    attempt.points = attempt.points_at_end;
    attempt.metrics = {};
    attempt.own = {};
    attempt.saved.reset();
    attempt.reports = 0;
  }
  trial->saved.reset();
  trial->curve = {};
  trial->inherited = 0;
  trial->own_values = event.values;
  trial->nans_first = 0;
  trial->ends_in_nan = false;
  if (event.has_value && std::isfinite(event.value) && std::isfinite(event.best)) {
    trial->curve.push_back({event.last_step, event.value});
    trial->reduced = event.value;
    trial->best = event.best;
  }
  std::vector<MetricSummary> metrics;
  for (const wire::MetricInfo& each : event.metrics) {
    const auto index = remember_metric(each.name);
    if (!index) continue;
    MetricSummary& kept = metrics.emplace_back();
    kept.metric = *index;
    kept.last = each.last;
    kept.last_step = each.last_step;
    kept.min = each.min;
    kept.max = each.max;
    kept.min_step = each.min_step;
    kept.max_step = each.max_step;
    kept.values = each.values;
  }
  trial->attempts.back().metrics = AttemptMetrics(std::move(metrics));
  if (trial->is_useful(spec->metric.has_value())) any_success = true;
}

}  // namespace scopa::core
