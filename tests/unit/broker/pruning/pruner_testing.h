#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "broker/pruning/pruner.h"
#include "sdk/base/states.h"

/// What the tests of all pruners share.
namespace scopa::pruning::testing {

constexpr TrialNumber t(std::uint64_t n) { return TrialNumber{n}; }

template <typename Kind>
spec::SweepSpec sweep(const Kind& kind, Goal goal = Goal::kMinimize) {
  spec::SweepSpec spec;
  spec.metric = spec::Metric{"loss", goal, {}, {}};
  spec.pruner = spec::Pruner{kind};
  return spec;
}

inline std::vector<TrialNumber> trials(std::uint64_t n) {
  std::vector<TrialNumber> all;
  for (std::uint64_t i = 0; i < n; ++i) all.push_back(t(i));
  return all;
}

inline std::vector<std::uint64_t> stopped(const Pruner& pruner,
                                          const std::vector<TrialNumber>& running) {
  std::vector<std::uint64_t> numbers;
  for (const Verdict& verdict : pruner.judge(running)) numbers.push_back(raw(verdict.trial));
  return numbers;
}

/// The same on every system.
class Dice {
 public:
  explicit Dice(std::uint32_t seed) : state_(seed) {}
  std::uint32_t roll(std::uint32_t sides) {
    state_ = state_ * 1664525U + 1013904223U;
    return (state_ >> 8) % sides;
  }

 private:
  std::uint32_t state_;
};

/// Whole curves, as logged: from these an oracle recomputes a rule by its definition.
using Curve = std::vector<std::pair<std::int64_t, double>>;
using Curves = std::map<std::uint64_t, Curve>;

/// The first value at `step` or later.
inline std::optional<double> value_at(const Curve& curve, std::uint64_t step) {
  for (const auto& [at, value] : curve) {
    if (at >= 0 && static_cast<std::uint64_t>(at) >= step) return value;
  }
  return {};
}

/// Feeds a pruner a stream of values with skipped, repeated and falling steps, many ties and
/// restarts, and calls `check` after every event.
inline void random_stream(std::uint32_t seed, int events, Pruner* pruner,
                          const std::function<void(const Curves&)>& check) {
  Dice dice(seed);
  Curves curves;
  for (int event = 0; event < events; ++event) {
    const std::uint64_t trial = dice.roll(40);
    if (dice.roll(50) == 0) {
      curves.erase(trial);
      pruner->forget(t(trial));
    } else {
      Curve& curve = curves[trial];
      std::int64_t step = curve.empty() ? 0 : curve.back().first;
      const std::uint32_t move = dice.roll(20);
      if (move == 0) {
        step -= dice.roll(9);
      } else if (move == 1) {
        step += dice.roll(30);
      } else if (move > 3) {
        ++step;
      }
      const double value = dice.roll(24) * 0.25 - 2;
      curve.emplace_back(step, value);
      pruner->observe(t(trial), step, value);
    }
    check(curves);
  }
}

}  // namespace scopa::pruning::testing
