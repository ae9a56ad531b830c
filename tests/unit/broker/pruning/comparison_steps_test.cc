#include "broker/pruning/comparison_steps.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "sdk/base/limits.h"

namespace scopa::pruning {
namespace {

using ::testing::ElementsAre;

std::vector<std::uint64_t> first(std::size_t n, const Result<std::vector<std::uint64_t>>& steps) {
  return {steps->begin(), steps->begin() + static_cast<std::ptrdiff_t>(n)};
}

TEST(ComparisonStepsTest, WithoutAnIntervalThereAreTwoForEachDoubling) {
  EXPECT_THAT(*comparison_steps(0, {}, 50), ElementsAre(1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48));
  EXPECT_THAT(*comparison_steps(5, {}, 16), ElementsAre(6, 8, 12));
}

TEST(ComparisonStepsTest, AnIntervalGivesItsMultiplesAndThenFourForEachDoubling) {
  EXPECT_THAT(*comparison_steps(0, 10, 50), ElementsAre(10, 20, 30, 40));
  const auto steps = *comparison_steps(0, 10, {});
  EXPECT_EQ(steps[64], 650U);
  EXPECT_EQ(steps[65], 810U);
  EXPECT_EQ(steps[66], 970U);
  EXPECT_THAT(first(3, comparison_steps(25, 10, {})), ElementsAre(30, 40, 50));
  EXPECT_THAT(first(2, comparison_steps(30, 10, {})), ElementsAre(30, 40));
}

TEST(ComparisonStepsTest, AreBoundedAscendingAndDifferent) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  for (const std::int64_t warmup : {-kMax, std::int64_t{0}, std::int64_t{1000}, kMax / 3}) {
    for (const std::int64_t interval : {std::int64_t{0}, std::int64_t{1}, kMax / 1000, kMax - 1}) {
      const auto given = interval > 0 ? std::optional(interval) : std::nullopt;
      const auto steps = *comparison_steps(warmup, given, {});
      EXPECT_LE(steps.size(), limits::kRungsMax);
      EXPECT_GE(steps.front(), std::max<std::int64_t>(warmup, 1));
      EXPECT_TRUE(std::is_sorted(steps.begin(), steps.end()));
      EXPECT_EQ(std::adjacent_find(steps.begin(), steps.end()), steps.end());
      EXPECT_LE(steps.back(), static_cast<std::uint64_t>(kMax));
    }
  }
}

TEST(ComparisonStepsTest, NoComparisonIsRefused) {
  for (const std::int64_t end : {1, 0, -5}) {
    EXPECT_EQ(comparison_steps(0, {}, end).status().code(), Code::kInvalidArgument);
  }
  EXPECT_EQ(comparison_steps(20, {}, 20).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(comparison_steps(20, 0, {}).status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace scopa::pruning
