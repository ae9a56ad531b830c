// Programs that come and go: a broker that is hung up, away, starting or everywhere, and workers
// that wait.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <netdb.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <filesystem>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string this_host() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "";
}

class CliServiceTest : public CliTest {
 protected:
  /// A broker whose own process the test holds; `where` is its first endpoint.
  Process serve(std::vector<std::string> args, std::string* where) {
    args.insert(args.begin(), "broker");
    args.insert(args.end(), {"--durability", "process"});
    Process broker = start("own", std::move(args));
    EXPECT_TRUE(eventually([&] {
      const auto lines = lines_of(read_file(folder_ / ".scopa/endpoint"));
      if (!lines.empty()) *where = lines[0];
      return !lines.empty();
    })) << broker.err();
    return broker;
  }
  void write_waiting_trainer() {
    write_trainer(
        "echo \"{\\\"score\\\": $x}\" >> \"$SCOPA_METRICS\"\n"
        "while [ ! -e go ]; do sleep 0.02; done\n");
  }
  static bool says(const Process& process, const std::string& what, seconds within = seconds(30)) {
    return eventually([&] { return process.err().find(what) != std::string::npos; }, within);
  }
};

TEST_F(CliServiceTest, AHangUpEndsNoBroker) {
  std::string where;
  Process broker = serve({"--listen", "tcp://127.0.0.1:*"}, &where);
  for (int i = 1; i <= 2; ++i) {
    broker.signal(SIGHUP);
    ASSERT_TRUE(eventually([&] {
      std::size_t told = 0;
      for (const std::string& line : lines_of(broker.err())) {
        told += line.find("signal=SIGHUP") != std::string::npos ? 1U : 0U;
      }
      return told == static_cast<std::size_t>(i);
    })) << broker.err();
    EXPECT_EQ(scopa({"ls", "--url", where}).status, 0) << "after hang-up " << i;
  }
  broker.signal(SIGTERM);
  EXPECT_EQ(broker.wait(seconds(20)), 0) << broker.err();
}

TEST_F(CliServiceTest, AWorkerWhoseTerminalIsClosedGivesItsTrialBack) {
  start_broker();
  write_waiting_trainer();
  write_sweep(1);
  ASSERT_EQ(scopa({"create", "sweep.yaml"}).status, 0);
  Process worker = start("worker", {"worker", "steps"});
  ASSERT_TRUE(eventually([&] { return counts("steps")["running"] == 1; })) << worker.err();
  worker.signal(SIGHUP);
  EXPECT_EQ(worker.wait(seconds(60)), 129) << worker.err();
  EXPECT_EQ(counts("steps")["queued"], 1);
  EXPECT_EQ(json({"show", "steps/0"})["trial"]["attempts"][0]["cause"], "preempted");
  stop_broker();
}

TEST_F(CliServiceTest, AWorkerSaysWithinTwoSecondsThatItWaitsAndGoesOnWhenTheBrokerIsThere) {
  write_sweep(2);
  start_broker();
  ASSERT_EQ(scopa({"create", "sweep.yaml"}).status, 0);
  stop_broker();
  const auto began = std::chrono::steady_clock::now();
  Process worker = start("worker", {"worker", "steps", "--dir", ".scopa"});
  ASSERT_TRUE(says(worker, "waiting up to 1m")) << worker.err();
  EXPECT_LT(std::chrono::steady_clock::now() - began, seconds(2));
  start_broker();
  EXPECT_EQ(worker.wait(seconds(60)), 0) << worker.err();
  EXPECT_THAT(worker.err(), HasSubstr("answers"));
  EXPECT_EQ(counts("steps")["completed"], 2);
  stop_broker();
}

