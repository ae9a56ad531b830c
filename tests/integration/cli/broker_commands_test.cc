#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <set>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class CliBrokerTest : public CliTest {
 protected:
  std::string create(int trials) {
    write_sweep(trials);
    const Finished done = scopa({"create", "sweep.yaml"});
    EXPECT_EQ(done.status, 0) << done.err;
    EXPECT_THAT(lines_of(done.out), SizeIs(1)) << "the id alone";
    return lines_of(done.out).empty() ? "" : lines_of(done.out)[0];
  }
  /// A trainer that reports, then waits for the file `go`.
  void write_waiting_trainer() {
    write_trainer(
        "echo \"{\\\"score\\\": $x}\" >> \"$SCOPA_METRICS\"\n"
        "while [ ! -e go ]; do sleep 0.02; done\n");
  }
  bool running(const std::string& sweep, int n) {
    return eventually([&] { return counts(sweep)["running"] == n; });
  }
};

TEST_F(CliBrokerTest, TwoWorkersShareASweepWithoutDoingAnythingTwice) {
  start_broker();
  const std::string sweep = create(12);
  Process one = start("one", {"worker", sweep});
  Process two = start("two", {"worker", sweep, "--url", url()});
  EXPECT_EQ(one.wait(std::chrono::seconds(60)), 0) << one.err();
  EXPECT_EQ(two.wait(std::chrono::seconds(60)), 0) << two.err();
  EXPECT_EQ(state(sweep), "finished");
  const auto trials = json({"trials", sweep})["trials"];
  ASSERT_EQ(trials.size(), 12u);
  std::set<int> numbers;
  for (const auto& t : trials) {
    numbers.insert(t["trial"].get<int>());
    EXPECT_EQ(t["attempts"].size(), 1u);
    EXPECT_EQ(t["values"], 3);
  }
  EXPECT_EQ(numbers.size(), 12u);
  stop_broker();
}

TEST_F(CliBrokerTest, AWorkerLeavesAfterItsCountAndARaisedCapGoesOn) {
  start_broker();
  const std::string sweep = create(5);
  EXPECT_EQ(json({"worker", sweep, "--count", "2"})["totals"]["completed"], 2);
  EXPECT_EQ(counts(sweep)["completed"], 2);
  EXPECT_EQ(json({"worker", sweep, "--count", "20"})["totals"]["completed"], 3);
  EXPECT_EQ(state(sweep), "finished");
  EXPECT_EQ(json({"resume", sweep, "--run-cap", "8"})["state"], "running");
  EXPECT_EQ(json({"worker", sweep, "--count", "20"})["totals"]["completed"], 3);
  EXPECT_EQ(counts(sweep)["completed"], 8);
  stop_broker();
}

TEST_F(CliBrokerTest, ABrokerSaysInJsonWhereItListens) {
  Process broker = start("json", {"broker", "--listen", "tcp://127.0.0.1:*", "--json"});
  ASSERT_TRUE(eventually([&] { return broker.out().find('\n') != std::string::npos; }))
      << broker.err();
  const auto document = nlohmann::json::parse(broker.out(), nullptr, false);
  ASSERT_FALSE(document.is_discarded()) << broker.out();
  ASSERT_THAT(document["endpoints"], SizeIs(2));
  const std::string url = document["endpoints"][0];
  EXPECT_EQ(json({"ls", "--url", url})["sweeps"].size(), 0u);
  broker.signal(SIGTERM);
  EXPECT_EQ(broker.wait(std::chrono::seconds(20)), 0) << broker.err();
}

TEST_F(CliBrokerTest, WatchingFollowsASweepToItsEnd) {
  start_broker();
  write_waiting_trainer();
  const std::string sweep = create(2);
  Process worker = start("worker", {"worker", sweep});
  ASSERT_TRUE(running(sweep, 1)) << worker.err();
  Process status = start("status", {"status", sweep, "-w", "--json"});
  Process logs = start("logs", {"logs", sweep + "/0", "-f"});
  ASSERT_TRUE(eventually([&] { return !status.out().empty(); })) << status.err();
  write_file(folder_ / "go", "");
  EXPECT_EQ(status.wait(std::chrono::seconds(60)), 0) << status.err();
  EXPECT_EQ(logs.wait(std::chrono::seconds(60)), 0) << logs.err();
  EXPECT_EQ(worker.wait(std::chrono::seconds(60)), 0) << worker.err();
  const auto lines = lines_of(status.out());
  ASSERT_GE(lines.size(), 2u);
  for (const std::string& line : lines) {
    EXPECT_FALSE(nlohmann::json::parse(line, nullptr, false).is_discarded()) << line;
  }
  EXPECT_EQ(nlohmann::json::parse(lines.back())["sweep"]["state"], "finished");
  stop_broker();
}

