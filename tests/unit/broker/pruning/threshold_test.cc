#include "broker/pruning/threshold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/unit/broker/pruning/pruner_testing.h"

namespace scopa::pruning {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::stopped;
using testing::sweep;
using testing::t;
using testing::trials;

TEST(ThresholdTest, StopsAsSoonAsAValueIsOutside) {
  const auto pruner = make_pruner(sweep(spec::Threshold{-1, 2, 0}));
  EXPECT_FALSE(pruner->observe(t(0), 0, 2));
  EXPECT_FALSE(pruner->observe(t(0), 1, -1));
  EXPECT_THAT(stopped(*pruner, trials(3)), IsEmpty()) << "the bounds themselves are inside";
  EXPECT_TRUE(pruner->observe(t(0), 2, 2.5));
  EXPECT_TRUE(pruner->observe(t(2), 0, -1.5));
  EXPECT_THAT(stopped(*pruner, trials(3)), ElementsAre(0, 2));
  EXPECT_FALSE(pruner->observe(t(0), 3, 1));
  EXPECT_THAT(stopped(*pruner, {t(0)}), ElementsAre(0)) << "coming back does not help";
}

TEST(ThresholdTest, OneBoundIsEnough) {
  const auto above = make_pruner(sweep(spec::Threshold{{}, 2, 0}));
  EXPECT_FALSE(above->observe(t(0), 0, -1e300));
  EXPECT_TRUE(above->observe(t(0), 0, 2.1));
  const auto below = make_pruner(sweep(spec::Threshold{0.1, {}, 0}));
  EXPECT_FALSE(below->observe(t(0), 0, 1e300));
  EXPECT_TRUE(below->observe(t(0), 0, 0.05));
}

TEST(ThresholdTest, NothingHappensBeforeTheWarmUp) {
  const auto pruner = make_pruner(sweep(spec::Threshold{{}, 2, 5}));
  EXPECT_FALSE(pruner->observe(t(0), 4, 9));
  EXPECT_FALSE(pruner->observe(t(0), -3, 9));
  EXPECT_TRUE(pruner->observe(t(0), 5, 9));
}

TEST(ThresholdTest, TheGoalPlaysNoPart) {
  for (const Goal goal : {Goal::kMinimize, Goal::kMaximize}) {
    const auto pruner = make_pruner(sweep(spec::Threshold{0.2, {}, 0}, goal));
    EXPECT_FALSE(pruner->observe(t(0), 1, 0.3));
    EXPECT_TRUE(pruner->observe(t(0), 2, 0.1));
  }
}

TEST(ThresholdTest, AVerdictNamesTheBound) {
  const auto pruner = make_pruner(sweep(spec::Threshold{-1, 2, -5}, Goal::kMaximize));
  pruner->observe(t(0), 7, 2.5);
  pruner->observe(t(1), -3, -1.25);
  const auto verdicts = pruner->judge(trials(2));
  ASSERT_THAT(verdicts, SizeIs(2));
  EXPECT_EQ(verdicts[0], (Verdict{t(0), 7, 2.5, 2, "2.5 at step 7 is above the upper bound, 2"}));
  EXPECT_EQ(verdicts[1],
            (Verdict{t(1), 0, -1.25, -1, "-1.25 at step -3 is below the lower bound, -1"}));
  EXPECT_THAT(pruner->rungs(), IsEmpty());
  EXPECT_EQ(pruner->name(), "threshold");
}

TEST(ThresholdTest, ARestartedTrialHasAnotherChance) {
  const auto pruner = make_pruner(sweep(spec::Threshold{{}, 2, 0}));
  pruner->observe(t(0), 0, 9);
  pruner->forget(t(0));
  EXPECT_THAT(stopped(*pruner, trials(1)), IsEmpty());
  EXPECT_TRUE(pruner->observe(t(0), 0, 9));
}

TEST(ThresholdTest, ValuesThatAreNotFiniteAreForThePolicyOnThem) {
  const auto pruner = make_pruner(sweep(spec::Threshold{{}, 2, 0}));
  EXPECT_FALSE(pruner->observe(t(0), 0, std::nan("")));
  EXPECT_FALSE(pruner->observe(t(0), 0, std::numeric_limits<double>::infinity()));
}

}  // namespace
}  // namespace scopa::pruning
