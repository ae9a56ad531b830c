#include "sdk/base/program_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace scopa {
namespace {

constexpr int kFixedFrom = -4;  // exponents of ten: Python's repr has the same border
constexpr int kFixedBelow = 16;

bool is_number_part(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E';
}

// Past the string that begins at `at`.
std::size_t end_of_string(std::string_view json, std::size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return std::min(at + 1, json.size());
}

// Past the number or word that begins at `at`; at least one character.
std::size_t end_of_token(std::string_view json, std::size_t at) {
  std::size_t end = at + 1;
  while (end < json.size() &&
         (is_number_part(json[end]) || (json[end] >= 'a' && json[end] <= 'z'))) {
    ++end;
  }
  return end;
}

std::string number_token(std::string_view token) {
  double number = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  const bool real = token.find_first_of(".eE") != std::string_view::npos;
  const bool read = error == std::errc() && end == token.data() + token.size();
  return real && read && std::isfinite(number) ? plain_number(number) : std::string(token);
}

// Every token of a JSON text outside its strings, as `write` has it.
template <class Write>
std::string rewritten(std::string_view json, Write write) {
  std::string text;
  text.reserve(json.size());
  for (std::size_t at = 0; at < json.size();) {
    const char c = json[at];
    const bool token = c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
    const std::size_t end = c == '"' ? end_of_string(json, at)
                            : token  ? end_of_token(json, at)
                                     : at + 1;
    const std::string_view part = json.substr(at, end - at);
    if (token) {
      text += write(part);
    } else {
      text += part;
    }
    at = end;
  }
  return text;
}

std::string python_token(std::string_view token) {
  if (token == "true") return "True";
  if (token == "false") return "False";
  if (token == "null") return "None";
  return number_token(token);
}

}  // namespace

std::string plain_number(double number) {
  if (std::isnan(number)) return "nan";
  if (std::isinf(number)) return number > 0 ? "inf" : "-inf";
  std::array<char, 40> buffer{};
  char* const begin = buffer.data();
  char* const room = begin + buffer.size();
  std::string text(begin, std::to_chars(begin, room, number, std::chars_format::scientific).ptr);
  const std::size_t e = text.find('e');
  int exponent = 0;
  std::from_chars(text.data() + e + (text[e + 1] == '+' ? 2 : 1), text.data() + text.size(),
                  exponent);
  if (exponent >= kFixedFrom && exponent < kFixedBelow) {
    text.assign(begin, std::to_chars(begin, room, number, std::chars_format::fixed).ptr);
    return text.find('.') == std::string::npos ? text + ".0" : text;
  }
  if (text.find('.') == std::string::npos) text.insert(e, ".0");
  return text;
}

std::string with_plain_numbers(std::string_view json) { return rewritten(json, number_token); }

std::string to_text(const Value& value, Words words) {
  const bool python = words == Words::kPython;
  if (std::holds_alternative<std::monostate>(value)) return python ? "None" : "null";
  if (const bool* flag = std::get_if<bool>(&value)) {
    if (python) return *flag ? "True" : "False";
    return *flag ? "true" : "false";
  }
  if (const auto* composite = std::get_if<Composite>(&value)) {
    return rewritten(composite->json, python ? python_token : number_token);
  }
  return to_text(value);
}

std::optional<std::vector<Value>> list_items(const Value& value) {
  const auto* composite = std::get_if<Composite>(&value);
  if (composite == nullptr) return std::nullopt;
  const auto json = nlohmann::json::parse(composite->json, nullptr, false);
  if (!json.is_array()) return std::nullopt;
  std::vector<Value> items;
  items.reserve(json.size());
  for (const auto& item : json) {
    items.push_back(item.is_string() ? Value(item.get<std::string>()) : parse_value(item.dump()));
  }
  return items;
}

}  // namespace scopa
