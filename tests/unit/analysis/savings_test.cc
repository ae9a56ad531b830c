#include "analysis/savings.h"

#include <gtest/gtest.h>

#include "tests/unit/analysis/trial.h"

namespace scopa::analysis {
namespace {

wire::TrialInfo pruned(wire::TrialInfo info) {
  info.stopped = true;
  return info;
}

TEST(SavingsTest, PrunedTrialsAreComparedWithCompletedOnes) {
  const std::vector<wire::TrialInfo> trials = {
      ran(trial(0, TrialState::kCompleted, 0.5), 10, 5, 25),
      ran(trial(1, TrialState::kCompleted, 0.5), 10, 1, 21),
      pruned(ran(trial(2, TrialState::kPruned, 0.5), 2, 1, 5)),
      pruned(ran(trial(3, TrialState::kPruned, 0.5), 4, 1, 9)),
      ran(trial(4, TrialState::kFailed, 0.5), 7, 1, 9),
  };
  const auto savings = pruning_savings(trials);
  ASSERT_TRUE(savings.has_value());
  EXPECT_EQ(savings->pruned, 2u);
  EXPECT_EQ(savings->spent, 26u);
  EXPECT_EQ(savings->not_spent, 14u);
  EXPECT_DOUBLE_EQ(savings->share(), 14.0 / 40.0);
  EXPECT_DOUBLE_EQ(savings->seconds, 16 + 12);
}

TEST(SavingsTest, APrunedTrialThatRanLongerSavesNothing) {
  const std::vector<wire::TrialInfo> trials = {
      ran(trial(0, TrialState::kCompleted, 0.5), 5, 1, 2),
      pruned(ran(trial(1, TrialState::kPruned, 0.5), 9, 1, 4))};
  const auto savings = pruning_savings(trials);
  ASSERT_TRUE(savings.has_value());
  EXPECT_EQ(savings->not_spent, 0u);
  EXPECT_EQ(savings->share(), 0);
  EXPECT_EQ(savings->seconds, 0);
}

TEST(SavingsTest, WhatNoPrunerEndedIsNobodysSaving) {
  const std::vector<wire::TrialInfo> trials = {
      ran(trial(0, TrialState::kCompleted, 0.5), 10, 1, 11),
      ran(trial(1, TrialState::kPruned, 0.5), 2, 1, 3),  // a time limit, a budget, its own wish
      ran(trial(2, TrialState::kDiverged, 0.5), 2, 1, 3),
      ran(trial(3, TrialState::kFailed, 0.5), 2, 1, 3)};
  EXPECT_FALSE(pruning_savings(trials).has_value());
}

TEST(SavingsTest, WaitingBetweenAttemptsIsNotSaved) {
  std::vector<wire::TrialInfo> trials = {ran(trial(0, TrialState::kCompleted, 0.5), 10, 1, 41),
                                         pruned(ran(trial(1, TrialState::kPruned, 0.5), 5, 1, 2))};
  trials[0].running_us = 4'000'000;  // of 40 s; the others it waited to be resumed
  const auto savings = pruning_savings(trials);
  ASSERT_TRUE(savings.has_value());
  EXPECT_DOUBLE_EQ(savings->seconds, 3);
}

TEST(SavingsTest, WithoutACompletedOrAPrunedTrialNothingIsClaimed) {
  EXPECT_FALSE(pruning_savings({}).has_value());
  const std::vector<wire::TrialInfo> stopped = {
      pruned(ran(trial(0, TrialState::kPruned, 0.5), 2, 1, 2))};
  EXPECT_FALSE(pruning_savings(stopped).has_value());
  const std::vector<wire::TrialInfo> completed = {
      ran(trial(0, TrialState::kCompleted, 0.5), 2, 1, 2)};
  EXPECT_FALSE(pruning_savings(completed).has_value());
}

}  // namespace
}  // namespace scopa::analysis
