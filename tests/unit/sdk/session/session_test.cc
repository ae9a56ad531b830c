#include "sdk/session/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
