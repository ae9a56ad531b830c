// Attempts that come back after they were given up, and those that others take over.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

constexpr char kAdoptionSweep[] = R"(
method: random
metric: {name: loss, goal: minimize}
parameters: {x: {min: 0, max: 1000000}}
run_cap: 1
)";

class AdoptionTest : public testing::Test {
 protected:
  TrialState state() { return static_cast<TrialState>(h.trial(sweep, 0).state); }
  wire::AttemptInfo attempt(std::size_t index) { return h.trial(sweep, 0).attempts.at(index); }
  wire::Adopted adopt(ClientId from, std::uint32_t number = 1) {
    return h.ask_for<wire::Adopted>(from, wire::Adopt{7, sweep, 0, number, 2, "gpu-1"});
  }
  static StopReason reason_in(const std::vector<wire::Message>& answers) {
    for (const auto& answer : answers) {
      if (const auto* stop = std::get_if<wire::Stop>(&answer)) {
        return static_cast<StopReason>(stop->reason);
      }
    }
    return StopReason::kNone;
  }
  static std::uint64_t acked_in(const std::vector<wire::Message>& answers) {
    for (const auto& answer : answers) {
      if (const auto* ack = std::get_if<wire::Ack>(&answer)) return ack->to;
    }
    return UINT64_MAX;
  }
  double device_seconds() { return static_cast<double>(h.info(sweep).device_us) / 1e6; }

  CoreHarness h;
  ClientId worker = h.hello_worker("w1");
  ClientId other = h.hello_worker("w2");
  SweepId sweep = h.create(kAdoptionSweep);
  wire::Assign trial = h.ask(worker, sweep);
};

