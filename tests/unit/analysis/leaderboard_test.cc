#include "analysis/leaderboard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/analysis/trial.h"

namespace scopa::analysis {
namespace {

using ::testing::ElementsAre;

std::vector<std::uint64_t> numbers(const TrialList& list) {
  std::vector<std::uint64_t> out;
  for (const auto* t : list) out.push_back(t->trial);
  return out;
}

const std::vector<wire::TrialInfo> kMixed = {
    trial(0, TrialState::kCompleted, 0.5), trial(1, TrialState::kFailed, 0.1),
    trial(2, TrialState::kQueued),         trial(3, TrialState::kPruned, 0.7),
    trial(4, TrialState::kRunning, 0.4),   trial(5, TrialState::kFailed),
    trial(6, TrialState::kCompleted, 0.5),
};

TEST(LeaderboardTest, FailedTrialsNeverLeadAndMissingValuesAreLast) {
  EXPECT_THAT(numbers(leaderboard(kMixed, Goal::kMinimize)), ElementsAre(4, 0, 6, 3, 1, 2, 5));
}

TEST(LeaderboardTest, MaximizeTurnsTheOrderOfValuesOnly) {
  EXPECT_THAT(numbers(leaderboard(kMixed, Goal::kMaximize)), ElementsAre(3, 0, 6, 4, 1, 2, 5));
}

TEST(LeaderboardTest, ValuesThatAreNotFiniteCountAsMissing) {
  std::vector<wire::TrialInfo> trials = {
      trial(0, TrialState::kCompleted, std::numeric_limits<double>::quiet_NaN()),
      trial(1, TrialState::kCompleted, -std::numeric_limits<double>::infinity()),
      trial(2, TrialState::kCompleted, 3)};
  EXPECT_THAT(numbers(leaderboard(trials, Goal::kMinimize)), ElementsAre(2, 0, 1));
}

TEST(LeaderboardTest, BestLeavesOutFailedAndUnmeasuredTrials) {
  EXPECT_THAT(numbers(best_k(kMixed, Goal::kMinimize, 2)), ElementsAre(4, 0));
  EXPECT_THAT(numbers(best_k(kMixed, Goal::kMinimize, 100)), ElementsAre(4, 0, 6, 3));
  EXPECT_TRUE(best_k({}, Goal::kMinimize, 3).empty());
}

TEST(LeaderboardTest, ADivergedTrialIsNeverBestWhateverItLogged) {
  const std::vector<wire::TrialInfo> trials = {
      trial(0, TrialState::kDiverged, 0.1), trial(1, TrialState::kCompleted, 0.3),
      trial(2, TrialState::kPruned, 0.9), trial(3, TrialState::kCompleted)};
  EXPECT_THAT(numbers(leaderboard(trials, Goal::kMinimize)), ElementsAre(1, 2, 0, 3));
  EXPECT_THAT(numbers(best_k(trials, Goal::kMinimize, 9)), ElementsAre(1, 2));
  EXPECT_FALSE(is_ranked(trials[0]));
}

TEST(LeaderboardTest, DurationIsTheTimeOfTheAttemptsWithoutTheWaiting) {
  wire::TrialInfo t = trial(0, TrialState::kQueued);
  EXPECT_FALSE(duration_s(t, 90'000'000).has_value());
  t.started_us = 10'000'000;
  t.running_us = 5'500'000;
  EXPECT_EQ(duration_s(t, 90'000'000), 5.5) << "it waits";
  t.ended_us = 80'000'000;
  EXPECT_EQ(duration_s(t, 90'000'000), 5.5) << "it has ended";
}

TEST(LeaderboardTest, DurationIsSummedHereWhereABrokerDoesNotTellIt) {
  wire::TrialInfo t = trial(0, TrialState::kRunning);
  t.started_us = 2'000'000;
  t.attempts.resize(2);
  t.attempts[0].started_us = 2'000'000;
  t.attempts[0].ended_us = 4'000'000;
  t.attempts[1].started_us = 60'000'000;
  EXPECT_EQ(duration_s(t, 63'000'000), 5.0);
  EXPECT_EQ(duration_s(t, 1'000'000), 2.0) << "a clock that is behind takes nothing away";
}

TEST(LeaderboardTest, ConfigurationsRankByTheMeanOfTheirRuns) {
  // Trial 0 was lucky once; its three runs are worse than those of trial 1.
  const std::vector<wire::TrialInfo> trials = {head(0, 0.1, 0.6, 3), head(1, 0.4, 0.5, 3),
                                               replicate(2, 0, 0.05), replicate(3, 1, 0.6),
                                               head(4, 0.55, 0.55, 1)};
  EXPECT_THAT(numbers(leaderboard(trials, Goal::kMinimize)), ElementsAre(1, 4, 0, 2, 3));
  EXPECT_THAT(numbers(best_k(trials, Goal::kMinimize, 9)), ElementsAre(1, 4, 0));
  EXPECT_THAT(numbers(without_replicates(leaderboard(trials, Goal::kMinimize))),
              ElementsAre(1, 4, 0));
}

}  // namespace
}  // namespace scopa::analysis
