#include "analysis/config_format.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sdk/base/config_text.h"

namespace scopa::analysis {
namespace {

constexpr std::array<std::pair<std::string_view, ConfigFormat>, 7> kFormats = {{
    {"cli", ConfigFormat::kCli},
    {"args0", ConfigFormat::kArgs0},
    {"json", ConfigFormat::kJson},
    {"yaml", ConfigFormat::kYaml},
    {"nested-json", ConfigFormat::kNestedJson},
    {"nested-yaml", ConfigFormat::kNestedYaml},
    {"env", ConfigFormat::kEnv},
}};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_shell_safe(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("_-+=./:,@%").find(c) != std::string::npos;
}

std::string in_quotes(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

std::string environment_name(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (!is_letter(c) && !is_digit(c)) c = '_';
  }
  if (out.empty() || is_digit(out.front())) out.insert(out.begin(), '_');
  return out;
}

}  // namespace

std::optional<ConfigFormat> config_format_from(std::string_view name) {
  for (const auto& [known, format] : kFormats) {
    if (known == name) return format;
  }
  return std::nullopt;
}

std::vector<std::string> config_format_names() {
  std::vector<std::string> names;
  for (const auto& row : kFormats) names.emplace_back(row.first);
  return names;
}

std::string shell_quoted(std::string_view text) {
  const bool safe = !text.empty() && std::all_of(text.begin(), text.end(), is_shell_safe);
  return safe ? std::string(text) : in_quotes(text);
}

std::string shell_line(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) {
    // A first word with `=` would be a variable's assignment.
    const bool assigns = line.empty() && word.find('=') != std::string::npos;
    line += (line.empty() ? "" : " ") + (assigns ? in_quotes(word) : shell_quoted(word));
  }
  return line;
}

std::string format_config(const Params& params, ConfigFormat format, Words words) {
  std::string out;
  switch (format) {
    case ConfigFormat::kCli:
    case ConfigFormat::kArgs0:
      for (const Param& p : params) {
        const std::string argument = "--" + p.name + "=" + to_text(p.value, words);
        if (format == ConfigFormat::kArgs0) {
          out += argument + '\0';
        } else {
          // The name is quoted too: it may hold whatever a YAML key may.
          out += (out.empty() ? "" : " ") + shell_quoted("--" + p.name) + "=" +
                 shell_quoted(to_text(p.value, words));
        }
      }
      return format == ConfigFormat::kArgs0 ? out : out + "\n";
    case ConfigFormat::kJson:
      return to_json(params) + "\n";
    case ConfigFormat::kYaml:
      return to_yaml(params);
    case ConfigFormat::kNestedJson:
      return to_nested_json(params) + "\n";
    case ConfigFormat::kNestedYaml:
      return to_nested_yaml(params);
    case ConfigFormat::kEnv:
      for (const Param& p : params) {
        out += "export " + environment_name(p.name) + "=" +
               shell_quoted(to_text(p.value, Words::kJson)) + "\n";
      }
      return out;
  }
  return out;
}

}  // namespace scopa::analysis
