#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

using testing::HasSubstr;

std::string sweep_with(const std::string& keys) {
  return "method: random\nmetric: {name: loss, goal: minimize}\n"
         "parameters: {x: {min: 0, max: 1000000}}\n" +
         keys;
}

class EndingTest : public testing::Test {
 protected:
  TrialState state(const SweepId& sweep, std::uint64_t trial) {
    return static_cast<TrialState>(h.trial(sweep, trial).state);
  }
  TrialState fail(const wire::Assign& trial, const std::string& message = "") {
    return static_cast<TrialState>(h.release(worker, trial, 0, 1, message).state);
  }

  CoreHarness h;
  ClientId worker = h.hello_worker("w1");
};

// ---- on_nan -------------------------------------------------------------------------------------

TEST_F(EndingTest, OnNanFailEndsTheTrialAsFailedWithoutARetry) {
  const wire::Assign trial = h.ask(worker, h.create(sweep_with("on_nan: fail\nretries: 2\n")));
  h.report(worker, trial, 0, {0.5, std::nan("")});
  EXPECT_EQ(h.release(worker, trial, 2).state, static_cast<std::uint8_t>(TrialState::kFailed));
  EXPECT_THAT(h.trial(trial.sweep, 0).reason, HasSubstr("nan at step 1"));
}

TEST_F(EndingTest, OnNanIgnoreLeavesNonFiniteValuesOut) {
  const wire::Assign trial = h.ask(worker, h.create(sweep_with("on_nan: ignore\n")));
  h.report(worker, trial, 0, {0.5, std::nan(""), INFINITY, 0.4});
  EXPECT_EQ(h.release(worker, trial, 4).state, static_cast<std::uint8_t>(TrialState::kCompleted));
  EXPECT_EQ(h.trial(trial.sweep, 0).values, 2u);
  EXPECT_EQ(h.trial(trial.sweep, 0).value, 0.4);
}

TEST_F(EndingTest, AnIgnoredNanAtMaxStepsLeavesTheTrialDiverged) {
  const wire::Assign trial = h.ask(worker, h.create(sweep_with("on_nan: ignore\nmax_steps: 1\n")));
  h.report(worker, trial, 0, {0.5, std::nan("")});
  EXPECT_EQ(h.release(worker, trial, 2).state, static_cast<std::uint8_t>(TrialState::kDiverged));
}

TEST_F(EndingTest, ANanBeforeTheFirstFiniteValueEndsNothing) {
  const wire::Assign trial = h.ask(worker, h.create(sweep_with("")));
  EXPECT_EQ(only<wire::Stop>(h.report(worker, trial, 0, {std::nan(""), INFINITY, 0.4})), nullptr);
  EXPECT_EQ(h.release(worker, trial, 3).state, static_cast<std::uint8_t>(TrialState::kCompleted));
  EXPECT_EQ(h.trial(trial.sweep, 0).value, 0.4);
  EXPECT_EQ(h.difference_after_replay(trial.sweep), "");
}

TEST_F(EndingTest, ATrialThatLogsNothingFiniteHasDivergedOrFailedAsTheFileSays) {
  const auto ends = [&](const std::string& keys, const std::string& token) {
    const SweepId sweep = h.create(sweep_with(keys), token);
    const wire::Assign trial = h.ask(worker, sweep);
    h.report(worker, trial, 0, {std::nan(""), std::nan("")});
    h.release(worker, trial, 2);
    EXPECT_EQ(h.difference_after_replay(sweep), "");
    return h.trial(sweep, 0);
  };
  const wire::TrialInfo stopped = ends("", "a");
  EXPECT_EQ(static_cast<TrialState>(stopped.state), TrialState::kDiverged);
  EXPECT_THAT(stopped.reason, HasSubstr("no finite value of `loss`, only 2"));
  EXPECT_EQ(static_cast<TrialState>(ends("on_nan: ignore\n", "b").state), TrialState::kDiverged);
  const wire::TrialInfo failed = ends("on_nan: fail\n", "c");
  EXPECT_EQ(static_cast<TrialState>(failed.state), TrialState::kFailed);
  EXPECT_EQ(static_cast<Cause>(failed.cause), Cause::kNan);
}

