#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

#include "broker/spec/expression_program.h"

/// Arithmetic of expressions: exact on 64-bit integers, real where these overflow; nothing where
/// there is no finite result. The same bits on every machine.
namespace scopa::spec {

using Number = std::variant<std::int64_t, double>;

std::optional<Number> negate(const Number& x);
/// kAdd ... kPower.
std::optional<Number> calculate(Op op, const Number& a, const Number& b);
/// As many arguments as the function takes.
std::optional<Number> call(Function function, std::span<const Number> arguments);

/// Exact, also between integers and reals.
std::partial_ordering compare(const Number& a, const Number& b);

}  // namespace scopa::spec
