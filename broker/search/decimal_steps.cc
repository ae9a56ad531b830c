#include "broker/search/decimal_steps.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include "broker/search/exact.h"

namespace scopa::search {
namespace {

// Powers of ten that are doubles: with them one rounding gives the nearest
// double (Clinger 1990).
constexpr std::array kPowers = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr int kPowerMax = static_cast<int>(kPowers.size()) - 1;

struct Decimal {
  std::int64_t digits = 0;
  int exponent = 0;
};

Decimal decimal_of(double x) {
  std::array<char, 40> buffer{};
  const auto end =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), x, std::chars_format::scientific)
          .ptr;
  Decimal decimal;
  std::string digits;
  const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  const std::size_t e = text.find('e');
  for (const char c : text.substr(0, e)) {
    if (c != '.') digits += c;
  }
  const std::size_t point = text.find('.');
  std::from_chars(digits.data(), digits.data() + digits.size(), decimal.digits);
  std::string_view exponent = text.substr(e + 1);
  if (exponent.starts_with('+')) exponent.remove_prefix(1);
  std::from_chars(exponent.data(), exponent.data() + exponent.size(), decimal.exponent);
  if (point < e) decimal.exponent -= static_cast<int>(e - point - 1);
  return decimal;
}

// To a smaller exponent; false when the digits do not fit.
bool rescale(Decimal* decimal, int exponent) {
  if (decimal->digits == 0) decimal->exponent = exponent;
  for (; decimal->exponent > exponent; --decimal->exponent) {
    if (__builtin_mul_overflow(decimal->digits, std::int64_t{10}, &decimal->digits)) return false;
  }
  return true;
}

}  // namespace

DecimalSteps::DecimalSteps(double origin, double step) : origin_(origin), step_(step) {
  if (!std::isfinite(origin) || !std::isfinite(step)) return;
  Decimal from = decimal_of(origin);
  Decimal by = decimal_of(step);
  if (from.digits == 0) from.exponent = by.exponent;
  exponent_ = std::min(from.exponent, by.exponent);
  exact_ = rescale(&from, exponent_) && rescale(&by, exponent_);
  origin_digits_ = from.digits;
  step_digits_ = by.digits;
}

double DecimalSteps::at(double k) const {
  const double rough = origin_ + k * step_;
  if (!exact_ || !(std::abs(k) <= kExactMax)) return rough;
  std::int64_t digits = 0;
  if (__builtin_mul_overflow(static_cast<std::int64_t>(k), step_digits_, &digits) ||
      __builtin_add_overflow(digits, origin_digits_, &digits)) {
    return rough;
  }
  const auto whole = static_cast<double>(digits);
  if (std::abs(whole) <= kExactMax && std::abs(exponent_) <= kPowerMax) {
    const double power = kPowers[static_cast<std::size_t>(std::abs(exponent_))];
    return exponent_ < 0 ? whole / power : whole * power;
  }
  const std::string text = std::to_string(digits) + 'e' + std::to_string(exponent_);
  double nearest = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), nearest);
  return read.ec == std::errc() ? nearest : rough;
}

}  // namespace scopa::search
