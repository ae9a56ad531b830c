#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/pruning/pruner.h"

namespace scopa::pruning {

/// Stops a trial as soon as its value is below `lower` or above `upper` at step `warmup` or later,
/// whatever it logs afterwards. The bounds themselves are inside, and the goal plays no part.
///
/// A verdict's rung is the step, its threshold the bound. Not thread-safe.
class ThresholdPruner final : public Pruner {
 public:
  explicit ThresholdPruner(const spec::Threshold& threshold) : spec_(threshold) {}

  bool observe(TrialNumber trial, std::int64_t step, double value) override;
  void forget(TrialNumber trial) override { left_.erase(raw(trial)); }
  std::vector<std::uint64_t> rungs() const override { return {}; }
  std::string name() const override { return "threshold"; }

 private:
  std::vector<Verdict> decide(const std::vector<TrialNumber>& running,
                              std::vector<Grounds>* grounds) const override;
  struct Left {
    std::int64_t step = 0;
    double value = 0;
  };

  spec::Threshold spec_;
  std::unordered_map<std::uint64_t, Left> left_;  // by trial
};

}  // namespace scopa::pruning
