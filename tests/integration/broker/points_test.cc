// The curve of a trial that several attempts made, and who is there, through the wire.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker_fixture.h"

namespace scopa::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Points of `metric` at the steps step, step + 1 ...
wire::Report points_from(const wire::Assign& trial, std::uint64_t from, std::int64_t step,
                         std::size_t count, const std::string& metric, std::int64_t resumed = -1) {
  PointBlock block;
  block.metrics = {metric};
  for (std::size_t i = 0; i < count; ++i) {
    block.metric.push_back(0);
    block.step.push_back(step + static_cast<std::int64_t>(i));
    block.value.push_back(1);
    block.time_us.push_back(1);
  }
  wire::Report report;
  report.sweep = trial.sweep;
  report.trial = trial.trial;
  report.attempt = trial.attempt;
  report.from = from;
  report.to = from + count;
  report.resumed = resumed;
  wire::encode_points(block, &report.points);
  return report;
}

std::vector<std::int64_t> steps_on(const wire::PointsReply& page) {
  std::vector<std::int64_t> steps;
  for (const std::string& block : page.blocks) {
    const auto view = wire::PointsView::parse(block);
    EXPECT_TRUE(view);
    for (std::size_t i = 0; view && i < view->size(); ++i) steps.push_back(view->step(i));
  }
  return steps;
}

wire::PointsReply ask_points(session::Client& client, const SweepId& sweep, std::uint32_t attempt,
                             std::uint64_t offset = 0) {
  wire::GetPoints get;
  get.sweep = sweep;
  get.attempt = attempt;
  get.offset = offset;
  return answer<wire::PointsReply>(client, get);
}

void preempt(HandWorker& worker, const wire::Assign& trial, std::uint64_t to) {
  wire::Release release;
  release.sweep = trial.sweep;
  release.trial = trial.trial;
  release.attempt = trial.attempt;
  release.to = to;
  release.requeue = true;
  release.cause = static_cast<std::uint8_t>(Cause::kPreempted);
  (void)worker.exchange<wire::Released>(release);
}

TEST(PointsTest, AResumedTrialsPointsAreThoseOfAllThatCountAfterAnAttempt) {
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  const auto client = broker.client();
  const SweepId sweep = create_sweep(*client);
  HandWorker worker(broker.tcp(), "w1");
  const wire::Assign first = worker.ask(sweep);
  EXPECT_EQ(ask_points(*client, sweep, 0).attempt, 1u);
  (void)worker.exchange<wire::Ack>(points_from(first, 0, 0, 5, "loss"));
  (void)worker.exchange<wire::Ack>(points_from(first, 5, 0, 5, "accuracy"));
  (void)worker.exchange<wire::CheckpointKept>(wire::Checkpoint{sweep, 0, 1, 2, "/c"});
  preempt(worker, first, 10);
  const wire::Assign second = worker.ask(sweep);
  ASSERT_EQ(second.attempt, 2u);
  (void)worker.exchange<wire::Ack>(points_from(second, 0, 3, 2, "loss", 2));

  const wire::PointsReply page = ask_points(*client, sweep, 0);
  EXPECT_EQ(page.attempt, 1u);
  EXPECT_THAT(steps_on(page), ElementsAre(0, 1, 2, 3, 4, 0, 1, 2, 3, 4)) << "all metrics";
  EXPECT_EQ(page.step_max, 2);
  EXPECT_EQ(page.next_offset, 0u);
  ASSERT_EQ(page.next_attempt, 2u);
  const wire::PointsReply rest = ask_points(*client, sweep, page.next_attempt);
  EXPECT_THAT(steps_on(rest), ElementsAre(3, 4));
  EXPECT_EQ(rest.step_max, INT64_MAX);
  EXPECT_EQ(rest.next_attempt, 0u);
}

