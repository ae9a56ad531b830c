// What outlives a worker: checkpoints, the machine that is taken away, a dead worker's trials.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sdk/session/session_harness.h"

namespace scopa::session {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

CheckpointNote note(std::int64_t step, std::uint64_t records) {
  return {step, records, "/shared/checkpoint"};
}

wire::CheckpointKept kept(std::uint64_t trial, std::int64_t step) {
  return {kSweep, trial, 1, step};
}

TrialEnd killed() {
  TrialEnd end;
  end.outcome = wire::Outcome::kKilled;
  return end;
}

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

TEST(PreemptionTest, ATrainerThatSavesCheckpointsIsEndedOnceItHasSavedANewOne) {
  Harness h;
  ListSource source;
  source.saves = true;
  source.note = note(4, 0);
  h.run_trial(0, &source);
  h.receive(kept(0, 4));
  h.session.preempt(h.now, &h.actions);
  EXPECT_THAT(h.take<RequestCheckpoint>(), SizeIs(1));
  h.pass(5s);
  EXPECT_THAT(h.take<EndTrial>(), IsEmpty());
  source.note = note(9, 0);
  h.tick();
  const auto ends = h.take<EndTrial>();
  ASSERT_THAT(ends, SizeIs(1));
  EXPECT_EQ(ends[0].reason, StopReason::kWorkerExit);
  h.end(0, killed());
  h.receive(kept(0, 9));
  const auto release = h.take_sent<wire::Release>();
  ASSERT_THAT(release, SizeIs(1));
  EXPECT_TRUE(release[0].requeue);
  EXPECT_EQ(release[0].cause, static_cast<std::uint8_t>(Cause::kPreempted));
  h.receive(Harness::released(0, TrialState::kQueued));
  EXPECT_TRUE(h.session.done());
  EXPECT_TRUE(h.session.status().is_ok());
}

TEST(PreemptionTest, ATrainerThatNeverLooksForRequestsIsEndedAtOnce) {
  Harness h;
  ListSource source;
  h.run_trial(0, &source);
  h.session.preempt(h.now, &h.actions);
  EXPECT_THAT(h.take<RequestCheckpoint>(), IsEmpty());
  EXPECT_THAT(h.take<EndTrial>(), SizeIs(1));
}

TEST(PreemptionTest, TheGraceForACheckpointEndsWithoutABrokerToo) {
  Harness h;
  ListSource source;
  source.saves = true;
  h.run_trial(0, &source);
  h.session.preempt(h.now, &h.actions);
  h.pass(limits::kCheckpointGrace - 1s);
  EXPECT_THAT(h.take<EndTrial>(), IsEmpty());
  h.pass(2s);
  EXPECT_THAT(h.take<EndTrial>(), SizeIs(1));
}

TEST(PreemptionTest, ASecondNoticeCanOnlyShortenTheGrace) {
  Harness h;
  ListSource source;
  source.saves = true;
  h.run_trial(0, &source);
  h.session.preempt(h.now, &h.actions);
  h.pass(5s);
  h.session.preempt(h.now, &h.actions, limits::kNoticeShort);
  h.session.preempt(h.now, &h.actions);
  EXPECT_THAT(h.take<RequestCheckpoint>(), SizeIs(1));
  h.pass(times_of(limits::kNoticeShort).checkpoint - 1s);
  EXPECT_THAT(h.take<EndTrial>(), IsEmpty());
  h.pass(2s);
  EXPECT_THAT(h.take<EndTrial>(), SizeIs(1));
}

TEST(PreemptionTest, TheGraceOfAllIsCutToWhatIsLeft) {
  Harness h;
  ListSource source;
  h.run_trial(0, &source);
  h.session.preempt(h.now, &h.actions, 30s);
  const auto ends = h.take<EndTrial>();
  ASSERT_THAT(ends, SizeIs(1));
  EXPECT_EQ(ends[0].at_most, 20s) << "10 s are for what follows SIGTERM";
}

TEST(PreemptionTest, ACheckpointThatComesLateLeavesLessGrace) {
  Harness h;
  ListSource source;
  source.saves = true;
  h.run_trial(0, &source);
  h.session.preempt(h.now, &h.actions, 80s);
  h.pass(40s);
  source.note = note(1, 0);
  h.tick();
  const auto ends = h.take<EndTrial>();
  ASSERT_THAT(ends, SizeIs(1));
  EXPECT_LE(ends[0].at_most, 30s);
  EXPECT_GE(ends[0].at_most, 29s);
}

TEST(PreemptionTest, WhoIsBeingEndedAlreadyHasNoLongerThanTheMachine) {
  Harness h;
  ListSource source;
  h.run_trial(0, &source);
  h.receive(Harness::stop(0, StopReason::kPruned));
  EXPECT_EQ(h.take<EndTrial>().at(0).at_most, std::chrono::microseconds::max());
  h.session.preempt(h.now, &h.actions, 30s);
  const auto ends = h.take<EndTrial>();
  ASSERT_THAT(ends, SizeIs(1));
  EXPECT_EQ(ends[0].reason, StopReason::kPruned);
  EXPECT_EQ(ends[0].at_most, 20s);
  h.session.preempt(h.now, &h.actions, 80s);
  EXPECT_THAT(h.take<EndTrial>(), IsEmpty()) << "more time is no news";
}

std::string told_of(std::chrono::microseconds left, int saving, int others) {
  Harness h(static_cast<std::size_t>(std::max(1, saving + others)));
  ListSource source;
  ListSource saver;
  saver.saves = true;
  h.connect();
  for (int i = 0; i < saving + others; ++i) {
    h.run_trial(static_cast<std::uint64_t>(i), i < saving ? &saver : &source,
                static_cast<std::uint32_t>(i));
  }
  h.session.preempt(h.now, &h.actions, left);
  const auto told = h.take<Tell>();
  return told.size() == 1 ? told[0].text : std::to_string(told.size()) + " lines";
}

TEST(PreemptionTest, TheNumberThatIsToldIsTheTimeThatThereIs) {
  EXPECT_EQ(told_of(80s, 1, 0),
            "the machine is taken away in 80 s: 1 running trial has 60 s to save a checkpoint; "
            "then they go back to the queue");
  EXPECT_EQ(told_of(10s, 2, 1),
            "the machine is taken away in 10 s: 2 running trials have 3 s to save a checkpoint, "
            "1 without one stop now; then they go back to the queue");
  EXPECT_EQ(told_of(30s, 0, 1),
            "the machine is taken away in 30 s: 1 running trial stops and goes back to the queue");
  EXPECT_EQ(told_of(30s, 0, 0),
            "the machine is taken away in 30 s: no trial waits for a checkpoint");
}

TEST(PreemptionTest, WhoWantsToWaitForNothingNeedNot) {
  Harness h;
  ListSource source;
  h.run_trial(0, &source);
  h.session.stop(h.now, &h.actions);
  EXPECT_EQ(h.take<EndTrial>().at(0).at_most, std::chrono::microseconds::max());
  h.session.stop_at_once(h.now, &h.actions);
  const auto ends = h.take<EndTrial>();
  ASSERT_THAT(ends, SizeIs(1));
  EXPECT_EQ(ends[0].at_most, 0s);
}

TEST(PreemptionTest, StopDoesNotWaitForTheCheckpoint) {
  Harness h;
  ListSource source;
  source.saves = true;
  h.run_trial(0, &source);
  h.session.preempt(h.now, &h.actions);
  h.session.stop(h.now, &h.actions);
  EXPECT_THAT(h.take<EndTrial>(), SizeIs(1));
  source.note = note(1, 0);
  h.pass(70s);
  EXPECT_THAT(h.take<EndTrial>(), IsEmpty());
}

TEST(PreemptionTest, ATrialThatIsPrunedMeanwhileIsNotGivenBack) {
  Harness h;
  ListSource source;
  source.saves = true;
  h.run_trial(0, &source);
  h.session.preempt(h.now, &h.actions);
  h.receive(Harness::stop(0, StopReason::kPruned));
  source.note = note(1, 0);
  h.tick();
  EXPECT_THAT(h.take<EndTrial>(), SizeIs(1));
  h.end(0);
  h.receive(kept(0, 1));
  EXPECT_FALSE(h.take_sent<wire::Release>()[0].requeue);
}

/// A trainer dies of the signal that SLURM sends to all processes of a job; then its
/// trial is back in the queue.
class InterruptedTest : public ::testing::Test {
 protected:
  void SetUp() override {
    h.run_trial(0, &source);
    TrialEnd end;
    end.interrupted = true;
    h.end(0, end);
    h.receive(Harness::released(0, TrialState::kQueued));
  }

