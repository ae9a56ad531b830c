#include "broker/search/math.h"

#include <algorithm>
#include <bit>
#include <boost/math/distributions/beta.hpp>
#include <cmath>
#include <cstdint>
#include <exception>
#include <limits>

namespace scopa::search {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

template <int N>
double polynomial(double x, const double (&c)[N]) {
  double sum = c[N - 1];
  for (int i = N - 2; i >= 0; --i) sum = sum * x + c[i];
  return sum;
}

constexpr double kQuantileCentre[8] = {3.3871328727963666080e0,  1.3314166789178437745e+2,
                                       1.9715909503065514427e+3, 1.3731693765509461125e+4,
                                       4.5921953931549871457e+4, 6.7265770927008700853e+4,
                                       3.3430575583588128105e+4, 2.5090809287301226727e+3};
constexpr double kQuantileCentreBelow[8] = {1.0,
                                            4.2313330701600911252e+1,
                                            6.8718700749205790830e+2,
                                            5.3941960214247511077e+3,
                                            2.1213794301586595867e+4,
                                            3.9307895800092710610e+4,
                                            2.8729085735721942674e+4,
                                            5.2264952788528545610e+3};
constexpr double kQuantileMiddle[8] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                       5.76949722146069140550e0,  3.64784832476320460504e0,
                                       1.27045825245236838258e0,  2.41780725177450611770e-1,
                                       2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr double kQuantileMiddleBelow[8] = {1.0,
                                            2.05319162663775882187e0,
                                            1.67638483018380384940e0,
                                            6.89767334985100004550e-1,
                                            1.48103976427480074590e-1,
                                            1.51986665636164571966e-2,
                                            5.47593808499534494600e-4,
                                            1.05075007164441684324e-9};
constexpr double kQuantileTail[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                                     1.78482653991729133580e0,  2.96560571828504891230e-1,
                                     2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                     2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr double kQuantileTailBelow[8] = {1.0,
                                          5.99832206555887937690e-1,
                                          1.36929880922735805310e-1,
                                          1.48753612908506148525e-2,
                                          7.86869131145613259100e-4,
                                          1.84631831751005468180e-5,
                                          1.42151175831644588870e-7,
                                          2.04426310338993978564e-15};

// The mass above x > 0: a series where it converges fast, else Laplace's continued fraction.
double upper_tail(double x) {
  const double density = exp_exactly(-0.5 * x * x) * 0.39894228040143267794;
  if (x < 2.5) {
    double term = x;
    double sum = x;
    for (int k = 3; term > sum * 1e-18; k += 2) {
      term *= x * x / k;
      sum += term;
    }
    return 0.5 - density * sum;
  }
  double fraction = x;
  for (int k = 120; k > 0; --k) fraction = x + k / fraction;
  return density / fraction;
}

}  // namespace

double normal_cdf(double x) {
  if (x != x) return kNan;
  return x > 0 ? 1 - upper_tail(std::min(x, 40.0)) : upper_tail(std::min(-x, 40.0));
}

double normal_quantile(double p) {
  if (!(p >= 0 && p <= 1)) return kNan;
  const double q = p - 0.5;
  if (std::abs(q) <= 0.425) {
    const double r = 0.180625 - q * q;
    return q * polynomial(r, kQuantileCentre) / polynomial(r, kQuantileCentreBelow);
  }
  const double tail = q < 0 ? p : 1 - p;
  if (tail == 0) return q < 0 ? -kInfinity : kInfinity;
  const double r = std::sqrt(-log_exactly(tail));
  const double x =
      r <= 5 ? polynomial(r - 1.6, kQuantileMiddle) / polynomial(r - 1.6, kQuantileMiddleBelow)
             : polynomial(r - 5, kQuantileTail) / polynomial(r - 5, kQuantileTailBelow);
  return q < 0 ? -x : x;
}

double beta_cdf(double a, double b, double x) try {
  if (x < 0) return 0;
  if (x >= 1) return 1;
  if (a <= 0 || b <= 0) return a > 0 ? 0 : (b > 0 ? 1 : 0.5);
  return boost::math::cdf(boost::math::beta_distribution<double>(a, b), x);
} catch (const std::exception&) {
  return x < a / (a + b) ? 0 : 1;  // shapes so extreme that Boost gives up: a point mass
}

double beta_quantile(double a, double b, double p) try {
  if (a <= 0 || b <= 0) {
    if (a > 0) return 1;
    return b > 0 || p < 0.5 ? 0 : 1;
  }
  if (p <= 0) return 0;
  if (p >= 1) return 1;
  return boost::math::quantile(boost::math::beta_distribution<double>(a, b), p);
} catch (const std::exception&) {
  return a / (a + b);
}

}  // namespace scopa::search
