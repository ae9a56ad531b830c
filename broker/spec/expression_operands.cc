#include <algorithm>
#include <utility>

#include "broker/spec/expression_parser.h"
#include "broker/spec/reading.h"
#include "sdk/base/limits.h"

namespace scopa::spec {
namespace {

std::string text_of(Kinds kinds) {
  constexpr std::array<std::pair<Kinds, std::string_view>, 4> kNames = {
      {{kNumberKind, "a number"},
       {kTextKind, "text"},
       {kBooleanKind, "true or false"},
       {kOtherKind, "a list, a map or null"}}};
  std::string text;
  for (const auto& [kind, name] : kNames) {
    if (kinds & kind) text.append(text.empty() ? "" : " or ").append(name);
  }
  return text;
}

}  // namespace

Operand Parser::fail(std::size_t offset, std::string message, std::string help) {
  if (!error_) error_ = {offset, std::move(message), std::move(help)};
  next_ = tokens_.size() - 1;
  return {};
}

Operand Parser::deeper(Operand (Parser::*next)()) {
  if (depth_ >= limits::kExpressionDepthMax) {
    return fail(peek().from,
                "nested deeper than " + std::to_string(limits::kExpressionDepthMax) + " levels");
  }
  ++depth_;
  Operand operand = (this->*next)();
  --depth_;
  return operand;
}

Operand Parser::emit(Op op, std::uint32_t argument, std::uint32_t count, const Operand& first,
                     Kinds kinds) {
  Operand operand;
  operand.kinds = kinds;
  operand.begin = first.begin;
  operand.from = first.from;
  operand.to = next_ > 0 ? tokens_[next_ - 1].to : 0;
  if (error_) return operand;
  program_.code.push_back({op, argument, count, first.begin,
                           static_cast<std::uint32_t>(operand.from),
                           static_cast<std::uint32_t>(operand.to)});
  return operand;
}

std::string Parser::shown(const Operand& operand) const {
  constexpr std::size_t kShown = 40;
  std::string text(text_.substr(operand.from, operand.to - operand.from));
  if (text.size() > kShown) text = text.substr(0, kShown) + "...";
  return "`" + text + "`";
}

std::string Parser::shown(const Token& token) const {
  if (token.kind == TokenKind::kEnd) return "end";
  return "`" +
         std::string(text_.substr(token.from, std::min<std::size_t>(token.to - token.from, 40))) +
         "`";
}

void Parser::expect(std::string_view symbol, std::string_view what) {
  if (error_) return;
  if (is(symbol)) {
    take();
    return;
  }
  const std::string wanted = "`" + std::string(symbol) + "` " + std::string(what);
  if (peek().kind == TokenKind::kEnd) {
    fail(peek().from, "the expression ends without the " + wanted);
  } else {
    fail(peek().from, "unexpected " + shown(peek()), "the " + wanted + " is missing before it");
  }
}

Operand Parser::no_parameter(const Operand& operand) {
  // `weight-decay` is read as a difference; the whole name may be meant.
  std::size_t end = operand.to;
  const auto continues = [&](char c) {
    return c == '-' || c == '.' || c == '_' || c == '/' || (c >= '0' && c <= '9') ||
           (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  while (end < text_.size() && continues(text_[end])) ++end;
  const std::string_view longer = text_.substr(operand.from, end - operand.from);
  std::string help;
  if (end > operand.to && scope_.find(longer)) {
    const char* const what = longer.find('/') != longer.npos ? "/" : "-";
    help = std::string("a name with `") + what + "` stands in backticks: `` `" +
           std::string(longer) + "` ``";
  } else {
    const std::vector<std::string> names = scope_.names();
    std::vector<std::string_view> candidates(names.begin(), names.end());
    candidates.insert(candidates.end(), kWords.begin(), kWords.end());
    help = did_you_mean(operand.name, candidates);
    if (help.empty()) help = "text stands in quotes: \"" + operand.name + "\"";
  }
  return fail(operand.from, "there is no " + std::string(scope_.what()) + " `" + operand.name + "`",
              std::move(help));
}

Operand Parser::need_known(Operand operand) {
  if (!error_ && operand.is_name && !operand.parameter) return no_parameter(operand);
  return operand;
}

Operand Parser::need(Operand operand, Kinds kinds, std::string_view what) {
  operand = need_known(std::move(operand));
  if (!error_ && (operand.kinds & kinds) == 0) {
    return fail(operand.from, shown(operand) + " is " + text_of(operand.kinds) + ", but " +
                                  std::string(what) + " takes " + text_of(kinds));
  }
  return operand;
}

Operand Parser::need_truth(Operand operand) {
  operand = need_known(std::move(operand));
  if (!error_ && (operand.kinds & (kBooleanKind | kNumberKind)) == 0) {
    return fail(operand.from, shown(operand) + " is " + text_of(operand.kinds) + ", no condition",
                "compare it with something: `" +
                    std::string(text_.substr(operand.from, operand.to - operand.from)) +
                    " == ...`");
  }
  return operand;
}

// `sgd` in `optimizer == sgd`.
void Parser::match_word(const Operand& left, Operand* right) {
  if (error_ || !left.parameter || !right->is_name) return;
  if (scope_.has(*left.parameter, Value(right->name)) != true) return;
  program_.constants->emplace_back(right->name);
  Instruction& instruction = program_.code[right->begin];
  instruction.op = Op::kConstant;
  instruction.argument = static_cast<std::uint32_t>(program_.constants->size() - 1);
  right->kinds = kTextKind;
  right->is_name = false;
  right->parameter.reset();
  right->is_literal = true;
}

void Parser::check_pair(const Operand& left, Comparison comparison, const Operand& right,
                        const Token& symbol) {
  need_known(left);
  need_known(right);
  if (error_) return;
  const bool ordered = comparison != Comparison::kEqual && comparison != Comparison::kNotEqual;
  const Kinds common = left.kinds & right.kinds;
  if (common == 0) {
    fail(right.from, shown(left) + " is " + text_of(left.kinds) + " and " + shown(right) + " is " +
                         text_of(right.kinds) + ": they are never equal");
  } else if (ordered && (common & (kNumberKind | kTextKind)) == 0) {
    fail(symbol.from, shown(left) + " is " + text_of(left.kinds) + ", which has no order",
         "compare it with `==` or `!=`");
  } else if (!ordered) {
    check_member(left, right);
    check_member(right, left);
  }
}

void Parser::check_member(const Operand& parameter, const Operand& literal) {
  if (error_ || !parameter.parameter || !literal.is_literal) return;
  const Value& value = (*program_.constants)[program_.code[literal.begin].argument];
  if (scope_.has(*parameter.parameter, value) != false) return;
  fail(literal.from, "`" + parameter.name + "` is never `" + to_text(value) + "`",
       scope_.values_help(*parameter.parameter, value));
}

Operand Parser::literal(Value value, const Token& token) {
  program_.constants->push_back(std::move(value));
  Operand first;
  first.begin = static_cast<std::uint32_t>(program_.code.size());
  first.from = token.from;
  Operand operand = emit(Op::kConstant, static_cast<std::uint32_t>(program_.constants->size() - 1),
                         0, first, kind_of(program_.constants->back()));
  operand.is_literal = true;
  return operand;
}

}  // namespace scopa::spec
