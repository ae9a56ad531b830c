#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sdk/base/states.h"
#include "sdk/wire/messages.h"

namespace scopa::analysis {

/// A trial that was better than all that ended before it.
struct Improvement {
  std::uint64_t trial = 0;
  double value = 0;
};

/// Best-so-far over the ended, ranked trials in the order in which they ended. Where several have
/// the best value, the last one names the trial that best_k() puts first.
std::vector<Improvement> best_so_far(std::span<const wire::TrialInfo> trials, Goal goal);

/// The middle value of the trials that is_ranked() and have ended; none without any.
std::optional<double> median_value(std::span<const wire::TrialInfo> trials);

/// How long the rest of a sweep takes, from how fast trials ended so far.
struct Remaining {
  double seconds = 0;
  double low = 0;  ///< one standard deviation, trials ending as a Poisson process
  double high = 0;
};

/// `ended` trials took `elapsed_s`, `left` are to come. None before two have ended or when none is
/// left: too early to say anything.
std::optional<Remaining> remaining(std::uint64_t ended, double elapsed_s, std::uint64_t left);

}  // namespace scopa::analysis
