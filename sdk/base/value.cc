#include "sdk/base/value.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "sdk/base/json_value.h"
#include "sdk/base/program_text.h"

namespace scopa {
namespace {

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string real_json(double number) {
  return std::isfinite(number) ? plain_number(number) : '"' + plain_number(number) + '"';
}

// Integers and reals are one number to a person, so 1.0 and 1 must not be two configurations. These
// texts are compared and hashed, never shown, so their spelling stays what it always was.
std::string canonical_number(double number) {
  constexpr double kExact = 9007199254740992.0;
  if (std::abs(number) < kExact && number == std::floor(number)) {
    return std::to_string(static_cast<std::int64_t>(number));
  }
  if (!std::isfinite(number)) return real_json(number);
  char buffer[32];
  std::string text(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

nlohmann::json without_integral_reals(nlohmann::json json) {
  constexpr double kExact = 9007199254740992.0;
  if (json.is_number_float()) {
    const double number = json.get<double>();
    if (std::abs(number) < kExact && number == std::floor(number)) {
      return static_cast<std::int64_t>(number);
    }
  } else if (json.is_structured()) {
    for (auto& item : json) item = without_integral_reals(item);
  }
  return json;
}

std::string canonical_value(const Value& value) {
  if (const double* number = std::get_if<double>(&value)) return canonical_number(*number);
  if (const Composite* composite = std::get_if<Composite>(&value)) {
    const auto json = nlohmann::json::parse(composite->json, nullptr, false);
    if (!json.is_discarded()) return without_integral_reals(json).dump();
  }
  return to_json(value);
}

}  // namespace

const Value* find_param(const Params& params, std::string_view name) {
  for (const Param& param : params) {
    if (param.name == name) return &param.value;
  }
  return nullptr;
}

std::string to_json(const Value& value) {
  switch (value.index()) {
    case 0:
      return "null";
    case 1:
      return std::get<bool>(value) ? "true" : "false";
    case 2:
      return std::to_string(std::get<std::int64_t>(value));
    case 3:
      return real_json(std::get<double>(value));
    case 4:
      return quoted(std::get<std::string>(value));
    default:
      return std::get<Composite>(value).json;
  }
}

std::string to_text(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<double>(&value); number && !std::isfinite(*number)) {
    return plain_number(*number);
  }
  return to_json(value);
}

std::string to_json(const Params& params) {
  std::string text = "{";
  for (const Param& param : params) {
    if (text.size() > 1) text += ',';
    text += quoted(param.name) + ':' + to_json(param.value);
  }
  return text + '}';
}

std::string canonical_text(const Params& params) {
  std::vector<const Param*> sorted;
  sorted.reserve(params.size());
  for (const Param& param : params) sorted.push_back(&param);
  std::sort(sorted.begin(), sorted.end(),
            [](const Param* a, const Param* b) { return a->name < b->name; });
  std::string text = "{";
  for (const Param* param : sorted) {
    if (text.size() > 1) text += ',';
    text += quoted(param->name) + ':' + canonical_value(param->value);
  }
  return text + '}';
}

bool as_number(const Value& value, double* number) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    *number = static_cast<double>(*integer);
    return true;
  }
  if (const auto* real = std::get_if<double>(&value)) {
    *number = *real;
    return true;
  }
  return false;
}

Value parse_value(std::string_view text) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  return json.is_discarded() ? Value(std::string(text)) : value_of_json(json);
}

}  // namespace scopa
