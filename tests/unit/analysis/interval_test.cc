#include "analysis/interval.h"

#include <gtest/gtest.h>

#include <vector>

namespace scopa::analysis {
namespace {

TEST(IntervalTest, IsStudentsOfTheMean) {
  // mean 3, standard deviation 1.5811, t(4, 0.975) = 2.776445.
  const auto interval = mean_interval(std::vector<double>{1, 2, 3, 4, 5});
  ASSERT_TRUE(interval);
  EXPECT_DOUBLE_EQ(interval->mean, 3);
  EXPECT_NEAR(interval->low, 3 - 2.776445 * 0.7071068, 1e-5);
  EXPECT_NEAR(interval->high, 3 + 2.776445 * 0.7071068, 1e-5);
  EXPECT_EQ(interval->count, 5u);
  EXPECT_TRUE(interval->has_bounds());
  EXPECT_TRUE(interval->excludes_zero());
}

TEST(IntervalTest, OneValueHasNoBoundsAndNoneHasNoMean) {
  EXPECT_FALSE(mean_interval({}));
  const auto one = mean_interval(std::vector<double>{7});
  ASSERT_TRUE(one);
  EXPECT_EQ(one->mean, 7);
  EXPECT_FALSE(one->has_bounds());
  EXPECT_FALSE(one->excludes_zero());
}

TEST(IntervalTest, EqualValuesHaveNoSpreadToTheLastBit) {
  const auto interval = mean_interval(std::vector<double>(7, 0.1));
  EXPECT_EQ(interval->mean, 0.1);
  EXPECT_EQ(interval->low, 0.1);
  EXPECT_EQ(interval->high, 0.1);
  EXPECT_FALSE(mean_interval(std::vector<double>(7, 0.0))->excludes_zero());
}

TEST(IntervalTest, AnIntervalAroundZeroDoesNotExcludeIt) {
  EXPECT_FALSE(mean_interval(std::vector<double>{-1, 2, -0.5})->excludes_zero());
  EXPECT_TRUE(mean_interval(std::vector<double>{-1, -1.1, -0.9})->excludes_zero());
}

}  // namespace
}  // namespace scopa::analysis
