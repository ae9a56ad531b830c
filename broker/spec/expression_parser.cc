#include "broker/spec/expression_parser.h"

#include <algorithm>
#include <utility>

#include "broker/spec/expression_arithmetic.h"
#include "broker/spec/reading.h"
#include "sdk/base/limits.h"

namespace scopa::spec {
namespace {

struct FunctionRow {
  std::string_view name;
  Function function;
  bool many;  // two arguments or more, else one
};
constexpr std::array kFunctions = {
    FunctionRow{"min", Function::kMin, true},    FunctionRow{"max", Function::kMax, true},
    FunctionRow{"abs", Function::kAbs, false},   FunctionRow{"floor", Function::kFloor, false},
    FunctionRow{"ceil", Function::kCeil, false}, FunctionRow{"round", Function::kRound, false},
    FunctionRow{"int", Function::kInt, false},   FunctionRow{"sqrt", Function::kSqrt, false},
    FunctionRow{"exp", Function::kExp, false},   FunctionRow{"log", Function::kLog, false},
    FunctionRow{"log2", Function::kLog2, false}, FunctionRow{"log10", Function::kLog10, false},
};

struct ComparisonRow {
  std::string_view symbol;
  Comparison comparison;
};
constexpr std::array kComparisons = {
    ComparisonRow{"==", Comparison::kEqual},  ComparisonRow{"!=", Comparison::kNotEqual},
    ComparisonRow{"<", Comparison::kLess},    ComparisonRow{"<=", Comparison::kLessOrEqual},
    ComparisonRow{">", Comparison::kGreater}, ComparisonRow{">=", Comparison::kGreaterOrEqual},
};

constexpr std::array kSums = {BinaryRow{"+", Op::kAdd}, BinaryRow{"-", Op::kSubtract}};
constexpr std::array kProducts = {
    BinaryRow{"*", Op::kMultiply},
    BinaryRow{"/", Op::kDivide},
    BinaryRow{"//", Op::kFloorDivide},
    BinaryRow{"%", Op::kModulo},
};

}  // namespace

std::variant<Expression, ExpressionError> Parser::run() {
  if (text_.size() > limits::kExpressionBytesMax) {
    return ExpressionError{
        limits::kExpressionBytesMax,
        "the expression is longer than " + std::to_string(limits::kExpressionBytesMax) + " bytes",
        ""};
  }
  ExpressionError error;
  if (!tokenize(text_, &tokens_, &error)) return error;
  if (tokens_.size() == 1) return ExpressionError{0, "the expression is empty", ""};
  const Operand whole = need_known(conditional());
  if (!error_ && peek().kind != TokenKind::kEnd) {
    fail(peek().from, "unexpected " + shown(peek()), "the expression is complete before it");
  }
  if (error_) return *error_;
  program_.text = std::string(text_);
  program_.kinds = whole.kinds;
  program_.list_parameters();
  return Expression(std::make_shared<const Expression::Program>(std::move(program_)));
}

// ---- conditions ---------------------------------------------------------------------------------

Operand Parser::conditional() {
  const Operand value = disjunction();
  if (!take_word("if")) return value;
  need_known(value);
  need_truth(disjunction());
  if (!error_ && !take_word("else")) {
    return fail(peek().from, "`if` needs an `else`", "write `x if condition else y`");
  }
  const Operand other = need_known(deeper(&Parser::conditional));
  return emit(Op::kIf, 0, 3, value, value.kinds | other.kinds);
}

Operand Parser::disjunction() {
  Operand left = conjunction();
  while (is_word("or")) {
    left = need_truth(std::move(left));
    take();
    need_truth(conjunction());
    left = emit(Op::kOr, 0, 2, left, kBooleanKind);
  }
  return left;
}

Operand Parser::conjunction() {
  Operand left = negation();
  while (is_word("and")) {
    left = need_truth(std::move(left));
    take();
    need_truth(negation());
    left = emit(Op::kAnd, 0, 2, left, kBooleanKind);
  }
  return left;
}

Operand Parser::negation() {
  if (!is_word("not")) return comparison();
  Operand first;
  first.begin = static_cast<std::uint32_t>(program_.code.size());
  first.from = take().from;
  need_truth(deeper(&Parser::negation));
  return emit(Op::kNot, 0, 1, first, kBooleanKind);
}

std::optional<Comparison> Parser::peek_comparison() const {
  if (peek().kind != TokenKind::kSymbol) return std::nullopt;
  for (const ComparisonRow& row : kComparisons) {
    if (row.symbol == peek().text) return row.comparison;
  }
  return std::nullopt;
}

bool Parser::at_not_in() const {
  return is_word("not") && tokens_[next_ + 1].kind == TokenKind::kName &&
         tokens_[next_ + 1].text == "in";
}

Operand Parser::comparison() {
  std::vector<Operand> operands = {sum()};
  if (take_word("in")) return membership(std::move(operands.front()), true);
  if (at_not_in()) {
    take();
    take();
    return membership(std::move(operands.front()), false);
  }
  std::vector<Comparison> comparisons;
  while (const auto found = peek_comparison()) {
    const Token& symbol = take();
    operands.push_back(sum());
    Operand& left = operands[operands.size() - 2];
    Operand& right = operands.back();
    if (error_) return {};
    if (*found == Comparison::kEqual || *found == Comparison::kNotEqual) {
      match_word(left, &right);
      match_word(right, &left);
    }
    check_pair(left, *found, right, symbol);
    comparisons.push_back(*found);
  }
  if (comparisons.empty()) return std::move(operands.front());
  if (is_word("in") || at_not_in()) {
    return fail(peek().from, "`in` cannot follow another comparison", "join them with `and`");
  }
  const auto first = static_cast<std::uint32_t>(program_.comparisons.size());
  program_.comparisons.insert(program_.comparisons.end(), comparisons.begin(), comparisons.end());
  return emit(Op::kCompare, first, static_cast<std::uint32_t>(operands.size()), operands.front(),
              kBooleanKind);
}

Operand Parser::membership(Operand needle, bool wanted) {
  needle = need_known(std::move(needle));
  if (!is("[")) {
    return fail(peek().from, "`in` needs a list", "write `in [a, b]`");
  }
  const Token& bracket = take();
  std::uint32_t count = 1;
  do {
    if (count == 1 && is("]")) return fail(peek().from, "the list is empty");
    Operand each = deeper(&Parser::conditional);
    match_word(needle, &each);
    check_pair(needle, Comparison::kEqual, each, bracket);
    ++count;
  } while (is(",") && (take(), true));
  expect("]", "of the list");
  if (!error_ && (peek_comparison() || is_word("in") || at_not_in())) {
    return fail(peek().from, "a comparison cannot follow `in`", "join them with `and`");
  }
  return emit(wanted ? Op::kIn : Op::kNotIn, 0, count, needle, kBooleanKind);
}

// ---- arithmetic ---------------------------------------------------------------------------------

Operand Parser::sum() { return binary(kSums, &Parser::product); }

Operand Parser::product() { return binary(kProducts, &Parser::sign); }

Operand Parser::binary(std::span<const BinaryRow> rows, Operand (Parser::*next)()) {
  Operand left = (this->*next)();
  while (peek().kind == TokenKind::kSymbol) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const BinaryRow& each) {
      return each.symbol == peek().text;
    });
    if (row == rows.end()) break;
    const std::string what = "`" + std::string(row->symbol) + "`";
    left = need(std::move(left), kNumberKind, what);
    take();
    need((this->*next)(), kNumberKind, what);
    left = emit(row->op, 0, 2, left, kNumberKind);
  }
  return left;
}

