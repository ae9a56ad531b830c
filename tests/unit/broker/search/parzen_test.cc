#include "broker/search/parzen.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "broker/search/fast_math.h"
#include "broker/search/math.h"
#include "tests/unit/broker/search/specs.h"

namespace scopa::search {
namespace {

using testing::choice;
using testing::sweep;
using testing::uniform;
using testing::when;

TEST(FastMathTest, AgreesWithTheExactFunctions) {
  for (double x = -690; x <= 0; x += 0.173) {
    EXPECT_NEAR(exp_of_negative(x) / exp_exactly(x), 1, 1e-11) << x;
  }
  for (float x = -86; x <= 0; x += 0.0173F) {
    EXPECT_NEAR(static_cast<double>(exp_of_negative(x)) / exp_exactly(x), 1, 1e-6) << x;
  }
  for (double x = 1e-300; x < 1e300; x *= 1.37) {
    EXPECT_NEAR(log_fast(x), log_exactly(x), 1e-9 * std::max(1.0, std::abs(log_exactly(x)))) << x;
  }
  EXPECT_EQ(exp_of_negative(0.0), 1);
  EXPECT_EQ(exp_of_negative(0.0F), 1);
  EXPECT_LT(exp_of_negative(-1e30F), 1e-37F);
  for (float z = 0; z <= 10; z += 0.037F) {
    EXPECT_NEAR(static_cast<double>(normal_tail_fast(z)), 1 - normal_cdf(z), 1e-6) << z;
  }
  EXPECT_LT(exp_of_negative(-1e308), 1e-300);
  for (double x = -10; x <= 10; x += 0.037) {
    EXPECT_NEAR(normal_cdf_fast(x), normal_cdf(x), 1e-7) << x;
  }
}

const Value kYes = std::string("yes");

// u; c of two categories; v, only where c is "yes".
spec::SweepSpec space_spec() {
  return sweep(spec::Method::kBayes, {uniform("u", 0, 1), choice("c", {kYes, std::string("no")}),
                                      when(uniform("v", 0, 1), "c", {kYes})});
}

class MixtureTest : public ::testing::Test {
 protected:
  MixtureTest() : space_(space_spec()), mixture_(&space_, {}) {
    columns_.of = {
        {0.02, 0.5, 0.55, 0.97}, {0, 1, 0, 1}, {0.3, Columns::kInactive, 0.9, Columns::kInactive}};
    mixture_.build(columns_, {0, 1, 2, 3}, {1, 1, 2, 1, 1});
  }
  double density(double u, std::uint64_t c, double v) {
    Point point(3);
    point[0].unit = u;
    point[1].index = c;
    point[2].unit = v;
    space_.settle(&point);
    return std::exp(mixture_.log_density(point, {u, static_cast<double>(c), v}));
  }

