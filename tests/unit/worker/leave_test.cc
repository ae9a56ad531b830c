#include "worker/leave.h"

#include <gtest/gtest.h>

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

TEST(LeaveTest, WithoutItsTerminalAWorkerEndsAndStillAsksForCheckpoints) {
  EXPECT_EQ(after({SIGHUP}), Leave::kPreempt);
  EXPECT_EQ(after({SIGHUP, SIGHUP}), Leave::kPreempt) << "shell and kernel both send one";
  EXPECT_EQ(after({SIGINT, SIGHUP}), Leave::kPreempt);
  EXPECT_EQ(after({SIGTERM, SIGHUP}), Leave::kPreempt) << "systemd may send one behind it";
  EXPECT_EQ(after({SIGHUP, SIGTERM}), Leave::kNow);
}

}  // namespace
}  // namespace scopa::worker
