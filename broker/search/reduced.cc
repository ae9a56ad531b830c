#include "broker/search/reduced.h"

#include <algorithm>
#include <cmath>

namespace scopa::search {

double reduced(const spec::Metric& metric, std::span<const CurvePoint> curve, double best) {
  if (metric.reduce == spec::Reduction::kBest) return best;
  if (metric.reduce == spec::Reduction::kLast) return curve.back().value;
  const auto tail = curve.last(std::min<std::size_t>(curve.size(), metric.reduce_window));
  const auto count = static_cast<double>(tail.size());
  double sum = 0;
  for (const CurvePoint& point : tail) sum += point.value;
  if (std::isfinite(sum)) return sum / count;
  // Values near the largest number: their sum has no place, their mean has.
  double mean = 0;
  for (const CurvePoint& point : tail) mean += point.value / count;
  return std::isfinite(mean) ? mean : curve.back().value;
}

}  // namespace scopa::search
