// What comes out of the random sampler, against the distributions that the sweep file names. Fixed
// seeds; each single test would fail by chance once in a million seeds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <map>
#include <set>

#include "broker/search/history.h"
#include "broker/search/random_sampler.h"
#include "broker/spec/distributions.h"
#include "broker/spec/parse.h"
#include "tests/support/effort.h"
#include "tests/unit/broker/search/statistics_cases.h"

namespace scopa::search {
namespace {

using testing::statistics_cases;
using testing::StatisticsCase;

constexpr double kAlpha = 1e-6;
constexpr std::uint64_t kSeed = 20260301;
constexpr int kAllSamples = 40'000;
constexpr int kSamples = effort(kAllSamples);
constexpr double kBinMin = 10;  // expected values in a bin of the chi-square test

std::string sweep_file(const std::vector<std::string>& parameters) {
  std::string text = "method: random\nparameters:\n";
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    text += "  p" + std::to_string(i) + ": " + parameters[i] + "\n";
  }
  return text;
}

/// Calls `visit` with each of the first `count` suggestions for a sweep file.
void suggest(const std::string& file, std::uint64_t seed, int count,
             const std::function<void(const Params&)>& visit) {
  const spec::Parsed parsed = spec::parse(file);
  for (const spec::Diagnostic& d : parsed.diagnostics) {
    ASSERT_NE(d.severity, spec::Severity::kError) << d.path << ": " << d.message << "\n" << file;
  }
  RandomSampler sampler(parsed.spec, seed);
  const History nothing;
  for (int number = 0; number < count; ++number) {
    const auto params = sampler.suggest(nothing, static_cast<std::uint64_t>(number));
    ASSERT_TRUE(params);
    visit(*params);
  }
}

double real_of(const Value& value) {
  double x = std::nan("");
  as_number(value, &x);
  return x;
}

/// The largest distance of the empirical CDF from `cdf`.
double kolmogorov_smirnov(std::vector<double> samples, const std::function<double(double)>& cdf) {
  std::sort(samples.begin(), samples.end());
  const auto n = static_cast<double>(samples.size());
  double distance = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double f = cdf(samples[i]);
    const auto rank = static_cast<double>(i);
    distance = std::max({distance, f - rank / n, (rank + 1) / n - f});
  }
  return distance;
}

/// Beyond it with a probability of at most kAlpha: Massart, "The tight constant in the
/// Dvoretzky-Kiefer-Wolfowitz inequality" (1990).
double kolmogorov_smirnov_limit(std::size_t n) {
  return std::sqrt(std::log(2 / kAlpha) / (2 * static_cast<double>(n)));
}

struct ChiSquare {
  double statistic = 0;
  double limit = 0;
};

/// Of counts against expected ones; bins that are too small for the approximation go together.
ChiSquare chi_square(const std::vector<std::pair<double, double>>& observed_expected) {
  ChiSquare result;
  double rest_observed = 0;
  double rest_expected = 0;
  int bins = 0;
  const auto add = [&](double observed, double expected) {
    result.statistic += (observed - expected) * (observed - expected) / expected;
    ++bins;
  };
  for (const auto& [observed, expected] : observed_expected) {
    if (expected >= kBinMin) {
      add(observed, expected);
    } else {
      rest_observed += observed;
      rest_expected += expected;
    }
  }
  if (rest_expected >= 1) add(rest_observed, rest_expected);
  if (bins < 2) return {};
  const boost::math::chi_squared law(bins - 1);
  result.limit = boost::math::quantile(boost::math::complement(law, kAlpha));
  return result;
}

void expect_shares(const std::map<std::string, int>& counts,
                   const std::map<std::string, double>& shares, const std::string& what) {
  int total = 0;
  for (const auto& [value, count] : counts) {
    EXPECT_TRUE(shares.contains(value)) << what << " gave " << value << ", seed " << kSeed;
    total += count;
  }
  std::vector<std::pair<double, double>> bins;
  for (const auto& [value, share] : shares) {
    const auto found = counts.find(value);
    bins.emplace_back(found == counts.end() ? 0 : found->second, share * total);
  }
  const ChiSquare chi = chi_square(bins);
  EXPECT_LE(chi.statistic, chi.limit) << what << ", seed " << kSeed;
}

void expect_law(const std::vector<double>& samples, const StatisticsCase& c) {
  for (const double x : samples) {
    ASSERT_GE(x, c.lowest) << c.text;
    ASSERT_LE(x, c.highest) << c.text;
  }
  EXPECT_LE(kolmogorov_smirnov(samples, c.cdf), kolmogorov_smirnov_limit(samples.size()))
      << c.text << ", seed " << kSeed;
}

TEST(StatisticsTest, EveryKindHasSeveralCases) {
  std::map<spec::DistributionKind, int> cases;
  for (const StatisticsCase& c : statistics_cases()) ++cases[c.kind];
  for (const spec::DistributionRow& row : spec::distribution_table()) {
    EXPECT_GE(cases[row.kind], 2) << "no cases of " << row.name << " in statistics_cases.cc";
  }
}

