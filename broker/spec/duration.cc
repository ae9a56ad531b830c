#include "broker/spec/duration.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace scopa::spec {
namespace {

using std::chrono::microseconds;

struct Unit {
  char sign;
  std::int64_t seconds;
};

constexpr std::array<Unit, 4> kUnits = {{{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}}};
constexpr double kMicroseconds = 1e6;
constexpr std::string_view kHelp = "write seconds, or a number with `s`, `m`, `h` or `d`: `1h30m`";

Status no_duration(std::string_view text, std::string help) {
  return {Code::kInvalidArgument, "`" + std::string(text) + "` is no duration", std::move(help)};
}

std::size_t skip_spaces(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] == ' ') ++at;
  return at;
}

// Digits, with a fraction maybe: no sign, exponent or infinity.
bool is_plain_number(std::string_view text) {
  return !text.empty() && text.front() != '.' && text.back() != '.' &&
         text.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

Result<microseconds> duration_of_seconds(double seconds) {
  constexpr double kMost = std::chrono::duration<double>(kDurationMax).count();
  if (!(seconds * kMicroseconds >= 1)) {
    return Status{Code::kInvalidArgument, "a duration must be above 0",
                  "leave the key out for no bound"};
  }
  if (seconds > kMost) {
    return Status{Code::kInvalidArgument, "a duration can be ten years at most",
                  "leave the key out for no bound"};
  }
  return microseconds(std::llround(seconds * kMicroseconds));
}

Result<microseconds> parse_duration(std::string_view text) {
  if (text.find(':') != std::string_view::npos) {
    return no_duration(text, "write `1h30m` for an hour and a half");
  }
  double seconds = 0;
  std::size_t next_unit = 0;
  std::size_t at = skip_spaces(text, 0);
  if (at == text.size()) return no_duration(text, std::string(kHelp));
  while (at < text.size()) {
    const std::size_t end = std::min(text.find_first_not_of("0123456789.", at), text.size());
    const std::string_view digits = text.substr(at, end - at);
    double number = 0;
    if (!is_plain_number(digits) ||
        std::from_chars(digits.data(), digits.data() + digits.size(), number).ptr !=
            digits.data() + digits.size()) {
      return no_duration(text, std::string(kHelp));
    }
    const std::size_t sign = skip_spaces(text, end);
    if (sign == text.size())
      return no_duration(
          text, "the number `" + std::string(digits) + "` needs a unit: `s`, `m`, `h` or `d`");
    while (next_unit < kUnits.size() && kUnits[next_unit].sign != text[sign]) ++next_unit;
    if (next_unit == kUnits.size()) return no_duration(text, std::string(kHelp));
    seconds += number * static_cast<double>(kUnits[next_unit].seconds);
    ++next_unit;
    at = skip_spaces(text, sign + 1);
  }
  return duration_of_seconds(seconds);
}

std::string to_text(microseconds duration) {
  const std::int64_t whole = duration.count() / 1'000'000;
  const std::int64_t rest = duration.count() % 1'000'000;
  std::string text;
  std::int64_t left = whole;
  for (const Unit& unit : kUnits) {
    const std::int64_t count = left / unit.seconds;
    left %= unit.seconds;
    if (unit.seconds == 1 && rest != 0) {
      std::string fraction = std::to_string(1'000'000 + rest).substr(1);
      fraction.erase(fraction.find_last_not_of('0') + 1);
      text += std::to_string(count) + '.' + fraction + 's';
    } else if (count != 0) {
      text += std::to_string(count) + unit.sign;
    }
  }
  return text.empty() ? "0s" : text;
}

std::string_view duration_pattern() {
  return R"(^ *(\d+(\.\d+)? *d *)?(\d+(\.\d+)? *h *)?(\d+(\.\d+)? *m *)?(\d+(\.\d+)? *s *)?$)";
}

}  // namespace scopa::spec
