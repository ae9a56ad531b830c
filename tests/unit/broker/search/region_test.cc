#include "broker/search/region.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/unit/broker/search/specs.h"

namespace scopa::search {
namespace {

using testing::choice;
using testing::integer;
using testing::sweep;
using testing::uniform;
using testing::when;

class RegionTest : public ::testing::Test {
 protected:
  RegionTest()
      : space_(sweep(spec::Method::kBayes,
                     {uniform("u", 0, 1), integer("few", 1, 4), integer("many", 1, 1000),
                      choice("c", {std::string("a"), std::string("b"), std::string("c")}),
                      when(uniform("v", 0, 1), "c", {std::string("a")})})) {
    centre_ = space_.first();
    centre_[0].unit = 0.7;
    centre_[1].index = 1;
    centre_[2].index = 949;
    centre_[3].index = 1;
    space_.settle(&centre_);
  }

  Point brought_in(const Region& region, std::uint64_t k) const {
    return region.bring_in(space_.draw(7, k, 0), Stream(8, k, hash_name("coins")));
  }

  static constexpr double kSide = 0.2;
  static constexpr std::uint64_t kDraws = 500;
  Space space_;
  Point centre_;
};

TEST_F(RegionTest, TheWholeSpaceChangesNothing) {
  const Region region(space_);
  EXPECT_FALSE(region.has_centre());
  for (std::uint64_t k = 0; k < kDraws; ++k) {
    const auto drawn = space_.params(space_.draw(7, k, 0));
    EXPECT_EQ(to_json(space_.params(brought_in(region, k))), to_json(drawn));
  }
}

TEST_F(RegionTest, WhatIsBroughtInLiesWithinHalfASideOfTheCentreAndFillsTheBox) {
  const Region region(space_, centre_, kSide);
  EXPECT_TRUE(region.has_centre());
  double low = 1, high = 0;
  for (std::uint64_t k = 0; k < kDraws; ++k) {
    const Point point = brought_in(region, k);
    low = std::min(low, point[0].unit);
    high = std::max(high, point[0].unit);
    EXPECT_TRUE(region.has(2, point[2].index));
    EXPECT_NEAR(static_cast<double>(point[2].index), 949, 101);
    EXPECT_EQ(point[4].active, point[3].index == 0) << "conditions hold";
  }
  EXPECT_GE(low, 0.6 - 1e-12);
  EXPECT_LT(low, 0.61);
  EXPECT_LE(high, 0.8 + 1e-12);
  EXPECT_GT(high, 0.79);
  EXPECT_DOUBLE_EQ(region.nearest(0, 0.95), 0.8);
  EXPECT_EQ(region.nearest(0, 0.65), 0.65);
}

TEST_F(RegionTest, InsideLiesAllButWhatIsNearABoundOfWhatHasManyValues) {
  const Region region = Region::inside(space_, 0.1);
  EXPECT_FALSE(region.has_centre());
  double low = 1, high = 0;
  std::set<std::uint64_t> few, categories;
  for (std::uint64_t k = 0; k < kDraws; ++k) {
    const Point point = brought_in(region, k);
    low = std::min(low, point[0].unit);
    high = std::max(high, point[0].unit);
    few.insert(point[1].index);
    categories.insert(point[3].index);
    EXPECT_TRUE(region.has(2, point[2].index));
    EXPECT_EQ(point[3].index, space_.draw(7, k, 0)[3].index);
  }
  EXPECT_GE(low, 0.1);
  EXPECT_LT(low, 0.12);
  EXPECT_LE(high, 0.9);
  EXPECT_GT(high, 0.88);
  EXPECT_EQ(few.size(), 4U) << "each is often the first or the last";
  EXPECT_EQ(categories.size(), 3U);
  EXPECT_FALSE(region.has(2, 0));
  EXPECT_FALSE(region.has(2, 999));
}

TEST_F(RegionTest, OnBoundsAreTheEndsOfWhatHasManyValues) {
  EXPECT_EQ(share_on_bounds(space_, centre_), 0);
  centre_[0].unit = 1;
  EXPECT_EQ(share_on_bounds(space_, centre_), 0.5) << "v is inactive, of few there are few";
  centre_[2].index = 0;
  centre_[1].index = 0;
  EXPECT_EQ(share_on_bounds(space_, centre_), 1);
  centre_[0].unit = 0.998;
  centre_[2].index = 998;
  EXPECT_EQ(share_on_bounds(space_, centre_), 0);
}

TEST_F(RegionTest, AFiniteParameterMayAlwaysMoveToTheValuesBesideItsOwn) {
  const Region region(space_, centre_, 0.01);
  std::set<std::uint64_t> seen;
  for (std::uint64_t k = 0; k < kDraws; ++k) seen.insert(brought_in(region, k)[1].index);
  EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2}));
  EXPECT_TRUE(region.has(1, 2));
  EXPECT_FALSE(region.has(1, 3));
}

TEST_F(RegionTest, MostKeepTheCategoryAndWhatIsInactiveAtTheCentreIsFree) {
  const Region region(space_, centre_, kSide);
  std::uint64_t kept = 0;
  double low = 1, high = 0;
  for (std::uint64_t k = 0; k < kDraws; ++k) {
    const Point point = brought_in(region, k);
    if (point[3].index == centre_[3].index) ++kept;
    if (!point[4].active) continue;
    low = std::min(low, point[4].unit);
    high = std::max(high, point[4].unit);
  }
  EXPECT_GT(kept, kDraws * 7 / 10);
  EXPECT_LT(kept, kDraws * 9 / 10) << "a third of those that are drawn anew are the same";
  EXPECT_LT(low, 0.15);
  EXPECT_GT(high, 0.85);
}

}  // namespace
}  // namespace scopa::search