TEST_F(AdoptionTest, AWorkerThatComesBackBeforeAnyoneElseGoesOnAsIfNothingHadBeen) {
  h.report(worker, trial, 0, {0.5, 0.4});
  h.lose_leases();
  ASSERT_EQ(state(), TrialState::kQueued);
  const auto answers = h.report(worker, trial, 2, {0.3});
  EXPECT_EQ(acked_in(answers), 3U);
  EXPECT_EQ(reason_in(answers), StopReason::kNone);
  EXPECT_EQ(state(), TrialState::kRunning);
  EXPECT_EQ(h.trial(sweep, 0).values, 3U);
  EXPECT_EQ(h.trial(sweep, 0).attempts.size(), 1U);
  EXPECT_EQ(attempt(0).ended_us, 0);
  EXPECT_EQ(attempt(0).cause, 0);
  EXPECT_EQ(h.release(worker, trial, 3).state, static_cast<std::uint8_t>(TrialState::kCompleted));
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(AdoptionTest, OnlyItsHolderSpeaksForAnAttempt) {
  const auto answers = h.report(other, trial, 0, {0.5});
  EXPECT_EQ(reason_in(answers), StopReason::kForgotten);
  EXPECT_EQ(acked_in(answers), UINT64_MAX);
  EXPECT_EQ(attempt(0).worker, "w1");
  EXPECT_EQ(h.trial(sweep, 0).values, 0U);
}

TEST_F(AdoptionTest, ALossThatWasTakenBackDoesNotCount) {
  for (std::uint32_t i = 0; i < 3 * limits::kAttemptsMax; ++i) {
    h.lose_leases();
    ASSERT_EQ(state(), TrialState::kQueued) << i;
    h.send(worker, wire::Heartbeat{.running = {wire::attempt_of(trial)}});
    ASSERT_EQ(state(), TrialState::kRunning) << i;
  }
}

TEST_F(AdoptionTest, TheTimeOfAnAttemptThatCameBackCountsWhole) {
  h.lose_leases();
  h.advance(std::chrono::seconds(40));
  EXPECT_LT(device_seconds(), 99);
  h.send(worker, wire::Heartbeat{.running = {wire::attempt_of(trial)}});
  EXPECT_DOUBLE_EQ(device_seconds(), 101);
  h.advance(std::chrono::seconds(10));
  EXPECT_DOUBLE_EQ(device_seconds(), 111);
  h.release(worker, trial, 0);
  h.advance(std::chrono::seconds(10));
  EXPECT_DOUBLE_EQ(device_seconds(), 111);
}

TEST_F(AdoptionTest, ATrialThatFailedByItsLostLeasesIsTakenUpAgain) {
  wire::Assign last = trial;
  for (std::uint32_t i = 1; i < limits::kAttemptsMax; ++i) {
    h.lose_leases();
    last = h.ask(worker, sweep);
  }
  // A second trial keeps the sweep from its end.
  h.lose_leases();
  ASSERT_EQ(state(), TrialState::kFailed);
  EXPECT_EQ(h.trial(sweep, 0).cause, static_cast<std::uint8_t>(Cause::kNode));
  ASSERT_EQ(h.info(sweep).state, static_cast<std::uint8_t>(SweepState::kFinished));
  EXPECT_EQ(reason_in(h.send(worker, wire::Heartbeat{.running = {wire::attempt_of(last)}})),
            StopReason::kFenced)
      << "not in a sweep that has ended";
  EXPECT_EQ(state(), TrialState::kFailed);
}

TEST_F(AdoptionTest, AFailedTrialOfARunningSweepIsTakenUpAgain) {
  const SweepId two = h.create(
      "method: random\nmetric: {name: loss}\n"
      "parameters: {x: {min: 0, max: 9}}\n",
      "token-2");
  wire::Assign last;
  for (std::uint32_t i = 0; i < limits::kAttemptsMax; ++i) {
    last = h.ask(worker, two);
    ASSERT_EQ(last.trial, 0U);
    h.lose_leases();
  }
  ASSERT_EQ(h.trial(two, 0).state, static_cast<std::uint8_t>(TrialState::kFailed));
  EXPECT_EQ(acked_in(h.report(worker, last, 0, {0.5})), 1U);
  const wire::TrialInfo again = h.trial(two, 0);
  EXPECT_EQ(again.state, static_cast<std::uint8_t>(TrialState::kRunning));
  EXPECT_EQ(again.cause, 0);
  EXPECT_EQ(again.reason, "");
  EXPECT_EQ(h.difference_after_replay(two), "");
}

TEST_F(AdoptionTest, WhatSomeoneElseHasTakenIsKeptAsAnExtraAttempt) {
  h.report(worker, trial, 0, {0.5});
  h.lose_leases();
  const wire::Assign again = h.ask(other, sweep);
  ASSERT_EQ(again.attempt, 2U);
  h.report(other, again, 0, {0.9});

  const auto answers = h.report(worker, trial, 1, {0.1});
  EXPECT_EQ(acked_in(answers), 2U);
  EXPECT_EQ(reason_in(answers), StopReason::kFenced);
  EXPECT_TRUE(attempt(0).extra);
  EXPECT_EQ(attempt(0).points, 2U);
  EXPECT_EQ(h.trial(sweep, 0).values, 1U);
  EXPECT_EQ(h.trial(sweep, 0).best, 0.9) << "never mixed in";

  EXPECT_EQ(h.release(worker, trial, 2).state, static_cast<std::uint8_t>(TrialState::kRunning));
  EXPECT_EQ(state(), TrialState::kRunning) << "the trial is the other's";
  EXPECT_THAT(attempt(0).ended, testing::HasSubstr("delivered late: exit 0"));
  EXPECT_EQ(h.release(worker, trial, 2).state, static_cast<std::uint8_t>(TrialState::kRunning));
  EXPECT_EQ(h.release(other, again, 1).state, static_cast<std::uint8_t>(TrialState::kCompleted));
  EXPECT_EQ(h.trial(sweep, 0).value, 0.9);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(AdoptionTest, PointsAreMissingFromAnExtraAttemptAsFromAnyOther) {
  h.lose_leases();
  h.ask(other, sweep);
  wire::Release release;
  release.sweep = sweep;
  release.attempt = 1;
  release.to = 5;
  EXPECT_EQ(acked_in(h.send(worker, release)), 0U);
  EXPECT_EQ(acked_in(h.report(worker, trial, 3, {0.1})), 0U) << "a gap";
}

TEST_F(AdoptionTest, AnExtraAttemptThatDeliveredDoesNotTakeItsTrialBackWhenTheOtherIsLostToo) {
  h.lose_leases();
  h.ask(other, sweep);
  h.report(worker, trial, 0, {0.1});
  h.lose_leases();
  ASSERT_EQ(state(), TrialState::kQueued);
  EXPECT_EQ(reason_in(h.report(worker, trial, 1, {0.1})), StopReason::kFenced);
  EXPECT_EQ(state(), TrialState::kQueued);
}

TEST_F(AdoptionTest, ACancelledTrialIsNotTakenUpAgain) {
  h.lose_leases();
  h.send(CoreHarness::kCli,
         wire::Control{1, sweep, static_cast<std::uint8_t>(wire::Action::kCancel)});
  EXPECT_EQ(reason_in(h.report(worker, trial, 0, {0.1})), StopReason::kFenced);
  EXPECT_EQ(state(), TrialState::kCancelled);
}

TEST_F(AdoptionTest, WhatTheBrokerDoesNotKnowIsForgotten) {
  const wire::AttemptRef unknown[] = {{"nosweep1", 0, 1}, {sweep, 7, 1}, {sweep, 0, 9}};
  for (const wire::AttemptRef& ref : unknown) {
    EXPECT_EQ(reason_in(h.send(worker, wire::Heartbeat{.running = {ref}})), StopReason::kForgotten);
    EXPECT_EQ(reason_in(h.send(worker, wire::Report{ref.sweep, ref.trial, ref.attempt, 0, 1,
                                                    block_of("loss", 0, {0.5})})),
              StopReason::kForgotten);
    wire::Release release;
    release.sweep = ref.sweep;
    release.trial = ref.trial;
    release.attempt = ref.attempt;
    EXPECT_EQ(reason_in(h.send(worker, release)), StopReason::kForgotten);
    EXPECT_EQ(reason_in(h.send(worker, wire::Adopt{7, ref.sweep, ref.trial, ref.attempt})),
              StopReason::kForgotten);
  }
}

TEST_F(AdoptionTest, OnlyTheHolderSpeaksForALiveAttempt) {
  h.report(worker, trial, 0, {0.5});
  EXPECT_EQ(reason_in(h.report(other, trial, 1, {0.1})), StopReason::kForgotten);
  wire::Release release;
  release.sweep = sweep;
  release.attempt = 1;
  release.to = 1;
  EXPECT_EQ(reason_in(h.send(other, release)), StopReason::kForgotten);
  EXPECT_EQ(reason_in(h.send(other, wire::Heartbeat{.running = {wire::attempt_of(trial)}})),
            StopReason::kForgotten);
  EXPECT_EQ(state(), TrialState::kRunning);
  EXPECT_EQ(attempt(0).points, 1U);
}

TEST_F(AdoptionTest, AnotherWorkersHeartbeatsKeepNoLease) {
  h.advance(limits::kLease);
  h.send(other, wire::Heartbeat{.running = {wire::attempt_of(trial)}});
  EXPECT_TRUE(attempt(0).suspect);
  h.advance(limits::kSuspectGrace);
  h.send(other, wire::Heartbeat{.running = {wire::attempt_of(trial)}});
  EXPECT_EQ(state(), TrialState::kQueued);
}

// ---- Adopt --------------------------------------------------------------------------------------

TEST_F(AdoptionTest, AWorkerThatFindsTheJournalOfADeadOneTakesItsAttemptOver) {
  h.report(worker, trial, 0, {0.5, 0.4});
  const wire::Adopted adopted = adopt(other);
  EXPECT_TRUE(adopted.held);
  EXPECT_EQ(adopted.to, 2U);
  EXPECT_EQ(adopted.request, 7U);
  EXPECT_EQ(attempt(0).worker, "w2");
  EXPECT_EQ(attempt(0).device, "gpu-1");
  EXPECT_EQ(acked_in(h.report(other, trial, 2, {0.3})), 3U);
  EXPECT_EQ(h.trial(sweep, 0).values, 3U);
  EXPECT_EQ(reason_in(h.report(worker, trial, 3, {0.2})), StopReason::kForgotten);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(AdoptionTest, AnAttemptThatWasGivenUpIsAdoptedWhileNobodyElseHasIt) {
  h.lose_leases();
  EXPECT_TRUE(adopt(other).held);
  EXPECT_EQ(state(), TrialState::kRunning);
  EXPECT_EQ(attempt(0).worker, "w2");
}

TEST_F(AdoptionTest, WhatCannotBeAdoptedIsDeliveredAsAnExtraAttempt) {
  h.report(worker, trial, 0, {0.5});
  h.lose_leases();
  h.ask(other, sweep);
  const ClientId third = h.hello_worker("w3");
  const wire::Adopted adopted = adopt(third);
  EXPECT_FALSE(adopted.held);
  EXPECT_EQ(adopted.to, 1U);
  EXPECT_EQ(acked_in(h.report(third, trial, 1, {0.1})), 2U);
  EXPECT_EQ(h.release(third, trial, 2).state, static_cast<std::uint8_t>(TrialState::kRunning));
  EXPECT_TRUE(attempt(0).extra);
}

TEST_F(AdoptionTest, AReleasedAttemptIsNotAdopted) {
  h.report(worker, trial, 0, {0.5});
  h.release(worker, trial, 1);
  const wire::Adopted adopted = adopt(other);
  EXPECT_FALSE(adopted.held);
  EXPECT_EQ(adopted.to, 1U);
  EXPECT_EQ(h.release(other, trial, 1).state, static_cast<std::uint8_t>(TrialState::kCompleted));
  EXPECT_FALSE(attempt(0).extra);
}

TEST_F(AdoptionTest, AdoptingAgainChangesNothing) {
  adopt(other);
  const std::size_t events = h.events.size();
  EXPECT_TRUE(adopt(other).held);
  EXPECT_EQ(h.events.size(), events);
}

TEST_F(AdoptionTest, AnAdoptedAttemptIsNotTheAnswerToAnAskOfItsNewWorker) {
  adopt(other);
  const auto answer = h.ask_for<wire::NoWork>(
      other, wire::Ask{.request = trial.request, .sweep = sweep, .device = "cpu"});
  EXPECT_EQ(answer.request, trial.request);
}

TEST_F(AdoptionTest, AnAdoptedAttemptIsToldOfItsStop) {
  h.send(CoreHarness::kCli,
         wire::Control{1, sweep, static_cast<std::uint8_t>(wire::Action::kCancel)});
  EXPECT_EQ(reason_in(h.send(other, wire::Adopt{7, sweep, 0, 1, 0, "cpu"})),
            StopReason::kCancelled);
}

TEST_F(AdoptionTest, OnlyWorkersAdopt) {
  EXPECT_EQ(h.error_of(CoreHarness::kCli, wire::Adopt{7, sweep, 0, 1, 0, "cpu"}).code,
            static_cast<std::int32_t>(Code::kInvalidArgument));
}

}  // namespace
}  // namespace scopa::core