  Harness h;
  ListSource source;
};

TEST_F(InterruptedTest, AsksForNothingUntilItsOwnSignalWouldHaveCome) {
  EXPECT_THAT(h.take_sent<wire::Ask>(), IsEmpty());
  EXPECT_LE(*h.session.next_deadline(), h.now + limits::kSignalExpected);
  EXPECT_GT(*h.session.next_deadline(), h.now);
  h.pass(limits::kSignalExpected - 50ms);
  EXPECT_THAT(h.take_sent<wire::Ask>(), IsEmpty());
  h.pass(50ms);
  EXPECT_THAT(h.take_sent<wire::Ask>(), SizeIs(1)) << "the signal was for the trainer alone";
}

TEST_F(InterruptedTest, LeavesAtOnceWhenItsOwnSignalComes) {
  h.pass(100ms);
  h.session.preempt(h.now, &h.actions);
  h.tick();
  EXPECT_TRUE(h.session.done());
  EXPECT_THAT(h.take_sent<wire::Ask>(), IsEmpty());
}

class AdoptionTest : public ::testing::Test {
 protected:
  std::uint32_t adopt(std::uint32_t slot, std::optional<TrialEnd> end = std::nullopt) {
    return h.session.adopt(slot, {{kSweep, 5, 1}, "cpu", &source, std::move(end)});
  }
  wire::Adopted answer(bool held, std::uint64_t to) {
    const auto sent = h.take_sent<wire::Adopt>();
    EXPECT_THAT(sent, SizeIs(1));
    return {sent.empty() ? 0 : sent[0].request, kSweep, 5, 1, held, to};
  }

