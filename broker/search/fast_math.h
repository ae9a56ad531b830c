#pragma once

#include <bit>
#include <cstdint>

/// For densities: fast, inlined, with the same bits everywhere (see math.h). Internal to this
/// folder.
namespace scopa::search {

/// exp(x) for x <= 0, relative error about 1e-12; from about -700 on a value near 1e-304.
inline double exp_of_negative(double x) {
  constexpr double kMagic = 6755399441055744.0;  // 1.5 * 2^52: adding it rounds to an integer
  x = x < -700 ? -700 : x;
  const double shifted = x * 1.44269504088896340736 + kMagic;
  const double k = shifted - kMagic;
  const double r = (x - k * 6.93147180369123816490e-01) - k * 1.90821492927058770002e-10;
  const double p =
      1 +
      r * (1 +
           r * (1.0 / 2 +
                r * (1.0 / 6 +
                     r * (1.0 / 24 +
                          r * (1.0 / 120 +
                               r * (1.0 / 720 +
                                    r * (1.0 / 5040 + r * (1.0 / 40320 + r * (1.0 / 362880)))))))));
  const std::uint64_t bits = (std::bit_cast<std::uint64_t>(shifted) + 1023) << 52;
  return p * std::bit_cast<double>(bits);
}

/// The mass of the standard normal distribution above z >= 0, to 7.5e-8 (Abramowitz and Stegun
/// 26.2.17).
inline double normal_tail_fast(double z) {
  const double t = 1 / (1 + 0.2316419 * z);
  const double poly =
      t *
      (0.319381530 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return 0.39894228040143267794 * exp_of_negative(-0.5 * z * z) * poly;
}

/// The standard normal distribution function, to 7.5e-8.
inline double normal_cdf_fast(double x) {
  return x < 0 ? normal_tail_fast(-x) : 1 - normal_tail_fast(x);
}

}  // namespace scopa::search
