#include "sdk/session/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/sdk/session/session_harness.h"

namespace scopa::session {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(SessionTest, SaysHelloFirstAndAsksOnlyOnceWelcome) {
  Harness h;
  h.tick();
  EXPECT_THAT(h.take<Connect>(), SizeIs(1));
  const auto hello = h.take_sent<wire::Hello>();
  ASSERT_THAT(hello, SizeIs(1));
  EXPECT_EQ(hello[0].role, "worker");
  EXPECT_EQ(hello[0].worker, "w1");
  EXPECT_EQ(h.sent_count(), 0U);
  h.receive(wire::Welcome{1, "b1", 5000, 30000, 0});
  EXPECT_THAT(h.take_sent<wire::Ask>(), SizeIs(1));
}

TEST(SessionTest, EverySlotAsksWithItsOwnIncreasingRequest) {
  Harness h(4);
  h.connect();
  const auto asks = h.take_sent<wire::Ask>();
  ASSERT_THAT(asks, SizeIs(4));
  for (std::size_t i = 1; i < 4; ++i) {
    EXPECT_GT(asks[i].request, asks[i - 1].request);
    EXPECT_EQ(asks[i].slot, i);
  }
}

TEST(SessionTest, ConnectsAgainWithGrowingJitteredPausesUntilSomebodyAnswers) {
  Harness h;
  std::vector<std::int64_t> at;
  while (at.size() < 6) {
    h.tick(50ms);
    if (!h.take<Connect>().empty()) at.push_back(to_unix_us(h.now));
    ASSERT_FALSE(h.session.done());
  }
  EXPECT_LE(at[1] - at[0], 1'200'000);
  EXPECT_GT(at[5] - at[4], at[2] - at[1]);
}

TEST(SessionTest, TwoWorkersDoNotReconnectInStep) {
  const auto pause = [](std::uint64_t seed) {
    auto options = Harness::options(1, 0);
    options.seed = seed;
    Session session(options, from_unix_us(0));
    Actions actions;
    session.tick(from_unix_us(0), &actions);
    return to_unix_us(*session.next_deadline());
  };
  EXPECT_NE(pause(1), pause(2));
}

TEST(SessionTest, GivesUpAfterAMinuteWithoutAnyTrial) {
  Harness h;
  h.pass(59s);
  EXPECT_FALSE(h.session.done());
  h.pass(3s);
  ASSERT_TRUE(h.session.done());
  EXPECT_EQ(h.session.status().code(), Code::kUnavailable);
  EXPECT_THAT(h.session.status().message(), HasSubstr("inproc://test"));
}

TEST(SessionTest, WaitsForAnAbsentBrokerAsLongAsATrialRuns) {
  Harness h;
  ListSource source;
  h.run_trial(3, &source);
  h.pass(600s);
  EXPECT_FALSE(h.session.done());
  EXPECT_THAT(h.take<EndTrial>(), IsEmpty());
  source.grow(10);
  h.pass(60s);
  h.take_sent<wire::Report>();
  h.connect("b2");
  const auto reports = h.take_sent<wire::Report>();
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_EQ(reports[0].from, 0U);
  EXPECT_EQ(reports[0].to, 10U);
}

TEST(SessionTest, SilenceOfMoreThanTwoHeartbeatsMeansReconnecting) {
  Harness h;
  ListSource source;
  h.run_trial(0, &source);
  h.take<Connect>();
  h.pass(11s);
  EXPECT_THAT(h.take<Connect>(), IsEmpty());
  h.pass(2s);
  EXPECT_THAT(h.take<Connect>(), SizeIs(1));
  EXPECT_FALSE(h.session.is_connected());
}

TEST(SessionTest, HeartbeatsNameWhatIsRunning) {
  Harness h;
  ListSource source;
  h.run_trial(5, &source);
  h.pass(6s);
  const auto beats = h.take_sent<wire::Heartbeat>();
  ASSERT_FALSE(beats.empty());
  ASSERT_THAT(beats.back().running, SizeIs(1));
  EXPECT_EQ(beats.back().running[0].trial, 5U);
}

TEST(SessionTest, TheSameAskIsSentAgainAfterHelloIsRequired) {
  Harness h;
  h.connect();
  const auto first = h.take_sent<wire::Ask>();
  h.take_sent<wire::Hello>();
  h.take<Connect>();
  h.receive(Harness::error(Code::kHelloRequired));
  EXPECT_THAT(h.take_sent<wire::Hello>(), SizeIs(1));
  EXPECT_THAT(h.take<Connect>(), IsEmpty());
  h.receive(Harness::error(Code::kHelloRequired));
  EXPECT_THAT(h.take_sent<wire::Hello>(), IsEmpty());
  h.connect("b2");
  const auto second = h.take_sent<wire::Ask>();
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].request, first[0].request);
}

