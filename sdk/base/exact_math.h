#pragma once

/// Functions that give the same bits on every machine. libm's exp and log may differ in the last
/// bit between systems and even between processors (with and without fused multiply-add), and a
/// configuration must not. These use only the IEEE operations + - * / sqrt, in an order that the
/// compiler may not change (the file is built with -ffp-contract=off). Errors are a few units in
/// the last place.
namespace scopa {

double exp_exactly(double x);
/// NaN for x < 0, -infinity for 0.
double log_exactly(double x);

}  // namespace scopa
