#include "rehearsal/recorded_trial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scopa::rehearsal {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;

constexpr std::int64_t kSecond = 1'000'000;

/// Points of "loss" and, between them, of another metric.
PointBlock points(const std::vector<std::int64_t>& steps,
                  const std::vector<std::int64_t>& seconds) {
  PointBlock block;
  block.metrics = {"other", "loss"};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    for (const std::uint16_t metric : {0, 1}) {
      block.metric.push_back(metric);
      block.step.push_back(steps[i]);
      block.value.push_back(metric == 1 ? 10.0 - static_cast<double>(i) : -1);
      block.time_us.push_back(seconds[i] * kSecond);
    }
  }
  return block;
}

wire::TrialInfo info_of(const std::vector<std::pair<std::int64_t, std::int64_t>>& attempts) {
  wire::TrialInfo info;
  info.trial = 7;
  info.params = {{"x", 1.0}};
  info.state = static_cast<std::uint8_t>(TrialState::kCompleted);
  for (const auto& [start, end] : attempts) {
    wire::AttemptInfo attempt;
    attempt.started_us = start * kSecond;
    attempt.ended_us = end * kSecond;
    info.attempts.push_back(attempt);
  }
  return info;
}

TEST(RecordedTrialTest, IsTheCurveOfTheMetricWithItsTimes) {
  const auto recorded =
      recorded_trial(info_of({{100, 120}}), points({0, 1, 2}, {103, 105, 110}), "loss");
  EXPECT_EQ(recorded.number, 7u);
  EXPECT_TRUE(recorded.is_whole);
  EXPECT_THAT(recorded.steps, ElementsAre(0, 1, 2));
  EXPECT_THAT(recorded.values, ElementsAre(10, 9, 8));
  EXPECT_THAT(recorded.seconds, ElementsAre(DoubleEq(3), DoubleEq(5), DoubleEq(10)));
}

TEST(RecordedTrialTest, StepsThatRepeatOrGoBackAreLeftOut) {
  const auto recorded =
      recorded_trial(info_of({{0, 20}}), points({1, 2, 2, 1, 3}, {1, 2, 3, 4, 5}), "loss");
  EXPECT_THAT(recorded.steps, ElementsAre(1, 2, 3));
  EXPECT_THAT(recorded.values, ElementsAre(10, 9, 6));
}

TEST(RecordedTrialTest, WaitingBetweenAttemptsDoesNotCount) {
  const auto recorded =
      recorded_trial(info_of({{0, 12}, {1000, 1020}}), points({1, 2, 3}, {5, 10, 1005}), "loss");
  EXPECT_THAT(recorded.seconds, ElementsAre(DoubleEq(5), DoubleEq(10), DoubleEq(15)));
}

TEST(RecordedTrialTest, AClockThatDoesNotAgreeCountsFromItsOwnPoints) {
  const auto recorded =
      recorded_trial(info_of({{5000, 5020}}), points({1, 2, 3}, {10, 14, 18}), "loss");
  EXPECT_THAT(recorded.seconds, ElementsAre(DoubleEq(4), DoubleEq(8), DoubleEq(12)));
}

TEST(RecordedTrialTest, WithoutTheMetricItIsEmpty) {
  EXPECT_TRUE(recorded_trial(info_of({{0, 1}}), points({1}, {1}), "acc").values.empty());
}

}  // namespace
}  // namespace scopa::rehearsal
