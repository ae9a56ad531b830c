#pragma once

#include <cstdint>
#include <vector>

#include "broker/pruning/pruner.h"
#include "broker/pruning/rung_board.h"
#include "sdk/base/states.h"
#include "sdk/base/status.h"

namespace scopa::pruning {

/// The bands of W&B's Hyperband: numbers of values of the goal metric at which trials are compared,
/// ascending; neighbours may be equal when eta is small.
///
/// With max_iter: max_iter / eta^k for k = s ... 1, as far as that is 1 or more (max_iter itself is
/// none). With min_iter: min_iter * eta^k for k = 0 ... 99. Whole parts count. max_iter wins over
/// min_iter. Errors: kInvalidArgument when there is no band or a key is missing, or when
/// there are more than 10,000.
Result<std::vector<std::uint64_t>> hyperband_bands(const spec::Hyperband& hyperband);

/// The index of a band's threshold among its `trials` sorted values: int(trials / eta), as W&B
/// computes it, which can be one less than that. Those before it and those equal to it go on.
std::size_t hyperband_cut(double eta, std::size_t trials);

/// W&B's Hyperband, decision for decision.
///
/// It counts finite values of the goal metric, not steps. A trial is judged at the last band that
/// it has reached: it stops when its value there (strict) or its best value so far (relaxed) is
/// worse than the band's threshold. The threshold is sorted(values)[int(n / eta)] over the values,
/// at exactly this count, of all trials that ever got there, whatever became of them; ties survive.
/// So the best 1/eta go on, and with few trials one more than that. There is no waiting for a full
/// rung: early trials are judged by the few that came before them.
///
/// observe() takes O(log n), judge() O(running). Not thread-safe.
class HyperbandPruner final : public Pruner {
 public:
  HyperbandPruner(std::vector<std::uint64_t> bands, double eta, bool strict, Goal goal);

  bool observe(TrialNumber trial, std::int64_t step, double value) override;
  void forget(TrialNumber trial) override;
  std::vector<std::uint64_t> rungs() const override { return board_.rungs(); }
  std::string name() const override { return "hyperband"; }

  /// The threshold at band `i` of rungs(), as logged; nothing when no trial has reached it.
  std::optional<double> threshold(std::size_t i) const;

 private:
  std::vector<Verdict> decide(const std::vector<TrialNumber>& running,
                              std::vector<Grounds>* grounds) const override;
  struct Curve {
    std::uint64_t count = 0;
    double best = 0;
  };

  std::string words(const Verdict& verdict, std::size_t trials) const;

  double eta_;
  bool strict_;
  Goal goal_;
  RungBoard board_;            // of different bands; the threshold is the best that is not kept
  std::vector<Curve> curves_;  // by trial
};

}  // namespace scopa::pruning
