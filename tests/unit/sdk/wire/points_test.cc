#include "sdk/wire/points.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "samples.h"
#include "sdk/base/limits.h"

namespace scopa::wire {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string encoded(const PointBlock& block) {
  std::string bytes;
  encode_points(block, &bytes);
  return bytes;
}

void expect_same(const PointBlock& block) {
  const std::string bytes = encoded(block);
  const auto view = PointsView::parse(bytes);
  ASSERT_TRUE(view) << view.status().to_string();
  ASSERT_EQ(view->size(), block.size());
  for (std::size_t i = 0; i < block.size(); ++i) {
    EXPECT_EQ(view->metric(i), block.metric[i]);
    EXPECT_EQ(view->step(i), block.step[i]);
    EXPECT_EQ(view->time_us(i), block.time_us[i]);
    const double value = view->value(i);
    EXPECT_EQ(std::memcmp(&value, &block.value[i], sizeof value), 0);
  }
}

TEST(PointsTest, BlocksComeBackAsTheyWere) {
  for (const std::size_t n : {0, 1, 2, 16, 256, 4096}) expect_same(sample_points(n));
}

TEST(PointsTest, NamesAreReadInPlace) {
  const std::string bytes = encoded(sample_points(3));
  const auto view = PointsView::parse(bytes);
  ASSERT_TRUE(view);
  EXPECT_THAT(view->metrics(), ElementsAre("loss", "acc"));
  EXPECT_GE(view->metrics()[0].data(), bytes.data());
  EXPECT_LT(view->metrics()[0].data(), bytes.data() + bytes.size());
}

TEST(PointsTest, WideStepsAndTimesAreKeptExactly) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  PointBlock block;
  block.metrics = {"m"};
  block.metric = {0, 0, 0};
  block.step = {kMin, 0, kMax};
  block.value = {1, 2, 3};
  block.time_us = {kMax, 1, kMin};
  expect_same(block);
}

TEST(PointsTest, StepsNearTheEndOfTheRangeAreKept) {
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  PointBlock block = sample_points(2);
  block.step = {kMax - (std::int64_t{1} << 32), kMax - (std::int64_t{1} << 32) + 7};
  expect_same(block);
}

TEST(PointsTest, NotANumberAndInfinitiesAreKept) {
  PointBlock block = sample_points(3);
  block.value = {std::nan(""), std::numeric_limits<double>::infinity(),
                 -std::numeric_limits<double>::infinity()};
  expect_same(block);
}

TEST(PointsTest, AThousandPointsTakeAboutEighteenBytesEach) {
  EXPECT_LT(encoded(sample_points(1000)).size(), 18'200u);
}

TEST(PointsTest, AnIndexBeyondTheNamesIsRefused) {
  PointBlock block = sample_points(3);
  block.metric[2] = 2;
  const auto view = PointsView::parse(encoded(block));
  ASSERT_FALSE(view);
  EXPECT_EQ(view.status().code(), Code::kInvalidArgument);
  EXPECT_THAT(view.status().message(), HasSubstr("beyond `metrics`"));
}

TEST(PointsTest, ColumnsOfUnequalLengthAreRefused) {
  PointBlock block = sample_points(3);
  block.value.pop_back();
  EXPECT_FALSE(PointsView::parse(encoded(block)));
}

TEST(PointsTest, MoreThanAReportMayHoldIsRefused) {
  EXPECT_FALSE(PointsView::parse(encoded(sample_points(limits::kReportPointsMax + 1))));
}

TEST(PointsTest, NamesWithoutLengthOrTooLongAreRefused) {
  PointBlock block = sample_points(1);
  block.metrics[1].clear();
  EXPECT_FALSE(PointsView::parse(encoded(block)));
  block.metrics[1].assign(limits::kNameBytesMax + 1, 'm');
  EXPECT_FALSE(PointsView::parse(encoded(block)));
}

TEST(PointsTest, MutatedBlocksAreReadOrRefused) {
  std::mt19937_64 random(99);
  const std::string good = encoded(sample_points(5));
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = good.substr(0, random() % 8 == 0 ? random() % good.size() : good.size());
    for (std::uint64_t n = random() % 3 + 1; n > 0 && !bytes.empty(); --n) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    const auto view = PointsView::parse(bytes);
    if (!view) continue;
    double sum = 0;
    for (std::size_t p = 0; p < view->size(); ++p) {
      ASSERT_LT(view->metric(p), view->metrics().size());
      sum += view->value(p) + static_cast<double>(view->step(p) ^ view->time_us(p));
    }
    EXPECT_TRUE(sum == sum || std::isnan(sum));
  }
}

}  // namespace
}  // namespace scopa::wire
