#include "broker/spec/expression_arithmetic.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sdk/base/exact_math.h"

namespace scopa::spec {
namespace {

using Maybe = std::optional<Number>;

constexpr double kTwo63 = 9223372036854775808.0;
constexpr double kLn2 = 0.69314718055994530942;
constexpr double kLn10 = 2.30258509299404568402;

double real(const Number& x) {
  const auto* integer = std::get_if<std::int64_t>(&x);
  return integer != nullptr ? static_cast<double>(*integer) : *std::get_if<double>(&x);
}

Maybe finite(double x) { return std::isfinite(x) ? Maybe(x) : Maybe(); }

// An integer where 64 bits hold it.
Maybe whole(double x) {
  if (x >= -kTwo63 && x < kTwo63) return Maybe(static_cast<std::int64_t>(x));
  return finite(x);
}

Maybe floor_divide(std::int64_t a, std::int64_t b) {
  if (b == 0) return {};
  if (b == -1) return negate(a);
  return Maybe(a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0));
}

Maybe modulo(std::int64_t a, std::int64_t b) {
  if (b == 0) return {};
  if (b == -1) return Maybe(std::int64_t{0});
  const std::int64_t rest = a % b;
  return Maybe(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
}

Maybe modulo(double a, double b) {
  if (b == 0) return {};
  const double rest = std::fmod(a, b);  // exact
  return finite(rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest);
}

// By squaring: the same bits everywhere, and exact as long as the result is.
double whole_power(double base, double exponent) {
  double result = 1;
  double square = base;
  for (double left = std::abs(exponent); left > 0; left = std::floor(left / 2)) {
    if (std::fmod(left, 2) == 1) result *= square;
    square *= square;
  }
  return exponent < 0 ? 1 / result : result;
}

Maybe real_power(double base, double exponent) {
  if (base == 0 && exponent < 0) return {};
  if (exponent == std::floor(exponent) || base == 1) return finite(whole_power(base, exponent));
  if (base < 0) return {};
  if (base == 0) return Maybe(0.0);
  if (exponent == 0.5) return finite(std::sqrt(base));
  return finite(exp_exactly(exponent * log_exactly(base)));
}

Maybe power(const Number& a, const Number& b) {
  const auto* base = std::get_if<std::int64_t>(&a);
  const auto* exponent = std::get_if<std::int64_t>(&b);
  if (base != nullptr && exponent != nullptr && *exponent >= 0) {
    std::int64_t result = 1;
    std::int64_t square = *base;
    bool fits = true;
    for (std::int64_t left = *exponent; left > 0 && fits;) {
      if (left % 2 == 1) fits = !__builtin_mul_overflow(result, square, &result);
      left /= 2;
      if (left > 0) fits = fits && !__builtin_mul_overflow(square, square, &square);
    }
    if (fits) return Maybe(result);
  }
  return real_power(real(a), real(b));
}

Maybe calculate_integers(Op op, std::int64_t a, std::int64_t b) {
  std::int64_t result = 0;
  switch (op) {
    case Op::kAdd:
      if (!__builtin_add_overflow(a, b, &result)) return Maybe(result);
      break;
    case Op::kSubtract:
      if (!__builtin_sub_overflow(a, b, &result)) return Maybe(result);
      break;
    case Op::kMultiply:
      if (!__builtin_mul_overflow(a, b, &result)) return Maybe(result);
      break;
    case Op::kFloorDivide:
      return floor_divide(a, b);
    case Op::kModulo:
      return modulo(a, b);
    default:
      break;
  }
  return {};
}

Maybe calculate_reals(Op op, double a, double b) {
  switch (op) {
    case Op::kAdd:
      return finite(a + b);
    case Op::kSubtract:
      return finite(a - b);
    case Op::kMultiply:
      return finite(a * b);
    case Op::kDivide:
      return b == 0 ? Maybe() : finite(a / b);
    case Op::kFloorDivide:
      return b == 0 ? Maybe() : finite(std::floor(a / b));
    case Op::kModulo:
      return modulo(a, b);
    default:
      return {};
  }
}

// The powers of ten up to the 22nd are exact, and so are their logarithms.
double log10_exactly(double x) {
  const double log = log_exactly(x) / kLn10;
  const double nearest = std::nearbyint(log);
  if (std::abs(nearest) > 22) return log;
  return whole_power(10, nearest) == x ? nearest : log;
}

double log2_exactly(double x) {
  if (!(x > 0)) return log_exactly(x);
  int exponent = 0;
  const double mantissa = std::frexp(x, &exponent);
  return (exponent - 1) + log_exactly(mantissa * 2) / kLn2;
}

Maybe extreme(std::span<const Number> arguments, bool largest) {
  const Number* best = &arguments.front();
  for (const Number& each : arguments) {
    if (largest ? compare(each, *best) > 0 : compare(each, *best) < 0) best = &each;
  }
  return *best;
}

}  // namespace

std::partial_ordering compare(const Number& a, const Number& b) {
  const auto* left = std::get_if<std::int64_t>(&a);
  const auto* right = std::get_if<std::int64_t>(&b);
  if (left != nullptr && right != nullptr) return *left <=> *right;
  if (left == nullptr && right == nullptr) return real(a) <=> real(b);
  if (left == nullptr) return 0 <=> compare(b, a);
  const double y = real(b);
  if (y >= kTwo63) return std::partial_ordering::less;
  if (y < -kTwo63) return std::partial_ordering::greater;
  const double down = std::floor(y);
  const auto whole_part = static_cast<std::int64_t>(down);
  if (*left != whole_part) return *left <=> whole_part;
  return down < y ? std::partial_ordering::less : std::partial_ordering::equivalent;
}

std::optional<Number> negate(const Number& x) {
  const auto* integer = std::get_if<std::int64_t>(&x);
  if (integer == nullptr) return Maybe(-real(x));
  if (*integer == std::numeric_limits<std::int64_t>::min()) return Maybe(kTwo63);
  return Maybe(-*integer);
}

std::optional<Number> calculate(Op op, const Number& a, const Number& b) {
  if (op == Op::kPower) return power(a, b);
  const auto* left = std::get_if<std::int64_t>(&a);
  const auto* right = std::get_if<std::int64_t>(&b);
  if (left != nullptr && right != nullptr && op != Op::kDivide) {
    const Maybe exact = calculate_integers(op, *left, *right);
    const bool can_overflow = op == Op::kAdd || op == Op::kSubtract || op == Op::kMultiply;
    if (exact || !can_overflow) return exact;
  }
  return calculate_reals(op, real(a), real(b));
}

std::optional<Number> call(Function function, std::span<const Number> arguments) {
  const Number& first = arguments.front();
  const bool integer = std::holds_alternative<std::int64_t>(first);
  const double x = real(first);
  switch (function) {
    case Function::kMin:
    case Function::kMax:
      return extreme(arguments, function == Function::kMax);
    case Function::kAbs:
      return compare(first, std::int64_t{0}) < 0 ? negate(first) : Maybe(first);
    case Function::kFloor:
      return integer ? Maybe(first) : whole(std::floor(x));
    case Function::kCeil:
      return integer ? Maybe(first) : whole(std::ceil(x));
    case Function::kRound:
      return integer ? Maybe(first) : whole(std::nearbyint(x));
    case Function::kInt:
      return integer ? Maybe(first) : whole(std::trunc(x));
    case Function::kSqrt:
      return finite(std::sqrt(x));
    case Function::kExp:
      return finite(exp_exactly(x));
    case Function::kLog:
      return finite(log_exactly(x));
    case Function::kLog2:
      return finite(log2_exactly(x));
    case Function::kLog10:
      return finite(log10_exactly(x));
  }
  return {};
}

}  // namespace scopa::spec