TEST(PointsTest, WhatCameLateIsOnPagesOfItsOwnAndDoesNotCount) {
  const TempFolder folder;
  BrokerOptions options;
  options.lease = std::chrono::milliseconds(30);
  const RunningBroker broker(folder.path(), options);
  const auto client = broker.client();
  HandWorker silent(broker.tcp(), "silent");
  const wire::Assign first = silent.ask(create_sweep(*client));
  (void)silent.exchange<wire::Ack>(points_from(first, 0, 0, 2, "loss"));
  (void)silent.exchange<wire::Ack>(points_from(first, 2, 2, 2, "loss"));
  (void)silent.exchange<wire::CheckpointKept>(wire::Checkpoint{first.sweep, 0, 1, 3, "/c"});
  HandWorker other(broker.tcp(), "other");
  while (list_trials(*client, first.sweep).trials.at(0).attempts.at(0).ended.empty()) {
    (void)get_sweep(*client, first.sweep);
  }
  const wire::Assign second = other.ask(first.sweep);
  ASSERT_EQ(second.attempt, 2u);
  other.send(points_from(second, 0, 4, 1, "loss", 3));
  (void)other.expect<wire::Ack>();
  EXPECT_EQ(silent.exchange<wire::Ack>(points_from(first, 4, 1, 1, "loss")).to, 5u);

  const wire::PointsReply page = ask_points(*client, first.sweep, 0);
  EXPECT_EQ(page.attempt, 1u);
  EXPECT_THAT(steps_on(page), ElementsAre(0, 1, 2, 3));
  EXPECT_EQ(page.step_max, 3);
  ASSERT_EQ(page.next_offset, 4u);
  const wire::PointsReply late = ask_points(*client, first.sweep, 1, page.next_offset);
  EXPECT_THAT(steps_on(late), ElementsAre(1));
  EXPECT_EQ(late.step_max, INT64_MIN);
  EXPECT_EQ(late.next_offset, 0u);
}

TEST(PointsTest, ATrialThatNeverRanHasNone) {
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  const auto client = broker.client();
  const SweepId sweep = create_sweep(*client);
  wire::Enqueue enqueue;
  enqueue.token = "t";
  enqueue.sweep = sweep;
  (void)answer<wire::Enqueued>(*client, enqueue);
  const wire::PointsReply page = ask_points(*client, sweep, 0);
  EXPECT_EQ(page.attempt, 0u);
  EXPECT_THAT(page.blocks, IsEmpty());
  EXPECT_EQ(page.next_attempt, 0u);
}

TEST(PresenceTest, AWorkerThatHasLeftIsCountedNoMore) {
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  const auto client = broker.client();
  const SweepId sweep = create_sweep(*client);
  HandWorker stays(broker.tcp(), "stays");
  const wire::Assign trial = stays.ask(sweep);
  {
    HandWorker leaves(broker.tcp(), "leaves");
    const wire::Assign other = leaves.ask(sweep);
    EXPECT_EQ(get_sweep(*client, sweep).sweep.workers, 2u);
    (void)leaves.exchange<wire::Ack>(leaves.report(other, 0, {1}));
    (void)leaves.release(other, 1);
  }
  // Half a second, were it not for a busy machine; a minute of silence is what it took before.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (get_sweep(*client, sweep).sweep.workers != 1 &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  EXPECT_EQ(get_sweep(*client, sweep).sweep.workers, 1u);
  EXPECT_EQ(stays.exchange<wire::Ack>(stays.report(trial, 0, {1})).to, 1u) << "as before";
}

TEST(AnswerSizeTest, OneWorkersLongWordsDoNotKeepOthersFromAskingForTheSweep) {
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  const auto client = broker.client();
  const SweepId sweep = create_sweep(*client);
  HandWorker worker(broker.ipc(), "w1");
  constexpr int kAttempts = 300;
  for (int i = 0; i < kAttempts; ++i) {
    const wire::Assign trial = worker.ask(sweep);
    (void)worker.exchange<wire::CheckpointKept>(
        wire::Checkpoint{sweep, 0, trial.attempt, i, "/" + std::string(4000, 'p')});
    wire::Release release;
    release.sweep = sweep;
    release.attempt = trial.attempt;
    release.requeue = true;
    release.outcome = static_cast<std::uint8_t>(wire::Outcome::kKilled);
    release.cause = static_cast<std::uint8_t>(Cause::kPreempted);
    release.message = std::string(16'000, 'x');
    (void)worker.exchange<wire::Released>(release);
  }
  const wire::Trials trials = list_trials(*client, sweep);
  ASSERT_EQ(trials.trials.size(), 1u);
  EXPECT_EQ(trials.trials[0].attempts.size() + trials.trials[0].attempts_left_out,
            static_cast<std::size_t>(kAttempts));
}

}  // namespace
}  // namespace scopa::server
