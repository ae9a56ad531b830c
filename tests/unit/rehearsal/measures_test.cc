#include "rehearsal/measures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scopa::rehearsal {
namespace {

using ::testing::ElementsAre;

/// A run in which trials completed with these values, one a second.
Outcome run(const std::vector<double>& values) {
  std::vector<Rehearsed> trials;
  for (const double value : values) {
    Rehearsed trial;
    trial.started = static_cast<double>(trials.size());
    trial.ended = trial.started + 1;
    trial.state = TrialState::kCompleted;
    trial.reduced = value;
    trial.steps = trial.steps_whole = 1;
    trials.push_back(trial);
  }
  return outcome_of(trials, Goal::kMinimize);
}

Measure measure(std::vector<std::optional<double>> by_seed) {
  Measure made;
  made.by_seed = std::move(by_seed);
  return made;
}

TEST(MeasuresTest, TheBestIsMeasuredAtSharesOfTheBudget) {
  const std::vector<Outcome> runs = {run({8, 6, 7, 2}), run({5, 5, 5, 5})};
  const auto of_trials = measures_of(runs, {.seconds = 0, .trials = 4}, false);
  EXPECT_EQ(of_trials[0].key, "best_10");
  EXPECT_THAT(of_trials[0].by_seed, ElementsAre(8, 5)) << "10 % of 4 trials is one";
  EXPECT_THAT(of_trials[2].by_seed, ElementsAre(6, 5));
  EXPECT_THAT(of_trials[3].by_seed, ElementsAre(2, 5));
  const auto of_time = measures_of(runs, {.seconds = 8, .trials = 4}, true);
  EXPECT_THAT(of_time[0].by_seed, ElementsAre(std::nullopt, std::nullopt));
  EXPECT_THAT(of_time[1].by_seed, ElementsAre(6, 5));
  EXPECT_EQ(of_time[4].key, "target_s");
  EXPECT_FALSE(of_time[4].over_seeds());
  const auto of_own = measures_of(runs, {}, false);
  EXPECT_THAT(of_own[2].by_seed, ElementsAre(6, 5));
}

TEST(MeasuresTest, ADifferenceIsPairedBySeed) {
  const Measure first = measure({10, 20, 30});
  const Difference less = difference(first, measure({9, 18.9, 29.1}));
  EXPECT_EQ(less.verdict, Verdict::kLess);
  EXPECT_NEAR(less.interval->mean, -1, 1e-12);
  EXPECT_EQ(difference(first, measure({11, 21.1, 30.9})).verdict, Verdict::kMore);
  EXPECT_EQ(difference(first, measure({9, 21, 30})).verdict, Verdict::kUnclear);
}

TEST(MeasuresTest, EqualInEverySeedIsTheSameAndNotBetter) {
  const Measure first = measure({10, 20, std::nullopt});
  const Difference same = difference(first, first);
  EXPECT_EQ(same.verdict, Verdict::kSame);
  EXPECT_EQ(same.interval->mean, 0);
  EXPECT_EQ(same.interval->high, 0);
}

TEST(MeasuresTest, SeedsThatLackOneAreLeftOutAndOneSeedIsNeverCertain) {
  const Difference found =
      difference(measure({10, 20, std::nullopt}), measure({std::nullopt, 10, 5}));
  EXPECT_EQ(found.verdict, Verdict::kUnclear);
  EXPECT_EQ(found.interval->count, 1u);
  EXPECT_EQ(difference(measure({std::nullopt}), measure({1})).verdict, Verdict::kNone);
}

TEST(MeasuresTest, WordsFollowTheGoal) {
  EXPECT_EQ(word_of(Verdict::kLess, Unit::kValue, Goal::kMinimize), "better");
  EXPECT_EQ(word_of(Verdict::kLess, Unit::kValue, Goal::kMaximize), "worse");
  EXPECT_EQ(word_of(Verdict::kMore, Unit::kValue, Goal::kMaximize), "better");
  EXPECT_EQ(word_of(Verdict::kLess, Unit::kSeconds, Goal::kMaximize), "less");
  EXPECT_EQ(word_of(Verdict::kSame, Unit::kValue, Goal::kMaximize), "same");
}

TEST(MeasuresTest, AScheduleIsTheBestSoFarAndWhatHasEnded) {
  const std::vector<Outcome> runs = {run({8, 6, 7, 2}), run({4, 6, 5, 4})};
  const auto moments = schedule(runs, {.seconds = 4, .trials = 0}, 2);
  ASSERT_EQ(moments.size(), 2u);
  EXPECT_EQ(moments[0].seconds, 2);
  EXPECT_EQ(moments[0].best->mean, 5);
  EXPECT_EQ(moments[0].ended, 2);
  EXPECT_EQ(moments[1].best->mean, 3);
  EXPECT_EQ(moments[1].ended, 4);
  EXPECT_EQ(schedule(runs, {}, 1)[0].seconds, 4) << "the end of the longest run";
}

TEST(MeasuresTest, StopsAreGroupedByRung) {
  Outcome one, other;
  one.pruned_after = {{3, 4}, {4, 1}, {9, 2}};
  other.pruned_after = {{3, 2}, {30, 1}};
  const std::vector<Outcome> runs = {one, other};
  const std::vector<std::uint64_t> rungs = {3, 9, 27};
  const auto by_rung = stops_by_rung(runs, rungs, 10);
  ASSERT_EQ(by_rung.size(), 3u);
  EXPECT_EQ(by_rung[0].first, 3u);
  EXPECT_EQ(by_rung[0].last, 4u);
  EXPECT_EQ(by_rung[0].trials, 3.5);
  EXPECT_EQ(by_rung[2].trials, 0.5);
  EXPECT_EQ(stops_by_rung(runs, {}, 10).size(), 4u);
  EXPECT_EQ(stops_by_rung(runs, {}, 2).size(), 2u);
  EXPECT_TRUE(stops_by_rung({}, rungs, 2).empty());
}

}  // namespace
}  // namespace scopa::rehearsal
