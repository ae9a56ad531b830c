#include "broker/spec/reading.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "broker/spec/key_table.h"
#include "broker/spec/scalar.h"
#include "sdk/base/limits.h"
#include "sdk/base/text.h"

namespace scopa::spec {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

// Depth is bounded by the tree's own bound.
void append_json(const Node& node, std::string* json) {
  if (node.type == NodeType::kList) {
    *json += '[';
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      if (i > 0) *json += ',';
      append_json(node.items[i], json);
    }
    *json += ']';
  } else if (node.type == NodeType::kMap) {
    std::vector<const Entry*> sorted;
    for (const Entry& entry : node.entries) sorted.push_back(&entry);
    std::sort(sorted.begin(), sorted.end(),
              [](const Entry* a, const Entry* b) { return a->key < b->key; });
    *json += '{';
    for (std::size_t i = 0; i < sorted.size(); ++i) {
      if (i > 0) *json += ',';
      *json += to_json(Value(sorted[i]->key)) + ':';
      append_json(sorted[i]->value, json);
    }
    *json += '}';
  } else {
    *json += to_json(value_of(node));
  }
}

// The remedy for a key that another section of the file has.
std::string belongs_elsewhere(std::string_view key) {
  for (const KeyRow& row : key_table()) {
    const bool fits = row.section == KeySection::kMetric || row.section == KeySection::kParameter ||
                      row.section == KeySection::kBudget || row.section == KeySection::kHyperband;
    if (!fits || row.key != key) continue;
    return row.section == KeySection::kParameter
               ? "it belongs to a parameter"
               : "it belongs into `" + std::string(row_of(row.section).path) + "`";
  }
  return {};
}

}  // namespace

std::string one_of(std::span<const std::string_view> words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
    text.append("`").append(words[i]).append("`");
  }
  return text;
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const std::vector<std::string> names(candidates.begin(), candidates.end());
  const std::string match = closest_match(lower(word), names);
  return match.empty() ? "" : "did you mean `" + match + "`?";
}

void add_unknown_key(const Section& section, const Entry& entry,
                     std::span<const std::string_view> allowed, Findings* findings,
                     std::string help) {
  if (help.empty()) help = did_you_mean(entry.key, allowed);
  if (help.empty()) help = "known keys here: " + one_of(allowed);
  findings->add(Rule::kUnknownKey, section.at(entry.key), entry.key_place,
                "unknown key `" + entry.key + "`" +
                    (section.path.empty() ? "" : " in `" + section.path + "`"),
                {}, std::move(help));
}

void check_keys(const Section& section, std::span<const std::string_view> allowed,
                Findings* findings) {
  for (const Entry& entry : section.node.entries) {
    if (std::find(allowed.begin(), allowed.end(), entry.key) != allowed.end()) continue;
    add_unknown_key(section, entry, allowed, findings);
  }
}

void warn_of_ignored_key(const Section& section, const Entry& entry, Findings* findings,
                         std::string help) {
  const std::string where = section.path.empty() ? "of a sweep file" : "of `" + section.path + "`";
  if (help.empty()) {
    help = "remove it; the name of a key for other programs may begin with `x-`";
  }
  findings->warn(Rule::kUnknownKey, section.at(entry.key), entry.key_place,
                 "`" + entry.key + "` is not a key " + where + ": ignored", std::move(help));
}

void check_keys_beside(const Section& section, std::span<const std::string_view> allowed,
                       Findings* findings) {
  for (const Entry& entry : section.node.entries) {
    const std::string& key = entry.key;
    if (std::find(allowed.begin(), allowed.end(), key) != allowed.end()) continue;
    if (key.starts_with('.') || key.starts_with('_') || key.starts_with("x-")) continue;
    // A word of its own, if near `command`.
    std::string meant = key.starts_with("comment") ? "" : did_you_mean(key, allowed);
    if (meant.empty()) {
      warn_of_ignored_key(section, entry, findings, belongs_elsewhere(key));
    } else {
      add_unknown_key(section, entry, allowed, findings, std::move(meant));
    }
  }
}

void add_wrong_type(const Node& node, const std::string& path, std::string_view wanted,
                    Findings* findings, std::string help) {
  if (node.is_too_large) return;  // which has been said
  if (help.empty() && node.type == NodeType::kText) {
    const Scalar scalar = resolve_scalar(node.text);
    const bool numeric =
        scalar.kind == Scalar::Kind::kInteger || scalar.kind == Scalar::Kind::kReal;
    if (node.quoted && numeric) help = "remove the quotes";
    if (wanted == "a boolean" && is_old_boolean(node.text)) help = "write `true` or `false`";
  }
  if (help.empty() && wanted == "text" && node.text != "") help = "put it in quotes";
  std::string label = "this is " + std::string(name_of(node.type));
  if (node.type == NodeType::kText && node.quoted) label += ", because of the quotes";
  findings->add(Rule::kWrongType, path, node.place, "`" + path + "` must be " + std::string(wanted),
                std::move(label), std::move(help));
}

