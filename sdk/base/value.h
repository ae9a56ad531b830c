#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sdk/base/status.h"

namespace scopa {

/// A list or an object as a parameter's value, kept as canonical JSON text (keys sorted, no
/// spaces).
struct Composite {
  std::string json;
  bool operator==(const Composite&) const = default;
};

/// What a hyperparameter can be: null, boolean, integer, real, text, or a list/object.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, Composite>;

/// One hyperparameter of a configuration. A nested parameter's name is its path joined by dots.
struct Param {
  std::string name;
  Value value;
  bool operator==(const Param&) const = default;
};

/// A configuration: the active parameters, in the order of the sweep spec.
using Params = std::vector<Param>;

/// The value named `name`, or null.
const Value* find_param(const Params& params, std::string_view name);

/// As a JSON token: `1`, `1.0`, `"adam"`, `true`, `null`. Reals in the shortest form that reads
/// back the same; NaN and the infinities, which JSON lacks, as `"nan"`, `"inf"`, `"-inf"`.
std::string to_json(const Value& value);

/// As a person or a command line wants it: like to_json, but text without quotes.
std::string to_text(const Value& value);

/// `{"a":1,"b":0.5}` in the given order.
std::string to_json(const Params& params);

/// The same for every spelling of one configuration: sorted by name, `1.0` as `1`. Two trials are
/// duplicates exactly when these texts are equal.
std::string canonical_text(const Params& params);

/// The number that a value is (booleans are none), for models and sorting; false when it is none.
bool as_number(const Value& value, double* number);

/// Reads what a user typed after `name=`: JSON where it is JSON (1, 1e-3, true, null, "x", [1,2]),
/// else plain text.
Value parse_value(std::string_view text);

}  // namespace scopa
