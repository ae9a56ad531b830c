#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sdk/base/value.h"

namespace scopa::spec {

/// What a value can be: one bit for each kind.
using Kinds = std::uint8_t;
inline constexpr Kinds kNumberKind = 1;
inline constexpr Kinds kTextKind = 2;
inline constexpr Kinds kBooleanKind = 4;
inline constexpr Kinds kOtherKind = 8;  ///< null, lists, maps
inline constexpr Kinds kAnyKind = 15;
Kinds kind_of(const Value& value);

/// What is wrong with an expression, and where.
struct ExpressionError {
  std::size_t offset = 0;  ///< of the offending byte
  std::string message;     ///< "there is no parameter `lrr`"
  std::string help;        ///< the remedy; may be empty
};

/// What the names in an expression mean.
class Scope {
 public:
  virtual ~Scope() = default;
  /// The index of the parameter that `name` means here.
  virtual std::optional<std::size_t> find(std::string_view name) const = 0;
  virtual Kinds kinds_of(std::size_t parameter) const = 0;
  /// Whether the parameter can have this value; nothing when its values are not listed.
  virtual std::optional<bool> has(std::size_t parameter, const Value& value) const = 0;
  /// The remedy for a value that the parameter never has.
  virtual std::string values_help(std::size_t parameter, const Value& value) const = 0;
  /// Of all parameters, for "did you mean".
  virtual std::vector<std::string> names() const = 0;
  /// What the names are those of, for the words of an error.
  virtual std::string_view what() const { return "parameter"; }
};

/// A formula over the parameters of a configuration, for `when`, `expr` and `constraints`:
///
///     batch_size * accum <= 512
///     optimizer == sgd and layers in [2, 4]
///     0.1 * steps if schedule == "cosine" else 0
///
/// Numbers, "text" or 'text' (a backslash before a quote or a backslash), true, false, null, lists
/// `[a, b]` after `in`, names of parameters (dots are part of a name; one with `-`, or called like
/// a word of the language, stands in `backticks`). By rising precedence: `x if c else y`; `or`;
/// `and`; `not`; `== != < <= > >=` (also chained: `1 < x < 4`), `in`, `not in`; `+ -`;
/// `* / // %`; unary `-`; `**` (from the right). Functions: min, max, abs, floor, ceil, round (half
/// to even), int (towards 0), sqrt, exp, log, log2, log10. A bare word that is compared with a
/// parameter and is one of its values is text: `optimizer == sgd`.
///
/// Integers stay integers where they can (`/` gives a real; `//` and `%` round down); what
/// overflows 64 bits becomes real. Numbers, text and booleans never mix: comparing two kinds is an
/// error where it shows in the text, else they differ and have no order. A parameter that the
/// configuration lacks (it is inactive) is absent: arithmetic with it is absent, every comparison
/// with it is false, `!=` and `not in` too. Arithmetic that has no finite result (1 / 0, log(-1))
/// is absent as well. As a condition null, false, 0 and what is absent do not hold.
///
/// No side effects, no loops, bounded in length and depth: any text is safe to compile, and any
/// compiled expression ends at once. The same values give the same bits on every machine.
/// Immutable, cheap to copy, thread-safe.
class Expression {
 public:
  /// By parameter; null where it is absent.
  using Values = std::span<const Value* const>;

  Expression() = default;  ///< always absent

  /// The value, or nothing when it is absent. `values` has an entry for each of parameters().
  std::optional<Value> evaluate(Values values) const;
  /// Whether the value is there and neither null, false nor 0.
  bool holds(Values values) const;

  /// Indexes of the parameters it refers to, ascending.
  const std::vector<std::size_t>& parameters() const;
  /// What its value can be.
  Kinds kinds() const;
  const std::string& text() const;  ///< as it was written

  /// The parts that `and` joins at the top: all must hold for the whole to hold.
  std::vector<Expression> conjuncts() const;
  /// The same over parameters that are numbered anew: i becomes new_index[i].
  Expression renumbered(std::span<const std::size_t> new_index) const;

  struct Program;  ///< internal
  explicit Expression(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

 private:
  std::shared_ptr<const Program> program_;
};

/// Reads an expression. Never throws, whatever the bytes.
std::variant<Expression, ExpressionError> compile(std::string_view text, const Scope& scope);

}  // namespace scopa::spec
