// Why attempts fail, and what becomes of their trials.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

constexpr char kEndlessSweep[] = R"(
method: random
metric: {name: loss, goal: minimize}
parameters: {x: {min: 0, max: 1000000}}
)";

class CausesTest : public testing::Test {
 protected:
  wire::Release release_of(const wire::Assign& trial, Cause cause,
                           wire::Outcome outcome = wire::Outcome::kExited) {
    wire::Release release;
    release.sweep = trial.sweep;
    release.trial = trial.trial;
    release.attempt = trial.attempt;
    release.outcome = static_cast<std::uint8_t>(outcome);
    if (outcome == wire::Outcome::kSignaled) release.signal = 11;
    if (outcome == wire::Outcome::kExited || outcome == wire::Outcome::kReturned) {
      release.exit_code = 1;
    }
    release.cause = static_cast<std::uint8_t>(cause);
    return release;
  }
  TrialState end(const wire::Assign& trial, Cause cause,
                 wire::Outcome outcome = wire::Outcome::kExited) {
    return static_cast<TrialState>(
        h.ask_for<wire::Released>(worker, release_of(trial, cause, outcome)).state);
  }
  Cause cause_of(const SweepId& sweep) { return static_cast<Cause>(h.trial(sweep, 0).cause); }

  CoreHarness h;
  ClientId worker = h.hello_worker("w1");
};

TEST_F(CausesTest, ATrialTellsOfWhatItFailed) {
  for (const Cause cause : {Cause::kOom, Cause::kCrash, Cause::kUserError}) {
    const SweepId sweep = h.create(kEndlessSweep, "t" + std::to_string(static_cast<int>(cause)));
    EXPECT_EQ(end(h.ask(worker, sweep), cause), TrialState::kFailed);
    EXPECT_EQ(cause_of(sweep), cause);
    EXPECT_EQ(h.trial(sweep, 0).attempts.at(0).cause, static_cast<std::uint8_t>(cause));
    EXPECT_EQ(h.difference_after_replay(sweep), "");
  }
}

TEST_F(CausesTest, AWorkerThatCannotTellLeavesItToTheOutcome) {
  const std::pair<wire::Outcome, Cause> cases[] = {{wire::Outcome::kExited, Cause::kUserError},
                                                   {wire::Outcome::kReturned, Cause::kUserError},
                                                   {wire::Outcome::kSignaled, Cause::kCrash},
                                                   {wire::Outcome::kNotStarted, Cause::kUserError}};
  for (const auto& [outcome, cause] : cases) {
    const SweepId sweep = h.create(kEndlessSweep, "t" + std::to_string(static_cast<int>(outcome)));
    EXPECT_EQ(end(h.ask(worker, sweep), Cause::kNone, outcome), TrialState::kFailed);
    EXPECT_EQ(cause_of(sweep), cause);
  }
}

TEST_F(CausesTest, ACauseThatNobodyKnowsIsReadFromTheOutcome) {
  const SweepId sweep = h.create(kEndlessSweep);
  EXPECT_EQ(end(h.ask(worker, sweep), static_cast<Cause>(99)), TrialState::kFailed);
  EXPECT_EQ(cause_of(sweep), Cause::kUserError);
}

TEST_F(CausesTest, RetriesAreForWhatTheTrainerDidAndNotForNanOrTime) {
  for (const Cause cause :
       {Cause::kOom, Cause::kCrash, Cause::kUserError, Cause::kNan, Cause::kTimeout}) {
    const SweepId sweep = h.create(std::string(kEndlessSweep) + "retries: 1\n",
                                   "t" + std::to_string(static_cast<int>(cause)));
    const bool retried = cause != Cause::kNan && cause != Cause::kTimeout;
    EXPECT_EQ(end(h.ask(worker, sweep), cause), retried ? TrialState::kQueued : TrialState::kFailed)
        << name_of(cause);
    if (!retried) continue;
    EXPECT_THAT(h.trial(sweep, 0).reason, testing::HasSubstr("(retry 1 of 1)"));
    EXPECT_EQ(cause_of(sweep), Cause::kNone) << "it has not failed yet";
    EXPECT_EQ(end(h.ask(worker, sweep), cause), TrialState::kFailed);
    EXPECT_EQ(cause_of(sweep), cause);
  }
}

TEST_F(CausesTest, WhatTheMachineDidIsTriedAgainWithoutAnyRetries) {
  const SweepId sweep = h.create(kEndlessSweep);
  for (std::uint32_t i = 1; i < limits::kAttemptsMax; ++i) {
    EXPECT_EQ(end(h.ask(worker, sweep), Cause::kNode, wire::Outcome::kNotStarted),
              TrialState::kQueued);
    EXPECT_THAT(h.trial(sweep, 0).reason,
                testing::HasSubstr("(retry " + std::to_string(i) + " of 2 elsewhere)"));
  }
  EXPECT_EQ(end(h.ask(worker, sweep), Cause::kNode, wire::Outcome::kNotStarted),
            TrialState::kFailed);
  EXPECT_EQ(cause_of(sweep), Cause::kNode);
  EXPECT_THAT(h.trial(sweep, 0).reason, testing::HasSubstr("that was attempt 3 of 3"));
}