TEST(SessionTest, ARepeatedAssignmentIsOneTrial) {
  Harness h;
  ListSource source;
  h.run_trial(0, &source);
  h.receive(Harness::assignment(h.asked[0], 0));
  EXPECT_THAT(h.take<StartTrial>(), SizeIs(1));
  h.end(0);
  h.receive(Harness::released(0));
  h.receive(Harness::assignment(h.asked[0], 0));
  EXPECT_THAT(h.take<StartTrial>(), IsEmpty());
  EXPECT_THAT(h.take_sent<wire::Release>(), SizeIs(1));
}

TEST(SessionTest, ATrialForAnAskThatNobodyWaitsForAnyMoreIsGivenBack) {
  Harness h;
  h.connect();
  const auto first = h.take_sent<wire::Ask>();
  h.receive(wire::NoWork{first[0].request, kSweep, false, 100, "busy"});
  h.pass(200ms);
  ASSERT_THAT(h.take_sent<wire::Ask>(), SizeIs(1));
  h.receive(Harness::assignment(first[0].request, 9));
  const auto releases = h.take_sent<wire::Release>();
  ASSERT_THAT(releases, SizeIs(1));
  EXPECT_TRUE(releases[0].requeue);
  EXPECT_EQ(releases[0].trial, 9U);
  EXPECT_THAT(h.take<StartTrial>(), IsEmpty());
  h.receive(Harness::released(9, TrialState::kQueued));
  h.pass(20s);
  EXPECT_THAT(h.take_sent<wire::Release>(), IsEmpty());
}

TEST(SessionTest, ATrialOfAnotherSweepIsIgnored) {
  Harness h;
  h.connect();
  wire::Assign m = Harness::assignment(h.take_sent<wire::Ask>()[0].request, 1);
  m.sweep = "../../etc";
  h.receive(m);
  EXPECT_THAT(h.take<StartTrial>(), IsEmpty());
}

TEST(SessionTest, AsksAgainWithANewRequestAfterNoWork) {
  Harness h;
  h.connect();
  const auto first = h.take_sent<wire::Ask>();
  h.receive(wire::NoWork{first[0].request, kSweep, false, 2000, "paused by user"});
  h.pass(900ms);
  EXPECT_THAT(h.take_sent<wire::Ask>(), IsEmpty());
  h.pass(1200ms);
  const auto second = h.take_sent<wire::Ask>();
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_GT(second[0].request, first[0].request);
}

TEST(SessionTest, ANoWorkOfAYearIsAskedAgainWithinAMinute) {
  Harness h;
  h.connect();
  const auto ask = h.take_sent<wire::Ask>();
  h.receive(wire::NoWork{ask[0].request, kSweep, false, INT64_MAX, ""});
  for (int i = 0; i < 61; ++i) {
    h.pass(1s);
    h.receive(wire::HeartbeatReply{});
  }
  EXPECT_THAT(h.take_sent<wire::Ask>(), ::testing::Not(IsEmpty()));
}

TEST(SessionTest, LeavesWhenTheSweepIsFinishedAndNothingRuns) {
  Harness h(2);
  h.connect();
  const auto asks = h.take_sent<wire::Ask>();
  h.receive(wire::NoWork{asks[0].request, kSweep, true, 0, "run cap reached"});
  EXPECT_FALSE(h.session.done());
  h.receive(wire::NoWork{asks[1].request, kSweep, true, 0, "run cap reached"});
  EXPECT_TRUE(h.session.done());
  EXPECT_TRUE(h.session.status().is_ok());
}

TEST(SessionTest, AsksForNoMoreTrialsThanItsCount) {
  Harness h(3, 2);
  h.connect();
  const auto asks = h.take_sent<wire::Ask>();
  ASSERT_THAT(asks, SizeIs(2));
  ListSource a;
  ListSource b;
  h.asked = {{0, asks[0].request}, {1, asks[1].request}};
  h.run_trial(0, &a, 0);
  h.run_trial(1, &b, 1);
  h.end(0);
  h.receive(Harness::released(0));
  EXPECT_FALSE(h.session.done());
  h.end(1);
  h.receive(Harness::released(1));
  EXPECT_THAT(h.take_sent<wire::Ask>(), IsEmpty());
  EXPECT_TRUE(h.session.done());
}

