#include "broker/spec/parameters.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <utility>

#include "broker/spec/characters.h"
#include "broker/spec/distribution_reader.h"
#include "broker/spec/reading.h"
#include "sdk/base/limits.h"

namespace scopa::spec {
namespace {

bool is_name(std::string_view name) {
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-';
         });
}

// The nearest name that is allowed, for the remedy.
std::string cleaned(std::string_view name) {
  std::string result;
  for (const char c : name) {
    if (is_name(std::string("_") + c)) {
      result += c;
    } else if (result.empty() || result.back() != '_') {
      result += '_';
    }
  }
  return is_name(result) ? result : "_" + result;
}

constexpr std::size_t kMembersShown = 4;

// A group that lacks the key `parameters`: maps only, and one of them under a name that no key has.
bool holds_parameters(const Node& node) {
  bool unknown = false;
  for (const Entry& entry : node.entries) {
    if (entry.key == "when") continue;
    if (entry.value.type != NodeType::kMap) return false;
    const auto keys = all_parameter_keys();
    unknown = unknown || std::find(keys.begin(), keys.end(), entry.key) == keys.end();
  }
  return unknown;
}

class Walk {
 public:
  explicit Walk(Findings* findings) : findings_(findings) {}

  void group(const Node& node, const std::string& path, Place place);
  std::vector<ReadParameter> take() { return std::move(read_); }

 private:
  void parameter(const Entry& entry, const std::string& path);
  void nested(const Entry& entry, const Entry& inner, const std::string& path);
  void unnamed_group(const Entry& entry, const std::string& path);
  void check_derived(const Section& section);
  void leaf(const Entry& entry, const std::string& path);
  void push_when(const Entry& entry, const std::string& path);

  Findings* findings_;
  std::vector<std::string> names_;  // of the groups around
  std::vector<WhenClause> when_;
  std::vector<ReadParameter> read_;
  std::unordered_map<std::string, Place> dotted_;
  bool full_ = false;
};

void Walk::group(const Node& node, const std::string& path, Place place) {
  if (node.type != NodeType::kMap) {
    add_wrong_type(
        node, path, "a map from names to parameters", findings_,
        node.type == NodeType::kList ? "write `lr: {min: 0.1, max: 1.0}` without `-`" : "");
    return;
  }
  if (node.entries.empty()) {
    findings_->add(Rule::kTooFew, path, place, "`" + path + "` is empty", {},
                   "give it at least one parameter");
  }
  for (const Entry& entry : node.entries) parameter(entry, path);
}

void Walk::parameter(const Entry& entry, const std::string& path) {
  if (full_) return;
  const std::string own = join(path, entry.key);
  if (!is_name(entry.key)) {
    findings_->add(Rule::kParameterName, own, entry.key_place,
                   "`" + entry.key + "` cannot be the name of a parameter",
                   "letters, digits, `_`, `.` and `-`, a letter or `_` first",
                   "for example `" + cleaned(entry.key) + "`");
  }
  const Node& node = entry.value;
  if (node.type != NodeType::kMap) {
    const bool list = node.type == NodeType::kList;
    const bool shown = !list && node.type != NodeType::kNull && node.text.size() < 40;
    add_wrong_type(node, own, "a map", findings_,
                   list    ? "write `" + entry.key + ": {values: [...]}`"
                   : shown ? "write `" + entry.key + ": {value: " + node.text + "}`"
                           : "give it a `value`, a list of `values`, or `min` and `max`");
    return;
  }
  names_.push_back(entry.key);
  const std::size_t outer = when_.size();
  push_when(entry, own);
  if (const Entry* inner = node.find("parameters")) {
    nested(entry, *inner, own);
  } else if (holds_parameters(node)) {
    unnamed_group(entry, own);
  } else {
    leaf(entry, own);
  }
  when_.resize(outer);
  names_.pop_back();
}

void Walk::push_when(const Entry& entry, const std::string& path) {
  if (const Entry* when = entry.value.find("when")) {
    when_.push_back({&when->value, join(path, "when"), when->key_place, names_.size() - 1});
  }
}

