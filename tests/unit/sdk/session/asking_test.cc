// The session asks for trials, and what it makes of the answers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/session/session.h"
#include "tests/unit/sdk/session/session_harness.h"

namespace scopa::session {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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

}  // namespace
}  // namespace scopa::session