TEST(StatisticsTest, TheOraclesAreDistributions) {
  for (const StatisticsCase& c : statistics_cases()) {
    if (c.cdf) {
      if (std::isfinite(c.lowest)) {
        EXPECT_NEAR(c.cdf(c.lowest), 0, 1e-12) << c.text;
      }
      if (std::isfinite(c.highest)) {
        EXPECT_NEAR(c.cdf(c.highest), 1, 1e-12) << c.text;
      }
      continue;
    }
    double sum = 0;
    for (const auto& [value, share] : c.shares) sum += share;
    EXPECT_NEAR(sum, 1, 1e-9) << c.text;
  }
}

TEST(StatisticsTest, EveryDistributionFollowsItsCdf) {
  const auto& cases = statistics_cases();
  std::vector<std::string> parameters;
  for (const StatisticsCase& c : cases) parameters.push_back(c.text);
  std::vector<std::vector<double>> samples(cases.size());
  std::vector<std::map<std::string, int>> counts(cases.size());
  suggest(sweep_file(parameters), kSeed, kSamples, [&](const Params& params) {
    ASSERT_EQ(params.size(), cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (cases[i].cdf) {
        samples[i].push_back(real_of(params[i].value));
      } else {
        ++counts[i][canonical_text(params[i].value)];
      }
    }
  });
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].cdf) {
      expect_law(samples[i], cases[i]);
    } else {
      expect_shares(counts[i], cases[i].shares, cases[i].text);
    }
  }
}

TEST(StatisticsTest, EveryLogKindGivesEachDecadeTheSameMass) {
  // 1e-5 ... 1, and the same as exponents of e; the steps of the q_ kinds are far below a decade.
  const std::string values = "min: 0.00001, max: 1.0";
  const std::string exponents = "min: -11.512925464970229, max: 0.0";
  const std::string above = "min: 0.0, max: 11.512925464970229";  // 1e-5 ... 1 when inverted
  const std::vector<std::string> kinds = {
      "{distribution: log_uniform_values, " + values + "}",
      "{distribution: inv_log_uniform_values, " + values + "}",
      "{distribution: log_uniform, " + exponents + "}",
      "{distribution: inv_log_uniform, " + above + "}",
      "{distribution: q_log_uniform_values, q: 0.00000001, " + values + "}",
      "{distribution: q_log_uniform, q: 0.00000001, " + exponents + "}"};
  std::set<std::string> log_kinds;
  for (const spec::DistributionRow& row : spec::distribution_table()) {
    if (row.name.find("log_uniform") != std::string_view::npos) log_kinds.emplace(row.name);
  }
  EXPECT_EQ(kinds.size(), log_kinds.size()) << "a log kind is missing here";

  std::vector<std::map<std::string, int>> decades(kinds.size());
  suggest(sweep_file(kinds), kSeed, kSamples, [&](const Params& params) {
    for (std::size_t i = 0; i < kinds.size(); ++i) {
      const double x = real_of(params[i].value);
      ++decades[i][std::to_string(std::clamp(static_cast<int>(std::floor(std::log10(x))), -5, -1))];
    }
  });
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    expect_shares(decades[i], {{"-5", 0.2}, {"-4", 0.2}, {"-3", 0.2}, {"-2", 0.2}, {"-1", 0.2}},
                  kinds[i]);
  }
}

TEST(StatisticsTest, AConditionLeavesTheDistributionAsItIs) {
  const std::string file =
      "method: random\nparameters:\n"
      "  optimizer: {values: [sgd, adam, lion]}\n"
      "  momentum: {min: 0.5, max: 0.99, when: {optimizer: [sgd, lion]}}\n"
      "  nesterov: {values: [true, false], when: {optimizer: sgd}}\n";
  std::vector<double> momenta;
  std::map<std::string, int> nesterovs;
  std::map<std::string, int> optimizers;
  suggest(file, kSeed, kSamples, [&](const Params& params) {
    for (const Param& p : params) {
      if (p.name == "momentum") momenta.push_back(real_of(p.value));
      if (p.name == "nesterov") ++nesterovs[canonical_text(p.value)];
      if (p.name == "optimizer") ++optimizers[canonical_text(p.value)];
    }
  });
  const auto third = 1.0 / 3;
  const auto text = [](const char* name) { return canonical_text(Value(std::string(name))); };
  expect_shares(optimizers, {{text("sgd"), third}, {text("adam"), third}, {text("lion"), third}},
                "optimizer");
  expect_shares(nesterovs,
                {{canonical_text(Value(true)), 0.5}, {canonical_text(Value(false)), 0.5}},
                "nesterov");
  EXPECT_EQ(momenta.size(), static_cast<std::size_t>(optimizers[text("sgd")]) +
                                static_cast<std::size_t>(optimizers[text("lion")]));
  EXPECT_LE(kolmogorov_smirnov(momenta, [](double x) { return (x - 0.5) / 0.49; }),
            kolmogorov_smirnov_limit(momenta.size()));
}

