#include "broker/search/math.h"

#include <gtest/gtest.h>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <limits>

namespace scopa::search {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(MathTest, ExpAgreesWithTheSystem) {
  for (double x = -700; x < 700; x += 0.37) {
    EXPECT_NEAR(exp_exactly(x) / std::exp(x), 1, 1e-15 + std::abs(x) * 3e-19) << x;
  }
  EXPECT_EQ(exp_exactly(0), 1);
  EXPECT_EQ(exp_exactly(-1e9), 0);
  EXPECT_EQ(exp_exactly(-kInfinity), 0);
  EXPECT_EQ(exp_exactly(1e9), kInfinity);
  EXPECT_TRUE(std::isnan(exp_exactly(std::nan(""))));
}

TEST(MathTest, LogAgreesWithTheSystem) {
  for (double x = 1e-300; x < 1e300; x *= 1.37) {
    EXPECT_NEAR(log_exactly(x), std::log(x), 4e-16 * std::abs(std::log(x))) << x;
  }
  for (double x = 0.99; x < 1.01; x += 0.0001234) {
    EXPECT_NEAR(log_exactly(x), std::log(x), 1e-18 + 4e-16 * std::abs(std::log(x))) << x;
  }
  EXPECT_EQ(log_exactly(1), 0);
  EXPECT_EQ(log_exactly(0), -kInfinity);
  EXPECT_EQ(log_exactly(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(log_exactly(-1)));
}

TEST(MathTest, NormalAgreesWithBoost) {
  const boost::math::normal_distribution<double> normal;
  for (double x = -30; x <= 8; x += 0.113) {
    EXPECT_NEAR(normal_cdf(x) / boost::math::cdf(normal, x), 1, 1e-12) << x;
  }
  for (double p = 1e-300; p < 0.02; p *= 3.7) {
    EXPECT_NEAR(normal_quantile(p) / boost::math::quantile(normal, p), 1, 1e-14) << p;
  }
  for (double p = 0.001; p < 1; p += 0.00137) {
    EXPECT_NEAR(normal_quantile(p), boost::math::quantile(normal, p), 1e-14) << p;
  }
  EXPECT_EQ(normal_quantile(0.5), 0);
  EXPECT_EQ(normal_quantile(0), -kInfinity);
  EXPECT_EQ(normal_quantile(1), kInfinity);
  EXPECT_EQ(normal_cdf(-kInfinity), 0);
  EXPECT_EQ(normal_cdf(kInfinity), 1);
}

TEST(MathTest, BetaWithoutAShapeIsAPointMass) {
  EXPECT_EQ(beta_quantile(0, 2, 0.7), 0);
  EXPECT_EQ(beta_quantile(2, 0, 0.1), 1);
  EXPECT_EQ(beta_quantile(0, 0, 0.1), 0);
  EXPECT_EQ(beta_quantile(0, 0, 0.9), 1);
  EXPECT_NEAR(beta_cdf(2, 5, beta_quantile(2, 5, 0.3)), 0.3, 1e-12);
  EXPECT_TRUE(std::isfinite(beta_quantile(1e-300, 1e300, 0.5)));
}

}  // namespace
}  // namespace scopa::search
