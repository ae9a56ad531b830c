#include "rehearsal/outcome.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scopa::rehearsal {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

Rehearsed ended_trial(double started, double ended, TrialState state, double value,
                      std::uint64_t steps = 4) {
  Rehearsed made;
  made.started = started;
  made.ended = ended;
  made.state = state;
  made.value = made.reduced = value;
  made.steps = steps;
  made.steps_whole = 4;
  return made;
}

TEST(OutcomeTest, OnlyCompletedTrialsAreResults) {
  const std::vector<Rehearsed> trials = {
      ended_trial(0, 10, TrialState::kCompleted, 5), ended_trial(0, 2, TrialState::kPruned, 1, 1),
      ended_trial(2, 6, TrialState::kCompleted, 7),  ended_trial(6, 20, TrialState::kCompleted, 3),
      ended_trial(10, 12, TrialState::kFailed, 0),   ended_trial(12, 25, TrialState::kRunning, 0)};
  const Outcome outcome = outcome_of(trials, Goal::kMinimize);
  EXPECT_FALSE(outcome.best_at(5));
  EXPECT_EQ(outcome.best_at(6), 7);
  EXPECT_EQ(outcome.best_at(19), 5);
  EXPECT_EQ(outcome.best_at(20), 3);
  EXPECT_FALSE(outcome.best_after(1));
  EXPECT_EQ(outcome.best_after(2), 7);
  EXPECT_EQ(outcome.best_after(5), 3);
  EXPECT_EQ(outcome.started, 6u);
  EXPECT_EQ(outcome.completed, 3u);
  EXPECT_EQ(outcome.pruned, 1u);
  EXPECT_EQ(outcome.failed, 1u);
  EXPECT_EQ(outcome.seconds, 25);
  EXPECT_EQ(outcome.device_seconds, 10 + 2 + 4 + 14 + 2 + 13);
  EXPECT_THAT(outcome.ends, ElementsAre(2, 6, 10, 12, 20));
  EXPECT_THAT(outcome.pruned_after, ElementsAre(Pair(1, 1)));
  EXPECT_DOUBLE_EQ(outcome.saved(), 3.0 / 16);
}

TEST(OutcomeTest, ADivergedTrialIsNoResultAndNothingThatPruningSaved) {
  const std::vector<Rehearsed> trials = {ended_trial(0, 2, TrialState::kDiverged, 0.1, 2),
                                         ended_trial(0, 4, TrialState::kCompleted, 5)};
  const Outcome outcome = outcome_of(trials, Goal::kMinimize);
  EXPECT_EQ(outcome.best_at(9), 5);
  EXPECT_EQ(outcome.diverged, 1u);
  EXPECT_EQ(outcome.completed, 1u);
  EXPECT_EQ(outcome.steps, 6u);
  EXPECT_EQ(outcome.saved(), 0);
}

TEST(OutcomeTest, TheTargetIsReachedByTheFirstThatDid) {
  std::vector<Rehearsed> trials = {ended_trial(0, 10, TrialState::kCompleted, 5),
                                   ended_trial(0, 9, TrialState::kCompleted, 5)};
  EXPECT_FALSE(outcome_of(trials, Goal::kMinimize).target_at);
  trials[0].target_at = 8;
  trials[1].target_at = 6;
  EXPECT_EQ(outcome_of(trials, Goal::kMinimize).target_at, 6);
}

TEST(OutcomeTest, NothingHasComeOfNothing) {
  const Outcome outcome = outcome_of({}, Goal::kMaximize);
  EXPECT_EQ(outcome.saved(), 0);
  EXPECT_FALSE(outcome.best_at(1e9));
}

}  // namespace
}  // namespace scopa::rehearsal
