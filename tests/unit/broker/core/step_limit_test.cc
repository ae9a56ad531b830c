// max_steps is an end, not a stop: nobody is told of it, and the result stands whatever follows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

std::string sweep_that_ends(const std::string& keys) {
  return "method: random\nmetric: {name: loss, goal: minimize}\n"
         "parameters: {x: {min: 0, max: 1000000}}\n" +
         keys;
}

class StepLimitTest : public testing::Test {
 protected:
  TrialState state(const wire::Assign& trial) {
    return static_cast<TrialState>(h.trial(trial.sweep, trial.trial).state);
  }
  std::string reason(const wire::Assign& trial) { return h.trial(trial.sweep, trial.trial).reason; }
  StopReason stop_of(const wire::Assign& trial) {
    const auto answers = h.send(worker, wire::Heartbeat{.running = {wire::attempt_of(trial)}});
    for (const auto& answer : answers) {
      const auto* stop = std::get_if<wire::Stop>(&answer);
      if (stop != nullptr && stop->trial == trial.trial) {
        return static_cast<StopReason>(stop->reason);
      }
    }
    return StopReason::kNone;
  }
  /// One value of the goal metric at `step`, the attempt's next point.
  void log(const wire::Assign& trial, std::int64_t step, double value,
           const std::string& metric = "loss") {
    const std::uint64_t from = h.trial(trial.sweep, trial.trial).attempts.back().points;
    h.send(worker, wire::Report{trial.sweep, trial.trial, trial.attempt, from, from + 1,
                                block_of(metric, step, {value})});
  }
  wire::Release release_of(const wire::Assign& trial) {
    wire::Release release;
    release.sweep = trial.sweep;
    release.trial = trial.trial;
    release.attempt = trial.attempt;
    release.to = h.trial(trial.sweep, trial.trial).attempts.back().points;
    return release;
  }
  void end(const wire::Assign& trial, std::int32_t exit_code = 0) {
    wire::Release release = release_of(trial);
    release.exit_code = exit_code;
    h.send(worker, release);
  }

  CoreHarness h;
  ClientId worker = h.hello_worker("w1");
};

TEST_F(StepLimitTest, NobodyIsToldAndWhatComesAfterItIsKeptAndChangesNothing) {
  const wire::Assign trial = h.ask(worker, h.create(sweep_that_ends("max_steps: 2\n")));
  h.report(worker, trial, 0, {0.9, 0.5, 0.4});
  EXPECT_EQ(stop_of(trial), StopReason::kNone);
  EXPECT_EQ(state(trial), TrialState::kRunning) << "it may save and test";
  log(trial, 2, 0.25, "test_loss");
  log(trial, 1, 0.1);  // of the goal metric, late
  EXPECT_EQ(stop_of(trial), StopReason::kNone);
  end(trial);
  const auto info = h.trial(trial.sweep, 0);
  EXPECT_EQ(state(trial), TrialState::kCompleted);
  EXPECT_EQ(info.reason, "");
  EXPECT_EQ(info.value, 0.4);
  EXPECT_EQ(info.values, 3u);
  EXPECT_EQ(info.attempts.at(0).points, 5u) << "all are stored";
  EXPECT_THAT(h.info(trial.sweep).metrics, ElementsAre("loss", "test_loss"));
  EXPECT_EQ(h.difference_after_replay(trial.sweep), "");
}

TEST_F(StepLimitTest, ATrainerThatGoesOnBeyondItIsTold) {
  const wire::Assign trial = h.ask(worker, h.create(sweep_that_ends("max_steps: 2\n")));
  h.report(worker, trial, 0, {0.9, 0.5, 0.4, 0.1});
  EXPECT_EQ(stop_of(trial), StopReason::kStepLimit);
  EXPECT_EQ(h.release(worker, trial, 4, 1, "killed").state,
            static_cast<std::uint8_t>(TrialState::kCompleted));
  const auto info = h.trial(trial.sweep, 0);
  EXPECT_EQ(info.reason, "logged step 3 after max_steps 2");
  EXPECT_EQ(info.value, 0.4) << "what it logged until it saw the stop does not count";
  EXPECT_EQ(info.values, 3u);
}

TEST_F(StepLimitTest, TheLastStepOfALargeStrideAgainIsNotBeyondIt) {
  const wire::Assign trial = h.ask(worker, h.create(sweep_that_ends("max_steps: 50\n")));
  log(trial, 48, 0.5);
  log(trial, 56, 0.4);
  log(trial, 56, 0.3);
  EXPECT_EQ(stop_of(trial), StopReason::kNone);
  log(trial, 64, 0.2);
  EXPECT_EQ(stop_of(trial), StopReason::kStepLimit);
  end(trial);
  EXPECT_EQ(h.trial(trial.sweep, 0).value, 0.4);
}

TEST_F(StepLimitTest, ABrokerThatWasStartedAgainTellsItToo) {
  const wire::Assign trial = h.ask(worker, h.create(sweep_that_ends("max_steps: 1\n")));
  h.report(worker, trial, 0, {0.9, 0.5});
  h.restart();
  worker = h.hello_worker("w1");
  EXPECT_EQ(stop_of(trial), StopReason::kNone);
  log(trial, 2, 0.4);
  EXPECT_EQ(stop_of(trial), StopReason::kStepLimit);
}

