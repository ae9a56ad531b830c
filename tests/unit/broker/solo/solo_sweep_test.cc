#include "broker/solo/solo_sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "sdk/base/states.h"

namespace scopa::solo {
namespace {

using ::testing::HasSubstr;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::unique_ptr<SoloSweep> sweep_with(const std::string& keys, std::uint64_t seed = 3) {
  auto made = SoloSweep::create(
      "metric: {name: loss, goal: minimize}\nparameters: {x: {min: 0.0, max: 1.0}, n: {min: 1, "
      "max: "
      "100000}}\n" +
          keys,
      seed);
  EXPECT_TRUE(made) << made.status().to_string();
  return made ? std::move(*made) : nullptr;
}

std::uint64_t next(SoloSweep& sweep) {
  const auto asked = sweep.ask();
  EXPECT_TRUE(asked) << asked.status().to_string();
  EXPECT_NE(asked->trial, nullptr) << asked->reason;
  return asked && asked->trial != nullptr ? asked->trial->number : UINT64_MAX;
}

TEST(SoloSweepTest, ASpecThatIsWrongIsRefusedWithItsPlace) {
  const auto made = SoloSweep::create("method: random\nparameters: {x: {min: 1}}\n", 1);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.status().code(), Code::kInvalidArgument);
  EXPECT_THAT(made.status().message(), HasSubstr("max"));
}

TEST(SoloSweepTest, EveryTrialIsGivenOnceAndTheSweepIsDoneAtItsCap) {
  const auto sweep = sweep_with("method: random\nrun_cap: 3\n");
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_EQ(next(*sweep), i);
  auto asked = sweep->ask();
  EXPECT_EQ(asked->trial, nullptr);
  EXPECT_FALSE(asked->done) << "three still run";
  for (std::uint64_t i = 0; i < 3; ++i) ASSERT_TRUE(sweep->tell(i, TrialState::kCompleted, 0.5));
  asked = sweep->ask();
  EXPECT_EQ(asked->trial, nullptr);
  EXPECT_TRUE(asked->done);
  EXPECT_THAT(asked->reason, HasSubstr("run cap 3"));
  EXPECT_EQ(sweep->info().counts.completed, 3u);
}

TEST(SoloSweepTest, TheSameCallsGiveTheSameTrialsAndAnotherSeedOthers) {
  const auto run = [](std::uint64_t seed) {
    const auto sweep = sweep_with("method: bayes\n", seed);
    std::string text;
    for (int i = 0; i < 30; ++i) {
      const auto asked = sweep->ask();
      text += to_json(asked->trial->params) + "\n";
      const double x = std::get<double>(asked->trial->params.front().value);
      EXPECT_TRUE(sweep->tell(asked->trial->number, TrialState::kCompleted, (x - 0.3) * (x - 0.3)));
    }
    return text;
  };
  EXPECT_EQ(run(1), run(1));
  EXPECT_NE(run(1), run(2));
}

TEST(SoloSweepTest, APrunerStopsWhatIsBehindAndOnlyThat) {
  const auto sweep = sweep_with("method: random\nearly_terminate: {type: median, min_trials: 2}\n");
  for (int i = 0; i < 6; ++i) {
    const std::uint64_t good = next(*sweep);
    EXPECT_FALSE(*sweep->report(good, 1, 0.1)) << i;
    EXPECT_FALSE(*sweep->report(good, 2, 0.1)) << i;
    ASSERT_TRUE(sweep->tell(good, TrialState::kCompleted, 0.1));
  }
  const std::uint64_t bad = next(*sweep);
  bool stop = false;
  for (std::int64_t step = 1; step <= 2; ++step) stop |= *sweep->report(bad, step, 9.0);
  EXPECT_TRUE(stop);
  ASSERT_TRUE(sweep->tell(bad, TrialState::kPruned, std::nullopt));
  EXPECT_EQ(sweep->info().counts.pruned, 1u);
  EXPECT_EQ(sweep->info().counts.completed, 6u);
}

TEST(SoloSweepTest, WhoPrunesByHisOwnRuleIsBelieved) {
  const auto sweep = sweep_with("method: random\n");
  const std::uint64_t trial = next(*sweep);
  EXPECT_FALSE(*sweep->report(trial, 1, 0.5));
  ASSERT_TRUE(sweep->tell(trial, TrialState::kPruned, 0.5));
  EXPECT_EQ(sweep->info().counts.pruned, 1u);
}

TEST(SoloSweepTest, WhenAllFailItGoesOn) {
  const auto sweep = sweep_with("method: bayes\n");
  for (std::uint64_t i = 0; i < 60; ++i) {
    ASSERT_EQ(next(*sweep), i);
    ASSERT_TRUE(sweep->tell(i, TrialState::kFailed, std::nullopt));
  }
  EXPECT_EQ(sweep->info().counts.failed, 60u);
}

TEST(SoloSweepTest, ValuesThatAreNoNumbersEndATrialAndHarmNothing) {
  const auto sweep = sweep_with("method: bayes\n");
  for (const double value :
       {kNan, std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()}) {
    const std::uint64_t trial = next(*sweep);
    EXPECT_FALSE(*sweep->report(trial, 0, value)) << "before the first value it ends nothing";
    EXPECT_FALSE(*sweep->report(trial, 0, 0.5));
    EXPECT_TRUE(*sweep->report(trial, 1, value)) << value;
    EXPECT_TRUE(sweep->tell(trial, TrialState::kFailed, value));
  }
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(sweep->tell(next(*sweep), TrialState::kCompleted, 1.0));
  }
}

