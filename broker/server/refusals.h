#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace scopa::server {

/// Says when the log hears of refusals that are counted elsewhere: at once, then at most once a
/// second, and while they go on less and less often, down to limits::kRefusedQuietMax. A stranger
/// must not fill a disk.
class Refusals {
 public:
  using Clock = std::chrono::steady_clock;

  /// How many there are to tell about now, of `total` so far; 0: nothing now.
  std::uint64_t to_tell(std::uint64_t total, Clock::time_point now);

 private:
  std::uint64_t told_ = 0;
  Clock::duration pause_{};
  Clock::time_point quiet_until_{};
};

}  // namespace scopa::server
