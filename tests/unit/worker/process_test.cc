// Real children: how trials start, and what is told about them.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "sdk/session/failure_cause.h"
#include "tests/unit/worker/process_fixture.h"
#include "worker/output_tail.h"

namespace scopa::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(ProcessTest, AShellTrainerWritesMetricsToThePipe) {
  auto trial = start(
      "for i in 1 2 3; do echo \"{\\\"step\\\":$i,\\\"loss\\\":0.$i}\" > "
      "\"$SCOPA_METRICS\"; done; echo not json > $SCOPA_METRICS");
  const TrialEnd end = wait_for_end(*trial);
  EXPECT_EQ(end.outcome, wire::Outcome::kExited);
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_EQ(end.message, "");
  EXPECT_THAT(points(*trial).step, ElementsAre(1, 2, 3));
  EXPECT_THAT(TempFolder::text_of(trial_folder() + "/attempt-2.log"), HasSubstr("metrics pipe"));
  EXPECT_EQ(end.notes.left_out, 1U);
  EXPECT_EQ(end.notes.left_out_why, "a line is no JSON object: `not json`");
}

TEST_F(ProcessTest, ALastLineWithoutItsEndCounts) {
  auto trial = start("printf '{\"loss\":0.5}' > $SCOPA_METRICS");
  wait_for_end(*trial);
  EXPECT_THAT(points(*trial).value, ElementsAre(0.5));
}

TEST_F(ProcessTest, TheTrainerFindsItsTrialInTheEnvironment) {
  auto o = options();
  o.variables = {"PATH=/usr/bin:/bin", "SLURM_PROCID=3", "SCOPA_TRIAL=old", "OMP_NUM_THREADS=5"};
  o.slots[0].cuda_visible = "GPU-1234";
  auto trial = start(
      "echo $SCOPA_SWEEP/$SCOPA_TRIAL $SCOPA_ATTEMPT $SCOPA_SEED \"$SCOPA_PARAMS\"\n"
      "echo replicate $SCOPA_REPLICATE\n"
      "echo $SCOPA_GOAL $SCOPA_CHECKPOINT $SCOPA_RESUME_STEP\n"
      "echo $CUDA_VISIBLE_DEVICES ${SLURM_PROCID-unset} $OMP_NUM_THREADS\n"
      "echo $(test -d $SCOPA_JOURNAL && echo yes) $MKL_NUM_THREADS; pwd; cat",
      o);
  EXPECT_EQ(wait_for_end(*trial).exit_code, 0);
  const std::string log = TempFolder::text_of(trial_folder() + "/attempt-2.log");
  EXPECT_THAT(log, HasSubstr("k3v9q2ha/17 2 99 {\"lr\":0.1,\"layers\":3}\nreplicate 0\n"));
  EXPECT_THAT(log, HasSubstr("loss " + trial_folder() + "/checkpoint -1\n"));
  EXPECT_THAT(log, HasSubstr("GPU-1234 unset 5\nyes "));
  EXPECT_THAT(log, HasSubstr(folder_.path() + "\n"));
}

