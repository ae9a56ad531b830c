#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

using std::chrono::seconds;

constexpr char kReportedSweep[] = R"(
method: random
metric: {name: loss, goal: minimize}
parameters:
  x: {min: 0, max: 1000000}
)";

constexpr char kHyperbandSweep[] = R"(
method: random
metric: {name: loss, goal: minimize}
parameters:
  x: {min: 0, max: 1000000}
early_terminate: {type: hyperband, min_iter: 1, eta: 2}
)";

class ReportingTest : public testing::Test {
 protected:
  CoreHarness h;
  ClientId worker = h.hello_worker("w1");
};

TEST_F(ReportingTest, PointsAreAcknowledgedUpToTheirEnd) {
  const wire::Assign trial = h.ask(worker, h.create(kReportedSweep));
  const auto answers = h.report(worker, trial, 0, {0.5, 0.4});
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(std::get<wire::Ack>(answers[0]).to, 2u);
  EXPECT_EQ(h.trial(trial.sweep, 0).values, 2u);
  EXPECT_EQ(h.trial(trial.sweep, 0).value, 0.4);
}

TEST_F(ReportingTest, ADuplicateChangesNothingAndIsAcknowledged) {
  const wire::Assign trial = h.ask(worker, h.create(kReportedSweep));
  h.report(worker, trial, 0, {0.5, 0.4});
  const auto answers = h.report(worker, trial, 0, {0.5, 0.4});
  EXPECT_EQ(only<wire::Ack>(answers)->to, 2u);
  EXPECT_EQ(h.points.size(), 1u);
  EXPECT_EQ(h.trial(trial.sweep, 0).values, 2u);
}

TEST_F(ReportingTest, AGapIsAskedForAgain) {
  const wire::Assign trial = h.ask(worker, h.create(kReportedSweep));
  EXPECT_EQ(only<wire::Ack>(h.report(worker, trial, 5, {0.5}))->to, 0u);
  EXPECT_TRUE(h.points.empty());
}

TEST_F(ReportingTest, ABlockThatIsNoBlockIsRefusedAndChangesNothing) {
  const wire::Assign trial = h.ask(worker, h.create(kReportedSweep));
  const auto error =
      h.error_of(worker, wire::Report{trial.sweep, trial.trial, trial.attempt, 0, 1, "garbage"});
  EXPECT_EQ(error.code, static_cast<std::int32_t>(Code::kInvalidArgument));
  EXPECT_TRUE(h.points.empty());
}

TEST_F(ReportingTest, MorePointsThanTheOffsetsHaveRoomForAreRefused) {
  const wire::Assign trial = h.ask(worker, h.create(kReportedSweep));
  const auto error = h.error_of(worker, wire::Report{trial.sweep, trial.trial, trial.attempt, 0, 1,
                                                     block_of("loss", 0, {1, 2, 3})});
  EXPECT_EQ(error.code, static_cast<std::int32_t>(Code::kInvalidArgument));
}

TEST_F(ReportingTest, AReportWithMorePlacesThanPointsMayHaveIsRefused) {
  const wire::Assign trial = h.ask(worker, h.create(kReportedSweep));
  wire::Report report{trial.sweep, trial.trial, trial.attempt, 0, 1, block_of("loss", 0, {1})};
  for (const std::uint64_t to : {std::uint64_t{limits::kReportPointsMax + 1}, UINT64_MAX}) {
    report.to = to;
    EXPECT_EQ(h.error_of(worker, report).code, static_cast<std::int32_t>(Code::kInvalidArgument));
  }
  EXPECT_TRUE(h.points.empty());
  report.to = limits::kReportPointsMax;
  EXPECT_EQ(h.ask_for<wire::Ack>(worker, report).to, limits::kReportPointsMax);
}

TEST_F(ReportingTest, AMetricWhoseNameIsNotUtf8IsRefused) {
  const wire::Assign trial = h.ask(worker, h.create(kReportedSweep));
  wire::Report report{trial.sweep, trial.trial, trial.attempt, 0, 1, block_of("loss", 0, {1})};
  report.points.replace(report.points.find("loss"), 4, "\xff\xfess");
  EXPECT_EQ(h.error_of(worker, report).code, static_cast<std::int32_t>(Code::kInvalidArgument));
  EXPECT_TRUE(h.points.empty());
}

TEST_F(ReportingTest, AHeartbeatOfTooManyAttemptsIsRefusedWhole) {
  wire::Heartbeat heartbeat;
  heartbeat.request = 5;
  heartbeat.running.resize(limits::kHeartbeatRunningMax + 1);
  const auto answers = h.send(worker, heartbeat);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(only<wire::Error>(answers)->request, 5U);
}