void Walk::nested(const Entry& entry, const Entry& inner, const std::string& path) {
  for (const Entry& other : entry.value.entries) {
    if (other.key == "parameters" || other.key == "when") continue;
    findings_->add(Rule::kExclusiveKeys, join(path, other.key), other.key_place,
                   "`" + other.key + "` cannot stand beside nested `parameters`", {},
                   "move it into one of the nested parameters, or remove it");
  }
  group(inner.value, join(path, "parameters"), inner.key_place);
}

// Its members are read all the same: what else is wrong is told in one go, and conditions find
// them.
void Walk::unnamed_group(const Entry& entry, const std::string& path) {
  std::string members;
  std::size_t shown = 0;
  for (const Entry& member : entry.value.entries) {
    if (member.key == "when") continue;
    if (++shown <= kMembersShown) members += member.key + ": ..., ";
  }
  members.resize(members.size() - 2);
  if (shown > kMembersShown) members += ", ...";
  findings_->add(Rule::kUnknownKey, path, entry.key_place,
                 "`" + path + "` holds parameters, so it is a group, and has no `parameters:`", {},
                 "write `" + entry.key + ": {parameters: {" + members + "}}`");
  for (const Entry& member : entry.value.entries) {
    if (member.key != "when") parameter(member, path);
  }
}

void Walk::check_derived(const Section& section) {
  constexpr std::array<std::string_view, 2> kOwnKeys = {"expr", "when"};
  Node rest;  // what belongs to no parameter at all
  rest.type = NodeType::kMap;
  for (const Entry& entry : section.node.entries) {
    if (std::find(kOwnKeys.begin(), kOwnKeys.end(), entry.key) != kOwnKeys.end()) continue;
    const auto all = all_parameter_keys();
    if (std::find(all.begin(), all.end(), entry.key) == all.end()) {
      rest.entries.push_back({entry.key, entry.key_place, Node{}});
      continue;
    }
    findings_->add(Rule::kExclusiveKeys, section.at(entry.key), entry.key_place,
                   "`" + entry.key + "` cannot stand beside `expr`", {},
                   "a parameter is either searched or derived: remove one of them");
  }
  check_keys({rest, section.path, section.place}, kOwnKeys, findings_);
}

void Walk::leaf(const Entry& entry, const std::string& path) {
  const Section section{entry.value, path, entry.key_place};
  ReadParameter read;
  std::optional<Distribution> distribution;
  if (const Entry* expr = section.find("expr")) {
    read.expr = &expr->value;
    check_derived(section);
  } else {
    distribution = read_distribution(section, findings_);
  }
  read.place = entry.key_place;
  read.when = when_;
  read.file_path = path;
  read.parameter.path = names_;
  for (const std::string& name : names_) read.parameter.name = join(read.parameter.name, name);
  const std::string& name = read.parameter.name;
  if (name.size() > limits::kNameBytesMax) {
    findings_->add(
        Rule::kTooMany, path, entry.key_place,
        "the parameter's name is longer than " + std::to_string(limits::kNameBytesMax) + " bytes");
    return;
  }
  const auto [first, is_new] = dotted_.emplace(name, entry.key_place);
  if (!is_new) {
    // A repeated key of one map has been reported as such.
    if (name.find('.') != std::string::npos) {
      findings_->add(Rule::kSameName, path, entry.key_place,
                     "two parameters are called `" + name + "`",
                     "first in line " + std::to_string(first->second.line), "rename one of them");
    }
    return;
  }
  if (read_.size() >= limits::kParametersMax) {
    findings_->add(Rule::kTooMany, path, entry.key_place,
                   "more than " + std::to_string(limits::kParametersMax) + " parameters");
    full_ = true;
    return;
  }
  // A wrong one stays as a name that conditions may refer to; the file is refused anyway.
  if (distribution) read.parameter.distribution = std::move(*distribution);
  read_.push_back(std::move(read));
}

}  // namespace

std::vector<ReadParameter> read_parameters(const Node& node, Place place, Findings* findings) {
  Walk walk(findings);
  walk.group(node, "parameters", place);
  return walk.take();
}

}  // namespace scopa::spec