TEST_F(ProcessTest, AConfigurationThatFitsNoVariableIsInItsFile) {
  folder_.script("train", "echo ${SCOPA_PARAMS-unset}; wc -c < $SCOPA_FOLDER/params.json");
  ProcessRunner runner(options());
  auto assign = assignment({"${program}"});
  assign.params = {{"text", std::string(200'000, 'x')}};
  auto trial = runner.start(0, assign, monotonic());
  ASSERT_TRUE(trial) << trial.status().to_string();
  EXPECT_EQ(wait_for_end(**trial).exit_code, 0);
  EXPECT_EQ(TempFolder::text_of(trial_folder() + "/attempt-2.log"), "unset\n200012\n");
}

TEST_F(ProcessTest, AFailureTellsItsExitCodeAndLastLines) {
  auto trial = start("echo fine; echo 'no module named timm' >&2; exit 3");
  const TrialEnd end = wait_for_end(*trial);
  EXPECT_EQ(end.outcome, wire::Outcome::kExited);
  EXPECT_EQ(end.exit_code, 3);
  EXPECT_EQ(end.message, "fine\nno module named timm");
  EXPECT_EQ(end.cause, Cause::kUserError);
}

TEST_F(ProcessTest, ADeathByASignalIsTold) {
  auto trial = start("echo step 7; kill -SEGV $$");
  const TrialEnd end = wait_for_end(*trial);
  EXPECT_EQ(end.cause, Cause::kCrash);
  EXPECT_EQ(end.message, "SIGSEGV\nstep 7");
  EXPECT_EQ(end.outcome, wire::Outcome::kSignaled);
  EXPECT_EQ(end.signal, SIGSEGV);
  EXPECT_FALSE(end.interrupted);
}

TEST_F(ProcessTest, UnderSlurmASigtermFromOutsideIsAnInterruption) {
  auto o = options();
  o.environment = [](std::string_view name) -> std::optional<std::string> {
    if (name == "SLURM_JOB_ID") return "17";
    return std::nullopt;
  };
  auto trial = start("kill -TERM $$", o);
  EXPECT_TRUE(wait_for_end(*trial).interrupted);
}

/// A cgroup with little memory, below this process's own; removed with the object.
class SmallCgroup {
 public:
  SmallCgroup() {
    std::ifstream in("/proc/self/cgroup");
    for (std::string line; std::getline(in, line) && folder_.empty();) {
      const bool version2 = line.starts_with("0::");
      if (!version2 && line.find(":memory:") == std::string::npos) continue;
      const std::string mount = version2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory";
      try_make(mount + line.substr(line.rfind(':') + 1) + "/scopa-test-" + std::to_string(getpid()),
               version2 ? "/memory.max" : "/memory.limit_in_bytes");
    }
  }
  ~SmallCgroup() {
    if (!folder_.empty()) rmdir(folder_.c_str());
  }
  SmallCgroup(const SmallCgroup&) = delete;
  SmallCgroup& operator=(const SmallCgroup&) = delete;
  const std::string& folder() const { return folder_; }

 private:
  void try_make(const std::string& folder, const char* limit) {
    if (mkdir(folder.c_str(), 0755) != 0) return;
    std::ofstream out(folder + limit);
    if (out << (32 << 20) << std::flush) {
      folder_ = folder;
    } else {
      rmdir(folder.c_str());
    }
  }
  std::string folder_;
};

TEST_F(ProcessTest, TheKernelsOomKillerIsToldFromAPersonsKill) {
  const SmallCgroup small;
  if (small.folder().empty()) GTEST_SKIP() << "no cgroup with a memory limit can be made here";
  // tail keeps a line until its end.
  auto trial = start("echo $$ > " + small.folder() + "/cgroup.procs; exec tail /dev/zero");
  const TrialEnd end = wait_for_end(*trial);
  EXPECT_EQ(end.signal, SIGKILL);
  EXPECT_EQ(end.cause, Cause::kOom) << end.message;
  auto other = start("kill -KILL $$");
  const TrialEnd other_end = wait_for_end(*other);
  EXPECT_EQ(other_end.signal, SIGKILL);
  EXPECT_EQ(other_end.cause, Cause::kCrash) << other_end.message;
}

TEST_F(ProcessTest, AMissingProgramIsToldWithItsFolder) {
  ProcessRunner runner(options());
  const auto execution = runner.start(0, assignment({"./nowhere", "--x"}), monotonic());
  ASSERT_FALSE(execution);
  EXPECT_THAT(execution.status().message(), HasSubstr("`./nowhere` in " + folder_.path()));
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "memory"));
}

TEST_F(ProcessTest, AProgramWithoutAPathIsToldWhereItIs) {
  folder_.script("train", "exit 0");
  ProcessRunner runner(options());
  const auto execution = runner.start(0, assignment({"train"}), monotonic());
  ASSERT_FALSE(execution);
  EXPECT_THAT(execution.status().message(), HasSubstr("`./train`"));
}

TEST_F(ProcessTest, AFileThatMayNotBeExecutedIsTold) {
  std::ofstream(folder_ / "train") << "text";
  ProcessRunner runner(options());
  const auto execution = runner.start(0, assignment({"./train"}), monotonic());
  ASSERT_FALSE(execution);
  EXPECT_THAT(execution.status().message(), HasSubstr("chmod"));
}

TEST_F(ProcessTest, ACommandThatNoMachineCanStartIsTheUsersFault) {
  std::ofstream(folder_ / "file") << "text";
  const std::vector<std::vector<std::string>> commands = {
      {std::string(5000, 'x')},             // ENAMETOOLONG, in PATH
      {"./" + std::string(5000, 'x')},      // and in the folder
      {"true", std::string(4 << 20, 'x')},  // E2BIG
      {"./file/train"},                     // ENOTDIR
  };
  ProcessRunner runner(options());
  for (const auto& command : commands) {
    const auto execution = runner.start(0, assignment(command), monotonic());
    ASSERT_FALSE(execution);
    EXPECT_EQ(session::cause_of_start_failure(execution.status()), Cause::kUserError)
        << execution.status().message();
    EXPECT_LT(execution.status().message().size(), 6000U);
  }
}

TEST_F(ProcessTest, AMissingProgramFolderIsTold) {
  auto o = options();
  o.program_folder = folder_ / "gone";
  ProcessRunner runner(o);
  const auto execution = runner.start(0, assignment({"true"}), monotonic());
  ASSERT_FALSE(execution);
  EXPECT_THAT(execution.status().message(), HasSubstr("there is no folder"));
}

TEST_F(ProcessTest, WhatATrainerLeavesBehindEndsWithIt) {
  auto trial = start("sleep 1000 & echo $! > grandchild; exit 0");
  const TrialEnd end = wait_for_end(*trial);
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_EQ(end.outcome, wire::Outcome::kExited);
  EXPECT_FALSE(lives(std::stoi(TempFolder::text_of(folder_ / "grandchild"))));
}

TEST_F(ProcessTest, AnExecutionThatIsDroppedTakesItsTrainerAlong) {
  auto trial = start("echo $$ > self; touch ready; sleep 1000");
  wait_for_file(*trial, "ready");
  const pid_t pid = std::stoi(TempFolder::text_of(folder_ / "self"));
  trial.reset();
  EXPECT_FALSE(lives(pid));
}

TEST_F(ProcessTest, ForgettingRemovesTheJournalAndKeepsTheLog) {
  auto trial = start("echo hello");
  wait_for_end(*trial);
  EXPECT_FALSE(std::filesystem::is_empty(folder_ / "memory"));
  trial->forget();
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "memory"));
  EXPECT_EQ(TempFolder::text_of(trial_folder() + "/attempt-2.log"), "hello\n");
  EXPECT_EQ(TempFolder::text_of(trial_folder() + "/params.json"), "{\"lr\":0.1,\"layers\":3}\n");
}

TEST_F(ProcessTest, WithoutMemoryTheJournalIsInTheTrialsFolder) {
  auto o = options();
  o.memory_root = "/proc/nowhere";
  auto trial = start("exit 0", o);
  wait_for_end(*trial);
  EXPECT_THAT(trial->journal().folder(), HasSubstr(trial_folder()));
}

TEST_F(ProcessTest, TrainersDoNotInheritDescriptorsOrBlockedSignals) {
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const int leak = open("/dev/null", O_RDONLY);
  auto trial = start("ls -l /proc/self/fd | grep -c /dev/null; grep SigBlk /proc/self/status");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  close(leak);
  wait_for_end(*trial);
  const std::string log = TempFolder::text_of(trial_folder() + "/attempt-2.log");
  EXPECT_EQ(log, "1\nSigBlk:\t0000000000000000\n");
}

}  // namespace
}  // namespace scopa::worker
