#include "rehearsal/synthetic.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace scopa::rehearsal {
namespace {

TEST(SyntheticTest, EachFunctionHasItsOptimumWhereTheBooksSay) {
  EXPECT_NEAR(*synthetic("branin", {M_PI, 2.275}), 0.397887, 1e-6);
  EXPECT_NEAR(*synthetic("branin", {-M_PI, 12.275}), 0.397887, 1e-6);
  EXPECT_EQ(*synthetic("rosenbrock4", {1, 1, 1, 1}), 0);
  EXPECT_NEAR(*synthetic("levy8", std::vector<double>(8, 1.0)), 0, 1e-30);
  EXPECT_NEAR(*synthetic("hartmann3_noisy", {0.114614, 0.555649, 0.852547}), -3.862782, 1e-5);
}

TEST(SyntheticTest, AnotherNameOrNumberOfParametersIsRefused) {
  EXPECT_EQ(synthetic("sphere", {1}).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(synthetic("branin", {1}).status().code(), Code::kInvalidArgument);
}

TEST(SyntheticTest, NoiseIsStandardNormalAndTheSameForTheSameTrial) {
  double sum = 0;
  double squares = 0;
  constexpr int kTrials = 20'000;
  for (int n = 0; n < kTrials; ++n) {
    const double x = noise_of(3, static_cast<std::uint64_t>(n));
    ASSERT_TRUE(std::isfinite(x));
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kTrials, 0, 0.03);
  EXPECT_NEAR(squares / kTrials, 1, 0.04);
  EXPECT_EQ(noise_of(3, 5), noise_of(3, 5));
  EXPECT_NE(noise_of(3, 5), noise_of(4, 5));
}

}  // namespace
}  // namespace scopa::rehearsal