TEST_F(CliBrokerTest, PauseHandsOutNothingUntilResume) {
  start_broker();
  write_waiting_trainer();
  const std::string sweep = create(4);
  Process worker = start("worker", {"worker", sweep});
  ASSERT_TRUE(running(sweep, 1)) << worker.err();
  EXPECT_EQ(json({"pause", sweep})["state"], "paused");
  write_file(folder_ / "go", "");
  ASSERT_TRUE(eventually([&] { return counts(sweep)["completed"] == 1; }));
  EXPECT_EQ(counts(sweep)["running"], 0);
  EXPECT_EQ(json({"pause", sweep})["state"], "paused") << "again is no error";
  EXPECT_EQ(json({"resume", sweep})["state"], "running");
  EXPECT_EQ(worker.wait(std::chrono::seconds(60)), 0) << worker.err();
  EXPECT_EQ(counts(sweep)["completed"], 4);
  stop_broker();
}

TEST_F(CliBrokerTest, StopLetsRunningTrialsEnd) {
  start_broker();
  write_waiting_trainer();
  const std::string sweep = create(4);
  Process worker = start("worker", {"worker", sweep});
  ASSERT_TRUE(running(sweep, 1)) << worker.err();
  EXPECT_EQ(json({"stop", sweep})["state"], "stopping");
  write_file(folder_ / "go", "");
  EXPECT_EQ(worker.wait(std::chrono::seconds(60)), 0) << worker.err();
  EXPECT_EQ(counts(sweep)["completed"], 1);
  EXPECT_EQ(state(sweep), "finished");
  stop_broker();
}

TEST_F(CliBrokerTest, CancelEndsRunningTrials) {
  start_broker();
  write_waiting_trainer();
  const std::string sweep = create(4);
  Process worker = start("worker", {"worker", sweep});
  ASSERT_TRUE(running(sweep, 1)) << worker.err();
  EXPECT_EQ(json({"cancel", sweep})["state"], "cancelled");
  EXPECT_EQ(worker.wait(std::chrono::seconds(60)), 0) << worker.err();
  EXPECT_EQ(counts(sweep)["cancelled"], 1);
  const auto error = json_error({"resume", sweep}, 1);
  EXPECT_EQ(error["code"], "S123");
  stop_broker();
}

TEST_F(CliBrokerTest, AnEnqueuedConfigurationIsTriedFirst) {
  start_broker();
  const std::string sweep = create(2);
  const Finished done = scopa({"enqueue", "steps", "x=999"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.out, sweep + "/0\n");
  const Finished bad = scopa({"enqueue", sweep, "y=1"});
  EXPECT_EQ(bad.status, 1);
  EXPECT_THAT(bad.err, HasSubstr("`y`"));
  ASSERT_EQ(scopa({"worker", sweep}).status, 0);
  const auto trial = json({"show", sweep + "/0"})["trial"];
  EXPECT_EQ(trial["params"]["x"], 999);
  EXPECT_EQ(trial["origin"], "enqueued");
  EXPECT_EQ(trial["value"], 999.3);
  stop_broker();
}

TEST_F(CliBrokerTest, AllIsThereAfterTheBrokerAndWithoutIt) {
  start_broker();
  const std::string sweep = create(3);
  ASSERT_EQ(scopa({"worker", sweep}).status, 0);
  const std::string before = scopa({"export", sweep, "--csv"}).out;
  stop_broker();
  EXPECT_EQ(scopa({"export", sweep, "--csv"}).out, before) << "from the folder";
  EXPECT_EQ(scopa({"worker", sweep, "--dir", ".scopa", "--wait", "0"}).status, 4)
      << "a worker needs a broker";
  ASSERT_EQ(scopa({"resume", sweep, "--run-cap", "4"}).status, 0) << "without a broker";
  start_broker();
  ASSERT_EQ(scopa({"worker", sweep}).status, 0);
  EXPECT_EQ(counts(sweep)["completed"], 4);
  stop_broker();
}

TEST_F(CliBrokerTest, ATrialInterruptedByCtrlCTwiceIsGivenToAnotherWorker) {
  start_broker();
  write_waiting_trainer();
  const std::string sweep = create(1);
  Process worker = start("worker", {"worker", sweep});
  ASSERT_TRUE(running(sweep, 1)) << worker.err();
  worker.signal(SIGINT);
  ASSERT_TRUE(eventually([&] { return worker.err().find("Ctrl-C again") != std::string::npos; }));
  worker.signal_again(SIGINT);
  EXPECT_EQ(worker.wait(std::chrono::seconds(60)), 130) << worker.err();
  EXPECT_EQ(counts(sweep)["queued"], 1);
  write_file(folder_ / "go", "");
  EXPECT_EQ(scopa({"worker", sweep}).status, 0);
  EXPECT_EQ(json({"show", sweep + "/0"})["trial"]["attempts"].size(), 2u);
  stop_broker();
}

}  // namespace
}  // namespace scopa::test
