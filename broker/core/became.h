#pragma once

#include "broker/core/event.h"

namespace scopa::core {

inline bool is_for_divergence(const StopDecided& stop) {
  return stop.reason == static_cast<std::uint8_t>(StopReason::kDiverged);
}

/// What an attempt's end made of its trial; `for_divergence`: the attempt had been stopped because
/// its goal metric was NaN or infinite. Builds that had no state for that wrote such a trial down
/// as pruned.
inline TrialState became(const AttemptEnded& ended, bool for_divergence) {
  const auto state = static_cast<TrialState>(ended.state);
  return state == TrialState::kPruned && for_divergence ? TrialState::kDiverged : state;
}

}  // namespace scopa::core
