#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "broker/spec/sweep_spec.h"
#include "sdk/base/ids.h"

namespace scopa::pruning {

/// Why a trial is to be stopped. Values are as logged (not negated for `maximize`).
struct Verdict {
  TrialNumber trial{};
  std::uint64_t rung = 0;  ///< in the pruner's unit: values of the goal metric, or steps
  double value = 0;        ///< what was compared
  double threshold = 0;    ///< what it had to reach
  std::string message;     ///< "0.71 at rung 3 misses 0.78 (top 1/3 of 9)"
  bool operator==(const Verdict&) const = default;
};

/// Stops trials early: a function of the learning curves seen, in the order in which they came. No
/// clock, no randomness. Not thread-safe.
///
/// Feed it every finite value of the goal metric with observe(), then ask judge() for the running
/// trials.
class Pruner {
 public:
  virtual ~Pruner() = default;

  /// A finite value. Returns whether judge() may now decide differently than before.
  virtual bool observe(TrialNumber trial, std::int64_t step, double value) = 0;
  /// The values of a trial that starts over (a new attempt) no longer count.
  virtual void forget(TrialNumber trial) = 0;
  /// Verdicts on those of `running` that should stop now, in that order.
  virtual std::vector<Verdict> judge(const std::vector<TrialNumber>& running) const = 0;
  /// Where trials are compared, ascending, in the pruner's unit.
  virtual std::vector<std::uint64_t> rungs() const = 0;
  virtual std::string name() const = 0;
};

/// The pruner that the spec names; null when it names none.
std::unique_ptr<Pruner> make_pruner(const spec::SweepSpec& spec);

}  // namespace scopa::pruning
