#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "broker/pruning/pruner.h"
#include "broker/pruning/rung_board.h"
#include "sdk/base/states.h"

namespace scopa::pruning {

/// How good a trial must be among `others` at a comparison: as good as the k-th best of them,
/// k = ceil(others * percentile / 100). 0: nobody is stopped, as there are fewer than min_trials.
std::size_t percentile_rank(const spec::Percentile& percentile, std::size_t others);

/// Stops what is behind the best share of the others; with 50 percent the median stopping rule
/// (Golovin et al., "Google Vizier: a service for black-box optimization", KDD 2017), except that
/// it compares the metric's value where that takes running averages.
///
/// A trial reaches a comparison with its first value at that step or a later one. It is stopped
/// when this value is worse than the best `percentile` percent of those of the other trials that
/// have reached the same comparison, whatever became of them; equal values go on. It is judged when
/// it arrives and again as others do, as long as this is the last comparison that it has reached.
///
/// observe() takes O(log n), judge() O(running). Not thread-safe.
class PercentilePruner final : public Pruner {
 public:
  /// Who comes to the step `safe_from` is not stopped any more.
  PercentilePruner(std::vector<std::uint64_t> steps, const spec::Percentile& percentile, Goal goal,
                   std::uint64_t safe_from = RungBoard::kNever);

  bool observe(TrialNumber trial, std::int64_t step, double value) override;
  void forget(TrialNumber trial) override { board_.forget(trial); }
  std::vector<std::uint64_t> rungs() const override { return board_.rungs(); }
  std::string name() const override { return spec_.is_median ? "median" : "percentile"; }

 private:
  std::vector<Verdict> decide(const std::vector<TrialNumber>& running,
                              std::vector<Grounds>* grounds) const override;
  std::string words(const Verdict& verdict, std::int64_t step, std::size_t others) const;

  spec::Percentile spec_;
  Goal goal_;
  RungBoard board_;
};

}  // namespace scopa::pruning
