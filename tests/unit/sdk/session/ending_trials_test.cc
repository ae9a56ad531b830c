// How a session's trials end: by the worker, by the broker, by themselves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/session/session.h"
#include "tests/unit/sdk/session/session_harness.h"

namespace scopa::session {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

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

TEST(SessionTest, AnInterruptedTrialIsGivenBack) {
  Harness h;
  ListSource source;
  h.run_trial(0, &source);
  TrialEnd how;
  how.interrupted = true;
  h.end(0, how);
  EXPECT_TRUE(h.take_sent<wire::Release>()[0].requeue);
}

}  // namespace
}  // namespace scopa::session
