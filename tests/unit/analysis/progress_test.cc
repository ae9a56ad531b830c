#include "analysis/progress.h"

#include <gtest/gtest.h>

#include "analysis/numbers.h"
#include "tests/unit/analysis/trial.h"

namespace scopa::analysis {
namespace {

TEST(ProgressTest, BestSoFarFollowsTheOrderOfEnds) {
  const std::vector<wire::TrialInfo> trials = {ran(trial(0, TrialState::kCompleted, 0.3), 1, 1, 9),
                                               ran(trial(1, TrialState::kCompleted, 0.5), 1, 1, 3),
                                               ran(trial(2, TrialState::kPruned, 0.9), 1, 1, 4),
                                               ran(trial(3, TrialState::kFailed, 0.1), 1, 1, 5),
                                               trial(4, TrialState::kRunning, 0.01)};
  const auto best = best_so_far(trials, Goal::kMinimize);
  ASSERT_EQ(best.size(), 2u);
  EXPECT_EQ(best[0].trial, 1u);
  EXPECT_EQ(best[1].trial, 0u);
  EXPECT_EQ(best[1].value, 0.3);
}

TEST(ProgressTest, OfEqualTrialsTheLastImprovementNamesTheBestOne) {
  std::vector<wire::TrialInfo> trials = {ran(trial(0, TrialState::kCompleted, 0.5), 1, 1, 2),
                                         ran(trial(1, TrialState::kCompleted, 0.3), 1, 1, 9),
                                         ran(trial(2, TrialState::kCompleted, 0.3), 1, 1, 4)};
  auto best = best_so_far(trials, Goal::kMinimize);
  ASSERT_EQ(best.size(), 2u);
  EXPECT_EQ(best[1].trial, best_k(trials, Goal::kMinimize, 1)[0]->trial);
  EXPECT_EQ(best[1].trial, 1u);
  trials[1] = trial(1, TrialState::kRunning, 0.3);
  best = best_so_far(trials, Goal::kMinimize);
  ASSERT_EQ(best.size(), 2u);
  EXPECT_EQ(best[1].trial, 1u) << "that still runs, and is called best";
}

TEST(ProgressTest, MedianIsOfEndedTrialsWithAValue) {
  const std::vector<wire::TrialInfo> trials = {
      trial(0, TrialState::kCompleted, 1), trial(1, TrialState::kPruned, 3),
      trial(2, TrialState::kFailed, 100), trial(3, TrialState::kRunning, 200)};
  EXPECT_EQ(median_value(trials), 2.0);
  EXPECT_FALSE(median_value({}).has_value());
}

TEST(ProgressTest, RemainingTimeIsNotGuessedFromOneTrial) {
  EXPECT_FALSE(remaining(1, 10, 5).has_value());
  EXPECT_FALSE(remaining(10, 10, 0).has_value());
  const auto left = remaining(4, 20, 10);
  ASSERT_TRUE(left.has_value());
  EXPECT_DOUBLE_EQ(left->seconds, 50);
  EXPECT_LT(left->low, 50);
  EXPECT_GT(left->high, 50);
}

TEST(NumbersTest, ShortestReadsBackTheSame) {
  EXPECT_EQ(shortest(0.1), "0.1");
  EXPECT_EQ(shortest(3), "3");
  EXPECT_EQ(std::stod(shortest(1.0 / 3.0)), 1.0 / 3.0);
}

TEST(NumbersTest, IsoTimeIsUtcWithMilliseconds) {
  EXPECT_EQ(iso_time(1'769'860'800'250'999), "2026-01-31T12:00:00.250Z");
  EXPECT_EQ(iso_time(0), "");
}

TEST(ProgressTest, ReplicatesAreNoResultsOfTheirOwn) {
  const std::vector<wire::TrialInfo> trials = {ran(head(0, 0.1, 0.6, 2), 1, 1, 2),
                                               ran(replicate(1, 0, 0.05), 1, 2, 3),
                                               ran(head(2, 0.5, 0.5, 1), 1, 3, 4)};
  const auto steps = best_so_far(trials, Goal::kMinimize);
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[0].value, 0.6);
  EXPECT_EQ(steps[1].trial, 2u);
  EXPECT_EQ(median_value(trials), 0.55);
}

}  // namespace
}  // namespace scopa::analysis
