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
