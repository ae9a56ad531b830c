#include "broker/search/distribution.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "broker/search/exact.h"
#include "broker/search/math.h"

namespace scopa::search {
namespace {

using spec::DistributionKind;

constexpr double kUnitMin = 0x1p-53;  // what a Stream can give: infinite supports end here
constexpr double kUnitMax = 1 - 0x1p-53;
constexpr double kSlack = 1e-9;  // relative, for noise in multiples of q

bool is_quantised(DistributionKind kind) {
  switch (kind) {
    case DistributionKind::kQUniform:
    case DistributionKind::kQLogUniform:
    case DistributionKind::kQLogUniformValues:
    case DistributionKind::kQNormal:
    case DistributionKind::kQLogNormal:
    case DistributionKind::kQBeta:
      return true;
    default:
      return false;
  }
}

struct Bounds {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
};

Bounds bounds_of(const spec::Distribution& d) {
  switch (d.kind) {
    case DistributionKind::kIntUniform:
    case DistributionKind::kUniform:
    case DistributionKind::kQUniform:
    case DistributionKind::kLogUniformValues:
    case DistributionKind::kQLogUniformValues:
    case DistributionKind::kInvLogUniformValues:
      return {d.min, d.max};
    case DistributionKind::kLogUniform:
    case DistributionKind::kQLogUniform:
      return {exp_exactly(d.min), exp_exactly(d.max)};
    case DistributionKind::kInvLogUniform:
      return {exp_exactly(-d.max), exp_exactly(-d.min)};
    case DistributionKind::kLogNormal:
    case DistributionKind::kQLogNormal:
      return {0, std::numeric_limits<double>::infinity()};
    case DistributionKind::kBeta:
    case DistributionKind::kQBeta:
      return {0, 1};
    default:
      return {};
  }
}

bool has_sigma(DistributionKind kind) {
  return kind == DistributionKind::kNormal || kind == DistributionKind::kQNormal ||
         kind == DistributionKind::kLogNormal || kind == DistributionKind::kQLogNormal;
}

double between(double min, double max, double unit) {
  // Not min + unit * (max - min): the difference may overflow.
  return std::clamp(min * (1 - unit) + max * unit, min, max);
}

// Bounds come out as they are written: a value that misses one by no more than rounding is the
// bound. Quantiles next to 0 and 1 are what a model's search ends with there.
double at_bounds(double x, const spec::Distribution& d, double min_noise, double max_noise) {
  if (std::abs(x - d.min) <= min_noise) return d.min;
  if (std::abs(x - d.max) <= max_noise) return d.max;
  return std::clamp(x, d.min, d.max);
}

constexpr double kRounding = 4 * std::numeric_limits<double>::epsilon();

double linear(const spec::Distribution& d, double unit) {
  const double noise = kRounding * std::max(std::abs(d.min), std::abs(d.max));
  return at_bounds(between(d.min, d.max, unit), d, noise, noise);
}

double exponential(const spec::Distribution& d, double unit) {
  const double low = log_exactly(d.min);
  const double high = log_exactly(d.max);
  return at_bounds(exp_exactly(between(low, high, unit)), d,
                   kRounding * (1 + std::abs(low)) * d.min,
                   kRounding * (1 + std::abs(high)) * d.max);
}

bool is_whole(double x) { return x == std::floor(x) && std::abs(x) < kExactMax; }

// Reals that are all whole become the integers that they are; a list with anything else is as it is
// written.
void spell_whole_numbers(std::vector<Value>* values) {
  const bool all = std::all_of(values->begin(), values->end(), [](const Value& value) {
    const double* real = std::get_if<double>(&value);
    return std::holds_alternative<std::int64_t>(value) || (real != nullptr && is_whole(*real));
  });
  if (!all) return;
  for (Value& value : *values) {
    if (const double* real = std::get_if<double>(&value)) value = static_cast<std::int64_t>(*real);
  }
}

double finite(double x) {
  constexpr double kMax = std::numeric_limits<double>::max();
  return std::clamp(x, -kMax, kMax);
}

}  // namespace

std::string canonical_text(const Value& value) { return canonical_text(Params{{"", value}}); }

Domain::Domain(spec::Distribution distribution, Use use)
    : spec_(std::move(distribution)), use_(use) {
  const Bounds bounds = bounds_of(spec_);
  lower_ = bounds.min;
  upper_ = bounds.max;
  switch (spec_.kind) {
    case DistributionKind::kConstant:
    case DistributionKind::kCategorical:
    case DistributionKind::kCategoricalWithWeights:
      list_categories();
      return;
    case DistributionKind::kIntUniform:
      lattice_ = integral_ = true;
      first_ = spec_.min;
      count_ = static_cast<std::uint64_t>(std::max(0.0, spec_.max - spec_.min)) + 1;
      return;
    default:
      break;
  }
  if (has_sigma(spec_.kind) && !(spec_.sigma > 0)) {
    spec_.sigma = 0;
    const bool quantised = is_quantised(spec_.kind);
    if (quantised) set_steps(0, spec_.q);
    be_constant(quantised ? steps_.at(std::nearbyint(real(0.5) / step_)) : real(0.5));
  } else if (use_ == Use::kGrid && spec_.kind == DistributionKind::kQUniform) {
    lay_grid();
  } else if (is_quantised(spec_.kind)) {
    lay_lattice();
  }
}

void Domain::list_categories() {
  categorical_ = true;
  // A constant is as it is written.
  if (spec_.kind != DistributionKind::kConstant) spell_whole_numbers(&spec_.values);
  const bool weighted = spec_.kind == DistributionKind::kCategoricalWithWeights &&
                        spec_.probabilities.size() == spec_.values.size();
  if (spec_.values.empty()) spec_.values.emplace_back();
  double sum = 0;
  for (std::size_t i = 0; i < spec_.values.size(); ++i) {
    const double p =
        weighted ? spec_.probabilities[i] : 1.0 / static_cast<double>(spec_.values.size());
    sum += p;
    cumulative_.push_back(sum);
    if (weighted && !(p > 0)) {  // never sampled, so no value of the domain
      position_category_.push_back(categories_.empty() ? 0 : categories_.size() - 1);
      continue;
    }
    const auto [entry, added] =
        category_index_.try_emplace(canonical_text(spec_.values[i]), categories_.size());
    if (added) {
      categories_.push_back(spec_.values[i]);
      category_mass_.push_back(0);
    }
    category_mass_[entry->second] += p;
    position_category_.push_back(entry->second);
  }
  if (categories_.empty()) {
    categories_.push_back(spec_.values.front());
    category_mass_.push_back(1);
  }
  for (double& mass : category_mass_) mass /= sum > 0 ? sum : 1;
  count_ = categories_.size();
  if (count_ == 1) constant_ = categories_.front();
}

void Domain::be_constant(double x) {
  integral_ = integral_ && x == std::floor(x) && std::abs(x) < kExactMax;
  if (integral_) {
    constant_.emplace(static_cast<std::int64_t>(x));
  } else {
    constant_.emplace(x);
  }
  count_ = 1;
}

void Domain::set_steps(double origin, double step) {
  origin_ = origin;
  step_ = step > 0 ? step : 1;
  steps_ = DecimalSteps(origin_, step_);
  integral_ = is_whole(origin_) && is_whole(step_);
}

void Domain::lay_lattice() {
  set_steps(0, spec_.q);
  const double low = std::max(lower_, real(kUnitMin));
  const double high = std::min(upper_, real(kUnitMax));
  // Inside the bounds, but a multiple that misses one by rounding noise alone counts as on it.
  const double first = std::max(std::nearbyint(low / step_),
                                std::ceil(lower_ / step_ - kSlack * (1 + std::abs(low / step_))));
  const double last = std::min(std::nearbyint(high / step_),
                               std::floor(upper_ / step_ + kSlack * (1 + std::abs(high / step_))));
  if (first > last) {  // no multiple of q lies inside
    const double middle = 0.5 * low + 0.5 * high;
    const double x = std::clamp(steps_.at(std::nearbyint(middle / step_)), low, high);
    be_constant(x);
    return;
  }
  first_ = first;
  if (std::abs(first) < kExactMax && std::abs(last) < kExactMax) {
    lattice_ = true;
    count_ = static_cast<std::uint64_t>(last - first) + 1;
  }  // else so fine that it is a continuum
}

void Domain::lay_grid() {
  lattice_ = true;
  set_steps(spec_.min, spec_.q);
  const double points = std::ceil((spec_.max - spec_.min) / step_);
  count_ = static_cast<std::uint64_t>(std::clamp(points, 1.0, kExactMax));
}

double Domain::real(double unit) const {
  const spec::Distribution& d = spec_;
  switch (d.kind) {
    case DistributionKind::kUniform:
    case DistributionKind::kQUniform:
      return linear(d, unit);
    case DistributionKind::kLogUniform:
    case DistributionKind::kQLogUniform:
      return finite(std::clamp(exp_exactly(between(d.min, d.max, unit)), lower_, upper_));
    case DistributionKind::kInvLogUniform:
      return finite(std::clamp(exp_exactly(between(-d.max, -d.min, unit)), lower_, upper_));
    case DistributionKind::kLogUniformValues:
    case DistributionKind::kQLogUniformValues:
    case DistributionKind::kInvLogUniformValues:
      return exponential(d, unit);
    case DistributionKind::kNormal:
    case DistributionKind::kQNormal:
    case DistributionKind::kLogNormal:
    case DistributionKind::kQLogNormal: {
      const bool log =
          d.kind == DistributionKind::kLogNormal || d.kind == DistributionKind::kQLogNormal;
      if (log && unit <= 0 && d.sigma > 0) return 0;
      const double z = d.sigma > 0 ? normal_quantile(std::clamp(unit, kUnitMin, kUnitMax)) : 0;
      const double x = d.mu + d.sigma * z;
      return finite(log ? exp_exactly(x) : x);
    }
    case DistributionKind::kBeta:
    case DistributionKind::kQBeta:
      return beta_quantile(d.a, d.b, unit);
    default:
      return 0;
  }
}

Value Domain::number(double k) const {
  const double x = steps_.at(k);
  if (integral_ && std::abs(x) < 9.2e18) return static_cast<std::int64_t>(x);
  // Off by rounding noise only: of the bounds where these are exponents, else of the multiple.
  const bool exponents = spec_.kind == DistributionKind::kQLogUniform;
  if (use_ == Use::kGrid || (exponents && lattice_)) return x;
  return std::clamp(x, lower_, upper_);
}

Value Domain::value(double unit) const {
  unit = std::isnan(unit) ? 0.5 : std::clamp(unit, 0.0, 1.0);
  if (is_finite()) return at(index_at(unit));
  const double x = real(unit);
  return is_quantised(spec_.kind) ? number(std::nearbyint(x / step_)) : Value(x);
}

Value Domain::at(std::uint64_t index) const {
  if (constant_) return *constant_;
  index = std::min(index, count_ - 1);
  return categorical_ ? categories_[index] : number(first_ + static_cast<double>(index));
}

std::uint64_t Domain::index_at(double unit) const {
  if (count_ <= 1) return 0;
  unit = std::clamp(unit, 0.0, 1.0);
  const auto n = static_cast<double>(count_);
  if (spec_.kind == DistributionKind::kCategorical) {
    const auto positions = static_cast<double>(position_category_.size());
    double k = std::max(0.0, std::ceil(unit * positions) - 1);
    if (k > 0 && k / positions >= unit) --k;
    return position_category_[static_cast<std::size_t>(k)];
  }
  if (categorical_) {
    const auto above = std::upper_bound(cumulative_.begin(), cumulative_.end(), unit);
    if (above == cumulative_.end()) return count_ - 1;  // probabilities that fall short of 1
    return position_category_[static_cast<std::size_t>(above - cumulative_.begin())];
  }
  double k = 0;
  if (spec_.kind == DistributionKind::kIntUniform || use_ == Use::kGrid) {
    k = std::ceil(unit * n) - 1;
    if (k > 0 && k / n >= unit) --k;
  } else {
    k = std::nearbyint(real(unit) / step_) - first_;
  }
  return static_cast<std::uint64_t>(std::clamp(k, 0.0, n - 1));
}

double Domain::lattice_edge(double k) const {
  const double index = k - first_;
  if (index <= 0) return 0;
  if (index >= static_cast<double>(count_)) return 1;
  if (spec_.kind == DistributionKind::kIntUniform || use_ == Use::kGrid) {
    return index / static_cast<double>(count_);
  }
  return cdf((k - 0.5) * step_);
}

double Domain::centre(std::uint64_t index) const {
  if (count_ <= 1) return 0.5;
  index = std::min(index, count_ - 1);
  if (categorical_) {
    double below = 0;
    for (std::uint64_t i = 0; i < index; ++i) below += category_mass_[i];
    return below + 0.5 * category_mass_[index];
  }
  const double k = first_ + static_cast<double>(index);
  return 0.5 * (lattice_edge(k) + lattice_edge(k + 1));
}

double Domain::width(std::uint64_t index) const {
  if (count_ <= 1) return 1;
  index = std::min(index, count_ - 1);
  if (categorical_) return category_mass_[index];
  const double k = first_ + static_cast<double>(index);
  return lattice_edge(k + 1) - lattice_edge(k);
}

std::optional<std::uint64_t> Domain::index_of(const Value& value) const {
  if (categorical_) {
    const auto found = category_index_.find(canonical_text(value));
    if (found == category_index_.end()) return {};
    return found->second;
  }
  double x = 0;
  if (!is_finite() || !as_number(value, &x) || !std::isfinite(x)) return {};
  if (constant_) {
    double only = 0;
    return as_number(*constant_, &only) && only == x ? std::optional<std::uint64_t>(0)
                                                     : std::nullopt;
  }
  const double k = std::nearbyint((x - origin_) / step_);
  const double index = k - first_;
  const double off = std::abs(origin_ + k * step_ - x);
  // Looser than noise needs, as values come back from text of any precision.
  const bool near = off <= kSlack * std::max(step_, std::abs(x));
  if (!near || index < 0 || index >= static_cast<double>(count_)) return {};
  return static_cast<std::uint64_t>(index);
}

std::optional<double> Domain::unit_of(const Value& value) const {
  if (is_finite()) {
    const auto index = index_of(value);
    return index ? std::optional<double>(centre(*index)) : std::nullopt;
  }
  double x = 0;
  if (!as_number(value, &x) || !std::isfinite(x)) return {};
  if (x < lower_ || x > upper_) return {};
  return cdf(x);
}

}  // namespace scopa::search
