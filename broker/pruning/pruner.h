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
  std::string message;     ///< "0.71 at step 9 is not in the best third of 9 trials ..."
  bool operator==(const Verdict&) const = default;
};

/// What a verdict rests on.
struct Grounds {
  std::string pruner;  ///< whose rule it is: "asha"; of patient, the wrapped pruner's
  std::string rule;    ///< for people: "the best third of those at a rung go on"
  std::string unit;    ///< of the rung: "step", "value"
  struct Place {
    TrialNumber trial{};
    double value = 0;      ///< with which it reached the rung, as logged
    bool goes_on = false;  ///< it is not behind the threshold
    bool operator==(const Place&) const = default;
  };
  /// All trials that have reached the rung, from the best to the worst; empty for a pruner that
  /// compares a trial with none.
  std::vector<Place> ranking;
};

/// Stops trials early: a function of the learning curves seen. No clock, no randomness. Not
/// thread-safe.
///
/// Feed it every finite value of the goal metric, as `metric.reduce` reads the curve so far, with
/// observe(), then ask judge() for the running trials. Steps may skip, repeat or go back. What a
/// pruner decides depends on the curves alone: in which order those of different trials came plays
/// no part, so a restarted broker, which reads them trial by trial, decides the same.
class Pruner {
 public:
  virtual ~Pruner() = default;

  /// A finite value. Returns whether judge() may now decide differently than before.
  virtual bool observe(TrialNumber trial, std::int64_t step, double value) = 0;
  /// The values of a trial that starts over (a new attempt) no longer count.
  virtual void forget(TrialNumber trial) = 0;
  /// Verdicts on those of `running` that should stop now, in that order.
  std::vector<Verdict> judge(const std::vector<TrialNumber>& running) const {
    return decide(running, nullptr);
  }
  /// The very same verdicts, and for each of them what it rests on.
  std::vector<Verdict> explain(const std::vector<TrialNumber>& running,
                               std::vector<Grounds>* grounds) const {
    grounds->clear();
    return decide(running, grounds);
  }
  /// Where trials are compared, ascending, in the pruner's unit.
  virtual std::vector<std::uint64_t> rungs() const = 0;
  virtual std::string name() const = 0;

 protected:
  /// `grounds` is null unless somebody asks, and must not change the verdicts; else one is appended
  /// for each of them. There is no other way to explain a verdict, so no second computation.
  virtual std::vector<Verdict> decide(const std::vector<TrialNumber>& running,
                                      std::vector<Grounds>* grounds) const = 0;
};

/// The pruner that the spec names; null when it names none, no metric, or one that could never
/// decide because no rung is left.
std::unique_ptr<Pruner> make_pruner(const spec::SweepSpec& spec);

}  // namespace scopa::pruning
