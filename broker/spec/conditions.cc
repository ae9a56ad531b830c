#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "broker/spec/parameters.h"
#include "broker/spec/reading.h"

namespace scopa::spec {
namespace {

// 1 and 1.0 are one value.
std::string key_of(const Value& value) { return canonical_text({{"", value}}); }

bool has_categories(DistributionKind kind) {
  return kind == DistributionKind::kConstant || kind == DistributionKind::kCategorical ||
         kind == DistributionKind::kCategoricalWithWeights;
}

class Resolver {
 public:
  Resolver(std::vector<ReadParameter> read, Findings* findings)
      : read_(std::move(read)), findings_(findings) {
    for (std::size_t i = 0; i < read_.size(); ++i) index_.emplace(read_[i].parameter.name, i);
  }

  std::vector<Parameter> resolve();

 private:
  enum class Mark : std::uint8_t { kNew, kOpen, kDone };

  const std::vector<Condition>& conditions_of(const WhenClause& clause,
                                              const std::vector<std::string>& path);
  void add_condition(const WhenClause& clause, const Entry& entry,
                     const std::vector<std::string>& path, std::vector<Condition>* conditions);
  const ReadParameter* find_parent(const std::vector<std::string>& path, std::size_t scope,
                                   const std::string& name) const;
  void check_value(const Parameter& parent, const Node& node, const std::string& path,
                   Condition* condition);
  void emit(std::size_t i, std::vector<Parameter>* ordered);
  void add(const std::string& path, Place place, std::string message, std::string help) {
    findings_->add(Rule::kCondition, path, place, std::move(message), {}, std::move(help));
  }

  std::vector<ReadParameter> read_;
  Findings* findings_;
  std::unordered_map<std::string, std::size_t> index_;
  std::map<const Node*, std::vector<Condition>> resolved_;  // a group's clause counts for many
  std::unordered_map<const Parameter*, std::unordered_set<std::string>> keys_;  // of its values
  std::vector<Mark> marks_;
};

std::vector<Parameter> Resolver::resolve() {
  for (ReadParameter& read : read_) {
    for (const WhenClause& clause : read.when) {
      const auto& conditions = conditions_of(clause, read.parameter.path);
      read.parameter.when.insert(read.parameter.when.end(), conditions.begin(), conditions.end());
    }
  }
  marks_.assign(read_.size(), Mark::kNew);
  std::vector<Parameter> ordered;
  ordered.reserve(read_.size());
  for (std::size_t i = 0; i < read_.size(); ++i) emit(i, &ordered);
  return ordered;
}

// Depth is bounded by kParametersMax.
void Resolver::emit(std::size_t i, std::vector<Parameter>* ordered) {
  if (marks_[i] == Mark::kDone) return;
  if (marks_[i] == Mark::kOpen) {
    const WhenClause& clause = read_[i].when.back();
    add(clause.path, clause.place,
        "`" + read_[i].parameter.name + "` depends on itself through its conditions",
        "remove one of the conditions on the way round");
    return;
  }
  marks_[i] = Mark::kOpen;
  const std::vector<Condition> conditions = read_[i].parameter.when;
  for (const Condition& condition : conditions) emit(index_.at(condition.parent), ordered);
  marks_[i] = Mark::kDone;
  ordered->push_back(std::move(read_[i].parameter));
}

const std::vector<Condition>& Resolver::conditions_of(const WhenClause& clause,
                                                      const std::vector<std::string>& path) {
  const auto [found, is_new] = resolved_.try_emplace(clause.node);
  if (!is_new) return found->second;
  if (clause.node->type != NodeType::kMap) {
    add_wrong_type(*clause.node, clause.path, "a map", findings_, "write `when: {optimizer: sgd}`");
  } else if (clause.node->entries.empty()) {
    add(clause.path, clause.place, "`" + clause.path + "` is empty",
        "write `when: {optimizer: sgd}`, or remove it");
  } else {
    for (const Entry& entry : clause.node->entries) {
      add_condition(clause, entry, path, &found->second);
    }
  }
  return found->second;
}

const ReadParameter* Resolver::find_parent(const std::vector<std::string>& path, std::size_t scope,
                                           const std::string& name) const {
  for (std::size_t depth = std::min(scope, path.size()) + 1; depth-- > 0;) {
    std::string full;
    for (std::size_t i = 0; i < depth; ++i) full = join(full, path[i]);
    const auto found = index_.find(join(full, name));
    if (found != index_.end()) return &read_[found->second];
  }
  return nullptr;
}

void Resolver::add_condition(const WhenClause& clause, const Entry& entry,
                             const std::vector<std::string>& path,
                             std::vector<Condition>* conditions) {
  const std::string own = join(clause.path, entry.key);
  const ReadParameter* parent = find_parent(path, clause.scope, entry.key);
  if (parent == nullptr) {
    std::vector<std::string_view> names;
    for (const ReadParameter& read : read_) names.push_back(read.parameter.name);
    std::string help = did_you_mean(entry.key, names);
    add(own, entry.key_place, "there is no parameter `" + entry.key + "`",
        help.empty() ? "name a parameter of this file" : std::move(help));
    return;
  }
  const Parameter& parameter = parent->parameter;
  if (!has_categories(parameter.distribution.kind)) {
    add(own, entry.key_place,
        "`" + parameter.name + "` is no list of values, so no condition can rest on it",
        "conditions rest on parameters with `value` or `values`");
    return;
  }
  if (parameter.distribution.values.empty()) return;  // the parent's own fault, reported there
  Condition condition{parameter.name, {}};
  if (entry.value.type == NodeType::kList) {
    if (entry.value.items.empty()) {
      add(own, entry.value.place, "the condition on `" + parameter.name + "` has no value", {});
    }
    for (std::size_t i = 0; i < entry.value.items.size(); ++i) {
      check_value(parameter, entry.value.items[i], join(own, i), &condition);
    }
  } else {
    check_value(parameter, entry.value, own, &condition);
  }
  conditions->push_back(std::move(condition));
}

void Resolver::check_value(const Parameter& parent, const Node& node, const std::string& path,
                           Condition* condition) {
  Value value = value_of(node);
  const std::vector<Value>& values = parent.distribution.values;
  std::unordered_set<std::string>& keys = keys_[&parent];
  if (keys.empty()) {
    for (const Value& v : values) keys.insert(key_of(v));
  }
  if (keys.contains(key_of(value))) {
    condition->values.push_back(std::move(value));
    return;
  }
  constexpr std::size_t kShown = 8;
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < values.size() && i < kShown; ++i) texts.push_back(to_text(values[i]));
  const std::vector<std::string_view> words(texts.begin(), texts.end());
  std::string help = did_you_mean(to_text(value), words);
  if (help.empty()) {
    help = "it can be " + one_of(words) + (values.size() > kShown ? " and others" : "");
  }
  add(path, node.place, "`" + parent.name + "` is never `" + to_text(value) + "`", std::move(help));
}

}  // namespace

std::vector<Parameter> resolve_conditions(std::vector<ReadParameter> read, Findings* findings) {
  return Resolver(std::move(read), findings).resolve();
}

}  // namespace scopa::spec
