// How the points of a trial travel: windows, batches, lost and repeated messages.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/sdk/session/session_harness.h"

namespace scopa::session {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::uint64_t kFull = limits::kReportPointsMax;

TEST(DeliveryTest, ALonePointIsSentAtOnce) {
  Harness h;
  ListSource source;
  h.run_trial(0, &source);
  source.grow(1);
  h.tick();
  const auto reports = h.take_sent<wire::Report>();
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_EQ(reports[0].from, 0U);
  EXPECT_EQ(reports[0].to, 1U);
  const auto view = wire::PointsView::parse(reports[0].points);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->size(), 1U);
}

TEST(DeliveryTest, PointsGatherWhileAnAckIsAwaited) {
  Harness h;
  ListSource source(1);
  h.run_trial(0, &source);
  for (int i = 0; i < 100; ++i) {
    source.grow(1);
    h.tick(1ms);
  }
  EXPECT_THAT(h.take_sent<wire::Report>(), SizeIs(1));
  h.receive(Harness::ack(0, 1));
  const auto next = h.take_sent<wire::Report>();
  ASSERT_THAT(next, SizeIs(1));
  EXPECT_EQ(next[0].from, 1U);
  EXPECT_EQ(next[0].to, 101U);
}

TEST(DeliveryTest, TheWindowBoundsReportsAndTheirSize) {
  Harness h;
  ListSource source(kFull * 100);
  h.run_trial(0, &source);
  h.tick(1ms);
  const auto reports = h.take_sent<wire::Report>();
  ASSERT_THAT(reports, SizeIs(limits::kReportsInFlight));
  for (const wire::Report& r : reports) EXPECT_EQ(r.to - r.from, kFull);
  h.receive(Harness::ack(0, kFull * 2));
  EXPECT_THAT(h.take_sent<wire::Report>(), SizeIs(2));
}

TEST(DeliveryTest, ASmallFrameLimitMakesSmallReports) {
  Harness h;
  ListSource source(kFull);
  h.tick();
  h.receive(wire::Welcome{1, "b1", 5000, 30000, 8192});
  h.run_trial(0, &source);
  for (const wire::Report& r : h.take_sent<wire::Report>()) EXPECT_LE(r.points.size(), 8192U);
}

TEST(DeliveryTest, WithoutAnAckAllIsSentAgainFromTheLastAcknowledgedPoint) {
  Harness h;
  ListSource source(kFull * 3);
  h.run_trial(0, &source);
  ASSERT_THAT(h.take_sent<wire::Report>(), SizeIs(3));
  h.receive(Harness::ack(0, kFull));
  h.pass(2900ms);
  EXPECT_THAT(h.take_sent<wire::Report>(), IsEmpty());
  h.pass(200ms);
  const auto again = h.take_sent<wire::Report>();
  ASSERT_THAT(again, SizeIs(2));
  EXPECT_EQ(again[0].from, kFull);
}

TEST(DeliveryTest, AGapIsRepairedWithinATenthOfASecond) {
  Harness h;
  ListSource source(kFull * 3);
  h.run_trial(0, &source);
  h.take_sent<wire::Report>();
  h.receive(Harness::ack(0, kFull));
  h.receive(Harness::ack(0, kFull));  // the second report was lost, the third is a gap
  EXPECT_THAT(h.take_sent<wire::Report>(), IsEmpty());
  h.pass(100ms);
  const auto again = h.take_sent<wire::Report>();
  ASSERT_THAT(again, SizeIs(2));
  EXPECT_EQ(again[0].from, kFull);
}

TEST(DeliveryTest, AcksOfDuplicatesDoNotMakeNewDuplicates) {
  Harness h;
  ListSource source(1);
  h.run_trial(0, &source);
  h.take_sent<wire::Report>();
  h.receive(Harness::ack(0, 1));
  source.grow(1);
  h.tick();
  ASSERT_THAT(h.take_sent<wire::Report>(), SizeIs(1));
  h.receive(Harness::ack(0, 1));
  h.receive(Harness::ack(0, 1));
  h.tick(20ms);
  h.receive(Harness::ack(0, 2));
  h.pass(5s);
  EXPECT_THAT(h.take_sent<wire::Report>(), IsEmpty());
}

TEST(DeliveryTest, ABrokerThatLostPointsGetsThemAgain) {
  Harness h;
  ListSource source(10);
  h.run_trial(0, &source);
  h.take_sent<wire::Report>();
  h.receive(Harness::ack(0, 10));
  h.receive(Harness::ack(0, 4));
  const auto again = h.take_sent<wire::Report>();
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].from, 4U);
  EXPECT_EQ(again[0].to, 10U);
}

