#include "broker/search/observations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/broker/search/specs.h"

namespace scopa::search {
namespace {

using testing::add;
using testing::end;
using testing::report;

spec::Metric metric(Goal goal) {
  spec::Metric m;
  m.name = "loss";
  m.goal = goal;
  return m;
}

class ObservationsTest : public ::testing::Test {
 protected:
  TrialNumber trial(TrialState state, const std::vector<double>& curve,
                    std::optional<double> value = {}) {
    const auto number = add(&history_, {{"x", static_cast<double>(history_.trials().size())}});
    std::vector<CurvePoint> points;
    for (const double v : curve) points.push_back({static_cast<std::int64_t>(points.size()), v});
    report(&history_, number, points);
    end(&history_, number, state, value);
    return number;
  }
  // Completed trials whose curve falls from 10 + i to i in four values.
  void references(int count) {
    for (int i = 0; i < count; ++i) {
      trial(TrialState::kCompleted, {10.0 + i, 5.0 + i, 2.0 + i, 0.0 + i}, 0.0 + i);
    }
  }
  Standing standing(TrialNumber n) { return observations_.standing()[raw(n)]; }
  double loss(TrialNumber n) { return observations_.loss()[raw(n)]; }

  History history_;
  Observations observations_{metric(Goal::kMinimize)};
};

TEST_F(ObservationsTest, EndedTrialsCountByHowTheyEnded) {
  const auto completed = trial(TrialState::kCompleted, {3, 1}, 1.0);
  const auto without = trial(TrialState::kCompleted, {});
  const auto failed = trial(TrialState::kFailed, {3, 1}, 1.0);
  const auto cancelled = trial(TrialState::kCancelled, {});
  const auto pruned_at_once = trial(TrialState::kPruned, {});
  const auto queued = trial(TrialState::kQueued, {});
  observations_.update(history_);
  EXPECT_EQ(standing(completed), Standing::kObserved);
  EXPECT_EQ(loss(completed), 1);
  EXPECT_EQ(standing(without), Standing::kFailed);
  EXPECT_EQ(standing(failed), Standing::kFailed);
  EXPECT_EQ(standing(cancelled), Standing::kNone);
  EXPECT_EQ(standing(pruned_at_once), Standing::kFailed);
  EXPECT_EQ(standing(queued), Standing::kPending);
}

TEST_F(ObservationsTest, ADivergedTrialIsAsBadAsTheWorstWhateverItLogged) {
  trial(TrialState::kCompleted, {9, 2}, 2.0);
  const auto diverged = trial(TrialState::kDiverged, {0.1}, 0.1);
  observations_.update(history_);
  EXPECT_EQ(standing(diverged), Standing::kFailed);
  EXPECT_EQ(loss(diverged), 9);
  Observations best_counts([] {
    spec::Metric m = metric(Goal::kMinimize);
    m.impute = "best";
    return m;
  }());
  best_counts.update(history_);
  EXPECT_EQ(best_counts.standing()[raw(diverged)], Standing::kFailed);
}

TEST_F(ObservationsTest, WhatMachinesLostIsNotHeldAgainstTheConfiguration) {
  const auto lost = [&](const std::vector<double>& curve) {
    const auto number = trial(TrialState::kRunning, curve);
    HistoryChange change;
    change.kind = HistoryChange::Kind::kState;
    change.number = number;
    change.state = TrialState::kFailed;
    change.blameless = true;
    history_.apply(change);
    return number;
  };
  const auto at_once = lost({});
  const auto later = lost({3, 2});
  observations_.update(history_);
  EXPECT_EQ(standing(at_once), Standing::kNone);
  EXPECT_EQ(standing(later), Standing::kObserved);
  EXPECT_EQ(loss(later), 2);
}

TEST_F(ObservationsTest, LossOfAMaximisedMetricIsNegated) {
  Observations observations(metric(Goal::kMaximize));
  trial(TrialState::kCompleted, {3, 5}, 5.0);
  observations.update(history_);
  EXPECT_EQ(observations.loss()[0], -5);
}

TEST_F(ObservationsTest, APrunedTrialGetsTheLossOfItsEquals) {
  references(10);
  // After two values the references stand at 5 ... 14; three of them are better than 7.5.
  const auto pruned = trial(TrialState::kPruned, {20, 7.5});
  observations_.update(history_);
  EXPECT_EQ(standing(pruned), Standing::kObserved);
  EXPECT_EQ(loss(pruned), 3);
}

TEST_F(ObservationsTest, APartialTrialIsNeverWorseThanWhatItReached) {
  references(10);
  const auto worst = trial(TrialState::kPruned, {50});
  const auto lucky = trial(TrialState::kPruned, {-1});
  observations_.update(history_);
  EXPECT_EQ(loss(worst), 50);  // behind all
  EXPECT_EQ(loss(lucky), -1);  // ahead of all, and already below their ends
}

TEST_F(ObservationsTest, ARunningTrialIsPendingUntilItCanBeCompared) {
  references(3);
  const auto running = trial(TrialState::kRunning, {10});
  observations_.update(history_);
  EXPECT_EQ(standing(running), Standing::kPending);
  references(1);
  observations_.update(history_);
  EXPECT_EQ(standing(running), Standing::kObserved);
  const auto silent = trial(TrialState::kRunning, {});
  observations_.update(history_);
  EXPECT_EQ(standing(silent), Standing::kPending);
}

TEST_F(ObservationsTest, ImputeDecidesWhatFailedAndRunningTrialsCount) {
  references(2);
  const auto failed = trial(TrialState::kFailed, {4, 1, 3});
  const auto running = trial(TrialState::kRunning, {4, 1, 3});
  spec::Metric m = metric(Goal::kMinimize);
  m.impute = "latest";
  m.impute_while_running = "best";
  Observations imputed(m);
  imputed.update(history_);
  EXPECT_EQ(imputed.standing()[raw(failed)], Standing::kObserved);
  EXPECT_EQ(imputed.loss()[raw(failed)], 3);
  EXPECT_EQ(imputed.standing()[raw(running)], Standing::kObserved);
  EXPECT_EQ(imputed.loss()[raw(running)], 1);
  observations_.update(history_);
  EXPECT_EQ(standing(failed), Standing::kFailed);
  EXPECT_EQ(loss(failed), 11);  // the worst that was ever logged
  EXPECT_EQ(standing(running), Standing::kPending);
}

TEST_F(ObservationsTest, WhatItKeepsGivesTheSameAsAFreshStart) {
  references(5);
  const auto running = trial(TrialState::kRunning, {12});
  observations_.update(history_);
  report(&history_, running, {{1, 6.5}, {2, 1}});
  end(&history_, TrialNumber{0}, TrialState::kFailed, {});
  observations_.update(history_);
  EXPECT_THAT(observations_.changed(), ::testing::ElementsAre(0, raw(running)));
  Observations fresh(metric(Goal::kMinimize));
  fresh.update(history_);
  EXPECT_EQ(observations_.loss(), fresh.loss());
  EXPECT_EQ(observations_.standing(), fresh.standing());
  const History empty;
  observations_.update(empty);
  EXPECT_TRUE(observations_.loss().empty());
}

// ---- reductions ---------------------------------------------------------------------------------

TEST_F(ObservationsTest, APartialTrialIsComparedByItsReducedCurve) {
  spec::Metric m = metric(Goal::kMinimize);
  m.reduce = spec::Reduction::kMean;
  m.reduce_window = 2;
  for (int i = 0; i < 4; ++i) trial(TrialState::kCompleted, {10.0 + i, 6.0 + i}, 8.0 + i);
  // One lucky value: its mean of two is 9, which is between the references' 8 and 9.
  const auto pruned = trial(TrialState::kPruned, {16, 1});
  Observations observations(m);
  observations.update(history_);
  EXPECT_EQ(observations.loss()[raw(pruned)], 8.5);  // the best mean it reached: (16 + 1) / 2
}

// ---- replicates ---------------------------------------------------------------------------------

class ReplicatedObservationsTest : public ObservationsTest {
 protected:
  TrialNumber replicated(double mean, std::uint32_t runs, double spread) {
    const auto number = trial(TrialState::kRunning, {mean});
    HistoryChange change;
    change.kind = HistoryChange::Kind::kState;
    change.number = number;
    change.state = TrialState::kCompleted;
    change.value = mean;
    change.replicates = runs;
    change.spread = spread;
    history_.apply(change);
    return number;
  }
};

TEST_F(ReplicatedObservationsTest, OneLuckyRunDoesNotBeatAConfirmedConfiguration) {
  const auto confirmed = replicated(0.30, 4, 0.1);
  const auto lucky = replicated(0.27, 1, 0);
  observations_.update(history_);
  EXPECT_DOUBLE_EQ(loss(confirmed), 0.30 + 0.1 / 2);
  EXPECT_DOUBLE_EQ(loss(lucky), 0.27 + 0.1);
}

TEST_F(ReplicatedObservationsTest, TheSpreadIsPooledByDegreesOfFreedom) {
  replicated(1, 4, 0.1);
  replicated(1, 2, 0.3);
  const auto single = replicated(1, 1, 0);
  observations_.update(history_);
  EXPECT_DOUBLE_EQ(loss(single), 1 + std::sqrt((3 * 0.01 + 1 * 0.09) / 4));
}

TEST_F(ReplicatedObservationsTest, WithoutReplicatesNothingIsAdded) {
  const auto single = replicated(1, 1, 0);
  observations_.update(history_);
  EXPECT_EQ(loss(single), 1);
}

TEST_F(ReplicatedObservationsTest, AFailedTrialStaysNoBetterThanTheWorst) {
  const auto worst = replicated(5, 1, 0);
  replicated(1, 4, 0.5);
  const auto failed = trial(TrialState::kFailed, {});
  observations_.update(history_);
  EXPECT_GE(loss(failed), loss(worst));
}

TEST_F(ReplicatedObservationsTest, TheNumbersOfReplicatesAreGapsThatCountForNothing) {
  HistoryChange change;
  change.number = TrialNumber{3};
  change.params = {{"x", 1.0}};
  history_.apply(change);
  end(&history_, change.number, TrialState::kCompleted, -7.0);
  const auto failed = trial(TrialState::kFailed, {});
  observations_.update(history_);
  EXPECT_EQ(standing(TrialNumber{1}), Standing::kNone);
  EXPECT_EQ(loss(failed), -7.0) << "the worst that was logged, not a gap's zero";
}

TEST_F(ObservationsTest, AForecastSaysHowSureItIs) {
  references(5);
  const auto like_them = raw(trial(TrialState::kPruned, {12.5, 7.5}));
  for (int i = 0; i < 3; ++i) trial(TrialState::kCompleted, {20, 19, 18, 9.0 * i}, 9.0 * i);
  const auto unlike = raw(trial(TrialState::kPruned, {21, 19}));
  Observations observations(metric(Goal::kMinimize));
  observations.update(history_);
  observations.forecast_ends();
  EXPECT_TRUE(observations.is_partial(like_them));
  EXPECT_FALSE(observations.is_partial(0));
  EXPECT_NEAR(observations.loss()[like_them], 2.5, 1e-9);
  EXPECT_GT(observations.doubt()[unlike], 4 * observations.doubt()[like_them]);
  EXPECT_EQ(observations.doubt()[0], 0);
}

}  // namespace
}  // namespace scopa::search
