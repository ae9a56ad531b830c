#include "sdk/base/config_text.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "sdk/base/program_text.h"

namespace scopa {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_plain_yaml_key(std::string_view key) {
  if (key.empty() || !(is_letter(key.front()) || key.front() == '_')) return false;
  static constexpr std::array<std::string_view, 11> kNotText = {
      "y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf"};
  std::string lower(key);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  if (std::find(kNotText.begin(), kNotText.end(), lower) != kNotText.end()) return false;
  return std::all_of(key.begin(), key.end(), [](char c) {
    return is_letter(c) || is_digit(c) || c == '_' || c == '.' || c == '-' || c == '/';
  });
}

// A JSON token is a YAML scalar too, so only keys need a thought.
std::string yaml_key(const std::string& key) {
  return is_plain_yaml_key(key) ? key : to_json(Value(key));
}

std::string json_value(const Value& value) {
  const auto* composite = std::get_if<Composite>(&value);
  return composite != nullptr ? with_plain_numbers(composite->json) : to_json(value);
}

/// A group of parameters, or one parameter's value.
struct Node {
  std::string key;
  const Value* value = nullptr;
  std::vector<std::unique_ptr<Node>> members;

  Node* member(std::string_view name) {
    for (const auto& each : members) {
      if (each->key == name) return each.get();
    }
    return nullptr;
  }
  Node* add(std::string_view name) {
    members.push_back(std::make_unique<Node>());
    members.back()->key = name;
    return members.back().get();
  }
};

std::vector<std::string_view> parts_of(std::string_view name) {
  std::vector<std::string_view> parts;
  for (std::size_t dot = 0; dot != std::string_view::npos;) {
    dot = name.find('.');
    parts.push_back(name.substr(0, dot));
    if (dot != std::string_view::npos) name.remove_prefix(dot + 1);
  }
  return parts;
}

// False where a part is empty, or a value stands where a group or another value
// should.
bool has_place(Node* root, const std::vector<std::string_view>& parts) {
  Node* at = root;
  for (const std::string_view part : parts) {
    if (part.empty() || (at != nullptr && at->value != nullptr)) return false;
    if (at != nullptr) at = at->member(part);
  }
  return at == nullptr;
}

std::unique_ptr<Node> tree_of(const Params& params) {
  auto root = std::make_unique<Node>();
  for (const Param& param : params) {
    std::vector<std::string_view> parts = parts_of(param.name);
    if (!has_place(root.get(), parts)) parts = {param.name};
    Node* at = root.get();
    for (const std::string_view part : parts) {
      Node* const member = at->member(part);
      at = member != nullptr ? member : at->add(part);
    }
    at->value = &param.value;
  }
  return root;
}

// A name has at most 128 parts, which bounds the depth.
void write_json(const Node& node, std::string* out) {
  *out += '{';
  for (const auto& member : node.members) {
    if (out->back() != '{') *out += ',';
    *out += to_json(Value(member->key)) + ':';
    if (member->value != nullptr) {
      *out += json_value(*member->value);
    } else {
      write_json(*member, out);
    }
  }
  *out += '}';
}

void write_yaml(const Node& node, std::size_t level, std::string* out) {
  for (const auto& member : node.members) {
    *out += std::string(2 * level, ' ') + yaml_key(member->key) + ':';
    if (member->value != nullptr) {
      *out += ' ' + json_value(*member->value) + '\n';
    } else {
      *out += '\n';
      write_yaml(*member, level + 1, out);
    }
  }
}

}  // namespace

std::string to_yaml(const Params& params) {
  std::string out;
  for (const Param& param : params) {
    out += yaml_key(param.name) + ": " + json_value(param.value) + '\n';
  }
  return params.empty() ? "{}\n" : out;
}

std::string to_nested_json(const Params& params) {
  std::string out;
  write_json(*tree_of(params), &out);
  return out;
}

std::string to_nested_yaml(const Params& params) {
  if (params.empty()) return "{}\n";
  std::string out;
  write_yaml(*tree_of(params), 0, &out);
  return out;
}

}  // namespace scopa
