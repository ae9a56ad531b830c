#include "broker/spec/constraints.h"

#include <utility>

#include "broker/spec/expression_reader.h"
#include "broker/spec/parameter_names.h"
#include "broker/spec/reading.h"
#include "sdk/base/limits.h"

namespace scopa::spec {

std::vector<Expression> read_constraints(const Entry& entry, const std::string& path,
                                         const SweepSpec& spec, Findings* findings) {
  std::vector<Expression> constraints;
  const Node& node = entry.value;
  if (node.type != NodeType::kList) {
    add_wrong_type(node, path, "a list of expressions", findings,
                   "write `constraints: [\"batch_size * accum <= 512\"]`");
    return constraints;
  }
  if (node.items.size() > limits::kConstraintsMax) {
    findings->add(Rule::kTooMany, path, node.place,
                  "more than " + std::to_string(limits::kConstraintsMax) + " constraints");
    return constraints;
  }
  ParameterNames names;
  for (const Parameter& parameter : spec.parameters) {
    names.add(parameter.name, &parameter.distribution);
  }
  for (std::size_t i = 0; i < spec.derived.size(); ++i) {
    names.add_derived(spec.derived[i].name);
    names.set_kinds(spec.parameters.size() + i, spec.derived[i].expression.kinds());
  }
  const std::vector<std::string> top;
  const NearScope scope(names, top, 0);
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    auto constraint =
        read_condition(node.items[i], join(path, i), scope, "batch_size * accum <= 512", findings);
    if (constraint) constraints.push_back(std::move(*constraint));
  }
  return constraints;
}

}  // namespace scopa::spec
