#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace scopa::analysis {

/// The mean of independent measurements and the interval in which the true mean lies with 95 %
/// confidence, by Student's t distribution.
struct Interval {
  double mean = 0;
  double low = 0, high = 0;  ///< both the mean where `count` is 1: nothing is known of the spread
  std::size_t count = 0;

  bool has_bounds() const { return count > 1; }
  double half_width() const { return (high - low) / 2; }
  /// Whether 0 is out of question.
  bool excludes_zero() const { return has_bounds() && (low > 0 || high < 0); }
};

/// None for no values. All must be finite.
std::optional<Interval> mean_interval(std::span<const double> values);

}  // namespace scopa::analysis
