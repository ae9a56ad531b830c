#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "broker/core/explain.h"
#include "broker/core/log_check.h"
#include "broker/core/replay.h"
#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RemovingTest : public testing::Test {
 protected:
  explicit RemovingTest(const std::string& more = "method: random\n")
      : sweep(h.create(more + "metric: {name: loss, goal: minimize}\n"
                              "parameters: {x: {min: 0, max: 1000000}}\nrun_cap: 6\n")) {}

  wire::Removed remove(std::vector<std::uint64_t> trials, bool dry_run = false) {
    return h.ask_for<wire::Removed>(
        CoreHarness::kCli,
        wire::Remove{
            .request = 1, .sweep = sweep, .trials = std::move(trials), .dry_run = dry_run});
  }
  wire::Remove whole(bool force = false) {
    return {.request = 1, .sweep = sweep, .whole = true, .force = force};
  }
  std::string refusal(const wire::Remove& request) {
    return h.error_of(CoreHarness::kCli, request).message;
  }
  std::uint64_t train(const std::vector<double>& values, const std::string& metric = "loss") {
    const wire::Assign trial = h.ask(worker, sweep);
    h.report(worker, trial, 0, values, metric);
    h.release(worker, trial, values.size());
    return trial.trial;
  }
  void control(wire::Action action, std::uint64_t run_cap = 0) {
    h.send(CoreHarness::kCli,
           wire::Control{1, sweep, static_cast<std::uint8_t>(action), run_cap, false});
  }
  template <class Check>
  void add_log(Check* check) const {
    for (const Event& event : h.events) {
      if (event.sweep == sweep) check->add(event);
    }
    for (const PointsAppended& report : h.points) {
      if (report.attempt.sweep == sweep) check->add(report);
    }
  }
  Replay::Outcome replay() const {
    Replay replay(sweep);
    add_log(&replay);
    auto outcome = replay.run();
    EXPECT_TRUE(outcome) << outcome.status().to_string();
    return outcome ? *outcome : Replay::Outcome{};
  }
  /// What a check of the stored log says.
  std::vector<std::string> problems() const {
    std::vector<std::string> found;
    LogCheck check([&](std::uint64_t, std::string problem) { found.push_back(problem); });
    for (const Event& event : h.events) check.add(event);
    for (const PointsAppended& each : h.points) {
      check.add(LogCheck::Report{each.seq, each.attempt.trial, each.attempt.attempt, each.from,
                                 each.to, each.to - each.from});
    }
    check.finish();
    std::uint64_t last = 0;
    for (const Event& event : h.events) last = std::max(last, event.seq);
    for (const PointsAppended& each : h.points) last = std::max(last, each.seq);
    EXPECT_EQ(h.events.size() + h.points.size() + check.removed_entries(), last)
        << "the numbers that are missing are those that were removed";
    return found;
  }

  CoreHarness h;
  ClientId worker = h.hello_worker("w1");
  SweepId sweep;
};

