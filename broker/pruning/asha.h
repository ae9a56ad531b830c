#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/pruning/pruner.h"
#include "broker/pruning/rung_board.h"
#include "sdk/base/states.h"
#include "sdk/base/status.h"

namespace scopa::pruning {

/// The steps at which ASHA compares: the whole parts of min_resource * eta^k, ascending, different
/// ones, below max_resource (without it below max_steps) and before the last quarter of max_steps,
/// at most limits::kRungsMax.
/// Errors: kInvalidArgument when there is none.
Result<std::vector<std::uint64_t>> asha_rungs(const spec::Asha& asha,
                                              std::optional<std::int64_t> max_steps);

/// How many of `trials` at a rung go on: floor(trials / eta).
std::size_t asha_survivors(double eta, std::size_t trials);

/// Asynchronous successive halving (Li et al., "A system for massively parallel hyperparameter
/// tuning", MLSys 2020, arXiv:1810.05934), in the form that stops trials instead of pausing them.
///
/// A trial reaches a rung with its first value at that step or a later one. Of the n trials that
/// have reached a rung, whatever became of them, the best floor(n / eta) go on and no more: among
/// equal values the trial with the lower number is the better one. While n < eta nobody is stopped
/// there. A trial is judged when it arrives and again as others do, as long as this is the last
/// rung that it has reached.
///
/// observe() takes O(log n), judge() O(running). Not thread-safe.
class AshaPruner final : public Pruner {
 public:
  /// Who comes to the step `safe_from` is not stopped any more.
  AshaPruner(std::vector<std::uint64_t> rungs, double eta, Goal goal,
             std::uint64_t safe_from = RungBoard::kNever);

  bool observe(TrialNumber trial, std::int64_t step, double value) override;
  void forget(TrialNumber trial) override { board_.forget(trial); }
  std::vector<std::uint64_t> rungs() const override { return board_.rungs(); }
  std::string name() const override { return "asha"; }

 private:
  std::vector<Verdict> decide(const std::vector<TrialNumber>& running,
                              std::vector<Grounds>* grounds) const override;
  std::string words(const Verdict& verdict, std::int64_t step, std::size_t trials) const;

  double eta_;
  Goal goal_;
  RungBoard board_;
};

}  // namespace scopa::pruning
