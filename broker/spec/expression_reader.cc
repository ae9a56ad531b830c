#include "broker/spec/expression_reader.h"

#include <utility>

#include "broker/spec/reading.h"

namespace scopa::spec {

std::optional<Expression> read_expression(const Node& node, const std::string& path,
                                          const Scope& scope, Findings* findings) {
  if (node.type == NodeType::kNull || node.type == NodeType::kList || node.type == NodeType::kMap) {
    add_wrong_type(node, path, "an expression", findings, "write it as text: \"0.1 * steps\"");
    return std::nullopt;
  }
  auto compiled = compile(node.text, scope);
  if (auto* error = std::get_if<ExpressionError>(&compiled)) {
    findings->add_inside(Rule::kExpression, path, node.place, node.text, error->offset,
                         std::move(error->message), std::move(error->help));
    return std::nullopt;
  }
  auto& expression = std::get<Expression>(compiled);
  if (expression.parameters().empty()) {
    findings->add(Rule::kExpression, path, node.place,
                  "`" + path + "` names no parameter, so it is always the same", {},
                  "for a fixed value write `value: ...`");
    return std::nullopt;
  }
  return std::move(expression);
}

std::optional<Expression> read_condition(const Node& node, const std::string& path,
                                         const Scope& scope, std::string_view example,
                                         Findings* findings) {
  auto expression = read_expression(node, path, scope, findings);
  if (!expression || expression->kinds() == kBooleanKind) return expression;
  findings->add(Rule::kExpression, path, node.place, "`" + path + "` is not true or false",
                "a condition compares something", "for example `" + std::string(example) + "`");
  return std::nullopt;
}

}  // namespace scopa::spec
