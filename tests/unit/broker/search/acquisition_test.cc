#include "broker/search/acquisition.h"

#include <gtest/gtest.h>

#include <cmath>
#include <span>

#include "broker/search/random.h"
#include "tests/unit/broker/search/specs.h"

namespace scopa::search {
namespace {

using testing::choice;
using testing::integer;
using testing::sweep;
using testing::uniform;
using testing::when;

// A bowl around u = 0.31, n = 7, c = "b", seen at 30 random points; v matters only under "a".
class AcquisitionTest : public ::testing::Test {
 protected:
  AcquisitionTest()
      : space_(sweep(spec::Method::kBayes,
                     {uniform("u", 0, 1), integer("n", 1, 10),
                      choice("c", {std::string("a"), std::string("b"), std::string("c")}),
                      when(uniform("v", 0, 1), "c", {std::string("a")})})),
        process_({{}, {}, {true}, {}}) {
    GaussianProcess::Data data;
    data.points.resize(4, 30);
    data.values.resize(30);
    data.doubts.setZero(30);
    for (Eigen::Index i = 0; i < 30; ++i) {
      const Point point = space_.draw(7, static_cast<std::uint64_t>(i), 0);
      data.points.col(i) = process_coordinates(space_, point);
      const double by_u = data.points(0, i) - 0.31, by_n = data.points(1, i) - 0.65;
      data.values[i] = 8 * by_u * by_u + 4 * by_n * by_n + (point[2].index == 1 ? 0 : 0.5) - 1;
    }
    process_.condition({{-0.7, -0.7, 0.5, 0.5}, 0, -9}, data);
    best_ = process_.means().minCoeff();
  }
  std::vector<Acquisition::Candidate> drawn(std::uint64_t count) const {
    std::vector<Acquisition::Candidate> drawn;
    for (std::uint64_t k = 0; k < count; ++k) drawn.push_back({0, space_.draw(8, k, 0)});
    return drawn;
  }

  double score_alone(const Point& point) const {
    const auto predicted = process_.predict(process_coordinates(space_, point));
    return log_improvement(predicted.mean, kWidening * std::sqrt(predicted.variance), best_).value;
  }

  static constexpr double kWidening = 1.3;
  Space space_;
  GaussianProcess process_;
  double best_ = 0;
};

TEST_F(AcquisitionTest, ScoresAreTheImprovementsOfSinglePredictionsLargestFirst) {
  const Acquisition acquisition(space_, Aim{&process_, best_, kWidening});
  auto candidates = drawn(40);
  acquisition.score(&candidates);
  ASSERT_EQ(candidates.size(), 40U);
  for (std::size_t k = 0; k < candidates.size(); ++k) {
    EXPECT_NEAR(candidates[k].score, score_alone(candidates[k].point), 1e-9);
    EXPECT_LE(candidates[k].score, candidates[k == 0 ? 0 : k - 1].score);
  }
}

TEST_F(AcquisitionTest, FromAnywhereAClimbEndsAboveWhatManyPointsReach) {
  const Acquisition acquisition(space_, Aim{&process_, best_, kWidening});
  auto many = drawn(2000);
  acquisition.score(&many);
  auto few = drawn(5);
  acquisition.score(&few);
  const auto before = few;
  acquisition.improve(few, 40);
  double reached = few[0].score;
  for (std::size_t k = 0; k < few.size(); ++k) {
    EXPECT_GE(few[k].score, before[k].score);
    reached = std::max(reached, few[k].score);
    EXPECT_NEAR(few[k].score, score_alone(few[k].point), 1e-9) << "the score is that of the point";
    EXPECT_TRUE(space_.admits(few[k].point));
    EXPECT_EQ(few[k].point[3].active, few[k].point[2].index == 0) << "conditions hold";
  }
  EXPECT_GT(reached, many.front().score);
}

TEST_F(AcquisitionTest, ManyClimbsAtOnceAreEachAsOneAlone) {
  const Acquisition acquisition(space_, Aim{&process_, best_});
  auto together = drawn(5);
  acquisition.score(&together);
  auto alone = together;
  acquisition.improve(together, 40);
  for (std::size_t k = 0; k < alone.size(); ++k) {
    acquisition.improve(std::span(alone).subspan(k, 1), 40);
    // Products of matrices round otherwise than those of vectors.
    EXPECT_NEAR(alone[k].score, together[k].score, 1e-3);
  }
}

TEST_F(AcquisitionTest, InARegionNoClimbLeavesIt) {
  Point centre = space_.draw(9, 0, 0);
  centre[0].unit = 0.8;
  centre[1].index = 2;
  const Region region(space_, centre, 0.2);
  Aim aim{&process_, best_, kWidening};
  aim.region = &region;
  const Acquisition acquisition(space_, aim);
  std::vector<Acquisition::Candidate> inside;
  for (std::uint64_t k = 0; k < 20; ++k) {
    inside.push_back({0, region.bring_in(space_.draw(8, k, 0), Stream(8, k, 1))});
  }
  acquisition.score(&inside);
  acquisition.improve(inside, 40);
  double nearest = 1;
  for (const auto& each : inside) {
    EXPECT_GE(each.point[0].unit, 0.7);
    EXPECT_TRUE(region.has(1, each.point[1].index)) << each.point[1].index;
    nearest = std::min(nearest, each.point[0].unit);
  }
  EXPECT_NEAR(nearest, 0.7, 0.01) << "the bowl is at 0.31";
}

TEST_F(AcquisitionTest, WhereTrialsFailTheScoreFallsAndAClimbKeepsAway) {
  Feasibility feasibility(std::vector<GaussianProcess::Coordinate>{{}, {}, {true}, {}});
  GaussianProcess::Points points(4, 60);
  std::vector<char> failed;
  std::vector<std::size_t> every;
  for (std::uint64_t i = 0; i < 60; ++i) {
    const auto column = static_cast<Eigen::Index>(i);
    points.col(column) = process_coordinates(space_, space_.draw(11, i, 0));
    failed.push_back(points(0, column) < 0.5 ? 1 : 0);
    every.push_back(i);
  }
  feasibility.learn(points, failed, every, 60);
  Aim aim{&process_, best_, kWidening, &feasibility};
  aim.caution = 3;
  const Acquisition acquisition(space_, aim);
  auto careful = drawn(40);
  acquisition.score(&careful);
  for (const auto& each : careful) {
    const auto at = process_coordinates(space_, each.point);
    const double gained = std::log(std::exp(score_alone(each.point)) + std::exp(-9.0));
    const double expected = gained + 3 * feasibility.log_probabilities(at).front();
    EXPECT_NEAR(each.score, expected, 1e-9);
  }
  const auto five = std::span(careful).first(5);
  acquisition.improve(five, 40);
  for (const auto& each : five) EXPECT_GT(each.point[0].unit, 0.45);
}

TEST_F(AcquisitionTest, NothingToClimbIsNoTrouble) {
  const Acquisition acquisition(space_, Aim{&process_, best_});
  std::vector<Acquisition::Candidate> none;
  acquisition.score(&none);
  acquisition.improve(none, 40);
  EXPECT_TRUE(none.empty());
}

}  // namespace
}  // namespace scopa::search
