#pragma once

#include <chrono>
#include <cstdint>

namespace scopa {

/// A moment as the broker's clock tells it: microseconds since the Unix epoch. It is passed in
/// wherever it is needed; pure folders have no clock of their own.
using Instant = std::chrono::time_point<std::chrono::system_clock, std::chrono::microseconds>;

constexpr std::int64_t to_unix_us(Instant t) { return t.time_since_epoch().count(); }
constexpr Instant from_unix_us(std::int64_t us) { return Instant(std::chrono::microseconds(us)); }

}  // namespace scopa
