#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "broker/spec/expression_program.h"
#include "broker/spec/expression_tokens.h"

/// The compiler of expressions, for its own two files: expression_parser.cc has the grammar,
/// expression_operands.cc what may meet what, and the words for it.
namespace scopa::spec {

/// Words of the language.
inline constexpr std::array<std::string_view, 9> kWords = {"and",  "or",   "not",   "in",  "if",
                                                           "else", "true", "false", "null"};

struct BinaryRow {
  std::string_view symbol;
  Op op;
};

/// A subexpression that has been read: its code ends where the program ends now.
struct Operand {
  Kinds kinds = kAnyKind;
  std::uint32_t begin = 0;  // its first instruction
  std::size_t from = 0;     // its text
  std::size_t to = 0;
  bool is_name = false;                  // nothing but a name ...
  std::optional<std::size_t> parameter;  // ... of this parameter, if there is one
  std::string name;
  bool is_literal = false;  // nothing but a constant
};

/// Recursive descent, one function for each level of precedence, straight into postfix code.
class Parser {
 public:
  Parser(std::string_view text, const Scope& scope) : text_(text), scope_(scope) {}

  std::variant<Expression, ExpressionError> run();

 private:
  Operand conditional();
  Operand disjunction();
  Operand conjunction();
  Operand negation();
  Operand comparison();
  Operand membership(Operand needle, bool wanted);
  Operand sum();
  Operand product();
  Operand sign();
  Operand power();
  Operand primary();
  Operand name();
  Operand call(const Token& token);
  Operand parenthesis();
  Operand binary(std::span<const BinaryRow> rows, Operand (Parser::*next)());

  void match_word(const Operand& left, Operand* right);
  void check_pair(const Operand& left, Comparison comparison, const Operand& right,
                  const Token& symbol);
  void check_member(const Operand& parameter, const Operand& literal);
  Operand need_known(Operand operand);
  Operand need(Operand operand, Kinds kinds, std::string_view what);
  Operand need_truth(Operand operand);

  Operand literal(Value value, const Token& token);
  Operand emit(Op op, std::uint32_t argument, std::uint32_t count, const Operand& first,
               Kinds kinds);

  const Token& peek() const { return tokens_[next_]; }
  const Token& take() { return tokens_[next_ + 1 < tokens_.size() ? next_++ : next_]; }
  bool is(std::string_view symbol) const {
    return peek().kind == TokenKind::kSymbol && peek().text == symbol;
  }
  bool is_word(std::string_view word) const {
    return peek().kind == TokenKind::kName && peek().text == word;
  }
  bool take_word(std::string_view word) {
    const bool found = is_word(word);
    if (found) take();
    return found;
  }
  std::optional<Comparison> peek_comparison() const;
  bool at_not_in() const;
  std::string shown(const Operand& operand) const;
  std::string shown(const Token& token) const;
  void expect(std::string_view symbol, std::string_view what);
  // The first failure stays; the parser then stands at the end, where every loop stops.
  Operand fail(std::size_t offset, std::string message, std::string help = {});
  Operand no_parameter(const Operand& operand);
  Operand deeper(Operand (Parser::*next)());

  std::string_view text_;
  const Scope& scope_;
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
  std::size_t depth_ = 0;
  Expression::Program program_;
  std::optional<ExpressionError> error_;
};

}  // namespace scopa::spec
