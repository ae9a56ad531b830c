#pragma once

#include <cstdint>

namespace scopa::search {

/// The points origin + k * step as one counts them in decimal: with a step of
/// 0.1 the sixth is 0.6, where the product of doubles is 0.6000000000000001.
/// Origin and step mean what their shortest spelling says.
class DecimalSteps {
 public:
  DecimalSteps() = default;
  DecimalSteps(double origin, double step);

  /// The double nearest to point `k`, a whole number; the sum of doubles where
  /// its digits go beyond 64 bits.
  double at(double k) const;

 private:
  double origin_ = 0;
  double step_ = 1;
  bool exact_ = false;  // the digits below are those of origin and step
  std::int64_t origin_digits_ = 0;
  std::int64_t step_digits_ = 1;
  int exponent_ = 0;  // of ten, of both
};

}  // namespace scopa::search