/// Standard deviations by which the correlation of two sequences is off 0; of `b` from its
/// `lag`-th element on.
double correlation_score(const std::vector<double>& a, const std::vector<double>& b,
                         std::size_t lag) {
  const std::size_t n = a.size() - lag;
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += (a[i] - 0.5) * (b[i + lag] - 0.5);
  return std::abs(sum / static_cast<double>(n) * 12) * std::sqrt(static_cast<double>(n));
}

/// Beyond it in one of `tests` with a probability of at most kAlpha.
double correlation_limit(std::size_t tests) {
  const double each = kAlpha / static_cast<double>(tests);
  return boost::math::quantile(boost::math::complement(boost::math::normal(), each / 2));
}

constexpr std::size_t kColumns = 12;

std::vector<std::vector<double>> uniform_columns(std::uint64_t seed) {
  std::vector<std::vector<double>> columns(kColumns);
  const std::vector<std::string> parameters(kColumns, "{min: 0.0, max: 1.0}");
  suggest(sweep_file(parameters), seed, kSamples, [&](const Params& params) {
    for (std::size_t i = 0; i < kColumns; ++i) columns[i].push_back(real_of(params[i].value));
  });
  return columns;
}

TEST(StatisticsTest, ParametersAreIndependentOfEachOther) {
  const auto columns = uniform_columns(kSeed);
  for (std::size_t i = 0; i < kColumns; ++i) {
    for (std::size_t j = i + 1; j < kColumns; ++j) {
      EXPECT_LE(correlation_score(columns[i], columns[j], 0),
                correlation_limit(kColumns * kColumns))
          << i << " and " << j << ", seed " << kSeed;
      // Correlation sees lines only; a table of 10 x 10 sees every shape.
      std::map<std::string, int> cells;
      std::map<std::string, double> shares;
      for (int cell = 0; cell < 100; ++cell) shares[std::to_string(cell)] = 0.01;
      for (std::size_t k = 0; k < columns[i].size(); ++k) {
        ++cells[std::to_string(static_cast<int>(columns[i][k] * 10) * 10 +
                               static_cast<int>(columns[j][k] * 10))];
      }
      expect_shares(cells, shares, "p" + std::to_string(i) + " and p" + std::to_string(j));
    }
  }
}

TEST(StatisticsTest, SuggestionsAreIndependentOfTheOnesBefore) {
  const auto columns = uniform_columns(kSeed);
  constexpr std::array<std::size_t, 8> kLags = {1, 2, 3, 4, 8, 16, 64, 256};
  for (std::size_t i = 0; i < kColumns; ++i) {
    for (std::size_t j = 0; j < kColumns; ++j) {
      for (const std::size_t lag : kLags) {
        EXPECT_LE(correlation_score(columns[i], columns[j], lag),
                  correlation_limit(kColumns * kColumns * kLags.size()))
            << "p" << i << " and, " << lag << " later, p" << j << ", seed " << kSeed;
      }
    }
  }
}

TEST(StatisticsTest, SweepsAreIndependentOfEachOther) {
  const auto a = uniform_columns(kSeed);
  for (const std::uint64_t seed : {kSeed + 1, kSeed ^ (std::uint64_t{1} << 63), std::uint64_t{0}}) {
    const auto b = uniform_columns(seed);
    for (std::size_t i = 0; i < kColumns; ++i) {
      for (const std::size_t lag : {0, 1}) {
        EXPECT_LE(correlation_score(a[i], b[i], lag), correlation_limit(kColumns * 6))
            << "p" << i << ", seeds " << kSeed << " and " << seed;
      }
    }
  }
}

// A tester that nothing fails proves nothing.
TEST(StatisticsTest, TheTestsSeeAShareThatIsFiveInAHundredOff) {
  std::vector<double> samples;
  suggest(sweep_file({"{min: 0.0, max: 1.0}"}), kSeed, kAllSamples,
          [&](const Params& params) { samples.push_back(real_of(params[0].value)); });
  const auto limit = kolmogorov_smirnov_limit(samples.size());
  EXPECT_LE(kolmogorov_smirnov(samples, [](double x) { return x; }), limit);
  EXPECT_GT(kolmogorov_smirnov(samples, [](double x) { return std::pow(x, 1.05); }), limit);
  const double n = kAllSamples;
  const ChiSquare even = chi_square({{n * 0.5, n * 0.5}, {n * 0.5, n * 0.5}});
  EXPECT_LE(even.statistic, even.limit);
  const ChiSquare odd = chi_square({{n * 0.525, n * 0.5}, {n * 0.475, n * 0.5}});
  EXPECT_GT(odd.statistic, odd.limit);
}

}  // namespace
}  // namespace scopa::search