TEST(SessionTest, AnUnknownSweepEndsTheWorkerWithThatStatus) {
  Harness h;
  h.connect();
  h.receive(Harness::error(Code::kNotFound, h.take_sent<wire::Ask>()[0].request));
  ASSERT_TRUE(h.session.done());
  EXPECT_EQ(h.session.status().code(), Code::kNotFound);
}

TEST(SessionTest, ABusyBrokerIsAskedAgainUnderTheSameRequest) {
  Harness h;
  h.connect();
  const auto first = h.take_sent<wire::Ask>();
  h.receive(Harness::error(Code::kUnavailable, first[0].request));
  EXPECT_THAT(h.take_sent<wire::Ask>(), IsEmpty());
  h.pass(1500ms);
  const auto second = h.take_sent<wire::Ask>();
  ASSERT_THAT(second, SizeIs(1));
  EXPECT_EQ(second[0].request, first[0].request);
}

TEST(SessionTest, ABrokerOfAnotherVersionEndsAWorkerWithoutTrials) {
  Harness h;
  h.tick();
  h.receive(Harness::error(Code::kUnsupported));
  ASSERT_TRUE(h.session.done());
  EXPECT_EQ(h.session.status().code(), Code::kUnsupported);
}

TEST(SessionTest, ABrokerThatRefusesEverythingIsLeftInTime) {
  Harness h;
  ListSource source(5);
  h.run_trial(0, &source);
  for (std::uint32_t i = 0; i < limits::kRefusalsMax; ++i) {
    h.receive(Harness::error(Code::kInvalidArgument));
  }
  EXPECT_THAT(h.take<EndTrial>(), SizeIs(1));
  h.end(0);
  h.pass(11s);
  ASSERT_TRUE(h.session.done());
  EXPECT_EQ(h.session.status().code(), Code::kInvalidArgument);
}

TEST(SessionTest, DrainLetsRunningTrialsEndAndAsksNoMore) {
  Harness h(2);
  ListSource source;
  h.run_trial(0, &source);
  h.session.drain(h.now);
  h.pass(3s);
  EXPECT_FALSE(h.session.done());
  EXPECT_THAT(h.take<EndTrial>(), IsEmpty());
  h.end(0);
  const auto release = h.take_sent<wire::Release>();
  ASSERT_THAT(release, SizeIs(1));
  EXPECT_FALSE(release[0].requeue);
  h.receive(Harness::released(0));
  h.pass(2s);
  EXPECT_TRUE(h.session.done());
}

TEST(SessionTest, ATrialThatArrivesWhileDrainingIsGivenBack) {
  Harness h;
  h.connect();
  const auto ask = h.take_sent<wire::Ask>();
  h.session.drain(h.now);
  h.tick();
  EXPECT_FALSE(h.session.done());
  h.receive(Harness::assignment(ask[0].request, 4));
  const auto release = h.take_sent<wire::Release>();
  ASSERT_THAT(release, SizeIs(1));
  EXPECT_TRUE(release[0].requeue);
  EXPECT_FALSE(h.session.done());
  h.receive(Harness::released(4, TrialState::kQueued));
  EXPECT_TRUE(h.session.done());
}

TEST(SessionTest, StopEndsTrialsAndGivesThemBack) {
  Harness h;
  ListSource source(3);
  h.run_trial(0, &source);
  h.session.stop(h.now, &h.actions);
  const auto ends = h.take<EndTrial>();
  ASSERT_THAT(ends, SizeIs(1));
  EXPECT_EQ(ends[0].reason, StopReason::kWorkerExit);
  TrialEnd how;
  how.outcome = wire::Outcome::kKilled;
  h.end(0, how);
  h.receive(Harness::ack(0, 3));
  const auto release = h.take_sent<wire::Release>();
  ASSERT_THAT(release, SizeIs(1));
  EXPECT_TRUE(release[0].requeue);
  EXPECT_EQ(release[0].to, 3U);
  h.receive(Harness::released(0, TrialState::kQueued));
  EXPECT_TRUE(h.session.done());
  EXPECT_TRUE(h.session.status().is_ok());
}

TEST(SessionTest, StopGivesUpOnAnAbsentBrokerInTimeAndSaysWhatIsLost) {
  Harness h;
  ListSource source(3);
  h.run_trial(0, &source);
  h.session.stop(h.now, &h.actions);
  h.end(0);
  h.pass(9s);
  EXPECT_FALSE(h.session.done());
  h.pass(2s);
  ASSERT_TRUE(h.session.done());
  EXPECT_EQ(h.session.status().code(), Code::kUnavailable);
  EXPECT_THAT(h.session.status().message(), HasSubstr("1 trial"));
}

