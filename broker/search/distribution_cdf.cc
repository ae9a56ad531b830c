#include <algorithm>
#include <cmath>

#include "broker/search/distribution.h"
#include "broker/search/math.h"

namespace scopa::search {

double Domain::cdf(double x) const {
  using spec::DistributionKind;
  if (std::isnan(x)) return 0;
  const spec::Distribution& d = spec_;
  const auto within = [](double at, double min, double max) {
    if (!(max > min)) return at >= max ? 1.0 : 0.0;
    return std::clamp((0.5 * at - 0.5 * min) / (0.5 * max - 0.5 * min), 0.0, 1.0);
  };
  switch (d.kind) {
    case DistributionKind::kConstant:
      return x >= 0 ? 1 : 0;
    case DistributionKind::kCategorical:
    case DistributionKind::kCategoricalWithWeights: {
      if (x < 0) return 0;
      const auto position = static_cast<std::size_t>(std::min(x, 1e15));
      return position + 1 >= cumulative_.size() ? 1 : cumulative_[position];
    }
    case DistributionKind::kIntUniform:
      return std::clamp((std::floor(x) - d.min + 1) / (d.max - d.min + 1), 0.0, 1.0);
    case DistributionKind::kUniform:
    case DistributionKind::kQUniform:
      return within(x, d.min, d.max);
    case DistributionKind::kLogUniform:
    case DistributionKind::kQLogUniform:
      return x <= 0 ? 0 : within(log_exactly(x), d.min, d.max);
    case DistributionKind::kInvLogUniform:
      return x <= 0 ? 0 : within(log_exactly(x), -d.max, -d.min);
    case DistributionKind::kLogUniformValues:
    case DistributionKind::kQLogUniformValues:
    case DistributionKind::kInvLogUniformValues:
      return x <= 0 ? 0 : within(log_exactly(x), log_exactly(d.min), log_exactly(d.max));
    case DistributionKind::kNormal:
    case DistributionKind::kQNormal:
      return d.sigma > 0 ? normal_cdf((x - d.mu) / d.sigma) : (x >= d.mu ? 1 : 0);
    case DistributionKind::kLogNormal:
    case DistributionKind::kQLogNormal:
      if (x <= 0) return 0;
      if (!(d.sigma > 0)) return log_exactly(x) >= d.mu ? 1 : 0;
      return normal_cdf((log_exactly(x) - d.mu) / d.sigma);
    case DistributionKind::kBeta:
    case DistributionKind::kQBeta:
      return beta_cdf(d.a, d.b, x);
  }
  return 0;
}

}  // namespace scopa::search
