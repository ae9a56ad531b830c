#pragma once

#include <chrono>

#include "sdk/base/time.h"

namespace scopa {

/// What the worker's executions are told as the time: of the steady clock.
inline Instant monotonic() {
  return Instant(std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now().time_since_epoch()));
}

}  // namespace scopa
