#include "broker/core/attempt_metrics.h"

#include <algorithm>
#include <cmath>

#include "sdk/base/limits.h"

namespace scopa::core {
namespace {

MetricSummary* find_metric(std::vector<MetricSummary>* in, std::uint32_t metric) {
  const auto found = std::find_if(in->begin(), in->end(),
                                  [&](const MetricSummary& each) { return each.metric == metric; });
  return found == in->end() ? nullptr : &*found;
}

/// Of equal values the one of the earlier step, in whatever order they come.
void take_min(MetricSummary* to, double value, std::int64_t step) {
  if (value > to->min || (value == to->min && step >= to->min_step)) return;
  to->min = value;
  to->min_step = step;
}

void take_max(MetricSummary* to, double value, std::int64_t step) {
  if (value < to->max || (value == to->max && step >= to->max_step)) return;
  to->max = value;
  to->max_step = step;
}

}  // namespace

void MetricSummary::follow(const MetricSummary& next) {
  if (is_whole) return;
  is_whole = next.is_whole;
  last = next.last;
  last_step = next.last_step;
  last_at = next.last_at;
  if (next.values == 0) return;
  if (values == 0) {
    min = next.min;
    max = next.max;
    min_step = next.min_step;
    max_step = next.max_step;
  } else {
    take_min(this, next.min, next.min_step);
    take_max(this, next.max, next.max_step);
  }
  values += next.values;
}

void follow(std::vector<MetricSummary>* metrics, const std::vector<MetricSummary>& next) {
  for (const MetricSummary& each : next) {
    if (MetricSummary* before = find_metric(metrics, each.metric)) {
      before->follow(each);
    } else {
      metrics->push_back(each);
    }
  }
}

void AttemptMetrics::note(std::vector<MetricSummary>* in, const Point& point, std::uint64_t at,
                          bool ends) {
  MetricSummary* to = find_metric(in, point.metric);
  if (to == nullptr) {
    in->push_back({});
    to = &in->back();
    to->metric = point.metric;
  }
  to->is_whole |= ends;
  if (at >= to->last_at) {
    to->last = point.value;
    to->last_step = point.step;
    to->last_at = at;
  }
  if (!std::isfinite(point.value)) return;
  if (to->values++ == 0) {
    to->min = to->max = point.value;
    to->min_step = to->max_step = point.step;
    return;
  }
  take_min(to, point.value, point.step);
  take_max(to, point.value, point.step);
}

void AttemptMetrics::add(const Point& point, const Rules& rules) {
  const std::uint64_t at = ++points_;
  const MetricSummary* known = find_metric(&all_, point.metric);
  if (known == nullptr && all_.size() >= limits::kTrialMetricsMax && !rules.is_goal) return;
  if (known != nullptr && known->is_whole) return;
  note(&all_, point, at, rules.ends);
  if (rules.has_checkpoint && point.step <= saved_step_) {
    note(&saved_, point, at, rules.ends);
  } else if (rules.keeps_beyond) {
    if (beyond_.size() >= limits::kPointsBeyondMax) fold_oldest();
    beyond_.push_back({at, point});
  }
}

void AttemptMetrics::fold_oldest() {
  const auto half = beyond_.begin() + static_cast<std::ptrdiff_t>(beyond_.size() / 2);
  for (auto each = beyond_.begin(); each != half; ++each) {
    note(&saved_, each->point, each->at, false);
  }
  beyond_.erase(beyond_.begin(), half);
}

void AttemptMetrics::saved(std::int64_t step) {
  saved_step_ = std::max(saved_step_, step);
  std::erase_if(beyond_, [&](const Beyond& each) {
    if (each.point.step > saved_step_) return false;
    const MetricSummary* whole = find_metric(&all_, each.point.metric);
    // Nothing is taken in behind the value that made it whole.
    const bool ends = whole != nullptr && whole->is_whole && whole->last_at == each.at;
    note(&saved_, each.point, each.at, ends);
    return true;
  });
}

void AttemptMetrics::over() { beyond_ = {}; }

void AttemptMetrics::followed(bool has_checkpoint) {
  beyond_ = {};
  if (has_checkpoint) return;
  all_ = {};
  saved_ = {};
}

}  // namespace scopa::core
