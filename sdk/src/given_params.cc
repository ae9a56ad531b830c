#include "sdk/src/given_params.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>
#include <variant>

namespace scopa::sdk {
namespace {

// Independent of the locale, which the trainer may have set.
template <class T>
std::optional<T> number_in(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  T number{};
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc{} || result.ptr != end) return std::nullopt;
  return number;
}

// A rate of 0.0013 is no integer at all: nothing is left of it.
std::optional<std::int64_t> rounded(double number) {
  if (std::isnan(number) || (number != 0 && std::abs(number) < 0.5)) return std::nullopt;
  constexpr double kBeyond = 9223372036854775808.0;
  if (number >= kBeyond) return INT64_MAX;
  if (number < -kBeyond) return INT64_MIN;
  return std::llround(number);
}

bool same_but_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return (x >= 'A' && x <= 'Z' ? x - 'A' + 'a' : x) == y; });
}

std::optional<bool> flag_in(std::string_view text) {
  constexpr std::array<std::string_view, 3> kTrue = {"true", "yes", "on"};
  constexpr std::array<std::string_view, 3> kFalse = {"false", "no", "off"};
  for (const auto word : kTrue) {
    if (same_but_case(text, word)) return true;
  }
  for (const auto word : kFalse) {
    if (same_but_case(text, word)) return false;
  }
  const auto number = number_in<double>(text);
  return number ? std::optional<bool>(*number != 0) : std::nullopt;
}

bool looks_like_a_name(std::string_view text) {
  if (text.empty()) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '/';
  });
}

// Whether an argument can be the value of the option before it.
bool looks_like_a_value(std::string_view text) {
  return !text.starts_with('-') || text == "-" || number_in<double>(text).has_value();
}

const Given* find_in(const std::vector<Given>& list, std::string_view name) {
  for (auto given = list.rbegin(); given != list.rend(); ++given) {
    if (given->name == name) return &*given;
  }
  return nullptr;
}

}  // namespace

GivenParams::GivenParams(const Params& sweep, int argc, char** argv) {
  for (const Param& param : sweep) {
    if (std::holds_alternative<std::monostate>(param.value)) continue;
    from_sweep_.push_back({param.name, param.value, to_text(param.value), false});
  }
  if (argv != nullptr) add_command_line(argc, argv);
}

void GivenParams::add(std::string_view name, std::string_view text, bool after_blank) {
  from_command_line_.push_back(
      {std::string(name), std::string(text), std::string(text), after_blank});
}

void GivenParams::add_command_line(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    if (argv[i] == nullptr) continue;
    std::string_view argument = argv[i];
    if (argument == "--") return;
    const bool option = argument.starts_with("--");
    if (option) argument.remove_prefix(2);
    const std::size_t equals = argument.find('=');
    const std::string_view name = argument.substr(0, equals);
    if (!looks_like_a_name(name) || name.starts_with('-')) continue;
    if (equals != std::string_view::npos) {
      add(name, argument.substr(equals + 1), false);
    } else if (option) {
      const bool has_value =
          i + 1 < argc && argv[i + 1] != nullptr && looks_like_a_value(argv[i + 1]);
      add(name, has_value ? argv[++i] : "true", has_value);
    }
  }
}

const Given* GivenParams::find(std::string_view name) const {
  if (const Given* given = find_in(from_sweep_, name)) return given;
  if (from_command_line_.empty()) return nullptr;
  if (const Given* given = find_in(from_command_line_, name)) return given;
  if (name.find('_') == std::string_view::npos) return nullptr;
  std::string dashed(name);
  std::replace(dashed.begin(), dashed.end(), '_', '-');
  return find_in(from_command_line_, dashed);
}

std::string GivenParams::json() const {
  Params params;
  for (const Given& given : from_sweep_) params.push_back({given.name, given.value});
  for (const Given& given : from_command_line_) {
    const bool last = find_in(from_command_line_, given.name) == &given;
    if (last && find_in(from_sweep_, given.name) == nullptr) {
      params.push_back({given.name, parse_value(given.text)});
    }
  }
  return to_json(params);
}

std::optional<double> read_double(const Given& given) {
  double number = 0;
  if (as_number(given.value, &number)) return number;
  if (const auto* flag = std::get_if<bool>(&given.value)) return *flag ? 1.0 : 0.0;
  if (std::holds_alternative<std::string>(given.value)) return number_in<double>(given.text);
  return std::nullopt;
}

std::optional<std::int64_t> read_integer(const Given& given) {
  if (const auto* integer = std::get_if<std::int64_t>(&given.value)) return *integer;
  if (std::holds_alternative<std::string>(given.value)) {
    if (const auto integer = number_in<std::int64_t>(given.text)) return integer;
  }
  const auto number = read_double(given);
  return number ? rounded(*number) : std::nullopt;
}

std::optional<bool> read_bool(const Given& given) {
  double number = 0;
  if (as_number(given.value, &number)) return number != 0;
  if (const auto* flag = std::get_if<bool>(&given.value)) return *flag;
  if (!std::holds_alternative<std::string>(given.value)) return std::nullopt;
  const auto flag = flag_in(given.text);
  // `--verbose data.txt`: the text is no value but the next argument.
  return !flag && given.after_blank ? std::optional<bool>(true) : flag;
}

}  // namespace scopa::sdk
