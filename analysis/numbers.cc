#include "analysis/numbers.h"

#include <array>
#include <cstdio>
#include <ctime>

#include "sdk/base/program_text.h"

namespace scopa::analysis {

std::string shortest(double value) {
  std::string text = plain_number(value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string iso_time(std::int64_t unix_us) {
  if (unix_us <= 0) return {};
  const std::time_t seconds = unix_us / 1'000'000;
  std::tm utc{};
  if (gmtime_r(&seconds, &utc) == nullptr) return {};
  std::array<char, 40> day{};
  std::strftime(day.data(), day.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  std::array<char, 16> rest{};
  std::snprintf(rest.data(), rest.size(), ".%03dZ", static_cast<int>(unix_us / 1000 % 1000));
  return std::string(day.data()) + rest.data();
}

}  // namespace scopa::analysis
