#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "sdk/base/status.h"

namespace scopa::server {

/// Counts frames that could not be read and tells the log about them, at most once a second.
class Garbage {
 public:
  using Clock = std::chrono::steady_clock;

  void add(std::string_view routing_id, const Status& why, Clock::time_point now);
  std::uint64_t count() const { return count_; }

 private:
  std::uint64_t count_ = 0;
  std::uint64_t told_ = 0;
  Clock::time_point quiet_until_{};
};

}  // namespace scopa::server
