#include "rehearsal/outcome.h"

#include <algorithm>
#include <cmath>

namespace scopa::rehearsal {

double Outcome::saved() const {
  if (steps_whole == 0) return 0;
  return 1 - static_cast<double>(steps) / static_cast<double>(steps_whole);
}

std::optional<double> Outcome::best_at(double at) const {
  std::optional<double> best;
  for (const Improvement& each : improvements) {
    if (each.at <= at) best = each.value;
  }
  return best;
}

std::optional<double> Outcome::best_after(std::uint64_t trials) const {
  std::optional<double> best;
  for (const Improvement& each : improvements) {
    if (each.ended <= trials) best = each.value;
  }
  return best;
}

Outcome outcome_of(std::span<const Rehearsed> trials, Goal goal) {
  Outcome outcome;
  std::vector<const Rehearsed*> by_end;
  for (const Rehearsed& trial : trials) {
    ++outcome.started;
    outcome.seconds = std::max(outcome.seconds, trial.ended);
    outcome.device_seconds += trial.ended - trial.started;
    if (trial.target_at && (!outcome.target_at || *trial.target_at < *outcome.target_at)) {
      outcome.target_at = trial.target_at;
    }
    if (trial.state != TrialState::kRunning) by_end.push_back(&trial);
  }
  std::stable_sort(by_end.begin(), by_end.end(),
                   [](const auto* a, const auto* b) { return a->ended < b->ended; });
  for (const Rehearsed* trial : by_end) {
    outcome.ends.push_back(trial->ended);
    if (trial->state == TrialState::kFailed) {
      ++outcome.failed;
      continue;
    }
    outcome.steps += trial->steps;
    if (trial->state == TrialState::kDiverged) {  // its own end, which no pruner saved
      outcome.steps_whole += trial->steps;
      ++outcome.diverged;
      continue;
    }
    outcome.steps_whole += trial->steps_whole;
    if (trial->state == TrialState::kPruned) {
      ++outcome.pruned;
      outcome.prunings.push_back(trial->ended);
      ++outcome.pruned_after[trial->steps];
      continue;
    }
    ++outcome.completed;
    if (!std::isfinite(trial->reduced)) continue;
    const bool is_best = outcome.improvements.empty() ||
                         is_better(goal, trial->reduced, outcome.improvements.back().value);
    if (is_best)
      outcome.improvements.push_back({trial->ended, outcome.ends.size(), trial->reduced});
  }
  return outcome;
}

}  // namespace scopa::rehearsal
