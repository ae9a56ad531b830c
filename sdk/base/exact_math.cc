#include "sdk/base/exact_math.h"

#include <cmath>
#include <limits>

namespace scopa {
namespace {

constexpr double kLn2High = 6.93147180369123816490e-01;  // its low 32 bits are zero
constexpr double kLn2Low = 1.90821492927058770002e-10;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

double exp_exactly(double x) {
  if (!(x > -746)) return x != x ? kNan : 0;
  if (x > 710) return kInfinity;
  const double k = std::floor(x * 1.44269504088896340736 + 0.5);
  const double r = (x - k * kLn2High) - k * kLn2Low;
  double sum = 1.0;
  for (int i = 14; i > 0; --i) sum = 1.0 + sum * r / i;
  return std::ldexp(sum, static_cast<int>(k));
}

double log_exactly(double x) {
  if (!(x > 0)) return x == 0 ? -kInfinity : kNan;
  if (x == kInfinity) return x;
  int exponent = 0;
  double mantissa = std::frexp(x, &exponent);
  if (mantissa < 0.70710678118654752440) {
    mantissa *= 2;
    --exponent;
  }
  // log m = 2 atanh f.
  const double f = (mantissa - 1) / (mantissa + 1);
  const double f2 = f * f;
  double sum = 0;
  for (int k = 23; k > 1; k -= 2) sum = (sum + 1.0 / k) * f2;
  return exponent * kLn2High + (2 * f + (2 * f * sum + exponent * kLn2Low));
}

}  // namespace scopa
