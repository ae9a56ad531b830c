#include "broker/search/reduced.h"

#include <gtest/gtest.h>

#include <limits>

namespace scopa::search {
namespace {

spec::Metric metric(spec::Reduction reduce, std::uint32_t window = 1) {
  spec::Metric m;
  m.reduce = reduce;
  m.reduce_window = window;
  return m;
}

const std::vector<CurvePoint> kCurve = {{1, 4}, {2, 1}, {3, 3}, {4, 2}};

TEST(ReducedTest, LastIsTheLastBestTheBestAndMeanThatOfTheWindow) {
  EXPECT_EQ(reduced(metric(spec::Reduction::kLast), kCurve, 1), 2);
  EXPECT_EQ(reduced(metric(spec::Reduction::kBest), kCurve, 1), 1);
  EXPECT_EQ(reduced(metric(spec::Reduction::kMean, 3), kCurve, 1), 2);
  EXPECT_EQ(reduced(metric(spec::Reduction::kMean, 1), kCurve, 1), 2);
}

TEST(ReducedTest, AShortCurveIsAveragedAsFarAsItGoes) {
  EXPECT_EQ(reduced(metric(spec::Reduction::kMean, 1000), kCurve, 1), 2.5);
  EXPECT_EQ(reduced(metric(spec::Reduction::kMean, 3), std::span(kCurve).first(1), 4), 4);
}

TEST(ReducedTest, AValueThatHasLeftTheWindowLeavesNoTrace) {
  const std::vector<CurvePoint> curve = {{0, 1e300}, {1, 1}, {2, 2}};
  EXPECT_EQ(reduced(metric(spec::Reduction::kMean, 2), curve, 1), 1.5);
}

TEST(ReducedTest, TheMeanOfTheLargestNumbersIsFinite) {
  const double huge = std::numeric_limits<double>::max();
  const std::vector<CurvePoint> curve = {{0, huge}, {1, huge}};
  EXPECT_EQ(reduced(metric(spec::Reduction::kMean, 2), curve, huge), huge);
}

}  // namespace
}  // namespace scopa::search
