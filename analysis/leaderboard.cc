#include "analysis/leaderboard.h"

#include <algorithm>
#include <cmath>

namespace scopa::analysis {
namespace {

bool has_finite_value(const wire::TrialInfo& t) {
  return t.has_value && std::isfinite(ranked_value(t));
}

bool is_no_result(const wire::TrialInfo& t) {
  const auto state = static_cast<TrialState>(t.state);
  return state == TrialState::kFailed || state == TrialState::kDiverged;
}

int group_of(const wire::TrialInfo& t) {
  if (t.replicate > 0) return 3;
  if (!has_finite_value(t)) return 2;
  return is_no_result(t) ? 1 : 0;
}

}  // namespace

double ranked_value(const wire::TrialInfo& trial) {
  return trial.mean_count > 1 ? trial.mean : trial.value;
}

bool is_ranked(const wire::TrialInfo& trial) { return group_of(trial) == 0; }

TrialList leaderboard(std::span<const wire::TrialInfo> trials, Goal goal) {
  TrialList list;
  list.reserve(trials.size());
  for (const wire::TrialInfo& t : trials) list.push_back(&t);
  std::sort(list.begin(), list.end(), [goal](const auto* a, const auto* b) {
    const int group_a = group_of(*a);
    const int group_b = group_of(*b);
    if (group_a != group_b) return group_a < group_b;
    const double value_a = ranked_value(*a);
    const double value_b = ranked_value(*b);
    if (group_a < 2 && value_a != value_b) return is_better(goal, value_a, value_b);
    return a->trial < b->trial;
  });
  return list;
}

TrialList best_k(std::span<const wire::TrialInfo> trials, Goal goal, std::size_t k) {
  TrialList list = leaderboard(trials, goal);
  const auto end = std::find_if(list.begin(), list.end(), [](auto* t) { return !is_ranked(*t); });
  list.erase(end, list.end());
  if (list.size() > k) list.resize(k);
  return list;
}

TrialList without_replicates(TrialList trials) {
  std::erase_if(trials, [](const auto* t) { return t->replicate > 0; });
  return trials;
}

std::optional<double> duration_s(const wire::TrialInfo& trial, std::int64_t now_us) {
  if (trial.started_us == 0) return std::nullopt;
  if (trial.running_us > 0) return static_cast<double>(trial.running_us) / 1e6;
  // Of a broker that does not tell it.
  std::int64_t sum_us = 0;
  for (const wire::AttemptInfo& each : trial.attempts) {
    sum_us += running_us(each, now_us);
  }
  return static_cast<double>(sum_us) / 1e6;
}

std::int64_t running_us(const wire::AttemptInfo& attempt, std::int64_t now_us) {
  if (attempt.started_us == 0) return 0;
  const std::int64_t end_us = attempt.ended_us != 0 ? attempt.ended_us : now_us;
  return std::max<std::int64_t>(0, end_us - attempt.started_us);
}

}  // namespace scopa::analysis