  Space space_;
  Mixture mixture_;
  Columns columns_;
};

TEST_F(MixtureTest, IntegratesToOneOverTheConditionalSpace) {
  // Of both sides of the condition, and of one alone.
  for (const std::vector<std::size_t>& members : {std::vector<std::size_t>{0, 1, 2, 3}, {0, 2}}) {
    mixture_.build(columns_, members, std::vector<double>(members.size() + 1, 1));
    constexpr int kSteps = 200;
    double sum = 0;
    for (int i = 0; i < kSteps; ++i) {
      const double u = (i + 0.5) / kSteps;
      sum += density(u, 1, 0) / kSteps;
      for (int k = 0; k < kSteps; ++k) {
        sum += density(u, 0, (k + 0.5) / kSteps) / kSteps / kSteps;
      }
    }
    EXPECT_NEAR(sum, 1, 1e-3) << members.size() << " members";
  }
}

TEST_F(MixtureTest, TheMarginalIsTheJointDensityWithAllElseIntegratedOut) {
  constexpr int kSteps = 400;
  for (const double u : {0.03, 0.4, 0.53, 0.9}) {
    double sum = density(u, 1, 0);
    for (int k = 0; k < kSteps; ++k) sum += density(u, 0, (k + 0.5) / kSteps) / kSteps;
    EXPECT_NEAR(std::exp(mixture_.log_marginal(0, {u, 0, 0})), sum, 1e-4 * sum) << u;
  }
  double yes = 0;
  double no = 0;
  for (int i = 0; i < kSteps; ++i) {
    const double u = (i + 0.5) / kSteps;
    no += density(u, 1, 0) / kSteps;
    for (int k = 0; k < kSteps; ++k) yes += density(u, 0, (k + 0.5) / kSteps) / kSteps / kSteps;
  }
  EXPECT_NEAR(std::exp(mixture_.log_marginal(1, {0, 0, 0})), yes, 1e-4);
  EXPECT_NEAR(std::exp(mixture_.log_marginal(1, {0, 1, 0})), no, 1e-4);
  double v = 0;  // of one with conditions, it is a density where these hold
  for (int k = 0; k < kSteps; ++k) {
    v += std::exp(mixture_.log_marginal(2, {0, 0, (k + 0.5) / kSteps})) / kSteps;
  }
  EXPECT_NEAR(v, 1, 1e-4);
}

TEST(MarginalTest, OfTheOnlyParameterItIsTheDensity) {
  const Space space(sweep(spec::Method::kBayes, {uniform("u", 0, 1)}));
  Mixture mixture(&space, {});
  Columns columns;
  columns.of = {{0.1, 0.2, 0.7}};
  mixture.build(columns, {0, 1, 2}, {1, 1, 1, 1});
  Point point(1);
  point[0].unit = 0.33;
  space.settle(&point);
  EXPECT_NEAR(mixture.log_marginal(0, {0.33}), mixture.log_density(point, {0.33}), 1e-6);
}

TEST_F(MixtureTest, SamplesFollowTheDensity) {
  constexpr int kSamples = 40'000;
  Stream stream(1, 2, 3);
  int no = 0;
  int low = 0;
  for (int i = 0; i < kSamples; ++i) {
    const Point point = mixture_.sample(&stream);
    EXPECT_EQ(point[2].active, point[1].index == 0);
    no += point[1].index == 1 ? 1 : 0;
    low += point[0].unit < 0.25 ? 1 : 0;
  }
  double density_no = 0;
  double density_low = 0;
  for (int i = 0; i < 200; ++i) {
    const double u = (i + 0.5) / 200;
    density_no += density(u, 1, 0) / 200;
    for (int k = 0; k < 200 && u < 0.25; ++k) {
      density_low += density(u, 0, (k + 0.5) / 200) / 40'000;
    }
    if (u < 0.25) density_low += density(u, 1, 0) / 200;
  }
  EXPECT_NEAR(no / double{kSamples}, density_no, 0.01);
  EXPECT_NEAR(low / double{kSamples}, density_low, 0.01);
}

TEST_F(MixtureTest, WithoutMembersItIsThePrior) {
  mixture_.build(columns_, {}, {1});
  EXPECT_NEAR(density(0.3, 1, 0), 0.5, 1e-12);
  EXPECT_NEAR(density(0.3, 0, 0.9), 0.5, 1e-12);
}

// The formula of the header, in double precision; weights of one.
double log_density_plainly(const std::vector<std::vector<double>>& columns, double width,
                           const std::vector<double>& at) {
  const std::size_t n = columns[0].size();
  const double log_weight = -std::log(static_cast<double>(n + 1));
  std::vector<double> logs = {log_weight};  // the prior
  for (std::size_t i = 0; i < n; ++i) {
    logs.push_back(log_weight);
    for (std::size_t j = 0; j < columns.size(); ++j) {
      const double z = (at[j] - columns[j][i]) / width;
      const double mass =
          normal_cdf((1 - columns[j][i]) / width) - normal_cdf(-columns[j][i] / width);
      logs.back() -= 0.5 * z * z + std::log(width * std::sqrt(2 * 3.14159265358979324) * mass);
    }
  }
  const double high = *std::max_element(logs.begin(), logs.end());
  double sum = 0;
  for (const double each : logs) sum += std::exp(each - high);
  return high + std::log(sum);
}

TEST(MixturePrecisionTest, HoldsWithManyParametersAndTrialsInTheCorners) {
  constexpr std::size_t kParameters = 203, kMembers = 37;
  std::vector<spec::Parameter> parameters;
  for (std::size_t j = 0; j < kParameters; ++j) {
    parameters.push_back(uniform("p" + std::to_string(j), 0, 1));
  }
  const Space space(sweep(spec::Method::kBayes, std::move(parameters)));
  for (const double width : {0.01, 0.15}) {
    KernelRule rule;
    rule.scale = width;
    rule.floor_exponent = 20;
    Mixture mixture(&space, rule);
    Columns columns;
    std::vector<std::size_t> members(kMembers);
    Stream stream(4, 0, 0);
    for (std::size_t j = 0; j < kParameters; ++j) {
      columns.of.emplace_back();
      for (std::size_t i = 0; i < kMembers; ++i) {
        columns.of.back().push_back(i % 3 == 0 ? 0.0 : i % 3 == 1 ? 1.0 : stream.unit());
        members[i] = i;
      }
    }
    mixture.build(columns, members, std::vector<double>(kMembers + 1, 1));
    const double built = std::max(
        0.01, width * std::exp(-std::log(kMembers + 1.0) / (static_cast<double>(kParameters) + 4)));
    for (const double from : {0.0, 0.004, 0.3}) {  // a member, beside one, far from all
      Point point(kParameters);
      std::vector<double> at(kParameters);
      for (std::size_t j = 0; j < kParameters; ++j) {
        point[j].unit = at[j] = std::abs(columns.of[j][2] - from);
      }
      space.settle(&point);
      const double plain = log_density_plainly(columns.of, built, at);
      EXPECT_NEAR(mixture.log_density(point, at), plain, 1e-4 + 1e-6 * std::abs(plain))
          << "width " << width << ", " << from << " from a trial";
    }
  }
}

TEST_F(MixtureTest, IsHigherNearItsMembers) {
  EXPECT_GT(density(0.53, 0, 0.9), density(0.53, 0, 0.1));
  EXPECT_GT(density(0.97, 1, 0), density(0.97, 0, 0.5));
}

}  // namespace
}  // namespace scopa::search
