#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "sdk/base/states.h"

namespace scopa::core {

/// Failed trials in a row, whoever ran them, and whether so many can be bad luck. Made of events
/// alone, so that a broker that was started again judges as the one before.
///
/// A trial counts once in a streak, however often it was tried. The chance of a streak of k is
/// p^k, with p = (failed + 1) / (all + 2), the rate of the trials before it (Laplace's rule), and a
/// third at least: where a part of the space fails, a few failures in a row are no news.
class FailureStreak {
 public:
  void failed(std::uint64_t trial, Cause cause);
  /// A trial has come to a result, which ends the streak.
  void succeeded();
  /// Leaves the streak out of account: somebody has looked at it, or a machine was to blame.
  void forget();

  std::uint64_t count() const { return count_; }
  /// True when the sweep has had results and the streak is too long for its rate of failures.
  bool is_beyond_chance() const;
  /// "4 user_error, 1 oom", the most frequent cause first.
  std::string causes() const;

 private:
  std::uint64_t results_ = 0;  // of trials that did not fail
  std::uint64_t failed_ = 0;   // before the streak
  std::uint64_t count_ = 0;
  std::uint64_t last_trial_ = 0;
  std::map<Cause, std::uint64_t> causes_;  // of the streak
};

}  // namespace scopa::core