Operand Parser::sign() {
  if (!is("-") && !is("+")) return power();
  const Token& symbol = take();
  Operand operand = need(deeper(&Parser::sign), kNumberKind, "`" + symbol.text + "`");
  if (error_) return {};
  if (symbol.text == "+") return operand;
  operand.from = symbol.from;
  if (operand.is_literal) {
    Instruction& instruction = program_.code[operand.begin];
    Value& value = (*program_.constants)[instruction.argument];
    const auto* integer = std::get_if<std::int64_t>(&value);
    const auto negative = negate(integer != nullptr ? Number(*integer) : std::get<double>(value));
    std::visit([&](auto number) { value = number; }, *negative);
    instruction.from = static_cast<std::uint32_t>(symbol.from);
    return operand;
  }
  return emit(Op::kNegate, 0, 1, operand, kNumberKind);
}

Operand Parser::power() {
  Operand base = primary();
  if (!is("**")) return base;
  base = need(std::move(base), kNumberKind, "`**`");
  take();
  need(deeper(&Parser::sign), kNumberKind, "`**`");
  return emit(Op::kPower, 0, 2, base, kNumberKind);
}

Operand Parser::primary() {
  const Token& token = peek();
  switch (token.kind) {
    case TokenKind::kNumber:
      take();
      return literal(token.number, token);
    case TokenKind::kText:
      take();
      return literal(token.text, token);
    case TokenKind::kName:
    case TokenKind::kQuotedName:
      return name();
    case TokenKind::kSymbol:
      if (is("(")) return parenthesis();
      if (is("[")) return fail(token.from, "a list can only stand after `in`");
      break;
    case TokenKind::kEnd:
      return fail(token.from, "the expression ends where a value is needed");
  }
  return fail(token.from, "unexpected " + shown(token), "a value is missing before it");
}