TEST(SoloSweepTest, StepsMayRepeatAndGoBackToTheLastBit) {
  const auto sweep = sweep_with("method: bayes\nearly_terminate: {type: hyperband, min_iter: 2}\n");
  const std::uint64_t trial = next(*sweep);
  for (const std::int64_t step :
       {std::int64_t{5}, std::int64_t{5}, std::int64_t{0}, INT64_MIN, INT64_MAX}) {
    EXPECT_TRUE(sweep->report(trial, step, 0.5));
  }
  EXPECT_TRUE(sweep->tell(trial, TrialState::kCompleted, 0.25));
}

TEST(SoloSweepTest, MaxStepsCompleteATrialAndWhatIsToldAfterItDoesNotCount) {
  const auto sweep = sweep_with("method: random\nmax_steps: 2\n");
  const std::uint64_t trial = next(*sweep);
  EXPECT_FALSE(*sweep->report(trial, 1, 0.5));
  EXPECT_FALSE(*sweep->report(trial, 2, 0.4)) << "over, not stopped";
  ASSERT_TRUE(sweep->tell(trial, TrialState::kCompleted, 0.1));
  EXPECT_EQ(sweep->info().best_value, 0.4);
  EXPECT_EQ(sweep->info().counts.completed, 1u);
}

TEST(SoloSweepTest, WhoGoesOnBeyondMaxStepsOrFailsThenIsCompleteToo) {
  const auto sweep = sweep_with("method: random\nmax_steps: 2\n");
  for (const TrialState told : {TrialState::kCompleted, TrialState::kPruned, TrialState::kFailed}) {
    const std::uint64_t trial = next(*sweep);
    EXPECT_FALSE(*sweep->report(trial, 2, 0.4));
    EXPECT_FALSE(*sweep->report(trial, 3, 0.1)) << "over, not stopped";
    ASSERT_TRUE(sweep->tell(trial, told, 0.1));
  }
  EXPECT_EQ(sweep->info().best_value, 0.4);
  EXPECT_EQ(sweep->info().counts.completed, 3u);
}

TEST(SoloSweepTest, WhatIsNotOpenIsSaidAndChangesNothing) {
  const auto sweep = sweep_with("method: random\n");
  EXPECT_EQ(sweep->report(0, 1, 0.5).status().code(), Code::kNotFound);
  const std::uint64_t trial = next(*sweep);
  EXPECT_EQ(sweep->tell(trial, TrialState::kRunning, 1.0).code(), Code::kInvalidArgument);
  EXPECT_EQ(sweep->tell(trial, TrialState::kCompleted, std::nullopt).code(),
            Code::kInvalidArgument);
  ASSERT_TRUE(sweep->tell(trial, TrialState::kCompleted, 1.0));
  EXPECT_EQ(sweep->tell(trial, TrialState::kCompleted, 2.0).code(), Code::kConflict);
  EXPECT_EQ(sweep->report(trial, 1, 0.5).status().code(), Code::kConflict);
  EXPECT_EQ(sweep->info().best_value, 1.0);
}

}  // namespace
}  // namespace scopa::solo