TEST_F(ReportingTest, AReleaseWithPointsMissingAsksForThem) {
  const wire::Assign trial = h.ask(worker, h.create(kReportedSweep));
  h.report(worker, trial, 0, {0.5});
  wire::Release release;
  release.sweep = trial.sweep;
  release.attempt = trial.attempt;
  release.to = 3;
  EXPECT_EQ(h.ask_for<wire::Ack>(worker, release).to, 1u);
  EXPECT_EQ(h.trial(trial.sweep, 0).state, static_cast<std::uint8_t>(TrialState::kRunning));
}

TEST_F(ReportingTest, AReleaseThatIsRepeatedIsAnsweredTheSame) {
  const wire::Assign trial = h.ask(worker, h.create(kReportedSweep));
  h.report(worker, trial, 0, {0.5});
  const auto first = h.release(worker, trial, 1);
  EXPECT_EQ(first.state, static_cast<std::uint8_t>(TrialState::kCompleted));
  EXPECT_EQ(h.release(worker, trial, 1), first);
}

TEST_F(ReportingTest, ASilentWorkersTrialGoesToTheNextOneAndTheFirstIsFenced) {
  const SweepId sweep = h.create(kReportedSweep);
  const wire::Assign lost = h.ask(worker, sweep);
  h.report(worker, lost, 0, {0.5});
  h.lose_leases();
  const ClientId other = h.hello_worker("w2");
  const wire::Assign again = h.ask(other, sweep);
  EXPECT_EQ(again.trial, lost.trial);
  EXPECT_EQ(again.attempt, 2u);
  EXPECT_EQ(again.params, lost.params);
  const auto answers = h.report(worker, lost, 1, {0.1});
  ASSERT_NE(only<wire::Stop>(answers), nullptr);
  EXPECT_EQ(only<wire::Stop>(answers)->reason, static_cast<std::uint8_t>(StopReason::kFenced));
  EXPECT_EQ(h.trial(sweep, 0).values, 0u) << "a new attempt starts from nothing";
}

TEST_F(ReportingTest, HeartbeatsKeepALease) {
  const wire::Assign trial = h.ask(worker, h.create(kReportedSweep));
  for (int i = 0; i < 20; ++i) {
    h.advance(limits::kLease / 2);
    h.send(worker, wire::Heartbeat{.running = {wire::attempt_of(trial)}});
  }
  EXPECT_EQ(h.trial(trial.sweep, 0).state, static_cast<std::uint8_t>(TrialState::kRunning));
}

TEST_F(ReportingTest, ALeaseLostTooOftenFailsTheTrial) {
  const SweepId sweep = h.create(kReportedSweep);
  for (std::uint32_t i = 0; i < limits::kAttemptsMax; ++i) {
    EXPECT_EQ(h.ask(worker, sweep).attempt, i + 1);
    h.lose_leases();
  }
  EXPECT_EQ(h.trial(sweep, 0).state, static_cast<std::uint8_t>(TrialState::kFailed));
  EXPECT_THAT(h.trial(sweep, 0).reason, testing::HasSubstr("lease expired"));
}

TEST_F(ReportingTest, AWorkerThatLeavesGivesItsTrialBack) {
  const SweepId sweep = h.create(kReportedSweep);
  const wire::Assign trial = h.ask(worker, sweep);
  wire::Release release;
  release.sweep = sweep;
  release.attempt = trial.attempt;
  release.requeue = true;
  EXPECT_EQ(h.ask_for<wire::Released>(worker, release).state,
            static_cast<std::uint8_t>(TrialState::kQueued));
  EXPECT_EQ(h.ask(h.hello_worker("w2"), sweep).attempt, 2u);
}

TEST_F(ReportingTest, HyperbandStopsTheWorseTrialAndRecordsWhy) {
  const SweepId sweep = h.create(kHyperbandSweep);
  const wire::Assign good = h.ask(worker, sweep);
  const wire::Assign bad = h.ask(worker, sweep);
  const wire::Assign fair = h.ask(worker, sweep);
  h.report(worker, good, 0, {0.1});
  h.report(worker, fair, 0, {0.2});
  const auto answers = h.report(worker, bad, 0, {0.9});
  const auto* stop = only<wire::Stop>(answers);
  ASSERT_NE(stop, nullptr);
  EXPECT_EQ(stop->trial, bad.trial);
  EXPECT_EQ(stop->reason, static_cast<std::uint8_t>(StopReason::kPruned));
  EXPECT_EQ(h.release(worker, bad, 1).state, static_cast<std::uint8_t>(TrialState::kPruned));
  const wire::TrialInfo trial = h.trial(sweep, bad.trial);
  EXPECT_TRUE(trial.stopped);
  EXPECT_EQ(trial.stop_rung, 1u);
  EXPECT_EQ(trial.stop_value, 0.9);
  EXPECT_FALSE(trial.reason.empty());
}

