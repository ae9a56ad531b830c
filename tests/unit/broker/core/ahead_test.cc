#include "broker/core/ahead.h"

#include <gtest/gtest.h>

#include <functional>

namespace scopa::core {
namespace {

using std::chrono::milliseconds;
using ChangeKind = search::HistoryChange::Kind;

const SweepId kAskedSweep = "aaaaaaaa";
constexpr milliseconds kQuickOne{10};
constexpr milliseconds kSlowOne{80};
static_assert(kQuickOne < limits::kAskWaitMax && limits::kAskWaitMax < kSlowOne);

// One sweep, whose last suggestion was 0 and took `cost`; its trial runs.
struct Asked {
  Ahead ahead;
  milliseconds now{1000};
  std::uint64_t seq = 10;

  explicit Asked(milliseconds cost) {
    hear(ModelOpened{kAskedSweep, nullptr, 1, seq});
    EXPECT_FALSE(want(0));
    EXPECT_FALSE(turn(0));
    ahead.took(kAskedSweep, cost);
    become(0);
  }
  void hear(const ModelTask& task) { EXPECT_FALSE(ahead.hear(task, now)); }
  void change(ChangeKind kind, TrialState state = TrialState::kQueued) {
    ModelChanged changed{kAskedSweep, {}, ++seq};
    changed.change.kind = kind;
    changed.change.state = state;
    hear(changed);
  }
  // The suggestion has become a trial, which has been handed out.
  void become(std::uint64_t suggestion) {
    change(ChangeKind::kAdded);
    change(ChangeKind::kState, TrialState::kRunning);
    hear(ModelNext{kAskedSweep, suggestion + 1});
  }
  void report() { change(ChangeKind::kPoints); }
  void end() { change(ChangeKind::kState, TrialState::kCompleted); }
  ModelWanted wanted(std::uint64_t suggestion) const { return {kAskedSweep, suggestion, seq}; }
  std::optional<Suggested> want(std::uint64_t suggestion) {
    return ahead.hear(wanted(suggestion), now);
  }
  std::optional<Suggested> turn(std::uint64_t suggestion) { return ahead.turn(wanted(suggestion)); }
  // Whether there was something to compute, which took `time`.
  bool compute(milliseconds time) {
    const auto job = ahead.next(now);
    if (!job) return false;
    now += time;
    finish(*job, time);
    return true;
  }
  void finish(const Ahead::Job& job, milliseconds time) {
    ahead.done(job, Params{{"x", static_cast<std::int64_t>(job.version)}}, time);
  }
};

TEST(AheadTest, AnAskAfterTheEndOfATrialIsAnsweredAtOnceByWhatRestsOnThatEnd) {
  Asked asked(kQuickOne);
  asked.end();
  ASSERT_TRUE(asked.compute(kQuickOne));
  ++asked.seq;  // of something that the model is not told
  const auto ready = asked.want(1);
  ASSERT_TRUE(ready);
  EXPECT_EQ(ready->computed, Computed::kAhead);
  EXPECT_EQ(ready->suggestion, 1u);
  EXPECT_EQ(ready->snapshot, asked.seq) << "as if it were computed now";
}

TEST(AheadTest, AnAskThatComesWhileItIsComputedGetsIt) {
  Asked asked(kQuickOne);
  asked.end();
  const auto job = asked.ahead.next(asked.now);
  ASSERT_TRUE(job);
  EXPECT_FALSE(asked.want(1));
  EXPECT_FALSE(asked.ahead.next(asked.now)) << "one at a time";
  asked.finish(*job, kQuickOne);
  const auto ready = asked.turn(1);
  ASSERT_TRUE(ready);
  EXPECT_EQ(ready->computed, Computed::kAhead);
}

TEST(AheadTest, AQuickOneThatIsOvertakenIsComputedAnew) {
  Asked asked(kQuickOne);
  asked.end();
  ASSERT_TRUE(asked.compute(kQuickOne));
  asked.report();
  EXPECT_FALSE(asked.want(1));
  EXPECT_FALSE(asked.turn(1));
}

TEST(AheadTest, ASlowOneThatIsOvertakenAnswersUnderTheSnapshotOnWhichItRests) {
  Asked asked(kSlowOne);
  const std::uint64_t rests_on = asked.seq;
  ASSERT_TRUE(asked.compute(kSlowOne)) << "before any trial ends";
  asked.report();
  asked.end();
  const auto ready = asked.want(1);
  ASSERT_TRUE(ready);
  EXPECT_EQ(ready->computed, Computed::kOvertaken);
  EXPECT_EQ(ready->snapshot, rests_on);
}

TEST(AheadTest, AnOvertakenOneAnswersWhereOthersWaitFor50Milliseconds) {
  for (const bool others_wait : {false, true}) {
    Asked asked(kQuickOne);
    asked.hear(ModelOpened{"bbbbbbbb", nullptr, 1, 1});
    const ModelWanted other{"bbbbbbbb", 0, 1};
    asked.hear(other);
    EXPECT_FALSE(asked.ahead.turn(other));
    asked.ahead.took("bbbbbbbb", limits::kAskWaitMax);
    asked.end();
    ASSERT_TRUE(asked.compute(kQuickOne));
    asked.report();
    if (others_wait) asked.hear(other);
    EXPECT_EQ(asked.want(1).has_value(), others_wait);
  }
}

TEST(AheadTest, WhatIsAlmostReadyIsWaitedForInsteadOfAnOvertakenOne) {
  for (const bool almost : {false, true}) {
    Asked asked(kSlowOne);
    ASSERT_TRUE(asked.compute(kSlowOne));
    asked.end();
    asked.now += limits::kAheadQuiet;
    const auto job = asked.ahead.next(asked.now);
    ASSERT_TRUE(job);
    if (almost) asked.now += kSlowOne / 2;
    const auto ready = asked.want(1);
    EXPECT_EQ(ready.has_value(), !almost);
    asked.finish(*job, kSlowOne);
    if (almost) {
      EXPECT_EQ(asked.turn(1)->computed, Computed::kAhead);
    }
  }
}

TEST(AheadTest, WhatRestsOnLessThanTheConfigurationsHandedOutIsNeverUsed) {
  const auto of_another = [](Asked& asked) { asked.change(ChangeKind::kAdded); };
  const auto of_a_retry = [](Asked& asked) {
    asked.change(ChangeKind::kState, TrialState::kQueued);
  };
  const auto of_another_model = [](Asked& asked) {
    asked.hear(ModelOpened{kAskedSweep, nullptr, 1, ++asked.seq});
  };
  for (const std::function<void(Asked&)>& happens :
       {std::function<void(Asked&)>(of_another), std::function<void(Asked&)>(of_a_retry),
        std::function<void(Asked&)>(of_another_model)}) {
    for (const bool while_it_is_computed : {false, true}) {
      Asked asked(kSlowOne);
      const auto job = asked.ahead.next(asked.now);
      ASSERT_TRUE(job);
      if (while_it_is_computed) happens(asked);
      asked.finish(*job, kSlowOne);
      if (!while_it_is_computed) happens(asked);
      EXPECT_FALSE(asked.want(1));
      EXPECT_FALSE(asked.turn(1));
    }
  }
}

TEST(AheadTest, ThatTheSpaceIsUsedUpIsSaidOnlyOfAllThatIsKnown) {
  for (const bool is_overtaken : {false, true}) {
    Asked asked(kSlowOne);
    const auto job = asked.ahead.next(asked.now);
    asked.ahead.done(*job, std::nullopt, kSlowOne);
    if (is_overtaken) asked.report();
    EXPECT_EQ(asked.want(1).has_value(), !is_overtaken);
  }
}

TEST(AheadTest, OneAnswersOneAsk) {
  Asked asked(kQuickOne);
  asked.end();
  ASSERT_TRUE(asked.compute(kQuickOne));
  EXPECT_TRUE(asked.want(1));
  EXPECT_FALSE(asked.want(1)) << "the core did not use it, and asks again";
}

// ---- how often ----------------------------------------------------------------------------------

TEST(AheadTest, ReportsCostNothing) {
  for (const milliseconds cost : {kQuickOne, kSlowOne}) {
    Asked asked(cost);
    while (asked.compute(cost)) {
    }
    for (int i = 0; i < 1000; ++i, asked.now += milliseconds(100)) {
      asked.report();
      EXPECT_FALSE(asked.compute(cost));
    }
  }
}

TEST(AheadTest, AQuickOneIsComputedOncePerEnd) {
  Asked asked(kQuickOne);
  EXPECT_FALSE(asked.compute(kQuickOne)) << "nobody will ask before a trial ends";
  asked.end();
  EXPECT_TRUE(asked.compute(kQuickOne));
  EXPECT_FALSE(asked.compute(kQuickOne));
}

TEST(AheadTest, ASlowOneIsRenewedWhenNoAskFollowsAnEnd) {
  Asked asked(kSlowOne);
  ASSERT_TRUE(asked.compute(kSlowOne));
  asked.end();
  EXPECT_FALSE(asked.compute(kSlowOne));
  EXPECT_EQ(asked.ahead.due(), asked.now + limits::kAheadQuiet);
  asked.now += limits::kAheadQuiet;
  ASSERT_TRUE(asked.compute(kSlowOne));
  EXPECT_EQ(asked.want(1)->computed, Computed::kAhead);
}

TEST(AheadTest, NothingIsComputedWhereTheSamplerIsNotAskedNext) {
  Asked asked(kQuickOne);
  asked.end();
  asked.hear(ModelNext{kAskedSweep, std::nullopt});  // paused, or at its cap, or a trial waits
  EXPECT_FALSE(asked.compute(kQuickOne));
  asked.end();
  EXPECT_FALSE(asked.compute(kQuickOne));
}

TEST(AheadTest, NothingIsComputedOfASweepThatIsGone) {
  Asked asked(kQuickOne);
  asked.end();
  asked.hear(ModelClosed{kAskedSweep});
  EXPECT_FALSE(asked.compute(kQuickOne));
  EXPECT_FALSE(asked.ahead.due());
}

TEST(AheadTest, WhereTheyAreOvertakenFewAreComputed) {
  Asked asked(kQuickOne);
  constexpr std::uint64_t kTrials = 1000;
  std::uint64_t computed = 0;
  for (std::uint64_t i = 1; i <= kTrials; ++i) {
    asked.end();
    if (asked.compute(kQuickOne)) ++computed;
    asked.report();  // of another trial
    EXPECT_FALSE(asked.want(i));
    EXPECT_FALSE(asked.turn(i));
    asked.become(i);
  }
  EXPECT_LE(computed, limits::kAheadWastesMax + kTrials / (1U << limits::kAheadWastesMax) + 1);
  EXPECT_GE(computed, kTrials / (1U << limits::kAheadWastesMax));
}

TEST(AheadTest, OneThatIsUsedEndsTheAbstinence) {
  Asked asked(kQuickOne);
  std::uint64_t suggestion = 1;
  const auto trial = [&](bool is_overtaken) {
    asked.end();
    const bool computed = asked.compute(kQuickOne);
    if (is_overtaken) asked.report();
    if (!asked.want(suggestion)) (void)asked.turn(suggestion);
    asked.become(suggestion++);
    return computed;
  };
  EXPECT_TRUE(trial(true));
  EXPECT_FALSE(trial(false));
  EXPECT_TRUE(trial(true));
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(trial(false));
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(trial(false));
}

}  // namespace
}  // namespace scopa::core
