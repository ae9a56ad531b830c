#include "broker/curves/end_forecast.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace scopa::curves {
namespace {

// Good ones (0 ... 4 now) lose 1 until the end, bad ones (100 ... 104) lose 50.
std::vector<Reference> two_kinds() {
  std::vector<Reference> references;
  for (std::uint64_t i = 0; i < 5; ++i) {
    const auto x = static_cast<double>(i);
    references.push_back({{x, 0}, x - 1, i});
    references.push_back({{100 + x, 0}, 50 + x, 100 + i});
  }
  return references;
}

TEST(EndForecastTest, GoesOnAsThoseThatStoodAlike) {
  const auto good = EndForecaster(two_kinds()).forecast({2.5, 0});
  const auto bad = EndForecaster(two_kinds()).forecast({101.5, 0});
  ASSERT_TRUE(good && bad);
  EXPECT_DOUBLE_EQ(good->mean, 1.5);
  EXPECT_DOUBLE_EQ(bad->mean, 51.5);
  EXPECT_EQ(good->like, 4U);
}

TEST(EndForecastTest, WhoFellFastIsLikeThoseThatDid) {
  std::vector<Reference> references;
  for (std::uint64_t i = 0; i < 8; ++i) {
    const double gain = i % 2 == 0 ? 2 : 0;
    references.push_back({{10, gain}, 10 - gain, i});
  }
  EXPECT_NEAR(EndForecaster(references).forecast({10, 2})->mean, 8, 0.1);
  EXPECT_NEAR(EndForecaster(references).forecast({10, 0})->mean, 10, 0.1);
}

TEST(EndForecastTest, IsSurerTheMoreAlikeTheChangesWere) {
  auto references = two_kinds();
  const double before = EndForecaster(references).forecast({2.5, 0})->variance;
  EXPECT_GT(before, 0) << "the others count a little";
  for (Reference& reference : references) reference.end = reference.then.loss - 1;
  EXPECT_NEAR(EndForecaster(references).forecast({2.5, 0})->variance, 0, 1e-20);
}

TEST(EndForecastTest, TheOrderOfTheReferencesPlaysNoPart) {
  auto references = two_kinds();
  const auto one = EndForecaster(references).forecast({50, 0});
  std::reverse(references.begin(), references.end());
  const auto other = EndForecaster(references).forecast({50, 0});
  EXPECT_EQ(one->mean, other->mean);
  EXPECT_EQ(one->variance, other->variance);
}

TEST(EndForecastTest, SaysNothingOnTooLittleOrBeyondWhatNumbersCanBe) {
  const auto references = two_kinds();
  const auto first = [&](std::size_t n) {
    return std::vector(references.begin(), references.begin() + static_cast<std::ptrdiff_t>(n));
  };
  EXPECT_FALSE(EndForecaster().forecast({1, 0}));
  EXPECT_FALSE(EndForecaster(first(kReferencesMin - 1)).forecast({1, 0}));
  EXPECT_TRUE(EndForecaster(first(kReferencesMin)).forecast({1, 0}));
  const double largest = std::numeric_limits<double>::max();
  const std::vector<Reference> huge(6, {{largest, 0}, -largest, 0});
  EXPECT_FALSE(EndForecaster(huge).forecast({largest, 0}));
}

}  // namespace
}  // namespace scopa::curves
