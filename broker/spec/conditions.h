#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "broker/spec/parameter_names.h"
#include "broker/spec/parameters.h"

namespace scopa::spec {

/// What one `when` asks for. All parts must hold.
struct Clause {
  std::vector<Condition> conditions;   ///< each on one searched parameter with listed values
  std::vector<Expression> predicates;  ///< the rest, numbered as in ParameterNames
};

/// Reads the `when` clauses of a file, both forms:
///
///     when: {optimizer: sgd, layers: [2, 4]}
///     when: optimizer == sgd and lr < 0.1
///
/// Of an expression the parts that rest on a single parameter with few values become conditions, so
/// that grid, count and model need not tell the two forms apart.
class ConditionReader {
 public:
  ConditionReader(const ParameterNames& names, Findings* findings)
      : names_(names), findings_(findings) {}

  /// `path`: of the parameter. A group's clause is read once for all parameters in it.
  const Clause& read(const WhenClause& when, const std::vector<std::string>& path);

 private:
  void read_map(const WhenClause& when, const std::vector<std::string>& path, Clause* clause);
  void read_entry(const WhenClause& when, const Entry& entry, const std::vector<std::string>& path,
                  Clause* clause);
  void check_value(std::size_t parent, const Node& node, const std::string& path,
                   Condition* condition);
  void read_text(const WhenClause& when, const std::vector<std::string>& path, Clause* clause);
  void add_part(const WhenClause& when, const Expression& part, Clause* clause);
  std::vector<Value> listed_values(const Expression& part);
  void add(const std::string& path, Place place, std::string message, std::string help) {
    findings_->add(Rule::kCondition, path, place, std::move(message), {}, std::move(help));
  }

  const ParameterNames& names_;
  Findings* findings_;
  std::map<const Node*, Clause> clauses_;
  std::uint64_t work_left_ = 20'000'000;  // bytes of expressions evaluated to list values
};

}  // namespace scopa::spec