TEST_F(EndingTest, WhereNanIsIgnoredTheLastValueDecides) {
  const SweepId sweep = h.create(sweep_with("on_nan: ignore\n"));
  const wire::Assign trial = h.ask(worker, sweep);
  h.report(worker, trial, 0, {0.5, 0.1, std::nan("")});
  EXPECT_EQ(h.release(worker, trial, 3).state, static_cast<std::uint8_t>(TrialState::kDiverged));
  EXPECT_FALSE(h.info(sweep).has_best);
}

TEST_F(EndingTest, ADivergedTrialIsCountedApartAndNeverBestNorAFailure) {
  const SweepId sweep = h.create(sweep_with("run_cap: 2\n"));
  const wire::Assign bad = h.ask(worker, sweep);
  h.report(worker, bad, 0, {0.1, std::nan("")});
  h.release(worker, bad, 2, 1, "loss is NaN");  // it may end as it likes once it has been told
  const wire::Assign good = h.ask(worker, sweep);
  h.report(worker, good, 0, {0.5, 0.3});
  h.release(worker, good, 2);
  const wire::SweepInfo info = h.info(sweep);
  EXPECT_EQ(info.counts.diverged, 1u);
  EXPECT_EQ(info.counts.pruned + info.counts.failed, 0u);
  EXPECT_EQ(info.best_trial, 1u);
  EXPECT_EQ(static_cast<SweepState>(info.state), SweepState::kFinished) << "it counts in run_cap";
  EXPECT_EQ(h.trial(sweep, 0).mean_count, 0u);
  const auto retried = h.ask_for<wire::Retried>(
      CoreHarness::kCli, wire::Retry{.request = 1, .sweep = sweep, .dry_run = true});
  EXPECT_THAT(retried.trials, testing::IsEmpty());
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(EndingTest, NobodyIsComparedWithATrialThatDiverged) {
  const SweepId sweep = h.create(
      sweep_with("early_terminate: {type: median, warmup: 0, interval: 1, min_trials: 1}\n"));
  const wire::Assign bad = h.ask(worker, sweep);
  h.report(worker, bad, 0, {0.1, 0.1, std::nan("")});
  h.release(worker, bad, 3);
  const wire::Assign next = h.ask(worker, sweep);
  EXPECT_EQ(only<wire::Stop>(h.report(worker, next, 0, {0.5, 0.4})), nullptr);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(EndingTest, WhatAnOlderBuildWroteDownAsPrunedIsShownAsDiverged) {
  const SweepId sweep = h.create(sweep_with(""));
  const wire::Assign trial = h.ask(worker, sweep);
  h.report(worker, trial, 0, {0.1, std::nan("")});
  h.release(worker, trial, 2);
  for (Event& event : h.events) {
    if (auto* ended = std::get_if<AttemptEnded>(&event.body)) {
      ended->state = static_cast<std::uint8_t>(TrialState::kPruned);
    }
  }
  h.restart();
  EXPECT_EQ(static_cast<TrialState>(h.trial(sweep, 0).state), TrialState::kDiverged);
  EXPECT_EQ(h.info(sweep).counts.diverged, 1u);
}

// ---- sweeps that only fail ----------------------------------------------------------------------

TEST_F(EndingTest, FailuresInARowThatCannotBeBadLuckPauseTheSweep) {
  const SweepId sweep = h.create(sweep_with("run_cap: 200\n"));
  for (int i = 0; i < 5; ++i) {
    const wire::Assign trial = h.ask(worker, sweep);
    h.report(worker, trial, 0, {0.5});
    h.release(worker, trial, 1);
  }
  int failed = 0;
  for (; static_cast<SweepState>(h.info(sweep).state) == SweepState::kRunning && failed < 50;
       ++failed) {
    fail(h.ask(worker, sweep), "no route to data server");
  }
  EXPECT_EQ(failed, 9);
  EXPECT_THAT(h.info(sweep).reason,
              testing::AllOf(HasSubstr("9 trials in a row failed (9 user_error)"),
                             HasSubstr("no route to data server")));
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(EndingTest, WhereManyTrialsFailASweepGoesOn) {
  const SweepId sweep = h.create(sweep_with(""));
  for (int i = 0; i < 60; ++i) {
    const wire::Assign trial = h.ask(worker, sweep);
    if (i % 4 == 0) {
      h.report(worker, trial, 0, {0.5});
      h.release(worker, trial, 1);
    } else {
      fail(trial);
    }
  }
  EXPECT_EQ(static_cast<SweepState>(h.info(sweep).state), SweepState::kRunning);
}

TEST_F(EndingTest, DivergedTrialsDoNotPauseASweep) {
  const SweepId sweep = h.create(sweep_with(""));
  for (int i = 0; i < 30; ++i) {
    const wire::Assign trial = h.ask(worker, sweep);
    h.report(worker, trial, 0, {0.5, std::nan("")});
    h.release(worker, trial, 2);
  }
  EXPECT_EQ(static_cast<SweepState>(h.info(sweep).state), SweepState::kRunning);
}

TEST_F(EndingTest, AResumedSweepIsPausedAgainWhenItFailsOn) {
  const SweepId sweep = h.create(sweep_with(""));
  const auto fail_until_paused = [&] {
    int failed = 0;
    for (; static_cast<SweepState>(h.info(sweep).state) == SweepState::kRunning && failed < 50;
         ++failed) {
      fail(h.ask(worker, sweep));
    }
    return failed;
  };
  for (int i = 0; i < 5; ++i) {
    const wire::Assign trial = h.ask(worker, sweep);
    h.report(worker, trial, 0, {0.5});
    h.release(worker, trial, 1);
  }
  EXPECT_EQ(fail_until_paused(), 9);
  h.send(CoreHarness::kCli,
         wire::Control{1, sweep, static_cast<std::uint8_t>(wire::Action::kResume), 0, false});
  EXPECT_EQ(fail_until_paused(), 9);
}

TEST_F(EndingTest, RetryAlsoTakesTrialsThatEndedWithoutAValue) {
  const SweepId sweep = h.create(sweep_with(""));
  for (int i = 0; i < 3; ++i) h.release(worker, h.ask(worker, sweep), 0);
  ASSERT_EQ(static_cast<SweepState>(h.info(sweep).state), SweepState::kPaused);
  h.send(CoreHarness::kCli,
         wire::Control{1, sweep, static_cast<std::uint8_t>(wire::Action::kResume), 0, true});
  EXPECT_EQ(h.info(sweep).counts.queued, 3u);
}

// ---- retries ------------------------------------------------------------------------------------

TEST_F(EndingTest, ATrialIsRetriedAsOftenAsTheFileSays) {
  const SweepId sweep = h.create(sweep_with("retries: 2\n"));
  EXPECT_EQ(fail(h.ask(worker, sweep), "out of memory"), TrialState::kQueued);
  EXPECT_EQ(h.trial(sweep, 0).reason, "exit 1 (retry 1 of 2): out of memory");
  EXPECT_EQ(fail(h.ask(worker, sweep)), TrialState::kQueued);
  const wire::Assign third = h.ask(worker, sweep);
  EXPECT_EQ(third.trial, 0u);
  EXPECT_EQ(third.attempt, 3u);
  EXPECT_EQ(fail(third, "out of memory"), TrialState::kFailed);
  EXPECT_EQ(h.trial(sweep, 0).reason, "exit 1: out of memory");
  EXPECT_EQ(h.ask(worker, sweep).trial, 1u);
}

TEST_F(EndingTest, RetriesAreCountedOverARestart) {
  const SweepId sweep = h.create(sweep_with("retries: 1\n"));
  EXPECT_EQ(fail(h.ask(worker, sweep)), TrialState::kQueued);
  h.restart();
  worker = h.hello_worker("w1");
  EXPECT_EQ(fail(h.ask(worker, sweep)), TrialState::kFailed);
}

TEST_F(EndingTest, ARetryWaitsBehindTrialsThatHaveNotFailed) {
  const SweepId sweep = h.create(sweep_with("retries: 1\ninitial: [{x: 1}, {x: 2}]\n"));
  EXPECT_EQ(fail(h.ask(worker, sweep)), TrialState::kQueued);
  EXPECT_EQ(h.ask(worker, sweep).trial, 1u);
  EXPECT_EQ(h.ask(worker, sweep).trial, 0u);
}

TEST_F(EndingTest, OnlyFinalFailuresPauseASweepAtItsStart) {
  const SweepId sweep = h.create(sweep_with("retries: 1\n"));
  for (int i = 0; i < 2 * limits::kStartFailuresMax; ++i) {
    EXPECT_EQ(h.info(sweep).state, static_cast<std::uint8_t>(SweepState::kRunning)) << i;
    fail(h.ask(worker, sweep));
  }
  EXPECT_EQ(h.info(sweep).state, static_cast<std::uint8_t>(SweepState::kPaused));
}

TEST_F(EndingTest, ALostLeaseIsNoFailureOfTheTrial) {
  const SweepId sweep = h.create(sweep_with("retries: 1\n"));
  h.ask(worker, sweep);
  h.lose_leases();
  EXPECT_EQ(fail(h.ask(worker, sweep)), TrialState::kQueued);
  EXPECT_EQ(fail(h.ask(worker, sweep)), TrialState::kFailed);
}

TEST_F(EndingTest, ASweepThatIsBeingStoppedRetriesNothing) {
  const SweepId sweep = h.create(sweep_with("retries: 1\n"));
  const wire::Assign trial = h.ask(worker, sweep);
  h.send(CoreHarness::kCli,
         wire::Control{1, sweep, static_cast<std::uint8_t>(wire::Action::kStop), 0, false});
  EXPECT_EQ(fail(trial), TrialState::kFailed);
}

TEST_F(EndingTest, SuccessesBeforeARestartAreRemembered) {
  const SweepId sweep = h.create(sweep_with(""));
  for (int i = 0; i < limits::kStartFailuresMax; ++i) {
    const wire::Assign good = h.ask(worker, sweep);
    h.report(worker, good, 0, {0.5});
    h.release(worker, good, 1);
  }
  h.restart();
  worker = h.hello_worker("w1");
  fail(h.ask(worker, sweep));
  EXPECT_EQ(h.info(sweep).state, static_cast<std::uint8_t>(SweepState::kRunning));
}

// ---- metric.reduce ------------------------------------------------------------------------------

class ReduceTest : public EndingTest {
 protected:
  wire::Assign begin(const std::string& reduce, const std::string& keys = "") {
    return h.ask(worker, h.create("method: random\nmetric: {name: loss, goal: minimize, reduce: " +
                                  reduce + "}\nparameters: {x: {min: 0, max: 1000000}}\n" + keys));
  }
};

TEST_F(ReduceTest, ATrialsValueIsItsCurveReduced) {
  const wire::Assign trial = begin("mean(2)");
  h.report(worker, trial, 0, {0.25, 0.5, 1.0});
  EXPECT_EQ(h.trial(trial.sweep, 0).value, 0.75);
  EXPECT_EQ(h.trial(trial.sweep, 0).best, 0.25);
  EXPECT_EQ(h.info(trial.sweep).best_value, 0.75);
  EXPECT_EQ(h.info(trial.sweep).reduce, "mean(2)");
}

TEST_F(ReduceTest, TheModelLearnsTheReducedValue) {
  const wire::Assign trial = begin("best");
  h.report(worker, trial, 0, {0.25, 0.5});
  h.release(worker, trial, 2);
  const auto* last = std::get_if<ModelChanged>(&h.model_log.back());
  ASSERT_NE(last, nullptr);
  EXPECT_EQ(last->change.value, 0.25);
}

TEST_F(ReduceTest, ThePrunerComparesReducedValues) {
  const std::string hyperband = "early_terminate: {type: hyperband, min_iter: 2, eta: 2}\n";
  const wire::Assign lucky = begin("best", hyperband);
  const wire::Assign other = h.ask(worker, lucky.sweep);
  const wire::Assign third = h.ask(worker, lucky.sweep);
  h.report(worker, other, 0, {0.5, 0.4});
  h.report(worker, third, 0, {0.6, 0.5});
  h.report(worker, lucky, 0, {0.1, 0.9});  // the last value would be the worst, its best is not
  h.release(worker, lucky, 2);
  h.release(worker, third, 2);
  EXPECT_EQ(state(lucky.sweep, lucky.trial), TrialState::kCompleted);
  EXPECT_EQ(state(lucky.sweep, third.trial), TrialState::kPruned);
}

TEST_F(ReduceTest, ATargetIsReachedByTheReducedValueAnywhereInAReport) {
  const SweepId sweep = h.create(
      "method: random\nmetric: {name: loss, goal: minimize, reduce: mean(2), target: 0.2}\n"
      "parameters: {x: {min: 0, max: 1000000}}\n");
  const wire::Assign trial = h.ask(worker, sweep);
  h.report(worker, trial, 0, {0.9, 0.1});
  EXPECT_EQ(h.info(sweep).state, static_cast<std::uint8_t>(SweepState::kRunning));
  h.report(worker, trial, 2, {0.3, 0.9});
  EXPECT_THAT(h.info(sweep).reason, HasSubstr("target 0.2 reached by trial 0: 0.2"));
}

}  // namespace
}  // namespace scopa::core
