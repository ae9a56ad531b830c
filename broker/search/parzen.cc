#include "broker/search/parzen.h"

#include <algorithm>
#include <cmath>

#include "broker/search/fast_math.h"
#include "broker/search/math.h"

namespace scopa::search {
namespace {

constexpr double kRootTwoPi = 2.50662827463100050242;

// Of a normal density around x in [0, 1], the share that lies there.
double mass_inside(double x, double inverse_width) {
  return 1 - (normal_tail_fast((1 - x) * inverse_width) + normal_tail_fast(x * inverse_width));
}

double power(double base, double exponent) { return exp_exactly(exponent * log_exactly(base)); }

}  // namespace

Mixture::Mixture(const Space* space, KernelRule rule) : space_(space), rule_(rule) {
  const std::size_t d = space_->size();
  centre_.resize(d);
  inverse_.resize(d);
  factor_.resize(d);
  width_.resize(d);
  blur_.resize(d);
  cell_.resize(d);
  conditional_.resize(d);
  for (std::size_t j = 0; j < d; ++j) {
    const Domain& domain = space_->domain(j);
    // Shares differ between values only for log and bell shapes; the middle one is typical.
    if (domain.is_finite() && !domain.is_categorical()) {
      cell_[j] = domain.width(domain.count() / 2);
    }
  }
}

void Mixture::set_width(std::size_t n) {
  const std::size_t d = space_->size();
  const auto count = static_cast<double>(n + 1);
  const double scott =
      rule_.scale * power(count, -1.0 / (static_cast<double>(space_->searched()) + 4));
  const double floor = std::max(rule_.floor_min, power(1 + count, -rule_.floor_exponent));
  for (std::size_t j = 0; j < d; ++j) {
    width_[j] = std::max({scott, floor, 0.5 * cell_[j]});
    const auto categories = static_cast<double>(space_->domain(j).count());
    blur_[j] = categories / (static_cast<double>(n) + categories);
  }
}

void Mixture::build_ordered(std::size_t j, const std::vector<double>& column,
                            const std::vector<std::size_t>& members) {
  const double inverse = 1 / width_[j];
  double* centre = centre_[j].data();
  for (std::size_t i = 0; i < n_; ++i) centre[i] = column[members[i]];
  // Also inactive: the value of an old trial that is not of this space.
  conditional_[j] = std::any_of(centre, centre + n_, [](double x) { return x < 0; });
  if (!conditional_[j]) {
    double* weight = weight_.data();
    for (std::size_t i = 0; i < n_; ++i) {
      weight[i] /= mass_inside(centre[i], inverse);
    }
    return;
  }
  inverse_[j].resize(n_);
  factor_[j].resize(n_);
  for (std::size_t i = 0; i < n_; ++i) {
    const bool active = centre[i] >= 0;
    inverse_[j][i] = active ? inverse : 0;
    factor_[j][i] = active ? 1 / mass_inside(centre[i], inverse) : width_[j] * kRootTwoPi;
  }
}

void Mixture::build(const Columns& columns, const std::vector<std::size_t>& members,
                    const std::vector<double>& weights) {
  n_ = members.size();
  set_width(n_);
  double sum = 0;
  for (const double weight : weights) sum += weight;
  weight_.resize(n_);
  cumulative_.resize(n_ + 1);
  double cumulative = 0;
  for (std::size_t i = 0; i <= n_; ++i) {
    cumulative += weights[i] / sum;
    cumulative_[i] = cumulative;
    if (i < n_) weight_[i] = weights[i] / sum;
  }
  plain_ = weight_;
  prior_weight_ = weights[n_] / sum;
  for (std::size_t j = 0; j < space_->size(); ++j) {
    if (space_->domain(j).is_constant()) continue;
    centre_[j].resize(n_);
    if (space_->domain(j).is_categorical()) {
      for (std::size_t i = 0; i < n_; ++i) centre_[j][i] = columns.of[j][members[i]];
    } else {
      build_ordered(j, columns.of[j], members);
    }
  }
}

double Mixture::sample_ordered(std::size_t j, double centre, Stream* stream) const {
  const double u = stream->unit();
  if (centre < 0) return u;
  const double low = normal_cdf_fast(-centre / width_[j]);
  const double high = normal_cdf_fast((1 - centre) / width_[j]);
  return std::clamp(centre + width_[j] * normal_quantile(low + u * (high - low)), 0.0, 1.0);
}

Point Mixture::sample(Stream* stream) const {
  const double pick = stream->unit();
  const auto component = static_cast<std::size_t>(
      std::lower_bound(cumulative_.begin(), cumulative_.end() - 1, pick) - cumulative_.begin());
  Point point(space_->size());
  // All parameters, active or not, so that each has its own place in the stream.
  for (std::size_t j = 0; j < space_->size(); ++j) {
    const Domain& domain = space_->domain(j);
    if (domain.is_constant()) continue;
    const double centre = component < n_ ? centre_[j][component] : Columns::kInactive;
    if (domain.is_categorical()) {
      const double keep = stream->unit();
      const double u = stream->unit();
      point[j].index =
          centre >= 0 && keep >= blur_[j] ? static_cast<std::uint64_t>(centre) : domain.index_at(u);
      continue;
    }
    point[j].unit = sample_ordered(j, centre, stream);
    if (domain.is_finite()) point[j].index = domain.index_at(point[j].unit);
  }
  space_->settle(&point);
  return point;
}

double Mixture::sum_of_kernels() {
  const double* exponent = exponent_.data();
  double* product = product_.data();
  for (std::size_t i = 0; i < n_; ++i) product[i] *= exp_of_negative(0.5 * exponent[i]);
  // Four sums in a fixed order: the compiler may not regroup one.
  double sum[4] = {0, 0, 0, 0};
  std::size_t i = 0;
  for (; i + 4 <= n_; i += 4) {
    for (std::size_t k = 0; k < 4; ++k) sum[k] += product[i + k];
  }
  for (; i < n_; ++i) sum[i % 4] += product[i];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

// The kernels of parameter j at x, into what is gathered for the sum over the components.
void Mixture::multiply(std::size_t j, double x, Logs* logs) {
  const double* centre = centre_[j].data();
  double* exponent = exponent_.data();
  double* product = product_.data();
  if (space_->domain(j).is_categorical()) {
    const double prior = space_->domain(j).width(static_cast<std::uint64_t>(x));
    const double other = blur_[j] * prior;
    const double same = 1 - blur_[j] + other;
    logs->prior += log_exactly(prior);
    for (std::size_t i = 0; i < n_; ++i) {
      product[i] *= centre[i] == x ? same : (centre[i] < 0 ? prior : other);
    }
    return;
  }
  logs->common -= log_exactly(width_[j] * kRootTwoPi);
  if (conditional_[j]) {
    const double* inverse = inverse_[j].data();
    const double* factor = factor_[j].data();
    for (std::size_t i = 0; i < n_; ++i) {
      const double z = (x - centre[i]) * inverse[i];
      exponent[i] -= z * z;
      product[i] *= factor[i];
    }
  } else {
    const double inverse = 1 / width_[j];
    for (std::size_t i = 0; i < n_; ++i) {
      const double z = (x - centre[i]) * inverse;
      exponent[i] -= z * z;
    }
  }
}

double Mixture::log_of_sum(const Logs& logs) {
  const double sum = sum_of_kernels();
  const double log_rest = logs.common + log_exactly(sum);
  const double high = std::max(log_rest, logs.prior);
  const double low = std::min(log_rest, logs.prior);
  return high + log_exactly(1 + exp_exactly(low - high));
}

double Mixture::log_density(const Point& point, const std::vector<double>& at) {
  exponent_.assign(n_, 0);
  product_ = weight_;
  Logs logs{0, log_exactly(prior_weight_)};
  for (std::size_t j = 0; j < space_->size(); ++j) {
    if (!point[j].active || space_->domain(j).is_constant()) continue;
    multiply(j, at[j], &logs);
  }
  return log_of_sum(logs);
}

double Mixture::log_marginal(std::size_t j, const std::vector<double>& at) {
  exponent_.assign(n_, 0);
  product_ = plain_;
  // What build() has put into weight_ for all parameters at once.
  if (!space_->domain(j).is_categorical() && !conditional_[j]) {
    for (std::size_t i = 0; i < n_; ++i) product_[i] /= mass_inside(centre_[j][i], 1 / width_[j]);
  }
  Logs logs{0, log_exactly(prior_weight_)};
  multiply(j, at[j], &logs);
  return log_of_sum(logs);
}

}  // namespace scopa::search
