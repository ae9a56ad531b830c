#include "sdk/base/params_json.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace scopa {
namespace {

Value value_of(const nlohmann::ordered_json& json) {
  if (json.is_null()) return std::monostate{};
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer() &&
      (!json.is_number_unsigned() || json.get<std::uint64_t>() <= INT64_MAX)) {
    return json.get<std::int64_t>();
  }
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  return Composite{json.dump()};
}

}  // namespace

std::optional<Params> parse_params(std::string_view text) {
  const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  Params params;
  for (const auto& [name, value] : json.items()) params.push_back({name, value_of(value)});
  return params;
}

}  // namespace scopa
