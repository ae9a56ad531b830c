#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "broker/pruning/pruner.h"
#include "sdk/base/states.h"

namespace scopa::pruning {

/// Lets a trial go on while it gets better, whatever the wrapped pruner says.
///
/// A trial improves when its value beats, by more than min_delta, the one of its last improvement;
/// its first value is one. When it has not improved for `patience` steps, the wrapped pruner's
/// verdict counts; without a wrapped pruner the trial is stopped. Should it improve again before it
/// is stopped, its patience starts anew. Before the step `warmup` nobody is stopped, however long
/// patience is at an end. Steps count from the highest so far: those that repeat or
/// go back take no time.
///
/// A verdict has the wrapped pruner's rung, value and threshold; without one the step, the last
/// value and what it had to beat. Not thread-safe.
class PatientPruner final : public Pruner {
 public:
  /// `wrapped` may be null.
  PatientPruner(const spec::Patient& patient, std::unique_ptr<Pruner> wrapped, Goal goal);

  bool observe(TrialNumber trial, std::int64_t step, double value) override;
  void forget(TrialNumber trial) override;
  std::vector<std::uint64_t> rungs() const override;
  std::string name() const override { return "patient"; }

 private:
  std::vector<Verdict> decide(const std::vector<TrialNumber>& running,
                              std::vector<Grounds>* grounds) const override;
  struct Curve {
    double loss = 0;  // of the last improvement
    std::int64_t improved = 0;
    std::int64_t step = 0;  // the highest
    double last_loss = 0;
  };

  bool has_run_out(const Curve& curve) const;
  Verdict own_verdict(TrialNumber trial, const Curve& curve) const;
  std::string waited(const Curve& curve) const;

  std::int64_t patience_;
  std::int64_t warmup_;
  double min_delta_;
  std::unique_ptr<Pruner> wrapped_;
  Goal goal_;
  std::unordered_map<std::uint64_t, Curve> curves_;  // by trial
};

}  // namespace scopa::pruning
