#include "rehearsal/rehearse.h"

#include <gtest/gtest.h>

namespace scopa::rehearsal {
namespace {

constexpr char kRandom[] =
    "method: random\nmetric: {name: loss, goal: minimize}\n"
    "parameters: {x: {min: 0.0, max: 1.0}}\n";

// Trial n takes n + 1 seconds a step and three steps.
Result<Training> three_steps(const Params&, std::uint64_t number) {
  Training training;
  training.values = {3, 2, 1.0 + static_cast<double>(number)};
  training.step_seconds = static_cast<double>(number + 1);
  return training;
}

TEST(RehearseTest, WorkersTakeTheNextTrialWhenTheyHaveFinishedOne) {
  Rehearsal two;
  two.workers = 2;
  two.trials_max = 3;
  const auto trials = rehearse(kRandom, 1, three_steps, two);
  ASSERT_TRUE(trials) << trials.status().to_string();
  ASSERT_EQ(trials->size(), 3U);
  EXPECT_DOUBLE_EQ((*trials)[0].ended, 3);
  EXPECT_DOUBLE_EQ((*trials)[1].ended, 6);
  EXPECT_DOUBLE_EQ((*trials)[2].started, 3);
  EXPECT_DOUBLE_EQ((*trials)[2].ended, 12);
  for (const Rehearsed& trial : *trials) {
    EXPECT_EQ(trial.state, TrialState::kCompleted);
    EXPECT_EQ(trial.steps, 3U);
    EXPECT_DOUBLE_EQ(trial.value, 1.0 + static_cast<double>(trial.trial));
  }
}

TEST(RehearseTest, TimeEndsItWithTrialsThatStillRun) {
  Rehearsal short_one;
  short_one.seconds_max = 4.5;
  const auto trials = rehearse(kRandom, 1, three_steps, short_one);
  ASSERT_TRUE(trials) << trials.status().to_string();
  ASSERT_EQ(trials->size(), 2U);
  EXPECT_EQ((*trials)[1].state, TrialState::kRunning);
  EXPECT_EQ((*trials)[1].steps, 0U);
}

TEST(RehearseTest, WhatIsToldToStopIsPrunedAtThatStep) {
  Rehearsal some;
  some.trials_max = 2;
  const auto trials =
      rehearse(std::string(kRandom) + "early_terminate: {type: threshold, upper: 2.5}\n", 1,
               three_steps, some);
  ASSERT_TRUE(trials) << trials.status().to_string();
  EXPECT_EQ(trials->front().state, TrialState::kPruned);
  EXPECT_EQ(trials->front().steps, 1U);
  EXPECT_DOUBLE_EQ(trials->back().started, 1);
}

TEST(RehearseTest, ASweepWithoutAnEndIsRefused) {
  EXPECT_EQ(rehearse(kRandom, 1, three_steps, {}).status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace scopa::rehearsal
