// What the broker is told of checkpoints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sdk/session/leaving_testing.h"
#include "tests/unit/sdk/session/session_harness.h"

namespace scopa::session {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(CheckpointTest, IsToldOnlyWhenAllPointsBeforeItAreAcknowledged) {
  Harness h;
  ListSource source(10);
  h.run_trial(0, &source);
  source.note = note(4, 10);
  h.tick();
  h.receive(Harness::ack(0, 9));
  EXPECT_THAT(h.take_sent<wire::Checkpoint>(), IsEmpty());
  h.receive(Harness::ack(0, 10));
  const auto told = h.take_sent<wire::Checkpoint>();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].step, 4);
  EXPECT_EQ(told[0].path, "/shared/checkpoint");
}

TEST(CheckpointTest, IsRepeatedUntilItIsKept) {
  Harness h;
  ListSource source;
  h.run_trial(0, &source);
  source.note = note(4, 0);
  h.tick();
  ASSERT_THAT(h.take_sent<wire::Checkpoint>(), SizeIs(1));
  h.pass(2900ms);
  EXPECT_THAT(h.take_sent<wire::Checkpoint>(), IsEmpty());
  h.pass(200ms);
  EXPECT_THAT(h.take_sent<wire::Checkpoint>(), SizeIs(1));
  h.receive(kept(0, 3));  // of an older one
  h.pass(6100ms);
  EXPECT_THAT(h.take_sent<wire::Checkpoint>(), SizeIs(1));
  h.receive(kept(0, 4));
  h.receive(wire::HeartbeatReply{});
  h.pass(11s);
  EXPECT_THAT(h.take_sent<wire::Checkpoint>(), IsEmpty());
}

TEST(CheckpointTest, OfTwoTheLaterIsTold) {
  Harness h;
  ListSource source(1);
  h.run_trial(0, &source);
  source.note = note(4, 1);
  h.tick();
  source.note = note(8, 1);
  h.receive(Harness::ack(0, 1));
  const auto told = h.take_sent<wire::Checkpoint>();
  ASSERT_THAT(told, SizeIs(1));
  EXPECT_EQ(told[0].step, 8);
  h.receive(kept(0, 4));  // must not pass for the answer
  h.receive(Harness::error(Code::kHelloRequired));
  h.connect("b2");
  h.receive(Harness::ack(0, 1));
  EXPECT_THAT(h.take_sent<wire::Checkpoint>(), SizeIs(1));
}

TEST(CheckpointTest, AfterANewConnectionWaitsUntilTheBrokerSaysThatItStillHasThePoints) {
  Harness h;
  ListSource source(10);
  h.run_trial(0, &source);
  h.receive(Harness::ack(0, 10));
  h.receive(Harness::error(Code::kHelloRequired));  // it has lost its power, and more
  h.connect("b2");
  source.note = note(4, 10);
  h.take_sent<wire::Report>();
  h.tick();
  EXPECT_THAT(h.take_sent<wire::Checkpoint>(), IsEmpty());
  const auto asked = h.take_sent<wire::Report>();
  ASSERT_THAT(asked, SizeIs(1));
  EXPECT_EQ(asked[0].from, 10U);
  EXPECT_EQ(asked[0].to, 10U);
  h.pass(3100ms);
  EXPECT_THAT(h.take_sent<wire::Report>(), SizeIs(1)) << "asked again";
  h.receive(Harness::ack(0, 6));
  EXPECT_THAT(h.take_sent<wire::Checkpoint>(), IsEmpty());
  const auto reports = h.take_sent<wire::Report>();
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_EQ(reports[0].from, 6U);
  h.receive(Harness::ack(0, 10));
  EXPECT_THAT(h.take_sent<wire::Checkpoint>(), SizeIs(1));
}

TEST(CheckpointTest, TheReleaseWaitsUntilItIsKept) {
  Harness h;
  ListSource source(2);
  h.run_trial(0, &source);
  source.note = note(1, 2);
  h.end(0);
  h.receive(Harness::ack(0, 2));
  EXPECT_THAT(h.take_sent<wire::Checkpoint>(), SizeIs(1));
  EXPECT_THAT(h.take_sent<wire::Release>(), IsEmpty());
  h.receive(kept(0, 1));
  EXPECT_THAT(h.take_sent<wire::Release>(), SizeIs(1));
}

TEST(CheckpointTest, OneThatCountsMoreRecordsThanThereAreHoldsUpNoRelease) {
  Harness h;
  ListSource source(2);
  h.run_trial(0, &source);
  source.note = note(1, 99);
  h.end(0);
  h.receive(Harness::ack(0, 2));
  h.receive(kept(0, 1));
  EXPECT_THAT(h.take_sent<wire::Release>(), SizeIs(1));
}

TEST(CheckpointTest, OfAFencedAttemptIsNotTold) {
  Harness h;
  ListSource source;
  h.run_trial(0, &source);
  h.receive(Harness::stop(0, StopReason::kFenced));
  source.note = note(4, 0);
  h.end(0, killed());
  EXPECT_THAT(h.take_sent<wire::Checkpoint>(), IsEmpty());
  EXPECT_THAT(h.take_sent<wire::Release>(), SizeIs(1));
}

TEST(CheckpointTest, WhoWentOnFromOneSaysSoInItsFirstReportAndItsRelease) {
  Harness h;
  ListSource source;
  source.resumed_step = 40;
  h.run_trial(0, &source);
  source.grow(1);
  h.tick();
  h.receive(Harness::ack(0, 1));
  source.grow(1);
  source.resumed_step = 99;  // what was said stays said
  h.tick();
  h.receive(Harness::ack(0, 2));
  h.end(0);
  const auto reports = h.take_sent<wire::Report>();
  ASSERT_THAT(reports, SizeIs(2));
  EXPECT_EQ(reports[0].resumed, 40);
  EXPECT_EQ(reports[1].resumed, -1);
  EXPECT_EQ(h.take_sent<wire::Release>()[0].resumed, 40);
}

}  // namespace
}  // namespace scopa::session
