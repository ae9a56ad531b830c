#include "rehearsal/recorded_objective.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace scopa::rehearsal {
namespace {

constexpr double kAbsent = -1;
constexpr double kSecondsMin = 1e-6;  // between two values, where clocks saw none

Status wrong_record(std::uint64_t trial, const std::string& what) {
  return {Code::kInvalidArgument, "recorded trial " + std::to_string(trial) + ": " + what};
}

Status check(const RecordedTrial& trial) {
  if (trial.steps.size() != trial.values.size() || trial.seconds.size() != trial.values.size()) {
    return wrong_record(trial.number, "steps, values and seconds are not of one length");
  }
  for (std::size_t i = 0; i < trial.steps.size(); ++i) {
    if (trial.steps[i] < 0) return wrong_record(trial.number, "a step is below 0");
    if (i > 0 && trial.steps[i] <= trial.steps[i - 1]) {
      return wrong_record(trial.number, "its steps do not rise");
    }
  }
  return Status::ok();
}

/// Its clocks may have seen two values at once, or the first at the very start.
void spread_times(std::vector<double>* seconds) {
  double last = 0;
  for (double& each : *seconds) {
    each = std::max(std::isfinite(each) ? each : 0, last + kSecondsMin);
    last = each;
  }
}

}  // namespace

Result<RecordedObjective> RecordedObjective::make(const spec::SweepSpec& spec, Goal goal,
                                                  std::vector<RecordedTrial> trials) {
  RecordedObjective made(spec, goal);
  std::stable_sort(trials.begin(), trials.end(),
                   [](const auto& a, const auto& b) { return a.number < b.number; });
  for (RecordedTrial& trial : trials) {
    SCOPA_RETURN_IF_ERROR(check(trial));
    if (trial.values.empty()) continue;
    spread_times(&trial.seconds);
    made.places_.push_back(made.place(trial.params));
    made.trials_.push_back(std::move(trial));
  }
  if (made.trials_.empty()) {
    return Status{Code::kNotFound, "no trial of it has a value to go by",
                  "rehearse on a sweep whose trials logged the metric"};
  }
  made.find_bounds();
  return made;
}

void RecordedObjective::find_bounds() {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  const auto better = [&](double value, double than) {
    return std::isfinite(value) && (std::isnan(than) || is_better(goal_, value, than));
  };
  best_ = best_end_ = kNone;
  for (const RecordedTrial& trial : trials_) {
    longest_ = std::max(longest_, trial.steps.back());
    for (const double value : trial.values) {
      if (better(value, best_)) best_ = value;
    }
    if (trial.is_whole && better(trial.values.back(), best_end_)) best_end_ = trial.values.back();
  }
  if (std::isnan(best_end_)) best_end_ = best_;
}

RecordedObjective::Place RecordedObjective::place(const Params& params) const {
  Place place(space_.size(), kAbsent);
  for (std::size_t i = 0; i < space_.size(); ++i) {
    const search::Domain& domain = space_.domain(i);
    const Value* value = find_param(params, space_.name(i));
    if (value == nullptr || domain.is_constant()) continue;
    double number = 0;
    if (domain.is_categorical()) {
      const auto index = domain.index_of(*value);
      place[i] = static_cast<double>(index.value_or(domain.count()));
    } else if (const auto unit = domain.unit_of(*value)) {
      place[i] = *unit;
    } else {
      place[i] = as_number(*value, &number) ? std::clamp(domain.cdf(number), 0.0, 1.0) : 0.5;
    }
  }
  return place;
}

double RecordedObjective::distance(const Place& a, const Place& b) const {
  double squares = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] == b[i]) continue;
    const bool by_quantile = a[i] >= 0 && b[i] >= 0 && !space_.domain(i).is_categorical();
    const double apart = by_quantile ? a[i] - b[i] : 1;
    squares += apart * apart;
  }
  return std::sqrt(squares);
}

RecordedObjective::Nearest RecordedObjective::nearest(const Params& params) const {
  const Place asked = place(params);
  Nearest nearest;
  for (std::size_t i = 0; i < trials_.size(); ++i) {
    const double apart = distance(asked, places_[i]);
    if (nearest.trial == nullptr || apart < nearest.distance) nearest = {&trials_[i], apart};
  }
  return nearest;
}

/// The nearest trial that has a value at or before `step` and one after it.
const RecordedTrial* RecordedObjective::donor(const std::vector<double>& distances,
                                              std::int64_t step) const {
  const RecordedTrial* found = nullptr;
  double apart = 0;
  for (std::size_t i = 0; i < trials_.size(); ++i) {
    const RecordedTrial& trial = trials_[i];
    if (trial.steps.front() > step || trial.steps.back() <= step) continue;
    if (found == nullptr || distances[i] < apart) {
      found = &trial;
      apart = distances[i];
    }
  }
  return found;
}

void RecordedObjective::join(const RecordedTrial& donor, Training* training) const {
  const auto next = static_cast<std::size_t>(
      std::upper_bound(donor.steps.begin(), donor.steps.end(), training->steps.back()) -
      donor.steps.begin());
  const double shift = training->values.back() - donor.values[next - 1];
  const double joined_at = training->seconds.back();
  const double stretch = joined_at / donor.seconds[next - 1];
  for (std::size_t i = next; i < donor.steps.size(); ++i) {
    double value = donor.values[i];
    if (std::isfinite(value) && std::isfinite(shift)) {
      value += shift;
      if (is_better(goal_, value, best_)) value = best_;
    }
    const double since = (donor.seconds[i] - donor.seconds[next - 1]) * stretch;
    training->steps.push_back(donor.steps[i]);
    training->values.push_back(value);
    training->seconds.push_back(std::max(joined_at + since, training->seconds.back()));
  }
}

Training RecordedObjective::training(const Params& params) const {
  const Place asked = place(params);
  std::vector<double> distances;
  for (const Place& each : places_) distances.push_back(distance(asked, each));
  const auto first = static_cast<std::size_t>(std::min_element(distances.begin(), distances.end()) -
                                              distances.begin());
  const RecordedTrial* from = &trials_[first];
  Training training;
  training.steps = from->steps;
  training.values = from->values;
  training.seconds = from->seconds;
  // A curve that ends without a number has diverged: nothing follows.
  while (!from->is_whole && std::isfinite(training.values.back())) {
    from = donor(distances, training.steps.back());
    if (from == nullptr) break;
    join(*from, &training);
  }
  return training;
}

}  // namespace scopa::rehearsal
