#include "analysis/documents/trial_order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/analysis/trial.h"

namespace scopa::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// The trials' numbers in that order; nothing where the column is none.
std::vector<std::uint64_t> sorted(const std::vector<wire::TrialInfo>& trials,
                                  const std::string& column) {
  const wire::SweepInfo sweep;
  const TrialSheet sheet(sweep, trials, 0);
  const auto list = sorted_by(sheet, column);
  std::vector<std::uint64_t> numbers;
  if (!list) return numbers;
  for (const auto* t : *list) numbers.push_back(t->trial);
  return numbers;
}

TEST(TrialOrderTest, ParametersSortAsNumbersWithMissingOnesLastBothWays) {
  std::vector<wire::TrialInfo> trials(4);
  for (std::size_t i = 0; i < 4; ++i) trials[i].trial = i;
  trials[0].params = {{"lr", Value(std::int64_t{10})}};
  trials[1].params = {{"lr", Value(9.5)}};
  trials[3].params = {{"lr", Value(std::string("auto"))}};
  EXPECT_THAT(sorted(trials, "lr"), ElementsAre(1, 0, 3, 2));
  EXPECT_THAT(sorted(trials, "-lr"), ElementsAre(3, 0, 1, 2));
}

TEST(TrialOrderTest, SortsByDuration) {
  const std::vector<wire::TrialInfo> trials = {ran(trial(0, TrialState::kCompleted, 1), 1, 10, 19),
                                               ran(trial(1, TrialState::kCompleted, 2), 1, 10, 12),
                                               trial(2, TrialState::kQueued)};
  EXPECT_THAT(sorted(trials, "duration"), ElementsAre(1, 0, 2));
  EXPECT_THAT(sorted(trials, "-duration_s"), ElementsAre(0, 1, 2));
}

TEST(TrialOrderTest, SortsByTheBestOfAnyMetric) {
  std::vector<wire::TrialInfo> trials = {trial(0, TrialState::kCompleted, 1),
                                         trial(1, TrialState::kCompleted, 2),
                                         trial(2, TrialState::kCompleted, 3)};
  trials[0].metrics = {{"val/acc", 0.5, 3, 0.1, 0.9, 1, 2, 3}};
  trials[2].metrics = {{"val/acc", 0.7, 3, 0.3, 0.8, 1, 2, 3}};
  EXPECT_THAT(sorted(trials, "-val/acc"), ElementsAre(2, 0, 1));
  EXPECT_THAT(sorted(trials, "-val/acc.max"), ElementsAre(0, 2, 1));
}

TEST(TrialOrderTest, TextsAndStatesSortToo) {
  std::vector<wire::TrialInfo> trials = {trial(0, TrialState::kFailed),
                                         trial(1, TrialState::kFailed),
                                         trial(2, TrialState::kCompleted, 3)};
  trials[0].cause = static_cast<std::uint8_t>(Cause::kOom);
  trials[1].cause = static_cast<std::uint8_t>(Cause::kCrash);
  EXPECT_THAT(sorted(trials, "cause"), ElementsAre(1, 0, 2));
  EXPECT_THAT(sorted(trials, "state"), ElementsAre(2, 0, 1));
}

TEST(TrialOrderTest, ConfigurationsSortByTheMeanOfTheirRuns) {
  const std::vector<wire::TrialInfo> trials = {head(0, 0.1, 0.6, 3), head(1, 0.4, 0.5, 3),
                                               replicate(2, 0, 0.05), head(4, 0.55, 0.55, 1)};
  EXPECT_THAT(sorted(trials, "value"), ElementsAre(2, 1, 4, 0));
}

TEST(TrialOrderTest, AnUnknownColumnIsRefusedWithASuggestion) {
  const wire::SweepInfo sweep;
  const std::vector<wire::TrialInfo> trials = {trial(0, TrialState::kCompleted, 0.5)};
  const auto result = sorted_by(TrialSheet(sweep, trials, 0), "-valu");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.status().code(), Code::kInvalidArgument);
  EXPECT_THAT(result.status().help(), HasSubstr("did you mean `value`?"));
}

}  // namespace
}  // namespace scopa::analysis
