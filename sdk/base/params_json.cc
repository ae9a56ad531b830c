#include "sdk/base/params_json.h"

#include <nlohmann/json.hpp>

#include "sdk/base/json_value.h"

namespace scopa {

std::optional<Params> parse_params(std::string_view text) {
  const auto json = nlohmann::ordered_json::parse(text, nullptr, false);
  if (!json.is_object()) return std::nullopt;
  Params params;
  for (const auto& [name, value] : json.items()) params.push_back({name, value_of_json(value)});
  return params;
}

}  // namespace scopa
