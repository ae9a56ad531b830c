#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "broker/store/store.h"
#include "sdk/wire/messages.h"

namespace scopa::test {

/// What a store folder holds of one sweep, read after its broker has gone.
struct StoredSweep {
  struct Point {
    std::string metric;
    std::int64_t step = 0;
    double value = 0;
  };
  struct Attempt {
    std::vector<Point> points;
    std::uint64_t applied = 0;  ///< offset
  };

  std::vector<core::Event> events;
  std::vector<core::PointsAppended> reports;
  /// By (trial, attempt).
  std::map<std::pair<std::uint64_t, std::uint32_t>, Attempt> attempts;
  /// Last recorded state of each trial.
  std::map<std::uint64_t, TrialState> trials;
  std::map<std::uint64_t, std::uint32_t> last_attempt;
  std::vector<std::string> faults;  ///< overlaps, gaps, unreadable blocks: must be empty

  static StoredSweep read(const std::string& folder, const SweepId& sweep);
};

}  // namespace scopa::test
