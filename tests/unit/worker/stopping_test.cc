// Real children: how trials that are told to stop are ended, and as a whole.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/worker/process_fixture.h"

namespace scopa::worker {
namespace {

using ::testing::ElementsAre;

TEST_F(ProcessTest, ATrainerWithoutTheSdkGetsSigtermAtOnce) {
  auto trial = start("trap 'exit 7' TERM; touch ready; while :; do sleep 0.01; done");
  wait_for_file(*trial, "ready");
  const auto begin = std::chrono::steady_clock::now();
  trial->stop(StopReason::kPruned, monotonic(), kNoCut);
  const TrialEnd end = wait_for_end(*trial);
  EXPECT_EQ(end.exit_code, 7);
  EXPECT_EQ(end.forced, wire::Forced::kNot) << "that is how it is told";
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 9s);
}

TEST_F(ProcessTest, ATrainerWithoutTheSdkSavesAfterSigterm) {
  auto trial = start(
      "trap 'sleep 0.3; touch saved; echo \"{\\\"test\\\": 1}\" > $SCOPA_METRICS; exit 0' TERM\n"
      "touch ready; while :; do sleep 0.01; done");
  wait_for_file(*trial, "ready");
  trial->stop(StopReason::kPruned, monotonic(), kNoCut);
  const TrialEnd end = wait_for_end(*trial);
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_EQ(end.forced, wire::Forced::kNot);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "saved"));
  EXPECT_THAT(points(*trial).value, ElementsAre(1.0));
}

TEST_F(ProcessTest, AScriptsProgramHasAsLongAsTheScript) {
  auto trial = start(
      "(trap 'sleep 0.3; touch saved; exit 0' TERM; touch ready; while :; do sleep 0.01; done) &\n"
      "wait");
  wait_for_file(*trial, "ready");
  trial->stop(StopReason::kPruned, monotonic(), kNoCut);
  EXPECT_EQ(wait_for_end(*trial).forced, wire::Forced::kNot);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "saved"));
}

TEST_F(ProcessTest, ATrainerThatIgnoresSigtermIsKilledAfterTheGrace) {
  grace_ = 50ms;
  auto trial = start("trap '' TERM; touch ready; while :; do sleep 0.01; done");
  wait_for_file(*trial, "ready");
  trial->stop(StopReason::kPruned, monotonic(), kNoCut);
  const TrialEnd end = wait_for_end(*trial);
  EXPECT_EQ(end.outcome, wire::Outcome::kKilled);
  EXPECT_EQ(end.signal, SIGKILL);
  EXPECT_EQ(end.forced, wire::Forced::kKill);
}

TEST_F(ProcessTest, AScriptsProgramThatIgnoresSigtermIsKilledToo) {
  grace_ = 300ms;
  auto trial = start("(trap '' TERM; touch ready; while :; do sleep 0.01; done) & wait");
  wait_for_file(*trial, "ready");
  trial->stop(StopReason::kPruned, monotonic(), kNoCut);
  EXPECT_EQ(wait_for_end(*trial).forced, wire::Forced::kKill);
}

TEST_F(ProcessTest, ATrainerWithTheSdkGetsSigtermAfterTheGraceAndThatIsForce) {
  grace_ = 100ms;
  auto trial = start("trap 'exit 7' TERM; touch ready; while :; do sleep 0.01; done");
  const auto sdk = attach_to(*trial);
  wait_for_file(*trial, "ready");
  const auto begin = std::chrono::steady_clock::now();
  trial->stop(StopReason::kPruned, monotonic(), kNoCut);
  EXPECT_EQ(sdk->stop_reason(), static_cast<std::uint32_t>(StopReason::kPruned)) << "at once";
  const TrialEnd end = wait_for_end(*trial);
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 100ms);
  EXPECT_EQ(end.exit_code, 7);
  EXPECT_EQ(end.forced, wire::Forced::kTerm);
}

TEST_F(ProcessTest, ATrainerWithTheSdkThatHeedsNothingIsKilledSomeTimeAfterSigterm) {
  grace_ = 50ms;
  auto o = options();
  o.term_grace = 50ms;
  auto trial = start("trap '' TERM; touch ready; while :; do sleep 0.01; done", o);
  const auto sdk = attach_to(*trial);
  wait_for_file(*trial, "ready");
  trial->stop(StopReason::kPruned, monotonic(), kNoCut);
  const TrialEnd end = wait_for_end(*trial);
  EXPECT_EQ(end.signal, SIGKILL);
  EXPECT_EQ(end.forced, wire::Forced::kKill);
}

TEST_F(ProcessTest, ASecondStopCanOnlyShortenTheGrace) {
  grace_ = 1h;
  auto trial = start("trap '' TERM; touch ready; while :; do sleep 0.01; done");
  wait_for_file(*trial, "ready");
  trial->stop(StopReason::kPruned, monotonic(), kNoCut);
  trial->stop(StopReason::kFenced, monotonic(), 50ms);
  trial->stop(StopReason::kPruned, monotonic(), kNoCut);
  EXPECT_EQ(wait_for_end(*trial).signal, SIGKILL);
}

TEST_F(ProcessTest, ASecondStopShortensThatOfTheSdkToo) {
  grace_ = 1h;
  auto trial = start("trap 'exit 7' TERM; touch ready; while :; do sleep 0.01; done");
  const auto sdk = attach_to(*trial);
  wait_for_file(*trial, "ready");
  trial->stop(StopReason::kPruned, monotonic(), kNoCut);
  trial->stop(StopReason::kWorkerExit, monotonic(), 50ms);
  EXPECT_EQ(wait_for_end(*trial).exit_code, 7);
}

TEST_F(ProcessTest, WhatIsLeftOfAScriptIsHurriedToo) {
  grace_ = 1h;
  auto trial = start(
      "(trap '' TERM; echo x > grandchild; while :; do sleep 0.01; done) &\n"
      "while [ ! -s grandchild ]; do sleep 0.01; done; touch ready; wait");
  wait_for_file(*trial, "ready");
  trial->stop(StopReason::kPruned, monotonic(), kNoCut);
  // The script is gone once nothing waits for it: its program lives on, ignoring SIGTERM.
  const auto deadline = std::chrono::steady_clock::now() + 60s;
  for (std::vector<int> fds{0, 0}; fds.size() > 1;) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    ASSERT_FALSE(trial->poll(monotonic()).has_value());
    fds.clear();
    trial->wait_fds(&fds);
    std::this_thread::sleep_for(1ms);
  }
  trial->stop(StopReason::kWorkerExit, monotonic(), 50ms);
  EXPECT_EQ(wait_for_end(*trial).forced, wire::Forced::kKill);
}

TEST_F(ProcessTest, GrandchildrenEndWithTheTrial) {
  grace_ = 50ms;
  auto trial = start(
      "(trap '' TERM; while [ ! -s grandchild ]; do sleep 0.01; done; touch ready;\n"
      "while :; do sleep 0.01; done) &\n"
      "echo $! > grandchild; wait");
  wait_for_file(*trial, "ready");
  const pid_t grandchild = std::stoi(TempFolder::text_of(folder_ / "grandchild"));
  ASSERT_TRUE(lives(grandchild));
  trial->stop(StopReason::kCancelled, monotonic(), kNoCut);
  wait_for_end(*trial);
  EXPECT_FALSE(lives(grandchild));
}

}  // namespace
}  // namespace scopa::worker