TEST(DeliveryTest, AnAckAboveWhatWasSentIsIgnored) {
  Harness h;
  ListSource source(10);
  h.run_trial(0, &source);
  h.take_sent<wire::Report>();
  h.receive(Harness::ack(0, 11));
  h.receive(Harness::ack(0, UINT64_MAX));
  h.pass(3100ms);
  const auto again = h.take_sent<wire::Report>();
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].from, 0U);
}

TEST(DeliveryTest, ACheckpointWhoseNoteIsGoneHoldsUpNoRelease) {
  Harness h;
  ListSource source(10);
  h.run_trial(0, &source);
  source.note = CheckpointNote{7, UINT64_MAX, "/c"};  // noise: it waits for points that never come
  h.tick(1ms);
  h.receive(Harness::ack(0, 10));
  source.note.reset();
  h.end(0);
  EXPECT_THAT(h.take_sent<wire::Release>(), SizeIs(1));
}

TEST(DeliveryTest, ACheckpointWhoseNoteGoesWhileItIsToldLeavesNoDeadlineInThePast) {
  Harness h;
  ListSource source(10);
  h.run_trial(0, &source);
  source.note = CheckpointNote{7, 10, "/c"};
  h.receive(Harness::ack(0, 10));
  ASSERT_THAT(h.take_sent<wire::Checkpoint>(), SizeIs(1));
  source.note.reset();
  h.pass(10s);
  EXPECT_GT(*h.session.next_deadline(), h.now);
}

TEST(DeliveryTest, TheReleaseTellsWhatWasLostAndNoticedAndWhereTheFolderIs) {
  Harness h;
  ListSource source(1);
  source.lost = 5;
  h.run_trial(0, &source);
  h.receive(Harness::ack(0, 1));
  TrialEnd how;
  how.points_dropped = 2;
  how.folder = "/runs/17";
  how.notes.left_out = 3;
  h.end(0, how);
  const auto releases = h.take_sent<wire::Release>();
  ASSERT_THAT(releases, SizeIs(1));
  EXPECT_EQ(releases[0].points_dropped, 7U);
  EXPECT_EQ(releases[0].folder, "/runs/17");
  EXPECT_EQ(releases[0].notes.left_out, 3U);
}

TEST(DeliveryTest, TheReleaseFollowsTheLastAckAndIsRepeatedUntilAnswered) {
  Harness h;
  ListSource source(10);
  h.run_trial(0, &source);
  source.grow(5);
  TrialEnd how;
  how.exit_code = 3;
  how.message = "boom";
  h.end(0, how);
  EXPECT_THAT(h.take_sent<wire::Release>(), IsEmpty());
  EXPECT_THAT(h.take_sent<wire::Report>(), SizeIs(2));
  h.receive(Harness::ack(0, 10));
  EXPECT_THAT(h.take_sent<wire::Release>(), IsEmpty());
  h.receive(Harness::ack(0, 15));
  const auto first = h.take_sent<wire::Release>();
  ASSERT_THAT(first, SizeIs(1));
  EXPECT_EQ(first[0].to, 15U);
  EXPECT_EQ(first[0].exit_code, 3);
  EXPECT_EQ(first[0].message, "boom");
  h.pass(3100ms);
  EXPECT_THAT(h.take_sent<wire::Release>(), SizeIs(1));
  h.receive(Harness::released(0));
  const auto forgotten = h.take<ForgetTrial>();
  ASSERT_THAT(forgotten, SizeIs(1));
  EXPECT_EQ(forgotten[0].state, TrialState::kCompleted);
}

TEST(DeliveryTest, AReleaseAnsweredByAnAckDeliversWhatIsMissingAndReleasesAgain) {
  Harness h;
  ListSource source(10);
  h.run_trial(0, &source);
  h.end(0);
  h.receive(Harness::ack(0, 10));
  ASSERT_THAT(h.take_sent<wire::Release>(), SizeIs(1));
  h.take_sent<wire::Report>();
  h.receive(Harness::ack(0, 6));
  const auto again = h.take_sent<wire::Report>();
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].from, 6U);
  EXPECT_THAT(h.take_sent<wire::Release>(), IsEmpty());
  h.receive(Harness::ack(0, 10));
  EXPECT_THAT(h.take_sent<wire::Release>(), SizeIs(1));
}

TEST(DeliveryTest, ATrialThatCouldNotStartIsReleasedWithItsReason) {
  Harness h;
  h.connect();
  h.receive(Harness::assignment(h.take_sent<wire::Ask>()[0].request, 2));
  TrialEnd how;
  how.outcome = wire::Outcome::kNotStarted;
  how.message = "there is no program `./train`";
  h.end(0, how);
  const auto release = h.take_sent<wire::Release>();
  ASSERT_THAT(release, SizeIs(1));
  EXPECT_EQ(release[0].outcome, static_cast<std::uint8_t>(wire::Outcome::kNotStarted));
}