  Harness h;
  ListSource source{10};
};

TEST_F(AdoptionTest, GoesOnWhereTheDeadWorkersDeliveryEnded) {
  EXPECT_EQ(adopt(0), 0U);
  h.connect();
  EXPECT_THAT(h.take_sent<wire::Ask>(), IsEmpty());  // the slot is busy
  EXPECT_THAT(h.take_sent<wire::Report>(), IsEmpty());
  h.receive(answer(true, 7));
  const auto reports = h.take_sent<wire::Report>();
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_EQ(reports[0].from, 7U);
  EXPECT_EQ(reports[0].to, 10U);
  h.end(0);
  h.receive({wire::Ack{kSweep, 5, 1, 10}});
  EXPECT_THAT(h.take_sent<wire::Release>(), SizeIs(1));
}

TEST_F(AdoptionTest, NothingIsSaidOfTheAttemptBeforeItIsItsOwn) {
  adopt(0);
  h.connect();
  h.pass(6s);
  for (const auto& beat : h.take_sent<wire::Heartbeat>()) EXPECT_THAT(beat.running, IsEmpty());
  EXPECT_THAT(h.take_sent<wire::Report>(), IsEmpty());
}

TEST_F(AdoptionTest, IsAskedForAgainUnderTheSameRequest) {
  adopt(0);
  h.connect();
  const auto first = h.take_sent<wire::Adopt>();
  h.pass(7s);
  const auto second = h.take_sent<wire::Adopt>();
  ASSERT_FALSE(first.empty() || second.empty());
  EXPECT_EQ(first[0].request, second[0].request);
  h.receive(Harness::error(Code::kUnavailable, first[0].request));
  EXPECT_THAT(h.take<EndTrial>(), IsEmpty());
  h.receive(Harness::error(Code::kHelloRequired));
  h.connect("b2");
  EXPECT_THAT(h.take_sent<wire::Adopt>(), ::testing::Not(IsEmpty()));
}

TEST_F(AdoptionTest, WhatSomebodyElseHasIsEndedAndDeliveredAllTheSame) {
  adopt(0);
  h.connect();
  h.receive(answer(false, 4));
  const auto ends = h.take<EndTrial>();
  ASSERT_THAT(ends, SizeIs(1));
  EXPECT_EQ(ends[0].reason, StopReason::kFenced);
  h.end(0, killed());
  const auto reports = h.take_sent<wire::Report>();
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_EQ(reports[0].from, 4U);
  h.receive({wire::Ack{kSweep, 5, 1, 10}});
  EXPECT_FALSE(h.take_sent<wire::Release>()[0].requeue);
}

TEST_F(AdoptionTest, WhatTheBrokerDoesNotKnowIsEndedAndForgotten) {
  adopt(0);
  h.connect();
  h.receive(Harness::stop(5, StopReason::kForgotten));
  EXPECT_THAT(h.take<EndTrial>(), SizeIs(1));
  h.end(0, killed());
  EXPECT_THAT(h.take<ForgetTrial>(), SizeIs(1));
  EXPECT_THAT(h.take_sent<wire::Report>(), IsEmpty());
}

TEST_F(AdoptionTest, WhatHasEndedTakesNoSlotAndIsGivenBackWhenNobodyKnowsHow) {
  TrialEnd end;
  end.interrupted = true;
  end.cause = Cause::kNode;
  EXPECT_EQ(adopt(0, end), 1U);
  h.connect();
  EXPECT_THAT(h.take_sent<wire::Ask>(), SizeIs(1));
  h.receive(answer(true, 10));
  const auto release = h.take_sent<wire::Release>();
  ASSERT_THAT(release, SizeIs(1));
  EXPECT_TRUE(release[0].requeue);
  EXPECT_EQ(release[0].cause, static_cast<std::uint8_t>(Cause::kNode));
  h.receive(wire::Released{kSweep, 5, 1, static_cast<std::uint8_t>(TrialState::kQueued)});
  EXPECT_EQ(h.take<ForgetTrial>()[0].slot, 1U);
  h.pass(3s);
  EXPECT_EQ(h.session.running(), 0U);
  for (const auto& ask : h.take_sent<wire::Ask>()) EXPECT_EQ(ask.slot, 0U);
  EXPECT_GT(*h.session.next_deadline(), h.now - 1s) << "its slot is idle and wants nothing";
}

}  // namespace
}  // namespace scopa::session
