#include "analysis/progress.h"

#include <algorithm>
#include <cmath>

#include "analysis/leaderboard.h"

namespace scopa::analysis {
namespace {

TrialList ended_ranked(std::span<const wire::TrialInfo> trials) {
  TrialList list;
  for (const wire::TrialInfo& t : trials) {
    if (is_ranked(t) && has_ended(static_cast<TrialState>(t.state))) list.push_back(&t);
  }
  return list;
}

}  // namespace

std::vector<Improvement> best_so_far(std::span<const wire::TrialInfo> trials, Goal goal) {
  TrialList list = ended_ranked(trials);
  std::stable_sort(list.begin(), list.end(),
                   [](auto* a, auto* b) { return a->ended_us < b->ended_us; });
  std::vector<Improvement> improvements;
  for (const auto* t : list) {
    if (improvements.empty() || is_better(goal, ranked_value(*t), improvements.back().value)) {
      improvements.push_back({t->trial, ranked_value(*t)});
    }
  }
  // Of trials with the best value the leaderboard names the first by number, whichever ended first.
  const TrialList best = best_k(trials, goal, 1);
  if (!improvements.empty() && ranked_value(*best[0]) == improvements.back().value) {
    improvements.back().trial = best[0]->trial;
  }
  return improvements;
}

std::optional<double> median_value(std::span<const wire::TrialInfo> trials) {
  std::vector<double> values;
  for (const auto* t : ended_ranked(trials)) values.push_back(ranked_value(*t));
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const std::size_t middle = values.size() / 2;
  if (values.size() % 2 == 1) return values[middle];
  return values[middle - 1] + (values[middle] - values[middle - 1]) / 2;
}

std::optional<Remaining> remaining(std::uint64_t ended, double elapsed_s, std::uint64_t left) {
  if (ended < 2 || left == 0 || elapsed_s <= 0) return std::nullopt;
  const double n = static_cast<double>(ended);
  const double seconds = elapsed_s / n * static_cast<double>(left);
  const double spread = 1 / std::sqrt(n);
  return Remaining{seconds, seconds / (1 + spread), seconds * (1 + spread)};
}

}  // namespace scopa::analysis
