#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "sdk/wire/messages.h"

namespace scopa::analysis {

/// What stopping trials early saved, against what they would have used had each run as long as the
/// completed trials did on average. Counted in values of the goal metric (one per epoch, for most
/// trainers) and in seconds of training.
struct Savings {
  std::uint64_t pruned = 0;     ///< trials stopped by the pruner
  std::uint64_t spent = 0;      ///< values logged by completed and pruned trials
  std::uint64_t not_spent = 0;  ///< values that pruned trials did not have to produce
  double seconds = 0;           ///< training time that they did not take; 0 where unknown
  std::uint64_t without() const { return spent + not_spent; }
  /// In 0..1.
  double share() const {
    return without() == 0 ? 0 : static_cast<double>(not_spent) / static_cast<double>(without());
  }
};

/// None where nothing was pruned, or nothing was completed to compare with.
std::optional<Savings> pruning_savings(std::span<const wire::TrialInfo> trials);

}  // namespace scopa::analysis
