#include "worker/leave.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace scopa::worker {
namespace {

Leave after(const std::vector<int>& signals, bool in_slurm = false) {
  Leave how = Leave::kNot;
  for (const int signal : signals) {
    const Leave before = how;
    how = leave_after(before, signal, in_slurm);
    EXPECT_GE(how, before) << "nothing is taken back";
  }
  return how;
}

TEST(LeaveTest, CtrlCOnceDrainsAndTwiceEnds) {
  EXPECT_EQ(after({SIGINT}), Leave::kDrain);
  EXPECT_EQ(after({SIGINT, SIGINT}), Leave::kNow);
}

TEST(LeaveTest, SigtermAndSigusr1SayThatTheMachineIsTakenAway) {
  EXPECT_EQ(after({SIGTERM}), Leave::kPreempt);
  EXPECT_EQ(after({SIGUSR1}), Leave::kPreempt);
  EXPECT_EQ(after({SIGINT, SIGTERM}), Leave::kPreempt);
  EXPECT_EQ(after({SIGINT, SIGUSR1}), Leave::kPreempt);
}

TEST(LeaveTest, ASecondSigtermOrCtrlCDoesNotWaitForCheckpoints) {
  EXPECT_EQ(after({SIGTERM, SIGTERM}), Leave::kNow);
  EXPECT_EQ(after({SIGTERM, SIGINT}), Leave::kNow);
  EXPECT_EQ(after({SIGUSR1, SIGTERM}), Leave::kNow);
  EXPECT_EQ(after({SIGUSR1, SIGUSR1, SIGTERM, SIGUSR1}), Leave::kNow);
}

TEST(LeaveTest, ARepeatedSigusr1ChangesNothing) {
  EXPECT_EQ(after({SIGUSR1, SIGUSR1}), Leave::kPreempt);
}

TEST(LeaveTest, UnderSlurmSigtermLeavesLittleTime) {
  EXPECT_EQ(after({SIGTERM}, true), Leave::kPreemptSoon);
  EXPECT_EQ(after({SIGUSR1}, true), Leave::kPreempt);
  EXPECT_EQ(after({SIGUSR1, SIGTERM}, true), Leave::kPreemptSoon);
  EXPECT_EQ(after({SIGUSR1, SIGTERM, SIGTERM}, true), Leave::kNow);
}

TEST(LeaveTest, AThirdTimeWaitsForNothing) {
  EXPECT_EQ(after({SIGINT, SIGINT, SIGINT}), Leave::kAtOnce);
  EXPECT_EQ(after({SIGTERM, SIGTERM, SIGTERM}), Leave::kAtOnce);
  EXPECT_EQ(after({SIGINT, SIGINT, SIGHUP}), Leave::kNow) << "the terminal goes after Ctrl-C";
  EXPECT_EQ(after({SIGINT, SIGINT, SIGUSR1}), Leave::kNow);
}

/// Signals at times in milliseconds.
Leave heard_at(const std::vector<std::pair<std::uint32_t, int>>& signals, bool in_slurm = false) {
  Leaving leaving;
  for (const auto& [at, signal] : signals) leaving = heard(leaving, signal, in_slurm, at);
  return leaving.how;
}

TEST(LeaveTest, SignalsThatComeTogetherAreOne) {
  // As `timeout` sends them: to the program, and to its group.
  EXPECT_EQ(heard_at({{5000, SIGTERM}, {5000, SIGTERM}}), Leave::kPreempt);
  EXPECT_EQ(heard_at({{0, SIGTERM}, {1, SIGTERM}, {299, SIGTERM}}), Leave::kPreempt);
  EXPECT_EQ(heard_at({{0, SIGINT}, {2, SIGINT}}), Leave::kDrain);
  EXPECT_EQ(heard_at({{0, SIGTERM}, {2, SIGTERM}}, true), Leave::kPreemptSoon);
  EXPECT_EQ(heard_at({{0, SIGINT}, {2, SIGTERM}}), Leave::kPreempt) << "the one that asks more";
  EXPECT_EQ(heard_at({{0, SIGTERM}, {2, SIGINT}}), Leave::kPreempt);
  EXPECT_EQ(heard_at({{0, SIGINT}, {2, SIGHUP}}), Leave::kPreempt);
}

TEST(LeaveTest, ThoseThatComeLaterAreAnother) {
  EXPECT_EQ(heard_at({{0, SIGTERM}, {300, SIGTERM}}), Leave::kNow);
  EXPECT_EQ(heard_at({{0, SIGTERM}, {1, SIGTERM}, {1000, SIGTERM}, {1001, SIGTERM}}), Leave::kNow);
  EXPECT_EQ(heard_at({{0, SIGINT}, {1000, SIGINT}, {2000, SIGINT}}), Leave::kAtOnce);
  EXPECT_EQ(heard_at({{0xffff'fff0U, SIGTERM}, {5, SIGTERM}}), Leave::kPreempt)
      << "the clock has wrapped around";
}

TEST(LeaveTest, WithoutItsTerminalAWorkerEndsAndStillAsksForCheckpoints) {
  EXPECT_EQ(after({SIGHUP}), Leave::kPreempt);
  EXPECT_EQ(after({SIGHUP, SIGHUP}), Leave::kPreempt) << "shell and kernel both send one";
  EXPECT_EQ(after({SIGINT, SIGHUP}), Leave::kPreempt);
  EXPECT_EQ(after({SIGTERM, SIGHUP}), Leave::kPreempt) << "systemd may send one behind it";
  EXPECT_EQ(after({SIGHUP, SIGTERM}), Leave::kNow);
}

}  // namespace
}  // namespace scopa::worker