std::optional<std::string> read_text(const Section& section, std::string_view key,
                                     Findings* findings) {
  const Entry* entry = section.find(key);
  if (entry == nullptr) return std::nullopt;
  if (entry->value.type != NodeType::kText) {
    add_wrong_type(entry->value, section.at(key), "text", findings);
    return std::nullopt;
  }
  if (entry->value.text.size() > limits::kTextBytesMax) {
    findings->add(Rule::kTooMany, section.at(key), entry->value.place,
                  "`" + section.at(key) + "` is longer than " +
                      std::to_string(limits::kTextBytesMax) + " bytes");
    return std::nullopt;
  }
  return entry->value.text;
}

std::optional<double> read_number(const Section& section, std::string_view key,
                                  Findings* findings) {
  const Entry* entry = section.find(key);
  if (entry == nullptr) return std::nullopt;
  if (!entry->value.is_number()) {
    add_wrong_type(entry->value, section.at(key), "a number", findings);
    return std::nullopt;
  }
  if (!std::isfinite(entry->value.number())) {
    findings->add(Rule::kOutOfRange, section.at(key), entry->value.place,
                  "`" + section.at(key) + "` must be finite");
    return std::nullopt;
  }
  return entry->value.number();
}

std::optional<std::int64_t> read_integer(const Section& section, std::string_view key,
                                         Findings* findings) {
  constexpr double kExact = 9007199254740992.0;
  const Entry* entry = section.find(key);
  if (entry == nullptr) return std::nullopt;
  const Node& node = entry->value;
  if (node.type == NodeType::kInteger) return node.integer;
  if (node.type == NodeType::kReal && std::abs(node.real) <= kExact &&
      node.real == std::floor(node.real)) {
    return static_cast<std::int64_t>(node.real);
  }
  add_wrong_type(node, section.at(key), "an integer", findings);
  return std::nullopt;
}

std::optional<bool> read_bool(const Section& section, std::string_view key, Findings* findings) {
  const Entry* entry = section.find(key);
  if (entry == nullptr) return std::nullopt;
  const Node& node = entry->value;
  if (node.type == NodeType::kBool) return node.boolean;
  // Where only a boolean can be meant, those of YAML 1.1 are taken, as W&B does.
  if (node.type == NodeType::kText && !node.quoted && is_old_boolean(node.text)) {
    const std::string word = lower(node.text);
    return word == "yes" || word == "on";
  }
  add_wrong_type(entry->value, section.at(key), "a boolean", findings);
  return std::nullopt;
}

void add_unknown_word(const Node& node, const std::string& path,
                      std::span<const std::string_view> words, Findings* findings,
                      std::string help) {
  if (node.is_too_large) return;  // which has been said
  if (help.empty() && node.type == NodeType::kText) help = did_you_mean(node.text, words);
  if (help.empty()) help = "write " + one_of(words);
  const bool scalar = node.type != NodeType::kList && node.type != NodeType::kMap;
  const std::string shown =
      scalar ? "`" + (node.text.empty() ? std::string(name_of(node.type)) : node.text) + "`"
             : std::string(name_of(node.type));
  findings->add(Rule::kUnknownWord, path, node.place, "`" + path + "` cannot be " + shown,
                "not one of " + one_of(words), std::move(help));
}

std::optional<std::string> read_word(const Section& section, std::string_view key,
                                     std::span<const std::string_view> words, Findings* findings) {
  const Entry* entry = section.find(key);
  if (entry == nullptr) return std::nullopt;
  const Node& node = entry->value;
  if (node.type == NodeType::kText &&
      std::find(words.begin(), words.end(), node.text) != words.end()) {
    return node.text;
  }
  add_unknown_word(node, section.at(key), words, findings);
  return std::nullopt;
}

Value value_of(const Node& node) {
  switch (node.type) {
    case NodeType::kNull:
      return std::monostate{};
    case NodeType::kBool:
      return node.boolean;
    case NodeType::kInteger:
      return node.integer;
    case NodeType::kReal:
      return node.real;
    case NodeType::kText:
      return node.text;
    case NodeType::kList:
    case NodeType::kMap:
      break;
  }
  Composite composite;
  append_json(node, &composite.json);
  return composite;
}

}  // namespace scopa::spec
