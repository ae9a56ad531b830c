// Parameters as they were read, to parameters that know what they depend on, parents first.
#include <cstdint>
#include <string>
#include <utility>

#include "broker/spec/conditions.h"
#include "broker/spec/expression_reader.h"
#include "broker/spec/parameter_names.h"
#include "broker/spec/parameters.h"

namespace scopa::spec {
namespace {

class Resolver {
 public:
  Resolver(std::vector<ReadParameter> read, Findings* findings)
      : read_(std::move(read)), findings_(findings), items_(read_.size()) {}

  ResolvedParameters resolve();

 private:
  enum class Mark : std::uint8_t { kNew, kOpen, kDone };

  struct Item {
    Expression expression;  // of a derived one
    Clause when;
    std::vector<std::size_t> needs;  // what it depends on
    Mark mark = Mark::kNew;
  };

  void read_expressions();
  void read_conditions();
  void visit(std::size_t i);
  void report_cycle(std::size_t i);
  void number_anew(std::vector<Expression>* expressions) const {
    for (Expression& each : *expressions) each = each.renumbered(new_index_);
  }

  std::vector<ReadParameter> read_;
  Findings* findings_;
  std::vector<Item> items_;
  ParameterNames names_;
  std::vector<std::size_t> searched_, derived_;  // in the order of what they depend on
  std::vector<std::size_t> new_index_;
};

ResolvedParameters Resolver::resolve() {
  for (const ReadParameter& read : read_) {
    if (read.expr != nullptr) {
      names_.add_derived(read.parameter.name);
    } else {
      names_.add(read.parameter.name, &read.parameter.distribution);
    }
  }
  read_expressions();
  read_conditions();
  for (std::size_t i = 0; i < read_.size(); ++i) visit(i);

  new_index_.resize(read_.size());
  for (std::size_t k = 0; k < searched_.size(); ++k) new_index_[searched_[k]] = k;
  for (std::size_t k = 0; k < derived_.size(); ++k) {
    new_index_[derived_[k]] = searched_.size() + k;
  }
  ResolvedParameters resolved;
  for (const std::size_t i : searched_) {
    Parameter& parameter = read_[i].parameter;
    parameter.when = std::move(items_[i].when.conditions);
    parameter.predicates = std::move(items_[i].when.predicates);
    number_anew(&parameter.predicates);
    resolved.parameters.push_back(std::move(parameter));
  }
  for (const std::size_t i : derived_) {
    Derived derived{std::move(read_[i].parameter.path), std::move(read_[i].parameter.name),
                    items_[i].expression.renumbered(new_index_),
                    std::move(items_[i].when.conditions), std::move(items_[i].when.predicates)};
    number_anew(&derived.predicates);
    resolved.derived.push_back(std::move(derived));
  }
  return resolved;
}

void Resolver::read_expressions() {
  for (std::size_t i = 0; i < read_.size(); ++i) {
    const ReadParameter& read = read_[i];
    if (read.expr == nullptr) continue;
    const NearScope scope(names_, read.parameter.path, read.parameter.path.size() - 1);
    auto expression = read_expression(*read.expr, join(read.file_path, "expr"), scope, findings_);
    if (!expression) continue;
    items_[i].expression = std::move(*expression);
    items_[i].needs = items_[i].expression.parameters();
    names_.set_kinds(i, items_[i].expression.kinds());
  }
}

void Resolver::read_conditions() {
  ConditionReader reader(names_, findings_);
  for (std::size_t i = 0; i < read_.size(); ++i) {
    Item& item = items_[i];
    for (const WhenClause& when : read_[i].when) {
      const Clause& clause = reader.read(when, read_[i].parameter.path);
      for (const Condition& condition : clause.conditions) {
        item.when.conditions.push_back(condition);
        item.needs.push_back(names_.find(condition.parent).value_or(i));
      }
      for (const Expression& predicate : clause.predicates) {
        item.when.predicates.push_back(predicate);
        item.needs.insert(item.needs.end(), predicate.parameters().begin(),
                          predicate.parameters().end());
      }
    }
  }
}

// Depth is bounded by kParametersMax.
void Resolver::visit(std::size_t i) {
  if (items_[i].mark == Mark::kDone) return;
  if (items_[i].mark == Mark::kOpen) return report_cycle(i);
  items_[i].mark = Mark::kOpen;
  for (const std::size_t need : items_[i].needs) visit(need);
  items_[i].mark = Mark::kDone;
  (read_[i].expr != nullptr ? derived_ : searched_).push_back(i);
}

void Resolver::report_cycle(std::size_t i) {
  const ReadParameter& read = read_[i];
  const std::string is = "`" + read.parameter.name + "` depends on itself";
  if (read.expr != nullptr) {
    findings_->add(Rule::kExpression, join(read.file_path, "expr"), read.expr->place, is, {},
                   "derive it from parameters that do not depend on it");
  } else {
    const WhenClause& when = read.when.back();
    findings_->add(Rule::kCondition, when.path, when.place, is + " through its conditions", {},
                   "remove one of the conditions on the way round");
  }
}

}  // namespace

ResolvedParameters resolve_parameters(std::vector<ReadParameter> read, Findings* findings) {
  return Resolver(std::move(read), findings).resolve();
}

}  // namespace scopa::spec
