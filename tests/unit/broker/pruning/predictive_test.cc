#include "broker/pruning/predictive.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/unit/broker/pruning/pruner_testing.h"

namespace scopa::pruning {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::stopped;
using testing::sweep;
using testing::t;
using testing::trials;

constexpr std::int64_t kSteps = 16;

std::unique_ptr<Pruner> predictive(spec::Predictive rule = {},
                                   std::optional<std::int64_t> max_steps = kSteps,
                                   Goal goal = Goal::kMinimize) {
  spec::SweepSpec spec = sweep(rule, goal);
  spec.max_steps = max_steps;
  return make_pruner(spec);
}

/// Falls from 1 + end to `end` with the square root of the steps.
double loss_at(std::int64_t step, double end) {
  return end + (4 / std::sqrt(static_cast<double>(step)) - 1) / 3;
}

void train(Pruner* pruner, std::uint64_t trial, double end, std::int64_t steps = kSteps) {
  for (std::int64_t step = 1; step <= steps; ++step) {
    pruner->observe(t(trial), step, loss_at(step, end));
  }
}

/// Trials 0 ... n - 1 have ended with 0, 0.1, 0.2 ...
void train_whole(Pruner* pruner, std::uint64_t n) {
  for (std::uint64_t i = 0; i < n; ++i) train(pruner, i, 0.1 * static_cast<double>(i));
}

TEST(PredictiveTest, StopsWhatWillNotBeAmongTheBestAndLeavesWhatMay) {
  const auto pruner = predictive();
  train_whole(pruner.get(), 8);
  train(pruner.get(), 8, 2.0, 4);
  train(pruner.get(), 9, -0.2, 4);
  EXPECT_THAT(stopped(*pruner, {t(8), t(9)}), ElementsAre(8));
}

TEST(PredictiveTest, BehindTheOthersIsNoReasonWhileTheTrendLeadsToTheTop) {
  const auto pruner = predictive();
  train_whole(pruner.get(), 8);
  // Far behind those that ended, at every step; but a doubling brings it 1, and two are left.
  for (const auto& [step, value] : testing::Curve{{1, 4}, {2, 3}, {3, 2.4}, {4, 1.9}}) {
    pruner->observe(t(8), step, value);
  }
  EXPECT_THAT(stopped(*pruner, {t(8)}), IsEmpty());
  // Another that stands there, and got no further in the last doubling.
  for (const auto& [step, value] : testing::Curve{{1, 2}, {2, 1.9}, {3, 1.9}, {4, 1.9}}) {
    pruner->observe(t(9), step, value);
  }
  EXPECT_THAT(stopped(*pruner, {t(8), t(9)}), ElementsAre(9));
}

TEST(PredictiveTest, AsksForEndedTrialsAndTwoPlaces) {
  const auto pruner = predictive({0.9, 0, 6});
  train_whole(pruner.get(), 5);
  train(pruner.get(), 8, 5.0, 1);
  train(pruner.get(), 9, 0.15, 4);
  EXPECT_THAT(stopped(*pruner, {t(8), t(9)}), IsEmpty()) << "five have ended";
  train(pruner.get(), 5, 0.5);
  train(pruner.get(), 9, 5.0, 6);
  EXPECT_THAT(stopped(*pruner, {t(8), t(9)}), ElementsAre(9)) << "of 8 one value is known";
}

TEST(PredictiveTest, WhileTooFewCameToTheEndTheBetterHalfGoesOn) {
  const auto pruner = predictive();
  for (std::uint64_t i = 0; i < 3; ++i) train(pruner.get(), i, 0.1 * static_cast<double>(i), 2);
  EXPECT_THAT(stopped(*pruner, trials(3)), IsEmpty()) << "three are no company";
  for (std::uint64_t i = 3; i < 8; ++i) train(pruner.get(), i, 0.1 * static_cast<double>(i), 2);
  EXPECT_THAT(stopped(*pruner, trials(8)), ElementsAre(4, 5, 6, 7));
  for (std::uint64_t i = 0; i < 4; ++i) train(pruner.get(), i, 0.1 * static_cast<double>(i), 4);
  EXPECT_THAT(stopped(*pruner, trials(4)), ElementsAre(2, 3)) << "of those that came so far";
}

TEST(PredictiveTest, EqualsGoOnTogetherAndTheFirstNinthTellsNothing) {
  const auto pruner = predictive();
  for (std::uint64_t i = 0; i < 8; ++i) train(pruner.get(), i, 0, 4);
  EXPECT_THAT(stopped(*pruner, trials(8)), IsEmpty());
  const auto other = predictive();
  for (std::uint64_t i = 0; i < 8; ++i) {
    train(other.get(), i, static_cast<double>(i), 1);
  }
  EXPECT_THAT(stopped(*other, trials(8)), IsEmpty()) << "1 of 16";
}

TEST(PredictiveTest, AHalvingSaysWhatItComparedAndThatItIsTheStart) {
  for (const Goal goal : {Goal::kMinimize, Goal::kMaximize}) {
    const double sign = goal == Goal::kMaximize ? -1 : 1;
    const auto pruner = predictive({}, kSteps, goal);
    for (std::uint64_t i = 0; i < 4; ++i) {
      pruner->observe(t(i), 2, sign * static_cast<double>(i + 1));
    }
    std::vector<Grounds> grounds;
    const auto verdicts = pruner->explain({t(3)}, &grounds);
    ASSERT_EQ(verdicts.size(), 1U);
    EXPECT_EQ(verdicts[0].rung, 2U);
    EXPECT_EQ(verdicts[0].value, sign * 4);
    EXPECT_EQ(verdicts[0].threshold, sign * 2);
    EXPECT_THAT(verdicts[0].message, HasSubstr("is not in the better half of 4 trials"));
    EXPECT_THAT(verdicts[0].message, HasSubstr("fewer than 5 came to the end"));
    ASSERT_EQ(grounds.size(), 1U);
    ASSERT_EQ(grounds[0].ranking.size(), 4U);
    EXPECT_TRUE(grounds[0].ranking[1].goes_on);
    EXPECT_FALSE(grounds[0].ranking[2].goes_on);
  }
}

TEST(PredictiveTest, StopsNobodyBeforeItsWarmup) {
  const auto pruner = predictive({0.9, 6, 5});
  train_whole(pruner.get(), 8);
  train(pruner.get(), 8, 5.0, 5);
  EXPECT_THAT(stopped(*pruner, {t(8)}), IsEmpty());
  const auto at_the_start = predictive({0.9, 6, 5});
  for (std::uint64_t i = 0; i < 8; ++i) {
    train(at_the_start.get(), i, static_cast<double>(i), 5);
  }
  EXPECT_THAT(stopped(*at_the_start, trials(8)), IsEmpty());
  EXPECT_THAT(pruner->rungs(), ElementsAre(6, 8, 12)) << "12 of 16 are three quarters";
}

TEST(PredictiveTest, MoreConfidenceStopsFewer) {
  std::size_t before = 1000;
  for (const double confidence : {0.05, 0.5, 0.9, 0.99, 0.99999}) {
    const auto pruner = predictive({confidence, 0, 5});
    // Ends that the curve does not tell: half of the trials fall by 0.5 more.
    for (std::uint64_t i = 0; i < 20; ++i) {
      const double end = 0.1 * static_cast<double>(i);
      train(pruner.get(), i, end, kSteps - 1);
      pruner->observe(t(i), kSteps, end - (i % 2 == 0 ? 0.5 : 0));
    }
    for (std::uint64_t i = 20; i < 60; ++i) {
      train(pruner.get(), i, 0.05 * static_cast<double>(i - 20), 12);
    }
    const std::size_t now = pruner->judge(trials(60)).size();
    EXPECT_LE(now, before) << confidence;
    before = now;
    if (confidence < 0.1) {
      EXPECT_GT(now, 20U);
    }
  }
  EXPECT_EQ(before, 0U) << "nothing is that sure";
}

TEST(PredictiveTest, WhoHasReachedTheEndOrBeatenTheBestIsNotStopped) {
  const auto pruner = predictive({0.01, 0, 5});
  train_whole(pruner.get(), 8);
  EXPECT_THAT(stopped(*pruner, trials(8)), IsEmpty());
  // Better than the best quarter already, wherever those went on that stood alike.
  for (std::int64_t step = 1; step <= 8; ++step) pruner->observe(t(8), step, -0.5);
  EXPECT_THAT(stopped(*pruner, {t(8)}), IsEmpty());
}

TEST(PredictiveTest, ATrialThatStartsOverNoLongerCounts) {
  const auto pruner = predictive();
  const auto why = [&] {
    const auto verdicts = pruner->judge({t(8)});
    return verdicts.empty() ? "" : verdicts[0].message;
  };
  train_whole(pruner.get(), 6);
  train(pruner.get(), 8, 3.0, 4);
  EXPECT_THAT(why(), HasSubstr("of 6 trials that came to the end"));
  pruner->forget(t(0));
  pruner->forget(t(1));
  EXPECT_THAT(why(), HasSubstr("the better half of 5 trials")) << "four are left that have ended";
  train_whole(pruner.get(), 2);
  EXPECT_THAT(why(), HasSubstr("of 6 trials that came to the end"));
  pruner->forget(t(8));
  EXPECT_EQ(why(), "");
}

TEST(PredictiveTest, AVerdictNamesWhatTheTrialMayHopeForAndWhatItNeeds) {
  for (const Goal goal : {Goal::kMinimize, Goal::kMaximize}) {
    const double sign = goal == Goal::kMaximize ? -1 : 1;
    const auto pruner = predictive({}, kSteps, goal);
    for (std::uint64_t i = 0; i < 9; ++i) {
      const double end = i == 8 ? 3.0 : 0.25 * static_cast<double>(i + 1);
      for (std::int64_t step = 1; step <= (i == 8 ? 4 : kSteps); ++step) {
        pruner->observe(t(i), step, sign * loss_at(step, end));
      }
    }
    const auto verdicts = pruner->judge({t(8)});
    ASSERT_EQ(verdicts.size(), 1U);
    EXPECT_EQ(verdicts[0].rung, 4U);
    EXPECT_EQ(verdicts[0].threshold, sign * 0.5) << "the second of eight";
    EXPECT_TRUE(is_better(goal, verdicts[0].threshold, verdicts[0].value));
    EXPECT_THAT(verdicts[0].message, HasSubstr(sign > 0 ? "3.3333 at step 4 will end near 3,"
                                                        : "-3.3333 at step 4 will end near -3,"));
    EXPECT_THAT(verdicts[0].message,
                HasSubstr("not in the best quarter of 8 trials that came to the end"));
    EXPECT_THAT(verdicts[0].message, HasSubstr(sign > 0 ? "(needs 0.5)" : "(needs -0.5)"));
  }
}

TEST(PredictiveTest, IsNoneWithoutAnEndOrAComparisonBeforeIt) {
  EXPECT_EQ(predictive({}, std::nullopt), nullptr);
  EXPECT_EQ(predictive({}, 1), nullptr);
  EXPECT_EQ(predictive({0.9, 16, 5}), nullptr);
}

TEST(PredictiveTest, ValuesTooLargeToBeForetoldStopNobody) {
  const auto pruner = predictive();
  const double largest = std::numeric_limits<double>::max();
  for (std::uint64_t i = 0; i < 8; ++i) {
    for (std::int64_t step = 1; step <= kSteps; ++step) {
      pruner->observe(t(i), step, step % 2 == 0 ? -largest : largest);
    }
  }
  for (std::int64_t step = 1; step <= 8; ++step) pruner->observe(t(8), step, largest);
  EXPECT_THAT(stopped(*pruner, {t(8)}), IsEmpty());
}

}  // namespace
}  // namespace scopa::pruning
