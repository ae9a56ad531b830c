#include "tests/bench/search/functions.h"

#include <gtest/gtest.h>

#include <cmath>

#include "broker/search/random.h"

namespace scopa::bench {
namespace {

using Point = std::vector<double>;

constexpr double kFine = 1e-3;  // hartmann6's best place is known to six digits, as its data are
constexpr int kGrid = 200;

Point middle_where_nothing_counts(Point x) {
  for (double& coordinate : x) {
    if (std::isnan(coordinate)) coordinate = 0.5;
  }
  return x;
}

// A coordinate at a time, on a grid and not by slopes: what is wavy and what has steps is no
// obstacle to it.
Point descended(const Function& function, Point x) {
  for (int round = 0; round < 3; ++round) {
    for (double& coordinate : x) {
      double best = coordinate;
      double least = function.value(x);
      for (int k = 0; k <= kGrid; ++k) {
        coordinate = static_cast<double>(k) / kGrid;
        const double value = function.value(x);
        if (value < least) {
          least = value;
          best = coordinate;
        }
      }
      coordinate = best;
    }
  }
  return x;
}

class FunctionsTest : public ::testing::TestWithParam<Function> {};

TEST_P(FunctionsTest, IsZeroAtItsPlaceWhichIsInside) {
  const Function& function = GetParam();
  ASSERT_EQ(function.best.size(), function.parameters);
  EXPECT_NEAR(function.value(middle_where_nothing_counts(function.best)), 0, kFine * kFine);
  for (const double coordinate : function.best) {
    if (std::isnan(coordinate)) continue;
    EXPECT_GE(coordinate, 0.15);
    EXPECT_LE(coordinate, 0.85);
  }
}

TEST_P(FunctionsTest, IsNowhereElseAsGood) {
  const Function& function = GetParam();
  const search::Stream random(1, 0, search::hash_name(function.name + " starts"));
  for (std::uint64_t start = 0; start < 10; ++start) {
    Point x(function.parameters);
    for (std::size_t j = 0; j < x.size(); ++j) x[j] = random.unit_at(start * x.size() + j);
    x = descended(function, x);
    const double value = function.value(x);
    EXPECT_GE(value, 0);
    if (value > kFine * kFine) continue;
    for (std::size_t j = 0; j < x.size(); ++j) {
      if (std::isnan(function.best[j])) continue;
      EXPECT_NEAR(x[j], function.best[j], 0.1) << "coordinate " << j << ", value " << value;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, FunctionsTest, ::testing::ValuesIn(functions()),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace scopa::bench
