#pragma once

#include <optional>
#include <string>

#include "broker/spec/expression.h"
#include "broker/spec/findings.h"
#include "broker/spec/tree.h"

namespace scopa::spec {

/// The expression that a scalar of the file holds. Nothing when it is wrong, which is reported with
/// the offending byte: not to be read, or without any parameter.
std::optional<Expression> read_expression(const Node& node, const std::string& path,
                                          const Scope& scope, Findings* findings);

/// The same for one that must be true or false; `example` is for the remedy.
std::optional<Expression> read_condition(const Node& node, const std::string& path,
                                         const Scope& scope, std::string_view example,
                                         Findings* findings);

}  // namespace scopa::spec
