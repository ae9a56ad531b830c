#include "broker/core/wording.h"

#include <cstdio>

namespace scopa::core {

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

std::string duration_text(std::chrono::microseconds duration) {
  constexpr std::chrono::microseconds kSecond = std::chrono::seconds(1);
  constexpr std::pair<std::int64_t, char> kUnits[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}};
  std::int64_t seconds = duration / kSecond;
  const auto fraction = static_cast<double>((duration % kSecond).count()) / 1e6;
  std::string text;
  for (const auto& [length, unit] : kUnits) {
    if (seconds >= length) text += std::to_string(seconds / length) + unit;
    seconds %= length;
  }
  if (seconds > 0 || fraction > 0 || text.empty()) {
    text += number_text(static_cast<double>(seconds) + fraction) + "s";
  }
  return text;
}

}  // namespace scopa::core
