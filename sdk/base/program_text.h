#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/value.h"

/// How numbers and words are written where another program reads them: on
/// command lines, in JSON, YAML, CSV and environment variables. There is one
/// writer, so a value has one spelling everywhere.
namespace scopa {

/// The shortest decimal number that reads back as the same double, in a
/// spelling that JSON, YAML 1.1 and 1.2, C, C++ and Python all take for a real:
/// fixed from 1e-4 up to 1e16 (`0.0005`, `100000.0`), else with a point and an
/// exponent of a sign and two digits (`1.0e-08`, `1.5e+16`). Not finite: `nan`,
/// `inf`, `-inf`.
std::string plain_number(double number);

/// JSON text with every real in it written as plain_number() does; all else
/// stays as it is.
std::string with_plain_numbers(std::string_view json);

/// The words for booleans and null.
enum class Words : std::uint8_t {
  kJson,    ///< true, false, null
  kPython,  ///< True, False, None
};

/// Like to_text(value), with these words, also inside lists and objects:
/// `[True, None]` is then what Python's literal_eval reads.
std::string to_text(const Value& value, Words words);

/// The items of a list; nothing when the value is none.
std::optional<std::vector<Value>> list_items(const Value& value);

}  // namespace scopa
