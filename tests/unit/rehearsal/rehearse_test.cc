#include "rehearsal/rehearse.h"

#include <gtest/gtest.h>

#include <cmath>

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

TEST(RehearseTest, TheLimitsOfTheFileCountInVirtualTime) {
  const auto run = [](const std::string& limits, Rehearsal rehearsal = {}) {
    auto trials = rehearse(kRandom + limits, 1, three_steps, rehearsal);
    EXPECT_TRUE(trials) << trials.status().to_string();
    return std::move(*trials);
  };
  const auto capped = run("run_cap: 3\n");
  EXPECT_EQ(capped.size(), 3U);
  Rehearsal more;
  more.run_cap = 5;
  EXPECT_EQ(run("run_cap: 3\n", more).size(), 5U);
  const auto cut = run("run_cap: 1\nmax_steps: 2\n");
  EXPECT_EQ(cut[0].steps, 2U);
  EXPECT_EQ(cut[0].state, TrialState::kCompleted);
  // Trials take 3, 6, 9 ... seconds.
  const auto wall = run("budget: {wall_time: 8s}\n");
  ASSERT_EQ(wall.size(), 2U);
  EXPECT_EQ(wall[1].state, TrialState::kRunning);
  EXPECT_EQ(wall[1].ended, 8);
  Rehearsal two;
  two.workers = 2;
  const auto device = run("budget: {device_hours: 0.005}\n", two);  // 18 s
  ASSERT_EQ(device.size(), 4U);
  EXPECT_EQ(device[1].state, TrialState::kCompleted);
  EXPECT_EQ(device[2].state, TrialState::kRunning);
  EXPECT_DOUBLE_EQ(device[2].ended, 9);
  EXPECT_DOUBLE_EQ(device[3].ended, 9);
  const auto slow = run("run_cap: 2\nmax_trial_time: 5s\n");
  EXPECT_EQ(slow[0].state, TrialState::kCompleted);
  EXPECT_EQ(slow[1].state, TrialState::kPruned);
  EXPECT_EQ(slow[1].steps, 2U);
  EXPECT_DOUBLE_EQ(slow[1].ended, 8);
}

TEST(RehearseTest, AValueIsWhatTheFileReducesTheCurveTo) {
  const auto reduced = [](const std::string& how, Rehearsal rehearsal = {}) {
    const Objective curve = [](const Params&, std::uint64_t) -> Result<Training> {
      Training training;
      training.values = {4, 1, 3};
      return training;
    };
    const auto trials = rehearse("method: random\nrun_cap: 1\nmetric: {name: loss, goal: minimize" +
                                     how + "}\nparameters: {x: {min: 0.0, max: 1.0}}\n",
                                 1, curve, rehearsal);
    EXPECT_TRUE(trials) << trials.status().to_string();
    return trials->front();
  };
  EXPECT_EQ(reduced("").reduced, 3);
  EXPECT_EQ(reduced(", reduce: best").reduced, 1);
  Rehearsal aims;
  aims.target = 1;
  EXPECT_EQ(reduced("", aims).target_at, 2);
  aims.target = 0.5;
  EXPECT_FALSE(reduced("", aims).target_at);
}

TEST(RehearseTest, StepsAndTimesNeedNotBeEven) {
  const Objective uneven = [](const Params&, std::uint64_t) -> Result<Training> {
    Training training;
    training.values = {3, 2};
    training.steps = {100, 250};
    training.seconds = {7, 11};
    return training;
  };
  Rehearsal one;
  one.trials_max = 1;
  const auto trials = rehearse(kRandom, 1, uneven, one);
  ASSERT_TRUE(trials) << trials.status().to_string();
  EXPECT_EQ(trials->front().steps, 250U);
  EXPECT_EQ(trials->front().ended, 11);
}

TEST(RehearseTest, AFailureIsAFailureAndIsTriedAgain) {
  const Objective fails = [](const Params&, std::uint64_t) -> Result<Training> {
    Training training;
    training.fails = true;
    training.step_seconds = 2;
    return training;
  };
  Rehearsal few;
  few.trials_max = 2;
  const auto trials = rehearse(std::string(kRandom) + "retries: 1\n", 1, fails, few);
  ASSERT_TRUE(trials) << trials.status().to_string();
  ASSERT_EQ(trials->size(), 2U);
  EXPECT_EQ((*trials)[0].state, TrialState::kFailed);
  EXPECT_EQ((*trials)[1].trial, (*trials)[0].trial);
  EXPECT_EQ((*trials)[1].ended, 4);
}

TEST(RehearseTest, ADivergedTrialIsWhatTheFileSays) {
  const Objective diverges = [](const Params&, std::uint64_t) -> Result<Training> {
    Training training;
    training.values = {1, NAN};
    return training;
  };
  const auto state = [&](const std::string& on_nan) {
    const auto trials = rehearse(kRandom + on_nan + "run_cap: 1\n", 1, diverges, {});
    EXPECT_TRUE(trials) << trials.status().to_string();
    return trials->front().state;
  };
  EXPECT_EQ(state(""), TrialState::kDiverged);
  EXPECT_EQ(state("on_nan: fail\n"), TrialState::kFailed);
  EXPECT_EQ(state("on_nan: ignore\n"), TrialState::kDiverged) << "its last value was NaN";
}

TEST(RehearseTest, ATrainingThatTakesNoTimeIsRefused) {
  const Objective timeless = [](const Params&, std::uint64_t) -> Result<Training> {
    Training training;
    training.values = {1};
    training.seconds = {0};
    return training;
  };
  Rehearsal one;
  one.trials_max = 1;
  EXPECT_EQ(rehearse(kRandom, 1, timeless, one).status().code(), Code::kInvalidArgument);
}

TEST(RehearseTest, ASweepWithoutAnEndIsRefused) {
  EXPECT_EQ(rehearse(kRandom, 1, three_steps, {}).status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace scopa::rehearsal
