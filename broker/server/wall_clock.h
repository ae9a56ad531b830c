#pragma once

#include <chrono>

#include "sdk/base/time.h"

namespace scopa::server {

inline Instant wall_clock() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace scopa::server
