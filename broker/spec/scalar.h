#pragma once

#include <cstdint>
#include <string_view>

namespace scopa::spec {

/// What an unquoted scalar means.
struct Scalar {
  enum class Kind : std::uint8_t {
    kNull,
    kBool,
    kInteger,
    kReal,
    kText,
    kTooLarge
  } kind = Kind::kText;
  bool boolean = false;
  std::int64_t integer = 0;
  double real = 0;
};

/// YAML 1.2's rules, and from 1.1 what W&B's users rely on: underscores in numbers, 0b. Unlike in
/// 1.1, `1e-5` is a number, yes/no/on/off are text and `1:30` is text. kTooLarge is a number that
/// neither 64 bits nor a double can hold.
Scalar resolve_scalar(std::string_view text);

/// yes, no, on, off in any case: booleans to YAML 1.1, text to us.
bool is_old_boolean(std::string_view text);

}  // namespace scopa::spec
