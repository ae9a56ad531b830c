#include "broker/search/distribution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>

#include "broker/search/random.h"
#include "tests/unit/broker/search/specs.h"

namespace scopa::search {
namespace {

using spec::DistributionKind;
using ::testing::HasSubstr;
using testing::range;

double as_double(const Value& value) {
  double x = std::nan("");
  as_number(value, &x);
  return x;
}

Domain domain(const spec::Parameter& parameter) { return Domain(parameter.distribution); }

spec::Distribution shaped(DistributionKind kind, double mu, double sigma, double q = 1) {
  spec::Distribution d;
  d.kind = kind;
  d.mu = mu;
  d.sigma = sigma;
  d.q = q;
  return d;
}

spec::Distribution beta(double a, double b, DistributionKind kind = DistributionKind::kBeta) {
  spec::Distribution d;
  d.kind = kind;
  d.a = a;
  d.b = b;
  d.q = 0.1;
  return d;
}

std::vector<std::pair<std::string, spec::Distribution>> continuous() {
  using K = DistributionKind;
  return {{"uniform", range("x", K::kUniform, -3, 7.5).distribution},
          {"log_uniform", range("x", K::kLogUniform, -9, 2).distribution},
          {"log_uniform_values", range("x", K::kLogUniformValues, 1e-5, 10).distribution},
          {"inv_log_uniform", range("x", K::kInvLogUniform, -2, 3).distribution},
          {"inv_log_uniform_values", range("x", K::kInvLogUniformValues, 0.1, 3).distribution},
          {"normal", shaped(K::kNormal, 2, 4)},
          {"log_normal", shaped(K::kLogNormal, -7, 1.5)},
          {"beta", beta(2, 5)}};
}

TEST(DomainTest, SamplesFollowTheCdf) {
  for (const auto& [name, distribution] : continuous()) {
    const Domain d(distribution);
    Stream stream(11, 0, hash_name(name));
    constexpr int kSamples = 20'000;
    std::vector<double> quantiles;
    for (int i = 0; i < kSamples; ++i)
      quantiles.push_back(d.cdf(as_double(d.value(stream.unit()))));
    std::sort(quantiles.begin(), quantiles.end());
    double distance = 0;  // Kolmogorov-Smirnov
    for (int i = 0; i < kSamples; ++i) {
      distance = std::max(distance,
                          std::abs(quantiles[static_cast<std::size_t>(i)] - (i + 0.5) / kSamples));
    }
    EXPECT_LT(distance, 1.63 / std::sqrt(kSamples)) << name;  // 1 % level
  }
}

TEST(DomainTest, QuantileOfAValueIsWhereItCameFrom) {
  for (const auto& [name, distribution] : continuous()) {
    const Domain d(distribution);
    for (double u = 0.001; u < 1; u += 0.0173) {
      const auto back = d.unit_of(d.value(u));
      ASSERT_TRUE(back) << name;
      EXPECT_NEAR(*back, u, 1e-9) << name;
    }
  }
}

TEST(DomainTest, LogKindsGiveEachDecadeTheSameMass) {
  const Domain d = domain(range("lr", DistributionKind::kLogUniformValues, 1e-5, 1e-1));
  std::map<int, int> decades;
  Stream stream(3, 0, hash_name("lr"));
  for (int i = 0; i < 40'000; ++i) {
    ++decades[static_cast<int>(std::floor(std::log10(as_double(d.value(stream.unit())))))];
  }
  ASSERT_EQ(decades.size(), 4U);
  for (const auto& [decade, count] : decades) EXPECT_NEAR(count, 10'000, 400) << decade;
}

// Every value of a finite domain comes as often as its share of the prior says, and knows its
// index.
TEST(DomainTest, FiniteDomainsAgreeWithThemselves) {
  using K = DistributionKind;
  spec::Distribution weighted;
  weighted.kind = K::kCategoricalWithWeights;
  weighted.values = {std::string("a"), std::string("b"), std::string("c")};
  weighted.probabilities = {0.2, 0, 0.8};
  const std::vector<spec::Distribution> all = {
      range("x", K::kIntUniform, -3, 8).distribution,
      range("x", K::kQUniform, 0, 1, 0.1).distribution,
      range("x", K::kQUniform, 1, 1000, 64, true).distribution,
      range("x", K::kQLogUniformValues, 1, 30, 1, true).distribution,
      range("x", K::kQLogUniform, -2, 3, 0.5).distribution,
      beta(2, 5, K::kQBeta),
      weighted,
      testing::choice("x", {true, std::int64_t{1}, 2.5, std::string("1")}).distribution};
  for (const auto& distribution : all) {
    const Domain d(distribution);
    ASSERT_TRUE(d.is_finite());
    std::vector<int> counts(d.count());
    Stream stream(5, 1, 2);
    constexpr int kSamples = 20'000;
    for (int i = 0; i < kSamples; ++i) {
      const double u = stream.unit();
      const auto index = d.index_of(d.value(u));
      ASSERT_TRUE(index);
      EXPECT_EQ(*index, d.index_at(u));
      ++counts[*index];
    }
    double sum = 0;
    for (std::uint64_t i = 0; i < d.count(); ++i) {
      EXPECT_NEAR(counts[i] / double{kSamples}, d.width(i), 0.015) << d.describe() << " " << i;
      EXPECT_EQ(d.index_of(d.at(i)), i);
      EXPECT_TRUE(d.is_categorical() || d.index_at(d.centre(i)) == i);
      sum += d.width(i);
    }
    EXPECT_NEAR(sum, 1, 1e-9);
  }
}

TEST(DomainTest, QuantisedValuesStayInsideTheirRange) {
  using K = DistributionKind;
  const std::vector<spec::Distribution> all = {
      range("x", K::kQUniform, 1, 10, 4, true).distribution,
      range("x", K::kQUniform, 0.05, 0.95, 0.1).distribution,
      range("x", K::kQUniform, 0.1, 0.3, 0.1).distribution,
      range("x", K::kQUniform, 1, 2, 10, true).distribution,
      range("x", K::kQUniform, 1.2, 1.8, 10, true).distribution,
      range("x", K::kQLogUniformValues, 0.1, 100, 10, true).distribution,
      range("x", K::kQLogUniformValues, 0.1, 1, 0.1).distribution,
      range("x", K::kQLogUniform, -2, 3, 7, true).distribution};
  for (const auto& distribution : all) {
    const Domain d(distribution);
    const bool values = distribution.kind != K::kQLogUniform;
    const double min = values ? distribution.min : std::exp(distribution.min);
    const double max = values ? distribution.max : std::exp(distribution.max);
    for (double u = 0; u <= 1; u += 0.01) {
      EXPECT_GE(as_double(d.value(u)), min) << d.describe();
      EXPECT_LE(as_double(d.value(u)), max) << d.describe();
    }
  }
  EXPECT_EQ(domain(range("x", K::kQUniform, 0.1, 0.3, 0.1)).count(), 3U);
  EXPECT_EQ(domain(range("x", K::kQUniform, 1, 10, 4, true)).value(0), Value(std::int64_t{4}));
}

TEST(DomainTest, WhereAllValuesAreWholeTheyAreIntegers) {
  using K = DistributionKind;
  for (const bool written_as_integer : {true, false}) {
    const auto even = range("x", K::kQUniform, 0, 10, 2, written_as_integer);
    EXPECT_EQ(domain(even).value(0.5), Value(std::int64_t{4}));  // 5 / 2 rounds to even
    const auto batch = range("x", K::kQLogUniformValues, 16, 256, 1, written_as_integer);
    EXPECT_EQ(domain(batch).value(0), Value(std::int64_t{16}));
    EXPECT_EQ(*domain(batch).admit(Value(20.0)), Value(std::int64_t{20}));
  }
  EXPECT_EQ(Domain(shaped(K::kQNormal, 3, 2, 2.0)).value(0.5), Value(std::int64_t{4}));
  EXPECT_EQ(Domain(shaped(K::kQNormal, 3.3, 0, 1.0)).value(0.5), Value(std::int64_t{3}));
  EXPECT_EQ(Domain(shaped(K::kQLogNormal, 0, 1, 1.0)).value(0.5), Value(std::int64_t{1}));
  EXPECT_EQ(domain(range("x", K::kQUniform, 0, 10, 2.5)).value(1), Value(10.0));
  EXPECT_EQ(domain(range("x", K::kUniform, 0, 1)).value(1), Value(1.0));
  // A grid from 0.5 on in steps of 1 has no whole value.
  const Domain grid(range("x", K::kQUniform, 0.5, 3, 1, true).distribution, Domain::Use::kGrid);
  EXPECT_EQ(grid.at(1), Value(1.5));
}

TEST(DomainTest, AListOfWholeNumbersIsOneOfIntegers) {
  EXPECT_EQ(domain(testing::choice("x", {2.0, 4.0})).at(1), Value(std::int64_t{4}));
  EXPECT_EQ(domain(testing::choice("x", {std::int64_t{2}, 4.0})).at(1), Value(std::int64_t{4}));
  EXPECT_EQ(domain(testing::choice("x", {2.0, 4.5})).at(0), Value(2.0));
  EXPECT_EQ(domain(testing::choice("x", {2.0, std::string("auto")})).at(0), Value(2.0));
  EXPECT_EQ(domain(testing::choice("x", {1e300, 2.0})).at(1), Value(2.0));
  EXPECT_EQ(domain(testing::choice("x", {2.0, 4.0})).index_of(Value(4.0)), 1U);
  spec::Distribution constant;
  constant.values = {100000.0};
  EXPECT_EQ(Domain(constant).at(0), Value(100000.0));  // as it is written
}

TEST(DomainTest, QuantisedValuesHaveNoBinaryNoise) {
  using K = DistributionKind;
  spec::Distribution bell = shaped(K::kQNormal, 0, 1, 0.1);
  const std::vector<std::pair<spec::Distribution, double>> all = {
      {range("x", K::kQUniform, 0, 1, 0.1).distribution, 0.1},
      {range("x", K::kQUniform, -1, 1, 0.3).distribution, 0.3},
      {range("x", K::kQLogUniformValues, 0.1, 100, 0.1).distribution, 0.1},
      {range("x", K::kQLogUniform, std::log(0.1), std::log(100), 0.1).distribution, 0.1},
      {range("x", K::kQLogUniform, -3, 0, 0.01).distribution, 0.01},
      {bell, 0.1},
      {shaped(K::kQLogNormal, 0, 1, 0.1), 0.1},
      {beta(2, 5, K::kQBeta), 0.1}};
  for (const auto& [distribution, q] : all) {
    const Domain d(distribution);
    for (double u = 1.0 / 256; u < 1; u += 1.0 / 256) {
      const Value value = d.value(u);
      const double x = as_double(value);
      // The nearest double to the decimal number, by rounding its text.
      char text[64];
      std::snprintf(text, sizeof text, "%.*f", q == 0.01 ? 2 : 1, x);
      EXPECT_EQ(x, std::strtod(text, nullptr)) << spec::name_of(distribution.kind);
      EXPECT_EQ(d.value(*d.unit_of(value)), value);
      EXPECT_EQ(*d.admit(value), value);
    }
  }
  const Domain grid(range("x", K::kQUniform, 0, 1, 0.1).distribution, Domain::Use::kGrid);
  EXPECT_EQ(grid.at(3), Value(0.3));
  EXPECT_EQ(grid.index_of(Value(0.30000000000000004)), 3U);  // of an earlier version
  EXPECT_EQ(*domain(range("x", K::kQUniform, 0, 1, 0.1)).admit(0.30000000000000004), Value(0.3));
}

TEST(DomainTest, BoundsComeOutAsTheyAreWritten) {
  using K = DistributionKind;
  for (const K kind : {K::kLogUniformValues, K::kInvLogUniformValues, K::kUniform}) {
    for (const double min : {1e-6, 1e-5, 3e-4, 0.01, 0.1, 7.0}) {
      for (const double max : {7.1, 10.0, 1e3, 3e5, 1e12}) {
        const Domain d = domain(range("x", kind, min, max));
        EXPECT_EQ(d.value(0), Value(min));
        EXPECT_EQ(d.value(1), Value(max));
        EXPECT_EQ(d.value(*d.unit_of(Value(min))), Value(min));
        EXPECT_EQ(d.value(*d.unit_of(Value(max))), Value(max));
        EXPECT_EQ(*d.admit(Value(max)), Value(max));
        for (const double u : {0x1p-53, 1e-15, 0.5, 1 - 1e-15, 1 - 0x1p-53}) {
          EXPECT_GE(as_double(d.value(u)), min);
          EXPECT_LE(as_double(d.value(u)), max);
        }
      }
    }
  }
  for (const auto& [min, max] : {std::pair{0.1, 0.3}, {0.0, 0.5}, {-0.3, 0.3}, {-7.0, 0.0}}) {
    const Domain d = domain(range("x", K::kUniform, min, max));
    for (double u = 0; u < 0x1p-51; u += 0x1p-53) {
      EXPECT_EQ(d.value(u), Value(min)) << u;
      EXPECT_EQ(d.value(1 - u), Value(max)) << u;
    }
  }
  for (const K kind : {K::kLogUniform, K::kInvLogUniform}) {  // a bound of these is an exponent
    const Domain d = domain(range("x", kind, -7.3, 2.1));
    for (const double u : {0.0, 0x1p-53, 1e-16, 0.5, 1 - 0x1p-53, 1.0}) {
      EXPECT_TRUE(d.admit(d.value(u)).is_ok()) << u;
    }
  }
  for (const K kind : {K::kLogUniformValues, K::kInvLogUniformValues}) {
    const Domain d = domain(range("lr", kind, 1e-6, 0.01));
    for (double u = 0; u < 0x1p-51; u += 0x1p-53) {  // what is a bound but for the noise of exp
      EXPECT_EQ(d.value(u), Value(1e-6)) << u;
      EXPECT_EQ(d.value(1 - u), Value(0.01)) << u;
    }
  }
}

TEST(DomainTest, SigmaZeroIsAConstant) {
  EXPECT_EQ(Domain(shaped(DistributionKind::kNormal, 3, 0)).value(0.1), Value(3.0));
  EXPECT_TRUE(Domain(shaped(DistributionKind::kNormal, 3, 0)).is_constant());
  EXPECT_NEAR(as_double(Domain(shaped(DistributionKind::kLogNormal, 1, 0)).value(0.9)), M_E, 1e-12);
  EXPECT_EQ(Domain(shaped(DistributionKind::kQNormal, 3.3, 0, 0.5)).value(0.1), Value(3.5));
}

TEST(DomainTest, NoQuantileGivesAnythingButAFiniteNumber) {
  auto all = continuous();
  all.emplace_back("huge", shaped(DistributionKind::kLogNormal, 500, 300));
  all.emplace_back("wide", range("x", DistributionKind::kUniform, -1.7e308, 1.7e308).distribution);
  all.emplace_back("exponents", range("x", DistributionKind::kLogUniform, -1e4, 1e4).distribution);
  all.emplace_back("fine", shaped(DistributionKind::kQNormal, 0, 1e300, 1e-3));
  all.emplace_back("none", beta(0, 0));
  for (const auto& [name, distribution] : all) {
    const Domain d(distribution);
    for (const double u : {-1.0, 0.0, 1e-300, 0.3, 0.5, 1.0, 2.0, std::nan("")}) {
      EXPECT_TRUE(std::isfinite(as_double(d.value(u)))) << name << " " << u;
    }
  }
}

TEST(DomainTest, ACategoryGivenTwiceIsOneWithTwiceTheMass) {
  const Domain d = domain(testing::choice("x", {std::int64_t{1}, std::int64_t{2}, 1.0}));
  EXPECT_EQ(d.count(), 2U);
  EXPECT_EQ(d.at(0), Value(std::int64_t{1}));
  EXPECT_NEAR(d.width(0), 2.0 / 3, 1e-12);
}

TEST(DomainTest, GridOfQUniformStartsAtMinAndLeavesMaxOut) {
  const Domain d(range("x", DistributionKind::kQUniform, 1, 9, 4, true).distribution,
                 Domain::Use::kGrid);
  ASSERT_EQ(d.count(), 2U);
  EXPECT_EQ(d.at(0), Value(std::int64_t{1}));
  EXPECT_EQ(d.at(1), Value(std::int64_t{5}));
}

TEST(DomainTest, AdmitSaysWhatIsAllowed) {
  const auto text = [](const spec::Parameter& parameter, const Value& value) {
    return domain(parameter).admit(value).status().message();
  };
  using K = DistributionKind;
  EXPECT_EQ(text(range("x", K::kLogUniformValues, 1e-5, 0.1), 1.0),
            "1.0 is not a number between 1.0e-05 and 0.1");
  EXPECT_EQ(text(range("x", K::kIntUniform, 1, 5), 2.5), "2.5 is not an integer between 1 and 5");
  EXPECT_EQ(text(range("x", K::kQUniform, 0, 1, 0.25), 0.3),
            "0.3 is not a multiple of 0.25 between 0 and 1");
  EXPECT_EQ(text(testing::choice("x", {std::string("sgd"), std::int64_t{3}}), std::string("sdg")),
            "\"sdg\" is not one of \"sgd\", 3");
  EXPECT_THAT(text(range("x", K::kUniform, 0, 1), std::string("big")),
              HasSubstr("is not a number"));
}

TEST(DomainTest, AdmitGivesTheSpellingOfTheSpec) {
  using K = DistributionKind;
  EXPECT_EQ(*domain(range("x", K::kIntUniform, 1, 5)).admit(2.0), Value(std::int64_t{2}));
  EXPECT_EQ(*domain(range("x", K::kUniform, 1, 5)).admit(std::int64_t{2}), Value(2.0));
  EXPECT_EQ(
      *domain(testing::choice("x", {std::string("1"), std::string("2")})).admit(std::int64_t{2}),
      Value(std::string("2")));
  EXPECT_EQ(*domain(testing::choice("x", {64.5, 32.0})).admit(std::int64_t{32}), Value(32.0));
}

TEST(PpfTest, QuantilesFromOutsideAreChecked) {
  const Domain d = domain(testing::uniform("x", 0, 2));
  EXPECT_EQ(*ppf(d, 0.25), Value(0.5));
  EXPECT_EQ(ppf(d, -0.1).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(ppf(d, 1.1).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(ppf(d, std::nan("")).status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace scopa::search
