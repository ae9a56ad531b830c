#include "broker/search/standardise.h"

#include <algorithm>
#include <cmath>

#include "broker/search/math.h"

namespace scopa::search {
namespace {

constexpr double kDoubtMax = 1e6;  // in squares of the spread of all

}  // namespace

void standardise(const std::vector<double>& losses, GaussianProcess::Data* data) {
  const auto n = static_cast<Eigen::Index>(losses.size());
  data->values = Eigen::VectorXd::Zero(n);
  std::vector<double> sorted = losses;
  std::sort(sorted.begin(), sorted.end());
  // Nobody ever logged anything: all are alike.
  if (!std::isfinite(sorted.back())) return;
  const double median = sorted[sorted.size() / 2];
  // Halves: the difference of two may be more than a number can be.
  const double half = 0.5 * median - 0.5 * sorted.front();
  for (Eigen::Index i = 0; i < n; ++i) {
    const double loss = losses[static_cast<std::size_t>(i)];
    double z = half > 0 ? (0.5 * loss - 0.5 * median) / half : loss > median ? 1 : 0;
    double slope = half > 0 ? 0.5 / half : 0;
    if (z > 0) {
      slope /= 1 + z;
      z = log_exactly(1 + z);
    }
    data->values[i] = z;
    // Where all losses are nearly the same the slope may be infinite.
    double& doubt = data->doubts[i];
    if (doubt > 0) doubt = std::min(doubt * slope * slope, kDoubtMax);
  }
  data->values.array() -= data->values.mean();
  const double deviation = std::sqrt(data->values.squaredNorm() / static_cast<double>(n));
  if (!(deviation > 0)) return;
  data->values /= deviation;
  data->doubts /= deviation * deviation;
}

}  // namespace scopa::search
