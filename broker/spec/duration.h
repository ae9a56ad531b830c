#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "sdk/base/status.h"

namespace scopa::spec {

/// The longest duration that a sweep file can ask for: ten years.
inline constexpr std::chrono::hours kDurationMax{24 * 3650};

/// Reads "90s", "30m", "1.5h", "2d" or "1h30m": numbers with a unit, the larger units first, spaces
/// between allowed. Errors: kInvalidArgument, with the remedy, for anything else and for what is
/// not above zero or above kDurationMax.
Result<std::chrono::microseconds> parse_duration(std::string_view text);

/// The same for a number of seconds.
Result<std::chrono::microseconds> duration_of_seconds(double seconds);

/// As parse_duration reads it: "1h30m", "0.5s".
std::string to_text(std::chrono::microseconds duration);

/// What the JSON Schema says of the text of a duration, as a regular expression.
std::string_view duration_pattern();

}  // namespace scopa::spec
