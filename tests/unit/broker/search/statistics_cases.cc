#include "tests/unit/broker/search/statistics_cases.h"

#include <algorithm>
#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/lognormal.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <cstdio>
#include <limits>

#include "broker/search/distribution.h"
#include "broker/spec/distributions.h"

namespace scopa::search::testing {
namespace {

using Cdf = std::function<double(double)>;
using K = spec::DistributionKind;
using Shares = std::map<std::string, double>;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNever = 1e-12;

/// A law before quantisation.
struct Law {
  Cdf cdf;
  double lowest = -kInfinity;
  double highest = kInfinity;
};

std::string digits(double x) {
  char buffer[40];
  std::snprintf(buffer, sizeof buffer, "%.17g", x);
  std::string text = buffer;
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

Law uniform(double a, double b) {
  return {[=](double x) {
            const auto width = static_cast<long double>(b) - static_cast<long double>(a);
            return static_cast<double>((static_cast<long double>(x) - a) / width);
          },
          a, b};
}

Law log_uniform(double a, double b) {
  return {[=](double x) { return (std::log(x) - std::log(a)) / (std::log(b) - std::log(a)); }, a,
          b};
}

// 1 / x is log-uniform.
Law inverse_log_uniform(double a, double b) {
  const Law of_inverse = log_uniform(1 / b, 1 / a);
  return {[=](double x) { return 1 - of_inverse.cdf(1 / x); }, a, b};
}

Law normal(double mu, double sigma) {
  const boost::math::normal law(mu, sigma);
  return {[=](double x) { return boost::math::cdf(law, x); }};
}

Law log_normal(double mu, double sigma) {
  const boost::math::lognormal law(mu, sigma);
  return {[=](double x) { return x <= 0 ? 0 : boost::math::cdf(law, x); }, 0};
}

Law beta(double a, double b) {
  const boost::math::beta_distribution<> law(a, b);
  return {[=](double x) { return boost::math::cdf(law, std::clamp(x, 0.0, 1.0)); }, 0, 1};
}

double at(const Law& law, double x) {
  if (x <= law.lowest) return 0;
  return x >= law.highest ? 1 : law.cdf(x);
}

/// A multiple of q as one counts it: of a tenth three are 0.3, the double nearest to 3 / 10.
double multiple(double k, double q) {
  const double parts = std::round(1 / q);
  return q < 1 && std::abs(1 / q - parts) < 1e-9 ? k / parts : k * q;
}

/// The multiples of q inside the law's range: each has what rounds to it, the outermost ones all
/// that lies beyond them, too.
Shares rounded(const Law& law, double q, bool integers) {
  Shares shares;
  const double noise = 1e-9;
  double first = std::ceil(law.lowest / q - noise);
  double last = std::floor(law.highest / q + noise);
  const bool has_first = std::isfinite(first);
  const bool has_last = std::isfinite(last);
  if (!has_first) {
    for (first = 0; at(law, (first - 0.5) * q) > kNever;) --first;
  }
  if (!has_last) {
    for (last = std::max(first, 0.0); 1 - at(law, (last + 0.5) * q) > kNever;) ++last;
  }
  for (double k = first; k <= last; ++k) {
    const double below = k == first && has_first ? 0 : at(law, (k - 0.5) * q);
    const double above = k == last && has_last ? 1 : at(law, (k + 0.5) * q);
    if (above - below <= 0) continue;
    const Value value = integers ? Value(static_cast<std::int64_t>(k * q)) : Value(multiple(k, q));
    shares[canonical_text(value)] += above - below;
  }
  return shares;
}

class Cases {
 public:
  void continuous(K kind, const std::string& keys, const Law& law) {
    StatisticsCase c;
    c.kind = kind;
    c.text = with_kind(kind, keys);
    c.cdf = law.cdf;
    c.lowest = law.lowest;
    c.highest = law.highest;
    all_.push_back(std::move(c));
  }

  void discrete(K kind, const std::string& keys, Shares shares) {
    StatisticsCase c;
    c.kind = kind;
    c.text = with_kind(kind, keys);
    c.shares = std::move(shares);
    all_.push_back(std::move(c));
  }

  void quantised(K kind, const std::string& keys, const Law& law, double q, bool integers) {
    const std::string step = integers ? std::to_string(std::llround(q)) : digits(q);
    discrete(kind, keys + ", q: " + step, rounded(law, q, integers));
  }

  std::vector<StatisticsCase> take() { return std::move(all_); }

 private:
  static std::string with_kind(K kind, const std::string& keys) {
    return "{distribution: " + std::string(spec::name_of(kind)) + ", " + keys + "}";
  }

  std::vector<StatisticsCase> all_;
};

std::string bounds(double a, double b) { return "min: " + digits(a) + ", max: " + digits(b); }
std::string bell(double mu, double sigma) {
  return "mu: " + digits(mu) + ", sigma: " + digits(sigma);
}
std::string shape(double a, double b) { return "a: " + digits(a) + ", b: " + digits(b); }

std::string of(const Value& value) { return canonical_text(value); }
std::string of(std::int64_t value) { return canonical_text(Value(value)); }
std::string of(const char* value) { return canonical_text(Value(std::string(value))); }

void add_lists(Cases* cases) {
  cases->discrete(K::kConstant, "value: 3", {{of(3), 1}});
  cases->discrete(K::kConstant, "value: adam", {{of("adam"), 1}});
  cases->discrete(K::kCategorical, "values: [a, b]", {{of("a"), 0.5}, {of("b"), 0.5}});
  cases->discrete(K::kCategorical, "values: [true, 1, '1', null, 2.5]",
                  {{of(Value(true)), 0.2},
                   {of(1), 0.2},
                   {of("1"), 0.2},
                   {of(Value()), 0.2},
                   {of(Value(2.5)), 0.2}});
  cases->discrete(K::kCategorical, "values: [1, 2, 1.0, 3]",  // 1 and 1.0 are one
                  {{of(1), 0.5}, {of(2), 0.25}, {of(3), 0.25}});
  cases->discrete(K::kCategoricalWithWeights, "values: [a, b, c], probabilities: [0.7, 0.1, 0.2]",
                  {{of("a"), 0.7}, {of("b"), 0.1}, {of("c"), 0.2}});
  cases->discrete(K::kCategoricalWithWeights, "values: [a, b, c], probabilities: [0.25, 0, 0.75]",
                  {{of("a"), 0.25}, {of("c"), 0.75}});
  cases->discrete(K::kCategoricalWithWeights, "values: [a, b], probabilities: [0.999, 0.001]",
                  {{of("a"), 0.999}, {of("b"), 0.001}});
}

void add_integers(Cases* cases) {
  const std::pair<std::int64_t, std::int64_t> ranges[] = {
      {0, 1}, {-1, 0}, {-7, 5}, {1, 100}, {-1000, -998}, {9007199254740000, 9007199254740009}};
  for (const auto& [min, max] : ranges) {
    Shares shares;
    for (std::int64_t i = min; i <= max; ++i) {
      shares[of(i)] = 1 / static_cast<double>(max - min + 1);
    }
    cases->discrete(K::kIntUniform, "min: " + std::to_string(min) + ", max: " + std::to_string(max),
                    shares);
  }
  const std::int64_t wide = std::int64_t{1} << 52;
  cases->continuous(K::kIntUniform, "min: 0, max: " + std::to_string(wide),
                    uniform(0, static_cast<double>(wide)));
}

void add_uniform(Cases* cases) {
  const std::pair<double, double> ranges[] = {{0, 1},         {-3, 7.5},       {-2, -1},
                                              {1, 1 + 1e-11}, {-1e308, 1e308}, {1e-300, 1e-299}};
  for (const auto& [a, b] : ranges) cases->continuous(K::kUniform, bounds(a, b), uniform(a, b));
  struct Steps {
    double a, b, q;
    bool integers;
  };
  for (const Steps& s :
       {Steps{0, 1, 0.1, false}, Steps{-3, 7.5, 2, true}, Steps{0.25, 0.9, 0.25, false},
        Steps{10, 20, 15, true}, Steps{-1, 1, 5, true}, Steps{1, 1000, 64, true},
        Steps{-0.5, 0.5, 0.0625, false}}) {
    cases->quantised(K::kQUniform, bounds(s.a, s.b), uniform(s.a, s.b), s.q, s.integers);
  }
  // No multiple of q inside: the value inside that is nearest to one.
  cases->discrete(K::kQUniform, bounds(1.25, 1.75) + ", q: 10.0", {{of(Value(1.25)), 1}});
}

void add_logarithmic(Cases* cases) {
  const std::pair<double, double> values[] = {
      {1e-5, 1e-1}, {1, 1.0625}, {0.5, 2e9}, {1e-300, 1e300}, {1e-4, 1}};
  for (const auto& [a, b] : values) {
    cases->continuous(K::kLogUniformValues, bounds(a, b), log_uniform(a, b));
    cases->continuous(K::kInvLogUniformValues, bounds(a, b), inverse_log_uniform(a, b));
  }
  const std::pair<double, double> exponents[] = {{-9, 2}, {0, 0.125}, {-2, -1}, {3, 20}};
  for (const auto& [a, b] : exponents) {
    cases->continuous(K::kLogUniform, bounds(a, b), log_uniform(std::exp(a), std::exp(b)));
    cases->continuous(K::kInvLogUniform, bounds(a, b),
                      inverse_log_uniform(std::exp(-b), std::exp(-a)));
  }
  struct Steps {
    double a, b, q;
    bool integers;
  };
  for (const Steps& s : {Steps{1, 30, 1, true}, Steps{16, 512, 16, true}, Steps{0.1, 1, 0.1, false},
                         Steps{0.1, 100, 10, true}, Steps{3, 7, 5, true}, Steps{8, 9, 1, true}}) {
    cases->quantised(K::kQLogUniformValues, bounds(s.a, s.b), log_uniform(s.a, s.b), s.q,
                     s.integers);
  }
  for (const Steps& s : {Steps{-2, 3, 0.5, false}, Steps{0, 5, 1, true}, Steps{-2, 3, 7, true}}) {
    cases->quantised(K::kQLogUniform, bounds(s.a, s.b), log_uniform(std::exp(s.a), std::exp(s.b)),
                     s.q, s.integers);
  }
}

void add_bells(Cases* cases) {
  const std::pair<double, double> bells[] = {{0, 1}, {2, 4}, {-7, 1.5}, {1000, 0.001}};
  for (const auto& [mu, sigma] : bells) {
    cases->continuous(K::kNormal, bell(mu, sigma), normal(mu, sigma));
  }
  cases->quantised(K::kQNormal, bell(0, 1), normal(0, 1), 0.25, false);
  cases->quantised(K::kQNormal, bell(-5, 3), normal(-5, 3), 2, true);
  cases->quantised(K::kQNormal, bell(0.5, 0.125), normal(0.5, 0.125), 10, true);
  for (const auto& [mu, sigma] : {std::pair{0.0, 1.0}, {-7.0, 1.5}, {3.0, 0.01}}) {
    cases->continuous(K::kLogNormal, bell(mu, sigma), log_normal(mu, sigma));
  }
  cases->quantised(K::kQLogNormal, bell(1, 0.5), log_normal(1, 0.5), 1, true);
  cases->quantised(K::kQLogNormal, bell(0, 1), log_normal(0, 1), 0.5, false);
}

void add_betas(Cases* cases) {
  const std::pair<double, double> shapes[] = {{1, 1}, {2, 5}, {0.5, 0.5}, {50, 3}};
  for (const auto& [a, b] : shapes) cases->continuous(K::kBeta, shape(a, b), beta(a, b));
  cases->quantised(K::kQBeta, shape(2, 5), beta(2, 5), 0.1, false);
  cases->quantised(K::kQBeta, shape(1, 1), beta(1, 1), 0.25, false);
  cases->quantised(K::kQBeta, shape(3, 3), beta(3, 3), 1, true);
}

}  // namespace

const std::vector<StatisticsCase>& statistics_cases() {
  static const std::vector<StatisticsCase> kCases = [] {
    Cases cases;
    add_lists(&cases);
    add_integers(&cases);
    add_uniform(&cases);
    add_logarithmic(&cases);
    add_bells(&cases);
    add_betas(&cases);
    return cases.take();
  }();
  return kCases;
}

}  // namespace scopa::search::testing
