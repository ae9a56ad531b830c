#pragma once

#include <cstdint>

#include "sdk/session/session.h"
#include "tests/unit/sdk/session/session_harness.h"

namespace scopa::session {

inline CheckpointNote note(std::int64_t step, std::uint64_t records) {
  return {step, records, "/shared/checkpoint"};
}

inline wire::CheckpointKept kept(std::uint64_t trial, std::int64_t step) {
  return {kSweep, trial, 1, step};
}

inline TrialEnd killed() {
  TrialEnd end;
  end.outcome = wire::Outcome::kKilled;
  return end;
}

}  // namespace scopa::session
