#include "broker/server/refusals.h"

#include <algorithm>
#include <utility>

#include "sdk/base/limits.h"

namespace scopa::server {

std::uint64_t Refusals::to_tell(std::uint64_t total, Clock::time_point now) {
  constexpr Clock::duration kFirst = std::chrono::seconds(1);
  if (total <= told_ || now < quiet_until_) return 0;
  // Quiet for as long again as it had to be: it was over.
  const bool goes_on = now < quiet_until_ + pause_;
  pause_ = goes_on ? std::min<Clock::duration>(pause_ * 2, limits::kRefusedQuietMax) : kFirst;
  quiet_until_ = now + pause_;
  return total - std::exchange(told_, total);
}

}  // namespace scopa::server
