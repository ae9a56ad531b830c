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

/// The same in single precision, relative error about 3e-7; from about -87 on a value near 1e-38.
inline float exp_of_negative(float x) {
  constexpr float kMagic = 12582912;  // 1.5 * 2^23
  x = x < -87 ? -87 : x;
  const float shifted = x * 1.44269504F + kMagic;
  const float k = shifted - kMagic;
  const float r = (x - k * 0.693359375F) + k * 2.12194440e-4F;
  const float p =
      1 + r * (1 + r * (1.0F / 2 +
                        r * (1.0F / 6 + r * (1.0F / 24 + r * (1.0F / 120 + r * (1.0F / 720))))));
  const std::uint32_t bits = (std::bit_cast<std::uint32_t>(shifted) + 127) << 23;
  return p * std::bit_cast<float>(bits);
}

/// ln x for a normal x > 0, to about 1e-10.
inline double log_fast(double x) {
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  // x = 2^k m with m from about 0.7 to 1.4
  const std::uint64_t shifted = bits - 0x3fe6a09e00000000U;
  const auto k = static_cast<double>(static_cast<std::int64_t>(shifted) >> 52);
  const double m = std::bit_cast<double>((shifted & 0xfffffffffffffU) + 0x3fe6a09e00000000U);
  const double s = (m - 1) / (m + 1);
  const double q = s * s;
  return k * 0.693147180559945309417 +
         2 * s *
             (1 + q * (1.0 / 3 +
                       q * (1.0 / 5 + q * (1.0 / 7 + q * (1.0 / 9 + q * (1.0 / 11 + q / 13))))));
}

/// The mass of the standard normal distribution above z >= 0, to 7.5e-8, in single precision to
/// 3e-7 (Abramowitz and Stegun 26.2.17).
template <typename Real>
Real normal_tail_fast(Real z) {
  const Real t = 1 / (1 + Real(0.2316419) * z);
  const Real poly =
      t * (Real(0.319381530) +
           t * (Real(-0.356563782) +
                t * (Real(1.781477937) + t * (Real(-1.821255978) + t * Real(1.330274429)))));
  return Real(0.39894228040143267794) * exp_of_negative(Real(-0.5) * z * z) * poly;
}

/// The standard normal distribution function, to 7.5e-8.
inline double normal_cdf_fast(double x) {
  return x < 0 ? normal_tail_fast(-x) : 1 - normal_tail_fast(x);
}

}  // namespace scopa::search