TEST(SessionTest, APrunedTrialIsNotGivenBackWhenTheWorkerStopsToo) {
  Harness h;
  ListSource source;
  h.run_trial(0, &source);
  h.receive(Harness::stop(0, StopReason::kPruned));
  h.session.stop(h.now, &h.actions);
  EXPECT_THAT(h.take<EndTrial>(), SizeIs(1));
  h.end(0);
  EXPECT_FALSE(h.take_sent<wire::Release>()[0].requeue);
}

TEST(SessionTest, ARepeatedStopEndsATrialOnce) {
  Harness h;
  ListSource source;
  h.run_trial(0, &source);
  h.receive(Harness::stop(0, StopReason::kPruned));
  h.receive(Harness::stop(0, StopReason::kPruned));
  const auto ends = h.take<EndTrial>();
  ASSERT_THAT(ends, SizeIs(1));
  EXPECT_EQ(ends[0].reason, StopReason::kPruned);
}

TEST(SessionTest, AStopKeepsItsReasonAndAnUnknownOneIsACancellation) {
  const auto reason_of = [](std::uint8_t sent) {
    Harness h;
    ListSource source;
    h.run_trial(0, &source);
    h.receive(Harness::stop(0, static_cast<StopReason>(sent)));
    const auto ends = h.take<EndTrial>();
    return ends.empty() ? StopReason::kNone : ends[0].reason;
  };
  for (std::uint8_t r = 1; r <= static_cast<std::uint8_t>(StopReason::kForgotten); ++r) {
    EXPECT_EQ(reason_of(r), static_cast<StopReason>(r));
  }
  EXPECT_EQ(reason_of(0), StopReason::kCancelled);
  EXPECT_EQ(reason_of(200), StopReason::kCancelled);
}

TEST(SessionTest, AFencedTrialHasLittleTimeAndIsDeliveredAllTheSame) {
  Harness h;
  ListSource source(3);
  h.run_trial(0, &source);
  h.take_sent<wire::Report>();
  h.receive(Harness::stop(0, StopReason::kFenced));
  h.receive(Harness::stop(0, StopReason::kFenced));
  const auto ends = h.take<EndTrial>();
  ASSERT_THAT(ends, SizeIs(1));
  EXPECT_EQ(ends[0].reason, StopReason::kFenced);
  EXPECT_EQ(ends[0].at_most, limits::kFencedGrace);
  source.grow(2);
  TrialEnd how;
  how.outcome = wire::Outcome::kKilled;
  h.end(0, how);
  h.receive(Harness::ack(0, 3));
  const auto rest = h.take_sent<wire::Report>();
  ASSERT_FALSE(rest.empty());
  EXPECT_EQ(rest.back().to, 5U);
  h.receive(Harness::ack(0, 5));
  const auto release = h.take_sent<wire::Release>();
  ASSERT_THAT(release, SizeIs(1));
  EXPECT_FALSE(release[0].requeue);
  h.receive(Harness::released(0, TrialState::kRunning));
  const auto forgotten = h.take<ForgetTrial>();
  ASSERT_THAT(forgotten, SizeIs(1));
  EXPECT_FALSE(forgotten[0].state.has_value());
  EXPECT_EQ(forgotten[0].stop, StopReason::kFenced);
  EXPECT_THAT(h.take_sent<wire::Ask>(), SizeIs(1));
}

TEST(SessionTest, ATrialFencedWhileDeliveringIsStillDelivered) {
  Harness h;
  ListSource source(3);
  h.run_trial(0, &source);
  h.end(0);
  h.receive(Harness::stop(0, StopReason::kFenced));
  EXPECT_THAT(h.take<EndTrial>(), IsEmpty());
  EXPECT_THAT(h.take<ForgetTrial>(), IsEmpty());
  h.receive(Harness::ack(0, 3));
  EXPECT_THAT(h.take_sent<wire::Release>(), SizeIs(1));
  h.receive(Harness::released(0, TrialState::kQueued));
  const auto forgotten = h.take<ForgetTrial>();
  ASSERT_THAT(forgotten, SizeIs(1));
  EXPECT_FALSE(forgotten[0].state.has_value());
}