TEST_F(CliServiceTest, AWorkerWaitsAsLongAsItIsToldAndLongerUnderSlurm) {
  const std::vector<std::string> away = {"worker", "x", "--url", "tcp://127.0.0.1:1"};
  const auto with = [&](const std::string& wait) {
    auto args = away;
    args.insert(args.end(), {"--wait", wait});
    return scopa(args);
  };
  const Finished soon = with("0.5s");
  EXPECT_EQ(soon.status, 4);
  EXPECT_THAT(soon.err, AllOf(HasSubstr("waiting up to 0.5s"), HasSubstr("error[S122]"),
                              HasSubstr("for 0.5s")));
  const Finished at_once = with("0");
  EXPECT_EQ(at_once.status, 4);
  EXPECT_THAT(at_once.err, Not(HasSubstr("waiting")));
  EXPECT_EQ(with("soon").status, 2);
  setenv("SLURM_JOB_ID", "17", 1);
  Process task = start("task", away);
  unsetenv("SLURM_JOB_ID");
  EXPECT_TRUE(says(task, "waiting up to 10m")) << task.err();
}

// The first second of `scopa broker &`: it has the store and does not answer yet.
TEST_F(CliServiceTest, ACommandWaitsForABrokerThatIsStarting) {
  for (const char* before : {"a store", "no store"}) {
    SCOPED_TRACE(before);
    if (std::string(before) == "a store") {
      ASSERT_EQ(scopa({"run", "sweep.yaml"}).status, 0);
    }
    if (std::string(before) == "no store") std::filesystem::remove_all(folder_ / ".scopa");
    std::filesystem::create_directory(folder_ / ".scopa");
    const std::string lock = folder_ / ".scopa/broker.pid";
    const int file = open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    ASSERT_GE(file, 0);
    ASSERT_EQ(flock(file, LOCK_EX), 0);
    write_file(lock, std::to_string(getpid()) + "\n");
    Process create = start("create", {"create", "sweep.yaml"});
    EXPECT_FALSE(create.wait(std::chrono::milliseconds(500))) << create.err();
    close(file);
    start_broker();
    EXPECT_EQ(create.wait(seconds(60)), 0) << create.err();
    EXPECT_EQ(scopa({"pause", "@last"}).status, 0);
    stop_broker();
  }
}

TEST_F(CliServiceTest, AStoreThatStaysInUseIsSaidToBeStartingOrHung) {
  std::filesystem::create_directory(folder_ / ".scopa");
  const std::string lock = folder_ / ".scopa/broker.pid";
  const int file = open(lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  ASSERT_EQ(flock(file, LOCK_EX), 0);
  write_file(lock, std::to_string(getpid()) + "\n");
  const Finished done = scopa({"ls"});
  EXPECT_EQ(done.status, 4);
  EXPECT_THAT(done.err, AllOf(HasSubstr("it is starting, or hangs"),
                              HasSubstr("process " + std::to_string(getpid()))));
  const Finished second = scopa({"run", "sweep.yaml"});
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.err, AllOf(HasSubstr("error[S123]"), HasSubstr("scopa create FILE"),
                                HasSubstr("scopa worker @last"), HasSubstr("--dir")));
  close(file);
}

TEST_F(CliServiceTest, ABrokerThatListensEverywhereNamesItselfByItsHost) {
  std::string where;
  Process broker = serve({"--listen", "tcp://*:*", "--insecure"}, &where);
  EXPECT_THAT(where, ::testing::StartsWith("tcp://" + this_host() + ":"));
  ASSERT_TRUE(says(broker, "serving " + where)) << broker.err();
  EXPECT_THAT(broker.err(), Not(HasSubstr("0.0.0.0")));
  EXPECT_EQ(scopa({"create", "sweep.yaml"}).status, 0) << "by the folder";
  addrinfo* found = nullptr;
  if (getaddrinfo(this_host().c_str(), nullptr, nullptr, &found) == 0) {
    freeaddrinfo(found);
    EXPECT_EQ(scopa({"ls", "--url", where}).status, 0) << "by its name";
  }
  broker.signal(SIGTERM);
  EXPECT_EQ(broker.wait(seconds(20)), 0) << broker.err();
}

