#include "broker/pruning/threshold.h"

#include <algorithm>
#include <cmath>

#include "broker/pruning/wording.h"

namespace scopa::pruning {

bool ThresholdPruner::observe(TrialNumber trial, std::int64_t step, double value) {
  if (!std::isfinite(value) || step < spec_.warmup) return false;
  const bool is_inside =
      !(spec_.lower && value < *spec_.lower) && !(spec_.upper && value > *spec_.upper);
  return !is_inside && left_.try_emplace(raw(trial), Left{step, value}).second;
}

std::vector<Verdict> ThresholdPruner::decide(const std::vector<TrialNumber>& running,
                                             std::vector<Grounds>* grounds) const {
  std::vector<Verdict> verdicts;
  for (const TrialNumber number : running) {
    const auto found = left_.find(raw(number));
    if (found == left_.end()) continue;
    const Left& left = found->second;
    const bool is_below = spec_.lower && left.value < *spec_.lower;
    Verdict verdict;
    verdict.trial = number;
    verdict.rung = static_cast<std::uint64_t>(std::max<std::int64_t>(left.step, 0));
    verdict.value = left.value;
    verdict.threshold = is_below ? *spec_.lower : *spec_.upper;
    const auto [value, bound] = numbers_apart(verdict.value, verdict.threshold);
    verdict.message = value + " at step " + std::to_string(left.step) +
                      (is_below ? " is below the lower bound, " : " is above the upper bound, ") +
                      bound;
    verdicts.push_back(std::move(verdict));
    if (grounds == nullptr) continue;
    grounds->push_back({name(), "who leaves the bounds is stopped", "step", {}});
  }
  return verdicts;
}

}  // namespace scopa::pruning