TEST(DeliveryTest, AfterARestartOfTheBrokerDeliveryGoesOnFromTheLastAck) {
  Harness h;
  ListSource source(10);
  h.run_trial(0, &source);
  h.receive(Harness::ack(0, 10));
  source.grow(10);
  h.tick();
  h.take_sent<wire::Report>();
  h.receive(Harness::error(Code::kHelloRequired));
  source.grow(10);
  h.tick();
  EXPECT_THAT(h.take_sent<wire::Report>(), IsEmpty());
  h.connect("b2");
  const auto again = h.take_sent<wire::Report>();
  ASSERT_THAT(again, SizeIs(1));
  EXPECT_EQ(again[0].from, 10U);
  EXPECT_EQ(again[0].to, 30U);
}

TEST(DeliveryTest, AReleaseIsRepeatedToANewBroker) {
  Harness h;
  ListSource source;
  h.run_trial(0, &source);
  h.end(0);
  ASSERT_THAT(h.take_sent<wire::Release>(), SizeIs(1));
  h.receive(Harness::error(Code::kHelloRequired));
  h.connect("b2");
  EXPECT_THAT(h.take_sent<wire::Release>(), SizeIs(1));
}

/// A broker that keeps the rules: applies reports in order, answers duplicates and gaps.
struct TinyBroker {
  std::uint64_t applied = 0;
  bool released = false;
  std::optional<wire::Message> answer(const wire::Message& m) {
    if (const auto* r = std::get_if<wire::Report>(&m)) {
      if (r->from <= applied && r->to > applied) applied = r->to;
      return Harness::ack(0, applied);
    }
    if (const auto* r = std::get_if<wire::Release>(&m)) {
      if (r->to > applied) return Harness::ack(0, applied);
      released = true;
      return Harness::released(0);
    }
    if (std::holds_alternative<wire::Heartbeat>(m)) return wire::HeartbeatReply{};
    if (std::holds_alternative<wire::Hello>(m)) return wire::Welcome{1, "b", 5000, 30000, 0};
    return std::nullopt;
  }
};

// A network that loses, repeats and reorders in both directions.
TEST(DeliveryTest, EveryPointArrivesOnAnyNetwork) {
  for (std::uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto chance = [&](unsigned percent) { return random() % 100 < percent; };
    Harness h(1, 1);
    ListSource source;
    h.run_trial(0, &source);
    TinyBroker broker;
    std::uint64_t logged = 0;
    std::vector<wire::Message> back;
    for (int round = 0; round < 20'000 && !h.session.done(); ++round) {
      if (round < 300 && chance(30)) {
        const std::uint64_t more = chance(5) ? kFull * 3 : random() % 50;
        source.grow(more);
        logged += more;
      }
      if (round == 300) h.session.ended(0, {}, h.now, &h.actions);
      std::vector<wire::Message> forth;
      for (Send& send : h.take<Send>()) forth.push_back(std::move(send.message));
      if (chance(10)) std::shuffle(forth.begin(), forth.end(), random);
      for (const wire::Message& m : forth) {
        for (int copies = chance(10) ? 0 : chance(10) ? 2 : 1; copies > 0; --copies) {
          if (auto answer = broker.answer(m)) back.push_back(std::move(*answer));
        }
      }
      if (chance(10)) std::shuffle(back.begin(), back.end(), random);
      while (!back.empty() && chance(70)) {
        if (!chance(10)) h.receive(back.front());
        back.erase(back.begin());
      }
      h.tick(5ms);
    }
    ASSERT_TRUE(h.session.done());
    EXPECT_TRUE(broker.released);
    EXPECT_EQ(broker.applied, logged);
  }
}

TEST(DeliveryTest, WhatABrokerThatCannotWriteRefusesIsToldOnceAndSentAgain) {
  Harness h;
  ListSource source(5);
  h.run_trial(0, &source);
  h.tick(1ms);
  ASSERT_THAT(h.take_sent<wire::Report>(), SizeIs(1));
  for (int i = 0; i < 30; ++i) {
    h.receive(wire::Error{0, static_cast<std::int32_t>(Code::kUnavailable), "the disk is full"});
  }
  EXPECT_THAT(h.take<Tell>(), SizeIs(1));
  EXPECT_THAT(h.take_sent<wire::Report>(), IsEmpty()) << "not at once";
  h.tick(limits::kResendAfter * 2);
  EXPECT_THAT(h.take_sent<wire::Report>(), SizeIs(1));
  EXPECT_FALSE(h.session.done());
  EXPECT_EQ(h.session.running(), 1U);
  h.receive(Harness::ack(0, 5));
  EXPECT_THAT(h.take<Tell>(), SizeIs(1)) << "that it works again";
}

}  // namespace
}  // namespace scopa::session