TEST_F(CausesTest, LostLeasesAndStartsThatFailedCountTogether) {
  const SweepId sweep = h.create(kEndlessSweep);
  h.ask(worker, sweep);
  h.lose_leases();
  EXPECT_EQ(end(h.ask(worker, sweep), Cause::kNode), TrialState::kQueued);
  h.ask(worker, sweep);
  h.lose_leases();
  EXPECT_EQ(h.trial(sweep, 0).state, static_cast<std::uint8_t>(TrialState::kFailed));
}

TEST_F(CausesTest, MachinesFaultsDoNotUseUpTheRetries) {
  const SweepId sweep = h.create(std::string(kEndlessSweep) + "retries: 1\n");
  EXPECT_EQ(end(h.ask(worker, sweep), Cause::kNode), TrialState::kQueued);
  EXPECT_EQ(end(h.ask(worker, sweep), Cause::kPreempted), TrialState::kQueued);
  EXPECT_EQ(end(h.ask(worker, sweep), Cause::kCrash), TrialState::kQueued);
  EXPECT_EQ(end(h.ask(worker, sweep), Cause::kCrash), TrialState::kFailed);
}

TEST_F(CausesTest, APreemptedTrialIsTriedAgainUpToABound) {
  const SweepId sweep = h.create(kEndlessSweep);
  for (std::uint32_t i = 1; i <= limits::kPreemptionsMax; ++i) {
    wire::Release release = release_of(h.ask(worker, sweep), Cause::kPreempted);
    release.requeue = true;
    release.message = "SIGTERM";
    const auto state = h.ask_for<wire::Released>(worker, release).state;
    ASSERT_EQ(static_cast<TrialState>(state),
              i < limits::kPreemptionsMax ? TrialState::kQueued : TrialState::kFailed)
        << i;
    ASSERT_THAT(h.trial(sweep, 0).reason,
                testing::StartsWith("its machine was taken away: SIGTERM"));
  }
  EXPECT_EQ(cause_of(sweep), Cause::kPreempted);
}

TEST_F(CausesTest, ATrainerThatTheWorkerEndedForItselfHasNotFailed) {
  const SweepId sweep = h.create(kEndlessSweep);
  EXPECT_EQ(end(h.ask(worker, sweep), Cause::kNone, wire::Outcome::kKilled), TrialState::kQueued);
}

TEST_F(CausesTest, ADivergedTrialFailedOfNan) {
  const SweepId sweep = h.create(std::string(kEndlessSweep) + "on_nan: fail\n");
  const wire::Assign trial = h.ask(worker, sweep);
  h.report(worker, trial, 0, {std::numeric_limits<double>::quiet_NaN()});
  h.release(worker, trial, 1);
  EXPECT_EQ(cause_of(sweep), Cause::kNan);
}

TEST_F(CausesTest, ATrialThatRanOutOfTimeWithoutAValueFailedOfTimeout) {
  const SweepId sweep = h.create(std::string(kEndlessSweep) + "max_trial_time: 10s\n");
  const wire::Assign trial = h.ask(worker, sweep);
  h.advance(std::chrono::seconds(10));
  h.release(worker, trial, 0);
  EXPECT_EQ(cause_of(sweep), Cause::kTimeout);
}

TEST_F(CausesTest, TheModelLearnsFromWhatTheConfigurationDidAndNotFromLostMachines) {
  for (const Cause cause : {Cause::kOom, Cause::kNode}) {
    const SweepId sweep = h.create(kEndlessSweep, "t" + std::to_string(static_cast<int>(cause)));
    for (int i = 0; i < 3; ++i) end(h.ask(worker, sweep), cause);
    bool said = false;
    for (const ModelTask& task : h.model_log) {
      const auto* changed = std::get_if<ModelChanged>(&task);
      if (changed == nullptr || changed->sweep != sweep) continue;
      if (changed->change.state != TrialState::kFailed) continue;
      EXPECT_EQ(changed->change.blameless, cause == Cause::kNode);
      said = true;
    }
    EXPECT_TRUE(said) << name_of(cause);
  }
}

TEST_F(CausesTest, WhoEndedWellHasNoCause) {
  const SweepId sweep = h.create(kEndlessSweep);
  const wire::Assign trial = h.ask(worker, sweep);
  h.report(worker, trial, 0, {0.5});
  wire::Release release = release_of(trial, Cause::kOom);
  release.exit_code = 0;
  release.to = 1;
  EXPECT_EQ(h.ask_for<wire::Released>(worker, release).state,
            static_cast<std::uint8_t>(TrialState::kCompleted));
  EXPECT_EQ(cause_of(sweep), Cause::kNone);
}

}  // namespace
}  // namespace scopa::core
