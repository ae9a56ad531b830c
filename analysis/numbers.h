#pragma once

#include <cstdint>
#include <string>

namespace scopa::analysis {

/// The shortest decimal text that reads back as the same double, as plain_number() spells it, whole
/// numbers without a point: "0.1", "3", "1.0e-08", "nan", "-inf".
std::string shortest(double value);

/// "2026-01-31T12:00:00.250Z", or an empty text for 0 (which means "not yet").
std::string iso_time(std::int64_t unix_us);

}  // namespace scopa::analysis
