// The machine is taken away: by notice, or by a signal that a trainer has first.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/unit/sdk/session/leaving_testing.h"
#include "tests/unit/sdk/session/session_harness.h"

namespace scopa::session {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

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

}  // namespace
}  // namespace scopa::session
