#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sdk/base/value.h"

/// Numbers and times as people read them.
namespace scopa::cli {

/// Significant digits, four unless told: "0.8612", "1.234e-5", "12340". With `zeros` those at the
/// end stay, so that a column of them is easy to compare: "0.8500" (whole numbers stay whole).
std::string short_number(double value, int digits = 4, bool zeros = false);

/// A parameter's value, numbers as short_number() has them, made printable and cut at 200 bytes.
std::string short_text(const Value& value, int digits = 4);

/// "0.9120", and of the mean of several runs "0.9120 ± 0.0040 (3)": their standard deviation, to as
/// many decimals, and their number.
std::string mean_text(double mean, double spread, std::uint32_t runs);

/// "8.2s", "1m12s", "3h05m", "2d04h".
std::string short_duration(double seconds);

/// How long ago: "now", "12s ago", "3d ago".
std::string ago(std::int64_t then_us, std::int64_t now_us);

/// "2026-01-31 12:00:00" in the local zone; empty for 0.
std::string local_time(std::int64_t unix_us);

/// `width` characters, filled as far as `part` of `whole`: "████░░░░".
std::string bar(std::uint64_t part, std::uint64_t whole, std::size_t width);

/// "▁▂▅█": at most `width` characters, each the mean of its share of the finite values.
std::string sparkline(const std::vector<double>& values, std::size_t width);

/// "812 bytes", "3.20 KiB", "1.45 GiB".
std::string size_text(std::uint64_t bytes);

/// "1 trial", "3 trials".
std::string count_of(std::uint64_t n, const std::string& singular);

}  // namespace scopa::cli