TEST_F(StepLimitTest, AnIgnoredNanAtTheLastStepDoesNotHideThatItGoesOn) {
  const wire::Assign trial =
      h.ask(worker, h.create(sweep_that_ends("on_nan: ignore\nmax_steps: 1\n")));
  h.report(worker, trial, 0, {0.5, std::nan("")});
  EXPECT_EQ(stop_of(trial), StopReason::kNone);
  log(trial, 2, std::nan(""));
  EXPECT_EQ(stop_of(trial), StopReason::kStepLimit);
}

// ---- however it ends, the result stands ---------------------------------------------------------

TEST_F(StepLimitTest, AFailureAfterItIsToldAndTheTrialIsComplete) {
  const SweepId sweep = h.create(sweep_that_ends("max_steps: 1\nretries: 2\n"));
  for (int i = 0; i < 2; ++i) {
    const wire::Assign trial = h.ask(worker, sweep);
    h.report(worker, trial, 0, {0.9, 0.5});
    wire::Release release = release_of(trial);
    release.exit_code = 1;
    release.message = "no space left";
    h.send(worker, release);
    EXPECT_EQ(state(trial), TrialState::kCompleted);
    EXPECT_EQ(reason(trial), "exit 1, after it had reached max_steps 1: no space left");
  }
  EXPECT_THAT(h.info(sweep).notices, ElementsAre(StartsWith("L062 `max_steps`: trial 0 had")));
  EXPECT_EQ(h.info(sweep).counts.failed, 0u);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(StepLimitTest, ACrashAfterItIsToldToo) {
  const wire::Assign trial = h.ask(worker, h.create(sweep_that_ends("max_steps: 1\n")));
  h.report(worker, trial, 0, {0.9, 0.5});
  wire::Release release = release_of(trial);
  release.outcome = static_cast<std::uint8_t>(wire::Outcome::kSignaled);
  release.signal = 11;
  h.send(worker, release);
  EXPECT_EQ(state(trial), TrialState::kCompleted);
  EXPECT_EQ(reason(trial), "killed by signal 11, after it had reached max_steps 1");
}

TEST_F(StepLimitTest, AMachineThatIsTakenAwayAfterItTakesNoResult) {
  const wire::Assign trial = h.ask(worker, h.create(sweep_that_ends("max_steps: 1\n")));
  h.report(worker, trial, 0, {0.9, 0.5});
  wire::Release release = release_of(trial);
  release.outcome = static_cast<std::uint8_t>(wire::Outcome::kKilled);
  release.requeue = true;
  release.cause = static_cast<std::uint8_t>(Cause::kPreempted);
  h.send(worker, release);
  EXPECT_EQ(state(trial), TrialState::kCompleted) << "trained again it would come to the same";
  EXPECT_EQ(reason(trial), "its worker left, after it had reached max_steps 1");
  EXPECT_THAT(h.info(trial.sweep).notices, IsEmpty());
}

TEST_F(StepLimitTest, NeitherDoesALostLease) {
  const wire::Assign trial = h.ask(worker, h.create(sweep_that_ends("max_steps: 1\n")));
  h.report(worker, trial, 0, {0.9, 0.5});
  h.lose_leases();
  EXPECT_EQ(state(trial), TrialState::kCompleted);
  EXPECT_EQ(reason(trial),
            "lease expired, after it had reached max_steps 1: no word from worker w1");
  EXPECT_EQ(h.difference_after_replay(trial.sweep), "");
}

TEST_F(StepLimitTest, CancellingDoesNotTakeItEither) {
  const wire::Assign trial = h.ask(worker, h.create(sweep_that_ends("max_steps: 1\n")));
  h.report(worker, trial, 0, {0.9, 0.5});
  h.send(CoreHarness::kCli,
         wire::Control{1, trial.sweep, static_cast<std::uint8_t>(wire::Action::kCancel), 0, false});
  EXPECT_EQ(stop_of(trial), StopReason::kCancelled) << "nobody waits for what it saves";
  end(trial, 143);
  EXPECT_EQ(state(trial), TrialState::kCompleted);
}

TEST_F(StepLimitTest, MaxTrialTimeStillEndsTheTrainer) {
  const wire::Assign trial =
      h.ask(worker, h.create(sweep_that_ends("max_steps: 1\nmax_trial_time: 1h\n")));
  h.report(worker, trial, 0, {0.9, 0.5});
  const Instant limit = h.now + hours(1);
  while (h.now < limit) {
    EXPECT_EQ(stop_of(trial), StopReason::kNone);
    h.advance(limits::kLease / 2);
  }
  EXPECT_EQ(stop_of(trial), StopReason::kTimeLimit);
  end(trial, 143);
  EXPECT_EQ(state(trial), TrialState::kCompleted);
  EXPECT_EQ(reason(trial), "ran for max_trial_time 1h, after it had reached max_steps 1");
}

TEST_F(StepLimitTest, NoPrunerStopsWhoHasReachedIt) {
  const SweepId sweep = h.create(
      sweep_that_ends("max_steps: 2\nearly_terminate: {type: hyperband, min_iter: 1, eta: 2}\n"));
  const wire::Assign bad = h.ask(worker, sweep);
  const wire::Assign good = h.ask(worker, sweep);
  const wire::Assign fair = h.ask(worker, sweep);
  log(bad, 1, 0.9);
  log(bad, 2, 0.9);
  for (const std::int64_t step : {1, 2}) {
    log(good, step, 0.1);
    log(fair, step, 0.2);
  }
  EXPECT_EQ(stop_of(bad), StopReason::kNone);
  end(bad);
  EXPECT_EQ(state(bad), TrialState::kCompleted);
}

TEST_F(StepLimitTest, ATrialThatReachesItBeforeItSawThePrunersStopIsComplete) {
  const SweepId sweep = h.create(
      sweep_that_ends("max_steps: 1\nearly_terminate: {type: hyperband, min_iter: 1, eta: 2}\n"));
  const wire::Assign good = h.ask(worker, sweep);
  const wire::Assign fair = h.ask(worker, sweep);
  const wire::Assign bad = h.ask(worker, sweep);
  h.report(worker, good, 0, {0.1});
  h.report(worker, fair, 0, {0.2});
  h.report(worker, bad, 0, {0.9});
  EXPECT_EQ(stop_of(bad), StopReason::kPruned);
  h.report(worker, bad, 1, {0.8});
  h.release(worker, bad, 2);
  EXPECT_EQ(state(bad), TrialState::kCompleted);
}

// ---- what it took to end a trainer --------------------------------------------------------------

class ForceTest : public StepLimitTest {
 protected:
  wire::Assign told(const SweepId& sweep) {
    const wire::Assign trial = h.ask(worker, sweep);
    h.report(worker, trial, 0, {0.9, 0.5, 0.4});
    EXPECT_EQ(stop_of(trial), StopReason::kStepLimit);
    return trial;
  }
  void end_by(const wire::Assign& trial, wire::Forced forced) {
    wire::Release release = release_of(trial);
    release.outcome = static_cast<std::uint8_t>(wire::Outcome::kKilled);
    release.forced = static_cast<std::uint8_t>(forced);
    release.folder = "/work/.scopa/trials/" + trial.sweep + "/0";
    h.send(worker, release);
  }
};

TEST_F(ForceTest, IsShownWithTheAttemptAndNoticedOnce) {
  const SweepId sweep = h.create(sweep_that_ends("max_steps: 1\ngrace: 5m\n"));
  end_by(told(sweep), wire::Forced::kNot);
  EXPECT_THAT(h.info(sweep).notices, IsEmpty());
  end_by(told(sweep), wire::Forced::kTerm);
  end_by(told(sweep), wire::Forced::kKill);
  EXPECT_THAT(h.info(sweep).notices,
              ElementsAre(StartsWith("L061 `grace`: trial 1 was told to stop and did not end "
                                     "within 5m, so it got SIGTERM;")));
  for (std::uint8_t i = 0; i < 3; ++i) {
    const wire::AttemptInfo attempt = h.trial(sweep, i).attempts.at(0);
    EXPECT_EQ(attempt.forced, i);
    EXPECT_EQ(attempt.folder, "/work/.scopa/trials/" + sweep + "/0");
  }
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(ForceTest, OfAWorkerThatHadToLeaveNothingIsSaidOfTheGrace) {
  const SweepId sweep = h.create(sweep_that_ends(""));
  wire::Release release = release_of(h.ask(worker, sweep));
  release.requeue = true;
  release.outcome = static_cast<std::uint8_t>(wire::Outcome::kKilled);
  release.forced = static_cast<std::uint8_t>(wire::Forced::kTerm);
  h.send(worker, release);
  EXPECT_THAT(h.info(sweep).notices, IsEmpty());
  EXPECT_EQ(h.trial(sweep, 0).attempts.at(0).forced, 1u);
}

TEST_F(ForceTest, OneThatNobodyKnowsIsTheMostThereIs) {
  const wire::Assign trial = told(h.create(sweep_that_ends("max_steps: 1\n")));
  end_by(trial, static_cast<wire::Forced>(200));
  EXPECT_EQ(h.trial(trial.sweep, 0).attempts.at(0).forced,
            static_cast<std::uint8_t>(wire::Forced::kKill));
}

TEST_F(ForceTest, AnAttemptIsAssignedWithTheGraceOfItsSweep) {
  EXPECT_EQ(h.ask(worker, h.create(sweep_that_ends(""), "a")).grace_ms, 60'000);
  EXPECT_EQ(h.ask(worker, h.create(sweep_that_ends("grace: 5m\n"), "b")).grace_ms, 300'000);
  EXPECT_EQ(h.ask(worker, h.create(sweep_that_ends("grace: 0.0001s\n"), "c")).grace_ms, 1)
      << "0 would be the default";
}

}  // namespace
}  // namespace scopa::core