Operand Parser::parenthesis() {
  const Token& open = take();
  Operand inner = deeper(&Parser::conditional);
  expect(")", "that closes the parenthesis");
  if (error_) return {};
  inner.from = open.from;
  inner.to = tokens_[next_ - 1].to;
  return inner;
}

Operand Parser::name() {
  const Token& token = take();
  if (token.kind == TokenKind::kName) {
    if (token.text == "true" || token.text == "false") return literal(token.text == "true", token);
    if (token.text == "null") return literal(Value(), token);
    if (std::find(kWords.begin(), kWords.end(), token.text) != kWords.end()) {
      return fail(token.from, "unexpected `" + token.text + "`", "a value is missing before it");
    }
    if (is("(")) return call(token);
  }
  Operand first;
  first.begin = static_cast<std::uint32_t>(program_.code.size());
  first.from = token.from;
  const auto parameter = scope_.find(token.text);
  Operand operand = emit(Op::kParameter, static_cast<std::uint32_t>(parameter.value_or(0)), 0,
                         first, parameter ? scope_.kinds_of(*parameter) : kAnyKind);
  operand.is_name = true;
  operand.parameter = parameter;
  operand.name = token.text;
  return operand;
}

Operand Parser::call(const Token& token) {
  const auto row = std::find_if(kFunctions.begin(), kFunctions.end(),
                                [&](const FunctionRow& each) { return each.name == token.text; });
  if (row == kFunctions.end()) {
    std::vector<std::string_view> names;
    for (const FunctionRow& each : kFunctions) names.push_back(each.name);
    std::string help = did_you_mean(token.text, names);
    if (help.empty()) help = "there are " + one_of(names);
    return fail(token.from, "there is no function `" + token.text + "`", std::move(help));
  }
  Operand first;
  first.begin = static_cast<std::uint32_t>(program_.code.size());
  first.from = token.from;
  const Token& open = take();
  const std::string what = "`" + token.text + "`";
  const Kinds taken =
      row->function == Function::kInt ? Kinds{kNumberKind | kBooleanKind} : kNumberKind;
  std::uint32_t count = 0;
  if (!is(")")) {
    do {
      need(deeper(&Parser::conditional), taken, what);
      ++count;
    } while (is(",") && (take(), true));
  }
  expect(")", "of " + what);
  if (!error_ && (row->many ? count < 2 : count != 1)) {
    return fail(open.from,
                what + (row->many ? " takes two arguments or more" : " takes one argument"));
  }
  return emit(Op::kCall, static_cast<std::uint32_t>(row->function), count, first, kNumberKind);
}

std::variant<Expression, ExpressionError> compile(std::string_view text, const Scope& scope) {
  return Parser(text, scope).run();
}

}  // namespace scopa::spec
