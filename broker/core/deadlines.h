#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "sdk/base/ids.h"
#include "sdk/base/time.h"

namespace scopa::core {

/// What a sweep file limits in time.
enum class Limit : std::uint8_t { kWallTime, kDeviceTime, kTrialTime };

/// A limit and whom it holds for; `trial` is 0 for those of a whole sweep.
struct Limited {
  SweepId sweep;
  Limit limit = Limit::kWallTime;
  std::uint64_t trial = 0;
  auto operator<=>(const Limited&) const = default;
};

/// When time limits will be reached, one moment for each. O(log n) for all.
class Deadlines {
 public:
  /// Nothing: it has none any more.
  void set(const Limited& what, std::optional<Instant> at);
  std::optional<Instant> next() const;
  /// Removes and returns those up to `now`, the earliest first, equal ones in the order of Limited:
  /// the same in every run.
  std::vector<Limited> take_due(Instant now);

 private:
  std::map<Limited, Instant> at_;
  std::set<std::pair<Instant, Limited>> order_;
};

}  // namespace scopa::core
