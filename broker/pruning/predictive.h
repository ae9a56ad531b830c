#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/curves/end_forecast.h"
#include "broker/pruning/pruner.h"
#include "broker/pruning/rung_board.h"
#include "sdk/base/states.h"

namespace scopa::pruning {

/// Stops what will not be among the best: not by what the others are now, but by where its curve
/// goes. As long as too few have come to the end to tell that, the better half goes on.
///
/// Trials are looked at at the steps 1, 2, 3, 4, 6, 8, 12 ... (comparison_steps()). One that stands
/// at step s of S with the loss l, and stood at l' at the last of these steps up to s / 2, is
/// stopped when both
///
/// - its forecast (curves::EndForecaster, by those that reached S) surely misses b, the worst of
///   the best quarter of their ends: mean - z sd > b, with z = sqrt(c / (1 - c)) and c the
///   `confidence`: by Cantelli's inequality the share of ends that are better by so much is at most
///   1 - c, whatever their distribution (c = 0.5, 0.8, 0.9: z = 1, 2, 3);
/// - its own trend misses it: l - max(0, l' - l) log(S / s) / log(s / s') > b, as if every
///   doubling of the steps went on to bring what the last one did. A late bloomer shows here.
///
/// A verdict compares the better of the two ends, what the trial may hope for, with b; two places
/// must be known. Nobody is stopped in the last quarter of S.
///
/// Before `min_trials` trials have reached S a trial is stopped whose loss at a step of S / 9 or
/// more is behind the better half of those that have been there, four or more (successive halving,
/// without waiting: Li et al., "A system for massively parallel hyperparameter tuning", MLSys
/// 2020). Otherwise all that start together would come to the end, whatever they show.
///
/// observe() takes O(log n), judge() O(running); after a trial has reached S, O(running * n) for
/// the newest n <= 200 that have. Not thread-safe.
class PredictivePruner final : public Pruner {
 public:
  /// `steps` ascend, all below `max_steps`; trials are stopped from the spec's warmup to the last
  /// quarter.
  PredictivePruner(std::vector<std::uint64_t> steps, std::uint64_t max_steps,
                   const spec::Predictive& predictive, Goal goal);

  bool observe(TrialNumber trial, std::int64_t step, double value) override;
  void forget(TrialNumber trial) override;
  std::vector<std::uint64_t> rungs() const override {
    return {steps_.begin() + static_cast<std::ptrdiff_t>(first_),
            steps_.begin() + static_cast<std::ptrdiff_t>(late_)};
  }
  std::string name() const override { return "predictive"; }

 private:
  /// Where a trial will end.
  struct Outlook {
    curves::EndForecast end;
    double hoped = 0;  ///< the better one of what forecast and trend allow
  };

  std::vector<Verdict> decide(const std::vector<TrialNumber>& running,
                              std::vector<Grounds>* grounds) const override;
  std::vector<Verdict> halve(const std::vector<TrialNumber>& running,
                             std::vector<Grounds>* grounds) const;
  std::vector<Verdict> foretell(const std::vector<TrialNumber>& running,
                                std::vector<Grounds>* grounds) const;
  std::string words(const Verdict& verdict, std::size_t trials) const;
  /// Of the ended trials the worst of the best quarter.
  const Ranked* last_good() const { return board_.at(steps_.size()).worst_kept(); }
  bool has_ended(std::uint64_t trial) const { return board_.losses(trial).size() > steps_.size(); }
  void forget_forecasts();
  const curves::EndForecaster& forecaster(std::size_t rung) const;
  std::optional<std::size_t> halfway(std::size_t rung) const;
  curves::Standing standing(std::uint64_t trial, std::size_t rung) const;
  double trend(const curves::Standing& now, std::size_t rung) const;
  const std::optional<Outlook>& outlook(std::uint64_t trial, std::size_t rung) const;
  std::string words(const RungBoard::Place& at, const Outlook& outlook) const;

  std::vector<std::uint64_t> steps_;
  std::size_t first_;  // of the steps, from the warmup on
  std::size_t late_;   // the first in the last quarter, where nobody is stopped
  std::size_t early_;  // the first that tells anything while too few came to the end
  std::uint64_t max_steps_;
  spec::Predictive spec_;
  double deviations_;  // z
  Goal goal_;
  RungBoard board_;  // of the steps, and of max_steps
  // What was computed, until a trial reaches the end (the second: or its next step).
  mutable std::vector<std::optional<curves::EndForecaster>> forecasters_;  // by step
  mutable std::vector<std::optional<std::optional<Outlook>>> outlooks_;    // by trial
};

}  // namespace scopa::pruning
