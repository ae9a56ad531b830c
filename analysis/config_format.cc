#include "analysis/config_format.h"

#include <algorithm>

namespace scopa::analysis {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_shell_safe(char c) {
  return is_letter(c) || is_digit(c) || std::string_view("_-+=./:,@%").find(c) != std::string::npos;
}

/// A JSON token is a YAML scalar too, so only keys need a thought.
bool is_plain_yaml_key(std::string_view key) {
  if (key.empty() || !(is_letter(key.front()) || key.front() == '_')) return false;
  static constexpr std::string_view kNotText[] = {"y",    "n",     "yes",  "no",  "on", "off",
                                                  "true", "false", "null", "nan", "inf"};
  std::string lower(key);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (std::find(std::begin(kNotText), std::end(kNotText), lower) != std::end(kNotText)) {
    return false;
  }
  return std::all_of(key.begin(), key.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-' || c == '/';
  });
}

std::string environment_name(std::string_view name) {
  std::string out(name);
  for (char& c : out) {
    if (!is_letter(c) && !is_digit(c)) c = '_';
  }
  if (out.empty() || is_digit(out.front())) out.insert(out.begin(), '_');
  return out;
}

std::string yaml_line(const Param& p) {
  const std::string key = is_plain_yaml_key(p.name) ? p.name : to_json(Value(p.name));
  return key + ": " + to_json(p.value) + "\n";
}

}  // namespace

std::optional<ConfigFormat> config_format_from(std::string_view name) {
  if (name == "cli") return ConfigFormat::kCli;
  if (name == "json") return ConfigFormat::kJson;
  if (name == "yaml") return ConfigFormat::kYaml;
  if (name == "env") return ConfigFormat::kEnv;
  return std::nullopt;
}

std::string shell_quoted(std::string_view text) {
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_shell_safe)) {
    return std::string(text);
  }
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

std::string format_config(const Params& params, ConfigFormat format) {
  std::string out;
  switch (format) {
    case ConfigFormat::kCli:
      for (const Param& p : params) {
        if (!out.empty()) out += ' ';
        // The name is quoted too: it may hold whatever a YAML key may.
        out += shell_quoted("--" + p.name) + "=" + shell_quoted(to_text(p.value));
      }
      return out + "\n";
    case ConfigFormat::kJson:
      return to_json(params) + "\n";
    case ConfigFormat::kYaml:
      for (const Param& p : params) out += yaml_line(p);
      return params.empty() ? "{}\n" : out;
    case ConfigFormat::kEnv:
      for (const Param& p : params) {
        out += "export " + environment_name(p.name) + "=" + shell_quoted(to_text(p.value)) + "\n";
      }
      return out;
  }
  return out;
}

}  // namespace scopa::analysis
