#include "analysis/savings.h"

#include <algorithm>
#include <cmath>

#include "analysis/leaderboard.h"

namespace scopa::analysis {

std::optional<Savings> pruning_savings(std::span<const wire::TrialInfo> trials) {
  double full_values = 0;
  double full_seconds = 0;
  std::uint64_t completed = 0;
  Savings savings;
  for (const wire::TrialInfo& t : trials) {
    if (static_cast<TrialState>(t.state) != TrialState::kCompleted || t.values == 0) continue;
    ++completed;
    savings.spent += t.values;
    full_values += static_cast<double>(t.values);
    full_seconds += duration_s(t, t.ended_us).value_or(0);
  }
  if (completed == 0) return std::nullopt;
  full_values /= static_cast<double>(completed);
  full_seconds /= static_cast<double>(completed);

  double not_spent = 0;
  for (const wire::TrialInfo& t : trials) {
    // What a time limit, a budget or the trainer itself ended early is nobody's saving.
    if (!t.stopped || static_cast<TrialState>(t.state) != TrialState::kPruned) continue;
    ++savings.pruned;
    savings.spent += t.values;
    not_spent += std::max(0.0, full_values - static_cast<double>(t.values));
    const auto seconds = duration_s(t, t.ended_us);
    if (seconds) savings.seconds += std::max(0.0, full_seconds - *seconds);
  }
  if (savings.pruned == 0) return std::nullopt;
  savings.not_spent = static_cast<std::uint64_t>(std::llround(not_spent));
  return savings;
}

}  // namespace scopa::analysis
