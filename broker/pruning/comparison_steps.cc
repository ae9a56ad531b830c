#include "broker/pruning/comparison_steps.h"

#include <algorithm>
#include <bit>
#include <limits>

#include "sdk/base/limits.h"

namespace scopa::pruning {
namespace {

constexpr std::uint64_t kStepMax = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kEvenIntervals = 64;  // then they widen, so that 100 go a long way

// 1, 2, 3, 4, 6, 8, 12, 16 ...
std::uint64_t next_step(std::uint64_t step) {
  if (step == 1) return 2;
  return std::has_single_bit(step) ? step + step / 2 : step / 3 * 4;
}

std::uint64_t next_multiple(std::uint64_t n) {
  return n < kEvenIntervals ? n + 1 : n + std::bit_floor(n) / 4;
}

}  // namespace

Result<std::vector<std::uint64_t>> comparison_steps(std::int64_t warmup,
                                                    std::optional<std::int64_t> interval_steps,
                                                    std::optional<std::int64_t> max_steps) {
  if (interval_steps && *interval_steps < 1) {
    return Status(Code::kInvalidArgument, "interval must be 1 or more");
  }
  const auto from = static_cast<std::uint64_t>(std::max<std::int64_t>(warmup, 1));
  const auto end =
      max_steps ? static_cast<std::uint64_t>(std::max<std::int64_t>(*max_steps, 0)) : kStepMax;
  std::vector<std::uint64_t> steps;
  if (interval_steps) {
    const auto interval = static_cast<std::uint64_t>(*interval_steps);
    const std::uint64_t first = (from - 1) / interval + 1;
    for (std::uint64_t n = 0; steps.size() < limits::kRungsMax; n = next_multiple(n)) {
      if (first + n > (end - 1) / interval || end == 0) break;
      steps.push_back((first + n) * interval);
    }
  } else {
    for (std::uint64_t step = 1; step < end && steps.size() < limits::kRungsMax;
         step = next_step(step)) {
      if (step >= from) steps.push_back(step);
      if (step > kStepMax / 2) break;
    }
  }
  if (steps.empty()) {
    return Status(Code::kInvalidArgument, "no comparison lies between warmup and the last step",
                  "set a smaller warmup or interval");
  }
  return steps;
}

}  // namespace scopa::pruning
