#include "broker/spec/scalar.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "broker/spec/characters.h"

namespace scopa::spec {
namespace {

template <std::size_t N>
bool is_word_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

Scalar of_digits(std::string_view digits, int base, bool negative) {
  std::string plain(negative ? "-" : "");
  for (const char c : digits) {
    if (c != '_') plain += c;
  }
  Scalar scalar;
  const auto [end, error] =
      std::from_chars(plain.data(), plain.data() + plain.size(), scalar.integer, base);
  if (error == std::errc::result_out_of_range) {
    scalar.kind = Scalar::Kind::kTooLarge;
  } else if (error == std::errc() && end == plain.data() + plain.size()) {
    scalar.kind = Scalar::Kind::kInteger;
  }
  return scalar;
}

bool based_digits(std::string_view digits, int base) {
  return !digits.empty() && digits.front() != '_' &&
         std::all_of(digits.begin(), digits.end(), [&](char c) {
           if (c == '_') return true;
           if (base == 16) return std::isxdigit(static_cast<unsigned char>(c)) != 0;
           return c >= '0' && c < '0' + base;
         });
}

// [digits][.digits][e[sign]digits] with a point or an exponent and a digit before the exponent.
bool is_real(std::string_view text) {
  std::size_t at = 0;
  std::size_t digits = 0;
  bool point = false;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !point)); ++at) {
    if (text[at] == '.') {
      point = true;
    } else {
      ++digits;
    }
  }
  if (digits == 0) return false;
  if (at == text.size()) return point;
  if (text[at] != 'e' && text[at] != 'E') return false;
  ++at;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
  return at < text.size() &&
         std::all_of(text.begin() + static_cast<std::ptrdiff_t>(at), text.end(), is_digit);
}

Scalar of_real(std::string_view text, bool negative) {
  Scalar scalar{.kind = Scalar::Kind::kReal};
  std::string padded(text);
  if (padded.front() == '.') padded.insert(0, 1, '0');
  const auto [end, error] =
      std::from_chars(padded.data(), padded.data() + padded.size(), scalar.real);
  if (error == std::errc::result_out_of_range) {
    // Too small is zero to any reader; too large has no value that could stand for it.
    const auto exponent = padded.find_first_of("eE");
    const bool tiny = exponent != std::string::npos
                          ? padded.find('-', exponent) != std::string::npos
                          : padded.find_first_not_of('0') == padded.find('.');
    if (!tiny) scalar.kind = Scalar::Kind::kTooLarge;
    scalar.real = 0;
  } else if (error != std::errc() || (end != padded.data() + padded.size() && *end != '.')) {
    scalar.kind = Scalar::Kind::kText;
  }
  if (negative) scalar.real = -scalar.real;
  return scalar;
}

}  // namespace

Scalar resolve_scalar(std::string_view text) {
  using Kind = Scalar::Kind;
  constexpr std::array<std::string_view, 5> kNulls = {"", "~", "null", "Null", "NULL"};
  constexpr std::array<std::string_view, 3> kTrues = {"true", "True", "TRUE"};
  constexpr std::array<std::string_view, 3> kFalses = {"false", "False", "FALSE"};
  constexpr std::array<std::string_view, 3> kInfinities = {".inf", ".Inf", ".INF"};
  constexpr std::array<std::string_view, 3> kNans = {".nan", ".NaN", ".NAN"};
  if (is_word_of(text, kNulls)) return {.kind = Kind::kNull};
  if (is_word_of(text, kTrues)) return {.kind = Kind::kBool, .boolean = true};
  if (is_word_of(text, kFalses)) return {.kind = Kind::kBool, .boolean = false};
  if (is_word_of(text, kNans)) {
    return {.kind = Kind::kReal, .real = std::numeric_limits<double>::quiet_NaN()};
  }
  const bool negative = text.front() == '-';
  if (negative || text.front() == '+') text.remove_prefix(1);
  if (text.empty()) return {};
  if (is_word_of(text, kInfinities)) {
    const double infinity = std::numeric_limits<double>::infinity();
    return {.kind = Kind::kReal, .real = negative ? -infinity : infinity};
  }
  if (!is_digit(text.front()) && text.front() != '.') return {};
  if (text.size() > 2 && text[0] == '0') {
    const int base = text[1] == 'x' ? 16 : text[1] == 'o' ? 8 : text[1] == 'b' ? 2 : 0;
    if (base != 0) {
      return based_digits(text.substr(2), base) ? of_digits(text.substr(2), base, negative)
                                                : Scalar{};
    }
  }
  if (based_digits(text, 10)) return of_digits(text, 10, negative);
  // As in YAML 1.1: 1_000.5.
  std::string plain(text);
  if (is_digit(plain.front()) && plain.find('.') != std::string::npos) std::erase(plain, '_');
  return is_real(plain) ? of_real(plain, negative) : Scalar{};
}

bool is_old_boolean(std::string_view text) {
  constexpr std::array<std::string_view, 12> kWords = {"yes", "Yes", "YES", "no",  "No",  "NO",
                                                       "on",  "On",  "ON",  "off", "Off", "OFF"};
  return is_word_of(text, kWords);
}

}  // namespace scopa::spec