TEST_F(ReportingTest, AStopThatCameAfterTheLastEpochLeavesTheTrialComplete) {
  const SweepId sweep = h.create(kHyperbandSweep);
  const wire::Assign good = h.ask(worker, sweep);
  const wire::Assign bad = h.ask(worker, sweep);
  const wire::Assign fair = h.ask(worker, sweep);
  h.report(worker, good, 0, {0.1});
  h.report(worker, fair, 0, {0.2});
  h.report(worker, bad, 0, {0.9});
  wire::Release release;
  release.sweep = sweep;
  release.trial = bad.trial;
  release.attempt = bad.attempt;
  release.to = 1;
  release.ran_to_end = true;
  EXPECT_EQ(h.ask_for<wire::Released>(worker, release).state,
            static_cast<std::uint8_t>(TrialState::kCompleted));
  EXPECT_FALSE(h.trial(sweep, bad.trial).stopped);
}

TEST_F(ReportingTest, AStopThatWasLostIsRepeatedByTheNextHeartbeat) {
  const SweepId sweep = h.create(kReportedSweep);
  const wire::Assign trial = h.ask(worker, sweep);
  h.send(CoreHarness::kCli,
         wire::Control{1, sweep, static_cast<std::uint8_t>(wire::Action::kCancel), 0, false});
  h.take_inbox(worker);
  const auto answers = h.send(worker, wire::Heartbeat{.running = {wire::attempt_of(trial)}});
  ASSERT_NE(only<wire::Stop>(answers), nullptr);
  EXPECT_EQ(only<wire::Stop>(answers)->reason, static_cast<std::uint8_t>(StopReason::kCancelled));
}

TEST_F(ReportingTest, ANonFiniteGoalMetricEndsTheTrialAsDiverged) {
  const wire::Assign trial = h.ask(worker, h.create(kReportedSweep));
  const auto answers = h.report(worker, trial, 0, {0.5, std::nan("")});
  ASSERT_NE(only<wire::Stop>(answers), nullptr);
  EXPECT_EQ(only<wire::Stop>(answers)->reason, static_cast<std::uint8_t>(StopReason::kDiverged));
  EXPECT_EQ(h.release(worker, trial, 2).state, static_cast<std::uint8_t>(TrialState::kDiverged));
  EXPECT_THAT(h.trial(trial.sweep, 0).reason, testing::HasSubstr("nan at step 1"));
}

TEST_F(ReportingTest, ThreeFailuresAtTheStartPauseTheSweepWithTheReason) {
  const SweepId sweep = h.create(kReportedSweep);
  for (int i = 0; i < limits::kStartFailuresMax; ++i) {
    const wire::Assign trial = h.ask(worker, sweep);
    h.release(worker, trial, 0, 127, "./train: not found");
  }
  const wire::SweepInfo info = h.info(sweep);
  EXPECT_EQ(info.state, static_cast<std::uint8_t>(SweepState::kPaused));
  EXPECT_THAT(info.reason, testing::HasSubstr("3 of 3 trials failed"));
  EXPECT_THAT(info.reason, testing::HasSubstr("./train: not found"));
}

TEST_F(ReportingTest, FailuresAfterASuccessDoNotPauseTheSweep) {
  const SweepId sweep = h.create(kReportedSweep);
  const wire::Assign good = h.ask(worker, sweep);
  h.report(worker, good, 0, {0.5});
  h.release(worker, good, 1);
  for (int i = 0; i < 5; ++i) h.release(worker, h.ask(worker, sweep), 0, 1);
  EXPECT_EQ(h.info(sweep).state, static_cast<std::uint8_t>(SweepState::kRunning));
}

TEST_F(ReportingTest, AWrongMetricNameIsNoticedAndTheRightOneSuggested) {
  const SweepId sweep = h.create(kReportedSweep);
  const wire::Assign trial = h.ask(worker, sweep);
  h.report(worker, trial, 0, {0.5}, "losss");
  h.release(worker, trial, 1);
  const wire::SweepInfo info = h.info(sweep);
  ASSERT_EQ(info.notices.size(), 1u);
  EXPECT_THAT(info.notices[0], testing::HasSubstr("did you mean `losss`?"));
  EXPECT_THAT(info.metrics, testing::ElementsAre("losss"));
}

TEST_F(ReportingTest, ATargetThatIsReachedEndsTheSweep) {
  const SweepId sweep = h.create(R"(
method: random
metric: {name: loss, goal: minimize, target: 0.1}
parameters: {x: {min: 0, max: 1000000}}
)");
  const wire::Assign trial = h.ask(worker, sweep);
  h.report(worker, trial, 0, {0.5, 0.09});
  h.release(worker, trial, 2);
  EXPECT_EQ(h.info(sweep).state, static_cast<std::uint8_t>(SweepState::kFinished));
  EXPECT_THAT(h.info(sweep).reason, testing::HasSubstr("target 0.1 reached by trial 0"));
}

}  // namespace
}  // namespace scopa::core
