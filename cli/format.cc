#include "cli/format.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "sdk/base/text.h"

namespace scopa::cli {

std::string short_number(double value, int digits, bool zeros) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::array<char, 40> buffer{};
  const double size = std::fabs(value);
  if (size >= 1000 && size < 1e7) {
    std::snprintf(buffer.data(), buffer.size(), "%.0f", value);
  } else if (zeros && value != std::floor(value)) {
    std::snprintf(buffer.data(), buffer.size(), "%#.*g", digits, value);
  } else {
    std::snprintf(buffer.data(), buffer.size(), "%.*g", digits, value);
  }
  std::string text = buffer.data();
  // "e-05" says no more than "e-5".
  const std::size_t e = text.find('e');
  if (e != std::string::npos) {
    const std::size_t digit = std::min(text.find_first_not_of('0', e + 2), text.size() - 1);
    text.erase(e + 2, digit - e - 2);
    if (text[e + 1] == '+') text.erase(e + 1, 1);
  }
  return text;
}

std::string short_text(const Value& value, int digits) {
  if (const double* real = std::get_if<double>(&value)) return short_number(*real, digits);
  return printable(to_text(value), 200);
}

std::string mean_text(double mean, double spread, std::uint32_t runs) {
  const std::string value = short_number(mean, 4, true);
  if (runs < 2) return value;
  const std::size_t point = value.find('.');
  std::string error = short_number(spread, 2);
  if (point != std::string::npos && value.find('e') == std::string::npos && spread < 1000) {
    std::array<char, 40> text{};
    const int decimals = static_cast<int>(value.size() - point - 1);
    std::snprintf(text.data(), text.size(), "%.*f", decimals, spread);
    if (std::strtod(text.data(), nullptr) > 0 || spread == 0) error = text.data();
  }
  return value + " ± " + error + " (" + std::to_string(runs) + ")";
}

std::string short_duration(double seconds) {
  std::array<char, 40> text{};
  if (!std::isfinite(seconds) || seconds < 0) return "?";
  if (seconds < 59.95) {
    std::snprintf(text.data(), text.size(), seconds < 9.95 ? "%.1fs" : "%.0fs", seconds);
    return text.data();
  }
  if (seconds > 1e10) return "?";
  const auto whole = static_cast<long long>(std::llround(seconds));
  if (whole < 3600) {
    std::snprintf(text.data(), text.size(), "%lldm%02llds", whole / 60, whole % 60);
  } else if (whole < 86'400) {
    std::snprintf(text.data(), text.size(), "%lldh%02lldm", whole / 3600, whole / 60 % 60);
  } else {
    std::snprintf(text.data(), text.size(), "%lldd%02lldh", whole / 86'400, whole / 3600 % 24);
  }
  return text.data();
}

std::string ago(std::int64_t then_us, std::int64_t now_us) {
  if (then_us <= 0) return "never";
  const std::int64_t s = (now_us - then_us) / 1'000'000;
  if (s < 2) return "now";
  if (s < 60) return std::to_string(s) + "s ago";
  if (s < 3600) return std::to_string(s / 60) + "m ago";
  if (s < 86'400) return std::to_string(s / 3600) + "h ago";
  return std::to_string(s / 86'400) + "d ago";
}

std::string local_time(std::int64_t unix_us) {
  if (unix_us <= 0) return {};
  const std::time_t seconds = unix_us / 1'000'000;
  std::tm local{};
  if (localtime_r(&seconds, &local) == nullptr) return {};
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%d %H:%M:%S", &local);
  return text.data();
}

std::string bar(std::uint64_t part, std::uint64_t whole, std::size_t width) {
  const double share =
      whole == 0 ? 0 : std::min(1.0, static_cast<double>(part) / static_cast<double>(whole));
  const auto full = static_cast<std::size_t>(share * static_cast<double>(width));
  std::string out;
  for (std::size_t i = 0; i < width; ++i) out += i < full ? "█" : "░";
  return out;
}

std::string sparkline(const std::vector<double>& values, std::size_t width) {
  static constexpr std::array<const char*, 8> kLevels = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  double low = INFINITY;
  double high = -INFINITY;
  for (const double v : values) {
    if (!std::isfinite(v)) continue;
    low = std::min(low, v);
    high = std::max(high, v);
  }
  if (!(low <= high) || width == 0) return {};
  const std::size_t n = std::min(width, values.size());
  std::string out;
  for (std::size_t i = 0; i < n; ++i) {
    double sum = 0;
    int count = 0;
    for (std::size_t j = i * values.size() / n; j < (i + 1) * values.size() / n; ++j) {
      if (!std::isfinite(values[j])) continue;
      sum += values[j];
      ++count;
    }
    if (count == 0) {
      out += ' ';
      continue;
    }
    const double share = high > low ? (sum / count - low) / (high - low) : 0.5;
    const auto level = static_cast<std::size_t>(std::clamp(share * 8, 0.0, 7.0));
    out += kLevels[level];
  }
  return out;
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return count_of(bytes, "byte");
  double size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  constexpr std::array<const char*, 4> kUnits = {" KiB", " MiB", " GiB", " TiB"};
  for (; size >= 1024 && unit + 1 < kUnits.size(); ++unit) size /= 1024;
  return short_number(size, 3, true) + kUnits[unit];
}

std::string count_of(std::uint64_t n, const std::string& singular) {
  return std::to_string(n) + " " + singular + (n == 1 ? "" : "s");
}

}  // namespace scopa::cli
