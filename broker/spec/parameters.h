#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "broker/spec/findings.h"
#include "broker/spec/sweep_spec.h"
#include "broker/spec/tree.h"

namespace scopa::spec {

/// One `when` of the file: a parameter's own, or that of a group around it.
struct WhenClause {
  const Node* node = nullptr;
  std::string path;       ///< in the file: "parameters.momentum.when"
  Place place;            ///< of the key `when`
  std::size_t scope = 0;  ///< how many names of the parameter's path its parents may stand beside
};

/// A parameter as it was read, before its conditions are resolved.
struct ReadParameter {
  Parameter parameter;
  Place place;  ///< of its name
  std::vector<WhenClause> when;
  std::string file_path;       ///< "parameters.optimizer.parameters.lr"
  const Node* expr = nullptr;  ///< of a derived one: its formula
};

/// What a file's parameters come to.
struct ResolvedParameters {
  std::vector<Parameter> parameters;
  std::vector<Derived> derived;
};

/// Reads the `parameters` section: nested ones are flattened, in the order of the file. The result
/// points into `node`. Wrong ones are reported and kept
/// with an empty distribution, so that conditions can still name them.
std::vector<ReadParameter> read_parameters(const Node& node, Place place, Findings* findings);

/// Compiles the expressions, writes the conditions into the parameters and moves parents before
/// what depends on them (else the order stays). Reports what is wrong with an expression,
/// conditions that cannot hold, and cycles. `read` holds every parameter of the file.
ResolvedParameters resolve_parameters(std::vector<ReadParameter> read, Findings* findings);

}  // namespace scopa::spec
