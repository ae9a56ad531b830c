#include "broker/search/standardise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace scopa::search {
namespace {

GaussianProcess::Data standardised(const std::vector<double>& losses, double doubt) {
  GaussianProcess::Data data;
  data.doubts = Eigen::VectorXd::Constant(static_cast<Eigen::Index>(losses.size()), doubt);
  data.doubts[0] = 0;
  standardise(losses, &data);
  return data;
}

TEST(StandardiseTest, HasMeanNoneAndDeviationOneAndKeepsTheOrder) {
  const auto data = standardised({3, 1, 2, 8, 1e9}, 0);
  EXPECT_NEAR(data.values.mean(), 0, 1e-12);
  EXPECT_NEAR(data.values.squaredNorm() / 5, 1, 1e-12);
  EXPECT_LT(data.values[1], data.values[2]);
  EXPECT_LT(data.values[3], data.values[4]);
  EXPECT_GT(data.values[3] - data.values[1], 0.1) << "an outlier flattens nothing";
}

TEST(StandardiseTest, DoubtsHaveTheMeasureOfTheValues) {
  const auto data = standardised({0, 1, 2, 3, 4}, 0.01);
  const double slope = data.values[1] - data.values[0];  // below the median, for a loss of 1
  EXPECT_EQ(data.doubts[0], 0);
  EXPECT_NEAR(data.doubts[1], 0.01 * slope * slope, 1e-12);
  EXPECT_LT(data.doubts[4], data.doubts[1]) << "squeezed above the median";
}

TEST(StandardiseTest, LossesThatHardlyDifferOrAreInfiniteGiveNumbers) {
  const double tiny = std::numeric_limits<double>::denorm_min();
  const double most = std::numeric_limits<double>::max();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const std::vector<double>& losses : {std::vector<double>{0, tiny, 4 * tiny, 9 * tiny},
                                            {-most, 0, most, most},
                                            {2, 2, 2, 2},
                                            {0, 1e-200, 3e-200, 1},
                                            {infinity, infinity, infinity, infinity}}) {
    const auto data = standardised(losses, 0.5);
    EXPECT_TRUE(data.values.allFinite()) << losses[1];
    EXPECT_TRUE(data.doubts.allFinite()) << losses[1];
  }
}

}  // namespace
}  // namespace scopa::search
