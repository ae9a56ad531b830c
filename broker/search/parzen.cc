#include "broker/search/parzen.h"

#include <algorithm>
#include <cmath>

#include "broker/search/fast_math.h"
#include "broker/search/kernel_loops.h"
#include "broker/search/math.h"

namespace scopa::search {
namespace {

constexpr double kRootTwoPi = 2.50662827463100050242;
constexpr double kRootHalf = 0.70710678118654752440;

// Of a normal density around x in [0, 1], the share that lies there.
double mass_inside(double x, double inverse_width) {
  return 1 - (normal_tail_fast((1 - x) * inverse_width) + normal_tail_fast(x * inverse_width));
}

double power(double base, double exponent) { return exp_exactly(exponent * log_exactly(base)); }

}  // namespace

Mixture::Mixture(const Space* space, KernelRule rule) : space_(space), rule_(rule) {
  const std::size_t d = space_->size();
  centre_.resize(d);
  active_.resize(d);
  cost_.resize(d);
  width_.resize(d);
  log_scale_.resize(d);
  blur_.resize(d);
  log_blur_.resize(d);
  log_prior_.resize(d);
  cell_.resize(d);
  conditional_.resize(d);
  for (std::size_t j = 0; j < d; ++j) {
    const Domain& domain = space_->domain(j);
    // Shares differ between values only for log and bell shapes; the middle one is typical.
    if (domain.is_finite() && !domain.is_categorical()) {
      cell_[j] = domain.width(domain.count() / 2);
    }
    for (std::uint64_t k = 0; domain.is_categorical() && k < domain.count(); ++k) {
      log_prior_[j].push_back(log_exactly(domain.width(k)));
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
    log_scale_[j] = log_exactly(width_[j] * kRootTwoPi);
    log_blur_[j] = log_exactly(blur_[j]);
  }
}

void Mixture::build_weights(const std::vector<double>& weights) {
  double sum = 0;
  for (const double weight : weights) sum += weight;
  cumulative_.resize(weights.size());
  weight_cost_.resize(members_.size());
  double cumulative = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    cumulative += weights[i] / sum;
    cumulative_[i] = cumulative;
    if (i == members_.size()) continue;
    // Most have the same.
    weight_cost_[i] = i > 0 && weights[i] == weights[i - 1]
                          ? weight_cost_[i - 1]
                          : static_cast<float>(-log_exactly(weights[i] / sum));
  }
  prior_weight_ = weights.back() / sum;
}

void Mixture::build_ordered(std::size_t j) {
  const std::vector<double>& column = columns_->of[j];
  const std::size_t n = members_.size();
  for (std::size_t i = 0; i < n; ++i) quantile_[i] = static_cast<float>(column[members_[i]]);
  const auto scale = static_cast<float>(kRootHalf / width_[j]);
  for (std::size_t i = 0; i < n; ++i) centre_[j][i] = quantile_[i] * scale;
  const auto inverse = static_cast<float>(1 / width_[j]);
  // Also absent: the value of an old trial that is not of this space.
  conditional_[j] = !space_->conditions(j).empty() || !space_->predicates(j).empty() ||
                    std::any_of(quantile_.begin(), quantile_.end(), [](float x) { return x < 0; });
  if (!conditional_[j]) {
    loops::mass_inside(quantile_.data(), inverse, n, inside_.data());
    for (std::size_t i = 0; i < n; ++i) mass_[i] *= static_cast<double>(inside_[i]);
    return;
  }
  active_[j].resize(n);
  cost_[j].resize(n);
  const auto of_inactive = static_cast<float>(-log_scale_[j]);
  for (std::size_t i = 0; i < n; ++i) {
    const bool active = quantile_[i] >= 0;
    active_[j][i] = active ? 1 : 0;
    cost_[j][i] = active ? static_cast<float>(log_exactly(mass_inside(quantile_[i], 1 / width_[j])))
                         : of_inactive;
    if (!active) centre_[j][i] = 0;
  }
}

void Mixture::build(const Columns& columns, const std::vector<std::size_t>& members,
                    const std::vector<double>& weights) {
  columns_ = &columns;
  members_ = members;
  const std::size_t n = members_.size();
  set_width(n);
  build_weights(weights);
  quantile_.resize(n);
  inside_.resize(n);
  mass_.assign(n, 1);
  for (std::size_t j = 0; j < space_->size(); ++j) {
    if (space_->domain(j).is_constant()) continue;
    centre_[j].resize(n);
    if (space_->domain(j).is_categorical()) {
      for (std::size_t i = 0; i < n; ++i) {
        centre_[j][i] = static_cast<float>(columns.of[j][members[i]]);
      }
    } else {
      build_ordered(j);
    }
  }
  inside_cost_.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    inside_cost_[i] = weight_cost_[i] + static_cast<float>(log_fast(mass_[i]));
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
    const double centre =
        component < members_.size() ? columns_->of[j][members_[component]] : Columns::kInactive;
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

// The kernels of parameter j at x, but for the squares of those that are always active.
void Mixture::add(std::size_t j, double x, Sum* sum) {
  const std::size_t n = members_.size();
  if (space_->domain(j).is_categorical()) {
    const auto category = static_cast<std::uint64_t>(x);
    const double log_prior = log_prior_[j][category];
    const double same = 1 - blur_[j] + blur_[j] * space_->domain(j).width(category);
    sum->prior += log_prior;
    const loops::CategoryCosts costs{static_cast<float>(-log_fast(same)),
                                     static_cast<float>(-(log_blur_[j] + log_prior)),
                                     static_cast<float>(-log_prior)};
    loops::add_category(static_cast<float>(x), centre_[j].data(), costs, n, exponent_.data());
    return;
  }
  sum->common -= log_scale_[j];
  if (conditional_[j]) {
    loops::add_squares_if_active(static_cast<float>(x * (kRootHalf / width_[j])), active_[j].data(),
                                 centre_[j].data(), cost_[j].data(), n, exponent_.data());
  } else {
    sum->squares.push_back(j);
  }
}

void Mixture::add_squares(const std::vector<double>& at, const Sum& sum) {
  const auto scaled = [&](std::size_t j) {
    return static_cast<float>(at[j] * (kRootHalf / width_[j]));
  };
  const auto& which = sum.squares;
  const std::size_t n = members_.size();
  std::size_t k = 0;
  for (; k + 4 <= which.size(); k += 4) {
    const float x[4] = {scaled(which[k]), scaled(which[k + 1]), scaled(which[k + 2]),
                        scaled(which[k + 3])};
    const float* const centre[4] = {centre_[which[k]].data(), centre_[which[k + 1]].data(),
                                    centre_[which[k + 2]].data(), centre_[which[k + 3]].data()};
    loops::add_four_squares(x, centre, n, exponent_.data());
  }
  for (; k < which.size(); ++k) {
    loops::add_squares(scaled(which[k]), centre_[which[k]].data(), n, exponent_.data());
  }
}

double Mixture::log_of(const Sum& sum) {
  if (members_.empty()) return sum.prior;
  const std::size_t n = members_.size();
  const float least = loops::least(exponent_.data(), n);
  const double members = sum.common - static_cast<double>(least) +
                         log_exactly(loops::sum_of_exp(exponent_.data(), least, n));
  const double high = std::max(members, sum.prior);
  const double low = std::min(members, sum.prior);
  return high + log_exactly(1 + exp_exactly(low - high));
}

double Mixture::log_density(const Point& point, const std::vector<double>& at) {
  exponent_ = inside_cost_;
  sum_ = {0, log_exactly(prior_weight_), std::move(sum_.squares)};
  sum_.squares.clear();
  for (std::size_t j = 0; j < space_->size(); ++j) {
    if (!point[j].active || space_->domain(j).is_constant()) continue;
    add(j, at[j], &sum_);
  }
  add_squares(at, sum_);
  return log_of(sum_);
}

double Mixture::log_marginal(std::size_t j, const std::vector<double>& at) {
  exponent_ = weight_cost_;
  // What build() has put into inside_cost_ for all parameters at once.
  if (!space_->domain(j).is_categorical() && !conditional_[j]) {
    for (std::size_t i = 0; i < members_.size(); ++i) {
      const double centre = columns_->of[j][members_[i]];
      exponent_[i] += static_cast<float>(log_exactly(mass_inside(centre, 1 / width_[j])));
    }
  }
  sum_ = {0, log_exactly(prior_weight_), std::move(sum_.squares)};
  sum_.squares.clear();
  add(j, at[j], &sum_);
  add_squares(at, sum_);
  return log_of(sum_);
}

}  // namespace scopa::search