TEST(SessionTest, AForgottenTrialIsEndedAndDeliversNothingMore) {
  Harness h;
  ListSource source(3);
  h.run_trial(0, &source);
  h.take_sent<wire::Report>();
  h.receive(Harness::stop(0, StopReason::kForgotten));
  const auto ends = h.take<EndTrial>();
  ASSERT_THAT(ends, SizeIs(1));
  EXPECT_EQ(ends[0].reason, StopReason::kForgotten);
  EXPECT_EQ(ends[0].at_most, limits::kFencedGrace);
  source.grow(10);
  h.pass(4s);
  EXPECT_THAT(h.take_sent<wire::Report>(), IsEmpty());
  h.end(0);
  const auto forgotten = h.take<ForgetTrial>();
  ASSERT_THAT(forgotten, SizeIs(1));
  EXPECT_EQ(forgotten[0].stop, StopReason::kForgotten);
  EXPECT_THAT(h.take_sent<wire::Release>(), IsEmpty());
  EXPECT_THAT(h.take_sent<wire::Ask>(), SizeIs(1));
}

TEST(SessionTest, ATrialForgottenWhileDeliveringIsForgottenAtOnce) {
  Harness h;
  ListSource source(3);
  h.run_trial(0, &source);
  h.end(0);
  h.receive(Harness::stop(0, StopReason::kForgotten));
  EXPECT_THAT(h.take<ForgetTrial>(), SizeIs(1));
}

TEST(SessionTest, ATrialThatRanToItsEndIsNotGivenBackWhenTheWorkerStops) {
  Harness h;
  ListSource source;
  h.run_trial(0, &source);
  h.session.stop(h.now, &h.actions);
  TrialEnd how;
  how.ran_to_end = true;
  h.end(0, how);
  EXPECT_FALSE(h.take_sent<wire::Release>()[0].requeue);
}

TEST(SessionTest, WhatItTookToEndATrainerIsReleased) {
  Harness h;
  ListSource source;
  h.run_trial(0, &source);
  h.receive(Harness::stop(0, StopReason::kPruned));
  TrialEnd how;
  how.forced = wire::Forced::kTerm;
  h.end(0, how);
  EXPECT_EQ(h.take_sent<wire::Release>().at(0).forced,
            static_cast<std::uint8_t>(wire::Forced::kTerm));
}

TEST(SessionTest, AQuarantinedWorkerLetsItsOtherTrialsEndAndFails) {
  Harness h(2);
  h.connect();
  const auto asks = h.take_sent<wire::Ask>();
  ASSERT_THAT(asks, SizeIs(2));
  ListSource source;
  h.asked = {{0, asks[0].request}};
  h.run_trial(0, &source, 0);
  wire::NoWork m;
  m.request = asks[1].request;
  m.sweep = kSweep;
  m.quarantined = true;
  m.reason = "3 trials in a row failed here";
  h.receive(m);
  EXPECT_THAT(h.take<Tell>(), SizeIs(1));
  EXPECT_THAT(h.take<EndTrial>(), IsEmpty());
  EXPECT_FALSE(h.session.done());
  h.end(0);
  h.receive(Harness::released(0));
  EXPECT_THAT(h.take_sent<wire::Ask>(), IsEmpty());
  ASSERT_TRUE(h.session.done());
  EXPECT_EQ(h.session.status().code(), Code::kConflict);
  EXPECT_EQ(h.session.status().message(), "quarantined: 3 trials in a row failed here");
  EXPECT_THAT(h.session.status().help(), HasSubstr("scopa resume"));
}

TEST(SessionTest, AnInterruptedTrialIsGivenBack) {
  Harness h;
  ListSource source;
  h.run_trial(0, &source);
  TrialEnd how;
  how.interrupted = true;
  h.end(0, how);
  EXPECT_TRUE(h.take_sent<wire::Release>()[0].requeue);
}

TEST(SessionTest, MessagesAboutStrangersAreIgnored) {
  Harness h;
  ListSource source;
  h.run_trial(0, &source);
  h.take<StartTrial>();
  h.actions.clear();
  h.receive(Harness::ack(77, 5));
  h.receive(Harness::stop(77, StopReason::kFenced));
  h.receive(Harness::released(77));
  h.receive(Harness::released(0));  // still running
  h.receive(wire::Created{});
  EXPECT_TRUE(h.actions.empty());
  EXPECT_EQ(h.session.running(), 1U);
}

TEST(SessionTest, ATellMarksTheBrokersAbsenceAndReturnOnce) {
  Harness h;
  h.connect();
  h.pass(40s);
  EXPECT_THAT(h.take<Tell>(), SizeIs(1));
  h.connect();
  h.tick();
  const auto told = h.take<Tell>();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_THAT(told[0].text, HasSubstr("answers"));
}

}  // namespace
}  // namespace scopa::session
