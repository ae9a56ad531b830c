#include "broker/pruning/percentile.h"

#include <algorithm>
#include <cmath>

#include "broker/pruning/wording.h"

namespace scopa::pruning {
std::size_t percentile_rank(const spec::Percentile& percentile, std::size_t others) {
  if (others < percentile.min_trials) return 0;
  const double rank = static_cast<double>(others) * percentile.percentile / 100;
  return std::min(others, static_cast<std::size_t>(std::ceil(rank)));
}

// The k-th best of the others and the k-th best of all are the same for a trial that is not among
// the best k; the others go on either way. So one cut serves all.
PercentilePruner::PercentilePruner(std::vector<std::uint64_t> steps,
                                   const spec::Percentile& percentile, Goal goal,
                                   std::uint64_t safe_from)
    : spec_(percentile),
      goal_(goal),
      board_(
          std::move(steps),
          [percentile](std::size_t trials, std::size_t) {
            return trials == 0 ? 0 : percentile_rank(percentile, trials - 1);
          },
          safe_from) {}

bool PercentilePruner::observe(TrialNumber trial, std::int64_t step, double value) {
  return std::isfinite(value) && board_.reach(trial, step, as_loss(goal_, value));
}

std::vector<Verdict> PercentilePruner::decide(const std::vector<TrialNumber>& running,
                                              std::vector<Grounds>* grounds) const {
  std::vector<Verdict> verdicts;
  for (const TrialNumber number : running) {
    const auto place = board_.last(number);
    if (!place) continue;
    const RankedSplit& at = board_.at(place->rung);
    const Ranked* worst_kept = at.worst_kept();
    if (worst_kept == nullptr || !(place->entry.loss > worst_kept->loss)) continue;
    Verdict verdict;
    verdict.trial = number;
    verdict.rung = board_.rungs()[place->rung];
    verdict.value = as_loss(goal_, place->entry.loss);
    verdict.threshold = as_loss(goal_, worst_kept->loss);
    verdict.message = words(verdict, place->step, at.size() - 1);
    verdicts.push_back(std::move(verdict));
    if (grounds == nullptr) continue;
    grounds->push_back({name(),
                        "who is as good as the best " + number_text(spec_.percentile) +
                            " % of the others at a step goes on",
                        "step", board_.ranking(place->rung, goal_, [&](const Ranked& entry) {
                          return !(entry.loss > worst_kept->loss);
                        })});
  }
  return verdicts;
}

std::string PercentilePruner::words(const Verdict& verdict, std::int64_t step,
                                    std::size_t others) const {
  const auto [value, threshold] = numbers_apart(verdict.value, verdict.threshold);
  const std::string share = spec_.percentile == 50 ? "half" : number_text(spec_.percentile) + " %";
  return value + " at step " + std::to_string(step) + " is behind the best " + share + " of " +
         count_text(others, "other trial") + " (needs " + threshold + ")";
}

}  // namespace scopa::pruning
