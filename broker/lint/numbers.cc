#include "broker/lint/numbers.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>

namespace scopa::lint {
namespace {

// 1e-05 -> 1e-5
std::string without_padding(std::string text) {
  const std::size_t e = text.find('e');
  if (e == std::string::npos) return text;
  std::size_t digit = e + 1;
  if (digit < text.size() && text[digit] == '+') text.erase(digit, 1);
  if (digit < text.size() && text[digit] == '-') ++digit;
  while (digit + 1 < text.size() && text[digit] == '0') text.erase(digit, 1);
  return text;
}

}  // namespace

std::string yaml_number(double x) {
  std::array<char, 64> buffer{};
  const double size = std::abs(x);
  const auto format = size != 0 && (size < 1e-3 || size >= 1e6) ? std::chars_format::scientific
                                                                : std::chars_format::fixed;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), x, format);
  return without_padding(std::string(buffer.data(), end.ptr));
}

std::string rough(double x) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.3g", x);
  return without_padding(buffer);
}

std::string grouped(std::uint64_t n) {
  std::string text = std::to_string(n);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ',');
  return text;
}

double decades(double low, double high) { return std::log10(high / low); }

double round_down_nicely(double x) {
  const double power = std::pow(10.0, std::floor(std::log10(x)));
  // The nearest double, so that it prints as 1e-5 and not as 1.0000000000000001e-5.
  const auto clean = [](double y) {
    double cleaned = y;
    (void)is_number(rough(y), &cleaned);
    return cleaned;
  };
  for (const double step : {5.0, 3.0, 2.0}) {
    if (x >= step * power * (1 - 1e-9)) return clean(step * power);
  }
  return clean(power);
}

bool is_number(std::string_view text, double* x) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto end = std::from_chars(text.data(), text.data() + text.size(), *x);
  return end.ec == std::errc() && end.ptr == text.data() + text.size() && !text.empty() &&
         std::isfinite(*x);
}

}  // namespace scopa::lint
