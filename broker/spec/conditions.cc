#include "broker/spec/conditions.h"

#include <optional>
#include <utility>

#include "broker/spec/expression_reader.h"
#include "broker/spec/reading.h"

namespace scopa::spec {
namespace {

constexpr std::size_t kListedMax = 1000;  // values of a parent, to list those that a part allows

}  // namespace

const Clause& ConditionReader::read(const WhenClause& when, const std::vector<std::string>& path) {
  const auto [found, is_new] = clauses_.try_emplace(when.node);
  if (!is_new) return found->second;
  if (when.node->type == NodeType::kMap) {
    read_map(when, path, &found->second);
  } else if (when.node->type == NodeType::kNull || when.node->type == NodeType::kList) {
    add_wrong_type(*when.node, when.path, "a map or an expression", findings_,
                   "write `when: {optimizer: sgd}` or `when: optimizer == sgd`");
  } else {
    read_text(when, path, &found->second);
  }
  return found->second;
}

// ---- the map ------------------------------------------------------------------------------------

void ConditionReader::read_map(const WhenClause& when, const std::vector<std::string>& path,
                               Clause* clause) {
  if (when.node->entries.empty()) {
    add(when.path, when.place, "`" + when.path + "` is empty",
        "write `when: {optimizer: sgd}`, or remove it");
  }
  for (const Entry& entry : when.node->entries) read_entry(when, entry, path, clause);
}

void ConditionReader::read_entry(const WhenClause& when, const Entry& entry,
                                 const std::vector<std::string>& path, Clause* clause) {
  const std::string own = join(when.path, entry.key);
  const auto parent = names_.find_near(path, when.scope, entry.key);
  if (!parent) {
    std::string help = names_.name_help(entry.key);
    add(own, entry.key_place, "there is no parameter `" + entry.key + "`",
        help.empty() ? "name a parameter of this file" : std::move(help));
    return;
  }
  const std::string& name = names_.name(*parent);
  const Distribution* distribution = names_.distribution(*parent);
  if (distribution == nullptr || !has_categories(distribution->kind)) {
    add(own, entry.key_place,
        "`" + name + "` is no list of values, so no condition of this form can rest on it",
        "write an expression: `when: \"" + entry.key + " < ...\"`");
    return;
  }
  if (distribution->values.empty()) return;  // the parent's own fault, reported there
  Condition condition{name, {}};
  if (entry.value.type == NodeType::kList) {
    if (entry.value.items.empty()) {
      add(own, entry.value.place, "the condition on `" + name + "` has no value", {});
    }
    for (std::size_t i = 0; i < entry.value.items.size(); ++i) {
      check_value(*parent, entry.value.items[i], join(own, i), &condition);
    }
  } else {
    check_value(*parent, entry.value, own, &condition);
  }
  clause->conditions.push_back(std::move(condition));
}

void ConditionReader::check_value(std::size_t parent, const Node& node, const std::string& path,
                                  Condition* condition) {
  Value value = value_of(node);
  if (names_.has(parent, value) == true) {
    condition->values.push_back(std::move(value));
    return;
  }
  add(path, node.place, "`" + names_.name(parent) + "` is never `" + to_text(value) + "`",
      names_.values_help(parent, value));
}

// ---- the expression -----------------------------------------------------------------------------

void ConditionReader::read_text(const WhenClause& when, const std::vector<std::string>& path,
                                Clause* clause) {
  const NearScope scope(names_, path, when.scope);
  const auto expression =
      read_condition(*when.node, when.path, scope, "when: optimizer == sgd", findings_);
  if (!expression) return;
  for (const Expression& part : expression->conjuncts()) add_part(when, part, clause);
}

// The values of the part's only parameter, if they are few and known.
std::vector<Value> ConditionReader::listed_values(const Expression& part) {
  if (part.parameters().size() != 1) return {};
  const Distribution* distribution = names_.distribution(part.parameters().front());
  if (distribution == nullptr) return {};
  std::vector<Value> values;
  if (has_categories(distribution->kind)) {
    if (distribution->values.size() <= kListedMax) values = distribution->values;
  } else if (distribution->kind == DistributionKind::kIntUniform &&
             distribution->max - distribution->min < kListedMax) {
    for (double x = distribution->min; x <= distribution->max; ++x) {
      values.emplace_back(static_cast<std::int64_t>(x));
    }
  }
  const std::uint64_t work = values.size() * part.text().size();
  if (work > work_left_) return {};
  work_left_ -= work;
  return values;
}

void ConditionReader::add_part(const WhenClause& when, const Expression& part, Clause* clause) {
  const auto never = [&] {
    add(when.path, when.node->place, "`" + part.text() + "` never holds",
        "with it the parameter is never used: change it, or remove the parameter");
  };
  if (part.parameters().empty()) {
    if (!part.holds({})) never();
    return;
  }
  const std::size_t parent = part.parameters().front();
  const std::vector<Value> values = listed_values(part);
  std::vector<const Value*> given(parent + 1, nullptr);
  // A condition asks for an active parent; `not x == 1` holds without one.
  if (values.empty() || part.holds(given)) {
    clause->predicates.push_back(part);
    return;
  }
  Condition condition{names_.name(parent), {}};
  for (const Value& value : values) {
    given[parent] = &value;
    if (part.holds(given)) condition.values.push_back(value);
  }
  if (condition.values.empty()) never();
  clause->conditions.push_back(std::move(condition));
}

}  // namespace scopa::spec
