#pragma once

/// Functions that give the same bits on every machine. libm's exp and log may differ in the last
/// bit between systems and even between processors (with and without fused multiply-add), and a
/// suggestion must not. These use only the IEEE operations + - * / sqrt, in an order that the
/// compiler may not change (the folder is built with -ffp-contract=off). Errors are a few units in
/// the last place unless said otherwise.
namespace scopa::search {

double exp_exactly(double x);
/// NaN for x < 0, -infinity for 0.
double log_exactly(double x);

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
