#include "broker/search/sobol.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace scopa::search {
namespace {

std::vector<std::uint32_t> keys(std::size_t dimensions) {
  std::vector<std::uint32_t> keys;
  for (std::size_t j = 0; j < dimensions; ++j) {
    keys.push_back(static_cast<std::uint32_t>(2654435761U * (j + 1)));
  }
  return keys;
}

TEST(SobolTest, EachCoordinateHasOneOfAPowerOfTwoPointsInEachPart) {
  constexpr std::size_t kDimensions = 40;
  const Sobol sobol(kDimensions);
  for (const int m : {1, 3, 4, 6}) {
    for (const std::uint32_t block : {0U, 1U, 5U}) {
      std::vector<std::set<std::uint32_t>> parts(kDimensions);
      for (std::uint32_t i = 0; i < 1U << m; ++i) {
        const auto point = sobol.point((block << m) + i, keys(kDimensions));
        for (std::size_t j = 0; j < kDimensions; ++j) parts[j].insert(point[j] >> (32 - m));
      }
      for (const auto& part : parts) EXPECT_EQ(part.size(), std::size_t{1} << m);
    }
  }
}

// What a shuffle of each coordinate by itself does not have: a (0, 2)-sequence in the first two.
TEST(SobolTest, TheFirstTwoCoordinatesAreEvenTogether) {
  const Sobol sobol(2);
  std::set<std::uint32_t> cells;
  for (std::uint32_t i = 0; i < 16; ++i) {
    const auto point = sobol.point(i, keys(2));
    cells.insert((point[0] >> 30 << 2) | point[1] >> 30);
  }
  EXPECT_EQ(cells.size(), 16U) << "one in each of 4 x 4";
}

TEST(SobolTest, AKeyScramblesOneCoordinateUniformly) {
  const Sobol sobol(2);
  double sum = 0;
  double squares = 0;
  constexpr int kKeys = 4000;
  for (int k = 0; k < kKeys; ++k) {
    const auto point = sobol.point(0, {static_cast<std::uint32_t>(k) * 2654435761U, 1});
    EXPECT_EQ(point[1], sobol.point(0, {7, 1})[1]);
    const double x = point[0] * 0x1p-32;
    sum += x;
    squares += x * x;
  }
  EXPECT_NEAR(sum / kKeys, 0.5, 0.02);
  EXPECT_NEAR(squares / kKeys, 1.0 / 3, 0.02);
}

TEST(SobolTest, HasAsManyDimensionsAsASweepMayHaveParameters) {
  const Sobol sobol(1000);
  EXPECT_EQ(sobol.point(12345, keys(1000)).size(), 1000U);
  EXPECT_TRUE(Sobol(0).point(3, {}).empty());
}

}  // namespace
}  // namespace scopa::search
