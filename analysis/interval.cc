#include "analysis/interval.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace scopa::analysis {

std::optional<Interval> mean_interval(std::span<const double> values) {
  if (values.empty()) return std::nullopt;
  const auto n = static_cast<double>(values.size());
  Interval interval;
  interval.count = values.size();
  // Equal values have themselves as their mean, to the last bit, and no spread.
  if (std::all_of(values.begin(), values.end(), [&](double v) { return v == values[0]; })) {
    interval.mean = interval.low = interval.high = values[0];
    return interval;
  }
  for (const double value : values) interval.mean += value / n;
  double squares = 0;
  for (const double value : values) squares += (value - interval.mean) * (value - interval.mean);
  const double error = std::sqrt(squares / (n - 1) / n);
  const double half = boost::math::quantile(boost::math::students_t(n - 1), 0.975) * error;
  interval.low = interval.mean - half;
  interval.high = interval.mean + half;
  return interval;
}

}  // namespace scopa::analysis