TEST_F(RemovingTest, OfATrialThePointsGoAndWhatItCameToStays) {
  train({0.75, 0.25, 0.5});
  train({0.4}, "accuracy");
  const wire::TrialInfo before = h.trial(sweep, 0);
  EXPECT_THAT(remove({0, 1}).trials, ElementsAre(0u, 1u));
  EXPECT_THAT(h.points, IsEmpty());
  wire::TrialInfo after = h.trial(sweep, 0);
  EXPECT_TRUE(after.removed);
  after.removed = false;
  EXPECT_TRUE(before == after) << "nothing of the tables changes";
  EXPECT_EQ(h.trial(sweep, 1).metrics.at(0).last, 0.4);
  EXPECT_EQ(h.info(sweep).best_trial, 0u);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(RemovingTest, WhatIsRemovedAlreadyIsNoErrorAndADryRunChangesNothing) {
  train({0.75});
  EXPECT_THAT(remove({0, 0}, true).trials, ElementsAre(0u));
  EXPECT_FALSE(h.trial(sweep, 0).removed);
  EXPECT_EQ(h.points.size(), 1u);
  EXPECT_THAT(remove({0, 0}).trials, ElementsAre(0u));
  const std::size_t events = h.events.size();
  EXPECT_THAT(remove({0}).trials, IsEmpty());
  EXPECT_EQ(h.events.size(), events);
}

TEST_F(RemovingTest, WhatRunsOrIsNotThereIsRefusedAndNothingOfTheRequestIsDone) {
  train({0.75});
  const wire::Assign running = h.ask(worker, sweep);
  EXPECT_THAT(refusal({.request = 1, .sweep = sweep, .trials = {0, running.trial}}),
              HasSubstr("is running"));
  EXPECT_THAT(refusal({.request = 1, .sweep = sweep, .trials = {0, 99}}),
              HasSubstr("there is no trial 99"));
  EXPECT_THAT(refusal({.request = 1, .sweep = sweep}), HasSubstr("must name"));
  EXPECT_FALSE(h.trial(sweep, 0).removed);
}

TEST_F(RemovingTest, ARemovedTrialCanBeTriedAgainFromTheStart) {
  const wire::Assign first = h.ask(worker, sweep);
  h.report(worker, first, 0, {0.5, 0.4});
  h.send(worker, wire::Checkpoint{sweep, first.trial, first.attempt, 1, "/tmp/c"});
  h.release(worker, first, 2, 1, "crash");
  ASSERT_EQ(static_cast<TrialState>(h.trial(sweep, 0).state), TrialState::kFailed);
  remove({0});
  EXPECT_EQ(h.trial(sweep, 0).attempts.at(0).checkpoint, "");
  h.send(CoreHarness::kCli, wire::Retry{.request = 1, .sweep = sweep, .trials = {0}});
  const wire::Assign again = h.ask(worker, sweep);
  EXPECT_EQ(again.trial, 0u);
  EXPECT_EQ(again.attempt, 2u);
  EXPECT_EQ(again.checkpoint, "");
  h.report(worker, again, 0, {0.3});
  h.release(worker, again, 1);
  EXPECT_FALSE(h.trial(sweep, 0).removed);
  EXPECT_EQ(h.trial(sweep, 0).value, 0.3);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(RemovingTest, PointsThatComeLateOfARemovedTrialAreNotTaken) {
  const wire::Assign lost = h.ask(worker, sweep);
  h.report(worker, lost, 0, {0.5});
  h.lose_leases();
  const ClientId other = h.hello_worker("w2");
  const wire::Assign taken = h.ask(other, sweep);
  ASSERT_EQ(taken.trial, lost.trial);
  h.report(other, taken, 0, {0.25});
  h.release(other, taken, 1);
  remove({lost.trial});
  const auto answers = h.report(worker, lost, 1, {0.125});
  const auto* stop = only<wire::Stop>(answers);
  ASSERT_NE(stop, nullptr);
  EXPECT_EQ(static_cast<StopReason>(stop->reason), StopReason::kForgotten);
  EXPECT_THAT(h.points, IsEmpty());
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(RemovingTest, OfASweepNothingStaysButThatItWasThere) {
  for (int i = 0; i < 6; ++i) train({0.5});
  remove({2});
  ASSERT_EQ(static_cast<SweepState>(h.info(sweep).state), SweepState::kFinished);
  EXPECT_TRUE(h.ask_for<wire::Removed>(CoreHarness::kCli, whole()).whole);
  ASSERT_EQ(h.events.size(), 1u);
  EXPECT_THAT(h.points, IsEmpty());
  EXPECT_THAT(problems(), IsEmpty());
  for (int twice = 0; twice < 2; ++twice) {
    EXPECT_THAT(h.error_of(CoreHarness::kCli, wire::GetSweep{.request = 1, .sweep = sweep}).message,
                HasSubstr("has been removed"));
    EXPECT_TRUE(h.core->sweeps().empty());
    EXPECT_TRUE(h.ask_for<wire::Removed>(CoreHarness::kCli, whole()).before);
    h.restart();
  }
}

TEST_F(RemovingTest, AnIdNeverComesBackNorDoesTheRequestThatMadeIt) {
  control(wire::Action::kCancel);
  h.send(CoreHarness::kCli, whole());
  const std::string text = "method: random\nparameters: {x: {min: 0, max: 9}}\n";
  for (int twice = 0; twice < 2; ++twice) {
    EXPECT_THAT(
        h.error_of(CoreHarness::kCli, wire::Create{.request = 1, .token = "token-1", .spec = text})
            .message,
        HasSubstr("has been removed"));
    EXPECT_NE(h.create(text, "token-" + std::to_string(2 + twice)), sweep);
    h.restart();
  }
}

TEST_F(RemovingTest, ASweepThatHasNotEndedTakesForceAndItsWorkersAreTold) {
  const wire::Assign running = h.ask(worker, sweep);
  const ClientId waiting = h.hello_worker("w2");
  h.answer_model = false;
  h.send(waiting, wire::Ask{.request = 7, .sweep = sweep});
  EXPECT_THAT(refusal(whole()), HasSubstr("is running"));
  h.take_inbox(worker);
  EXPECT_TRUE(h.ask_for<wire::Removed>(CoreHarness::kCli, whole(true)).whole);
  EXPECT_NE(only<wire::Stop>(h.take_inbox(worker)), nullptr);
  const auto told = h.take_inbox(waiting);
  const auto* no_work = only<wire::NoWork>(told);
  ASSERT_NE(no_work, nullptr);
  EXPECT_TRUE(no_work->finished);
  EXPECT_NE(only<wire::Stop>(h.report(worker, running, 0, {0.5})), nullptr);
  h.lose_leases();
  EXPECT_EQ(h.events.size(), 1u) << "no lease of it runs out";
  EXPECT_THAT(h.points, IsEmpty());
  EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(RemovingTest, ACancelledSweepIsKeptUntilItsProgramsHaveEnded) {
  const wire::Assign running = h.ask(worker, sweep);
  control(wire::Action::kCancel);
  EXPECT_THAT(refusal(whole()), HasSubstr("programs are ending"));
  h.release(worker, running, 0);
  EXPECT_TRUE(h.ask_for<wire::Removed>(CoreHarness::kCli, whole()).whole);
}

TEST_F(RemovingTest, TheModelOfASweepGoesWithIt) {
  train({0.5});
  h.model_log.clear();
  h.send(CoreHarness::kCli, whole(true));
  EXPECT_TRUE(std::any_of(h.model_log.begin(), h.model_log.end(), [&](const ModelTask& task) {
    const auto* closed = std::get_if<ModelClosed>(&task);
    return closed != nullptr && closed->sweep == sweep;
  }));
}

class RemovingLearnedTest : public RemovingTest {
 protected:
  RemovingLearnedTest()
      : RemovingTest(
            "method: bayes\nseed: 7\n"
            "early_terminate: {type: threshold, upper: 10.0}\n") {
    h.use_sampler = true;
    for (int i = 0; i < 5; ++i) train({0.5 + i, 0.25 + i});
    const wire::Assign bad = h.ask(worker, sweep);
    h.report(worker, bad, 0, {20.0});
    h.release(worker, bad, 1);
  }
};

TEST_F(RemovingLearnedTest, AReplayCountsWhatItCanNoLongerCheckAndChecksWhatComesAfterwards) {
  const Replay::Outcome before = replay();
  ASSERT_EQ(before.without_points, 0u);
  ASSERT_TRUE(before.agrees());
  remove({1, 3, 5});
  Replay::Outcome after = replay();
  EXPECT_TRUE(after.agrees()) << to_text(after.mismatches.at(0));
  // Trials 0 and 1 were proposed before trial 1 had begun.
  EXPECT_EQ(after.suggestions, 2u);
  EXPECT_EQ(after.suggestions + after.stops + after.ends + after.without_points,
            before.suggestions + before.stops + before.ends);
  control(wire::Action::kResume, 9);
  for (int i = 0; i < 3; ++i) train({0.5});
  after = replay();
  EXPECT_TRUE(after.agrees()) << to_text(after.mismatches.at(0));
  EXPECT_EQ(after.suggestions, 5u) << "the three that came after it are recomputed";
  EXPECT_EQ(after.ends, 1u);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(RemovingLearnedTest, AnExplanationSaysThatThePointsAreGone) {
  remove({1});
  Explain explain(sweep);
  add_log(&explain);
  const auto old = explain.run(4);
  ASSERT_TRUE(old) << old.status().to_string();
  EXPECT_EQ(old->without_points, 1u);
  EXPECT_TRUE(old->agrees());
  const auto first = explain.run(0);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->without_points, 0u);
}

TEST_F(RemovingLearnedTest, TheModelStillKnowsWhatTheTrialsCameTo) {
  remove({0, 1, 2, 3, 4});
  control(wire::Action::kResume, 7);
  h.model_log.clear();
  h.ask(worker, sweep);
  std::size_t values = 0;
  for (const ModelTask& task : h.model_log) {
    const auto* changed = std::get_if<ModelChanged>(&task);
    values += changed != nullptr && changed->change.value.has_value() ? 1U : 0U;
  }
  EXPECT_EQ(values, 6u);
}

}  // namespace
}  // namespace scopa::core