TEST_F(CliServiceTest, AWorkerSaysWhatItWorksOnAndRefusesABrokenDriver) {
  start_broker();
  ASSERT_EQ(scopa({"create", "sweep.yaml"}).status, 0);
  const Finished none = scopa({"worker", "steps", "--count", "1"});
  EXPECT_EQ(none.status, 0) << none.err;
  EXPECT_THAT(none.err, HasSubstr("1 slot on the CPU: CUDA_VISIBLE_DEVICES is empty\n"));
  const auto on_gpus = [&](std::vector<std::string> more, std::vector<std::string> args) {
    const auto folder = folder_.path();
    args.insert(args.begin(), {"env", "-u", "CUDA_VISIBLE_DEVICES"});
    std::vector<std::string> environment = {"SCOPA_URL=" + url(), "SCOPA_NVML=" SCOPA_TEST_NVML};
    environment.insert(environment.end(), more.begin(), more.end());
    return run(args, folder, environment);
  };
  const Finished two = on_gpus({}, {SCOPA_EXECUTABLE, "worker", "steps", "--count", "1"});
  EXPECT_EQ(two.status, 0) << two.err;
  EXPECT_THAT(two.err, HasSubstr("2 slots on 2 GPUs (NVML): 0 (Stand-in 9000, 80 GiB), 1 ("));
  const std::string broken = "SCOPA_STAND_IN_NO_DRIVER=1";
  const Finished refused = on_gpus({broken}, {SCOPA_EXECUTABLE, "worker", "steps"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("error[S126]"), HasSubstr("Driver Not Loaded"),
                                 HasSubstr("--gpus none")));
  EXPECT_EQ(counts("steps")["completed"], 2) << "nothing was trained on the CPU instead";
  const Finished asked = on_gpus({broken}, {SCOPA_EXECUTABLE, "worker", "steps", "--gpus", "none"});
  EXPECT_EQ(asked.status, 0) << asked.err;
  EXPECT_THAT(asked.err, HasSubstr("1 slot on the CPU: --gpus none"));
  stop_broker();
}

TEST_F(CliServiceTest, ALogThatIsNotThereIsExplainedOnItsOwnMachine) {
  start_broker();
  // A program that takes itself away: there for the first trial, and not for the second.
  write_trainer("echo \"{\\\"score\\\": $x}\" >> \"$SCOPA_METRICS\"\nrm \"$0\"\n");
  std::filesystem::rename(folder_ / "train.sh", folder_ / "absent");
  std::string text = sweep_text(2);
  text.replace(text.find("./train.sh"), 10, folder_ / "absent");
  write_file(folder_ / "absent.yaml", text);
  write_trainer("echo trained with $x\necho \"{\\\"score\\\": $x}\" >> \"$SCOPA_METRICS\"\n");
  ASSERT_EQ(scopa({"create", "absent.yaml"}).status, 0);
  (void)scopa({"worker", "@last", "--count", "2", "--slots", "1"});
  const Finished never = scopa({"logs", "@last/1"});
  EXPECT_EQ(never.status, 3);
  EXPECT_THAT(never.err, HasSubstr("never started: there is no program"));
  ASSERT_EQ(scopa({"create", "sweep.yaml"}).status, 0);
  ASSERT_EQ(scopa({"worker", "@last", "--count", "1"}).status, 0);
  EXPECT_THAT(scopa({"logs", "@last/0"}).out, HasSubstr("trained with"));
  const auto trials = std::filesystem::path(folder_ / ".scopa/trials");
  for (const auto& sweep : std::filesystem::directory_iterator(trials)) {
    std::filesystem::remove(sweep.path() / "0/attempt-1.log");
  }
  const Finished own = scopa({"logs", "@last/0"});
  EXPECT_EQ(own.status, 3);
  EXPECT_THAT(own.err, AllOf(HasSubstr("is its own worker"), Not(HasSubstr("it ran on"))));
  std::filesystem::remove_all(trials);
  const Finished gone = scopa({"logs", "@last/0"});
  EXPECT_THAT(gone.err, HasSubstr("though it ran on this machine"));
  stop_broker();
}

}  // namespace
}  // namespace scopa::test
