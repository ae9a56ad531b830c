#include "broker/pruning/last_quarter.h"

#include <algorithm>
#include <limits>

namespace scopa::pruning {

std::uint64_t last_quarter(std::optional<std::int64_t> max_steps) {
  if (!max_steps || *max_steps < 1) return std::numeric_limits<std::uint64_t>::max();
  const auto steps = static_cast<std::uint64_t>(*max_steps);
  const std::uint64_t quarter = steps / 4 + (steps % 4 == 0 ? 0 : 1);
  return steps - quarter + 1;
}

std::vector<std::uint64_t> before_last_quarter(std::vector<std::uint64_t> rungs,
                                               std::optional<std::int64_t> max_steps) {
  rungs.erase(std::lower_bound(rungs.begin(), rungs.end(), last_quarter(max_steps)), rungs.end());
  return rungs;
}

}  // namespace scopa::pruning
