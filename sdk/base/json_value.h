#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "sdk/base/program_text.h"
#include "sdk/base/value.h"

namespace scopa {

/// A JSON value as a parameter's: lists and objects stay JSON text, and an integer beyond 64 bits
/// is a real. Internal: it brings in the JSON library.
template <class Json>
Value value_of_json(const Json& json) {
  if (json.is_null()) return std::monostate{};
  if (json.is_boolean()) return json.template get<bool>();
  if (json.is_number_integer() &&
      (!json.is_number_unsigned() || json.template get<std::uint64_t>() <= INT64_MAX)) {
    return json.template get<std::int64_t>();
  }
  if (json.is_number()) return json.template get<double>();
  if (json.is_string()) return json.template get<std::string>();
  return Composite{with_plain_numbers(json.dump())};
}

}  // namespace scopa
