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
    references.push_back({x, x - 1, i});
    references.push_back({100 + x, 50 + x, 100 + i});
  }
  return references;
}

TEST(EndForecastTest, GoesOnAsThoseThatStoodAlike) {
  const auto good = forecast_end(2.5, two_kinds());
  const auto bad = forecast_end(101.5, two_kinds());
  ASSERT_TRUE(good && bad);
  EXPECT_DOUBLE_EQ(good->mean, 1.5);
  EXPECT_DOUBLE_EQ(bad->mean, 51.5);
  EXPECT_EQ(good->like, 4U);
}

TEST(EndForecastTest, IsSurerTheMoreAlikeTheChangesWere) {
  auto references = two_kinds();
  const double before = forecast_end(2.5, references)->variance;
  EXPECT_GT(before, 0) << "the others count a little";
  for (Reference& reference : references) reference.end = reference.then - 1;
  EXPECT_NEAR(forecast_end(2.5, references)->variance, 0, 1e-20);
}

TEST(EndForecastTest, TheOrderOfTheReferencesPlaysNoPart) {
  auto references = two_kinds();
  const auto one = forecast_end(50, references);
  std::reverse(references.begin(), references.end());
  const auto other = forecast_end(50, references);
  EXPECT_EQ(one->mean, other->mean);
  EXPECT_EQ(one->variance, other->variance);
}

TEST(EndForecastTest, SaysNothingOnTooLittleOrBeyondWhatNumbersCanBe) {
  const auto references = two_kinds();
  EXPECT_FALSE(forecast_end(1, std::span(references).first(kReferencesMin - 1)));
  EXPECT_TRUE(forecast_end(1, std::span(references).first(kReferencesMin)));
  const double largest = std::numeric_limits<double>::max();
  const std::vector<Reference> huge(6, {largest, -largest, 0});
  EXPECT_FALSE(forecast_end(largest, huge));
}

}  // namespace
}  // namespace scopa::curves
