#pragma once

#include "sdk/base/exact_math.h"

/// Functions that give the same bits on every machine, on top of exp_exactly and log_exactly. The
/// folder is built with -ffp-contract=off as well. Errors are a few units in the last place unless
/// said otherwise.
namespace scopa::search {

/// The standard normal distribution function.
double normal_cdf(double x);
/// Its inverse: Wichura's algorithm AS 241 (1988), relative error about 1e-16. -infinity at 0,
/// +infinity at 1, NaN outside.
double normal_quantile(double p);

/// The beta distribution, by Boost.Math; unlike the above its last bits are those of the system's
/// libm. A shape of 0 is its limit: all mass at 0 (a = 0), at 1 (b = 0), or half at each.
double beta_cdf(double a, double b, double x);
double beta_quantile(double a, double b, double p);

}  // namespace scopa::search
