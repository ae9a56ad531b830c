// A whole worker with real processes, sockets and journals, against a broker of a few lines.
#include "worker/worker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "tests/integration/worker/fake_broker.h"
#include "tests/support/temp_folder.h"

namespace scopa::worker {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kSweep = "k3v9q2ha";

wire::Assign trial(std::uint64_t number, Params params, std::vector<std::string> command = {}) {
  wire::Assign m;
  m.sweep = kSweep;
  m.trial = number;
  m.attempt = 1;
  m.params = std::move(params);
  m.command = std::move(command);
  m.program = SCOPA_STEPS_TRAINER;
  m.metric = "loss";
  return m;
}

Params steps(std::int64_t points, std::int64_t pause_us = 0) {
  return {{"points", points}, {"pause_us", pause_us}};
}

class WorkerTest : public ::testing::Test {
 protected:
  // All tests run the same sweep: one must not adopt what another, or a killed one, left behind.
  WorkerTest() { ::setenv("SCOPA_MEMORY", (folder_ / "memory").c_str(), 1); }

  WorkerOptions options() {
    WorkerOptions o;
    o.endpoint = endpoint_;
    o.sweep = kSweep;
    o.folder = folder_ / "store";
    o.program_folder = folder_.path();
    o.gpus = {"none"};
    o.handle_signals = false;
    o.tell = [](std::string_view line) {
      std::printf("%.*s\n", static_cast<int>(line.size()), line.data());
    };
    return o;
  }
  std::unique_ptr<Worker> create(const WorkerOptions& o) {
    auto worker = Worker::create(o);
    EXPECT_TRUE(worker) << worker.status().to_string();
    return worker ? std::move(*worker) : nullptr;
  }
  /// Every point that a steps trainer logged, once and in order.
  static void expect_all(const FakeTrial& trial, std::size_t points) {
    ASSERT_EQ(trial.steps.size(), points);
    for (std::size_t i = 0; i < points; ++i) {
      ASSERT_EQ(trial.steps[i], static_cast<std::int64_t>(i));
    }
  }

  TempFolder folder_;
  std::string endpoint_ = "ipc://" + (folder_ / "broker");
};

TEST_F(WorkerTest, RunsAllTrialsInItsSlotsAndLeaves) {
  std::vector<wire::Assign> trials;
  for (std::uint64_t i = 0; i < 6; ++i) trials.push_back(trial(i, steps(1000)));
  FakeBroker broker(endpoint_, trials);
  broker.start();
  auto o = options();
  o.slots = 2;
  auto worker = create(o);
  const Status end = worker->run();
  EXPECT_TRUE(end) << end.to_string();
  EXPECT_EQ(worker->totals().completed, 6U);
  for (const auto& [number, t] : broker.trials()) {
    expect_all(t, 1000);
    ASSERT_TRUE(t.released.has_value());
    EXPECT_EQ(t.released->to, 1000U);
    EXPECT_EQ(t.released->points_dropped, 0U);
  }
}

TEST_F(WorkerTest, EveryPointArrivesOnceThoughTheBrokerGoesAndComesBack) {
  FakeBroker broker(endpoint_, {trial(0, steps(3000, 500)), trial(1, steps(200'000))});
  broker.start();
  auto o = options();
  o.slots = 2;
  auto worker = create(o);
  Status end;
  std::thread runner([&] { end = worker->run(); });
  for (int i = 0; i < 3; ++i) {
    const std::size_t before = broker.trials()[0].applied;
    ASSERT_TRUE(broker.wait_until(
        [&](const auto& t) { return t.contains(0) && t.at(0).applied > before; }));
    broker.stop();
    std::this_thread::sleep_for(100ms);  // points gather in the journal
    broker.start();
  }
  runner.join();
  EXPECT_TRUE(end) << end.to_string();
  expect_all(broker.trials()[0], 3000);
  expect_all(broker.trials()[1], 200'000);
}

TEST_F(WorkerTest, AStopReachesTheTrainerWithinMilliseconds) {
  FakeBroker broker(endpoint_, {trial(0, steps(100'000, 1000))});
  broker.judge = [](std::uint64_t, const FakeTrial& t) {
    return t.applied >= 20 ? StopReason::kPruned : StopReason::kNone;
  };
  broker.start();
  auto worker = create(options());
  EXPECT_TRUE(worker->run());
  const FakeTrial t = broker.trials()[0];
  ASSERT_TRUE(t.released.has_value());
  EXPECT_EQ(t.released->outcome, static_cast<std::uint8_t>(wire::Outcome::kExited));
  const auto stopped_at =
      std::stoll(TempFolder::text_of(folder_ / "store/trials/k3v9q2ha/0/stopped"));
  // A step takes a millisecond and more; a machine under load is forgiven a lot.
  EXPECT_LT(stopped_at, 20 + 500);
}

TEST_F(WorkerTest, AFencedTrialIsEndedAndDeliveredAllTheSame) {
  Params params = steps(1'000'000, 1000);
  params.push_back({"deaf", true});
  wire::Assign deaf = trial(0, params);
  deaf.grace_ms = 100;
  FakeBroker broker(endpoint_, {deaf, trial(1, steps(5))});
  broker.judge = [](std::uint64_t number, const FakeTrial&) {
    return number == 0 ? StopReason::kFenced : StopReason::kNone;
  };
  broker.start();
  auto worker = create(options());
  EXPECT_TRUE(worker->run());
  const auto trials = broker.trials();
  const FakeTrial& fenced = trials.at(0);
  ASSERT_TRUE(fenced.released.has_value());
  EXPECT_EQ(fenced.released->signal, SIGTERM);
  EXPECT_EQ(fenced.released->forced, static_cast<std::uint8_t>(wire::Forced::kTerm));
  EXPECT_EQ(fenced.released->to, fenced.applied);
  EXPECT_FALSE(fenced.released->requeue);
  EXPECT_TRUE(trials.at(1).released.has_value());
}

TEST_F(WorkerTest, AForgottenTrialIsEndedAndReleasesNothing) {
  Params params = steps(1'000'000, 1000);
  params.push_back({"deaf", true});
  wire::Assign deaf = trial(0, params);
  deaf.grace_ms = 100;
  FakeBroker broker(endpoint_, {deaf, trial(1, steps(5))});
  broker.judge = [](std::uint64_t number, const FakeTrial&) {
    return number == 0 ? StopReason::kForgotten : StopReason::kNone;
  };
  broker.start();
  auto worker = create(options());
  EXPECT_TRUE(worker->run());
  EXPECT_FALSE(broker.trials()[0].released.has_value());
  EXPECT_TRUE(broker.trials()[1].released.has_value());
}

TEST_F(WorkerTest, StopGivesTrialsBackAndKeepsTheirPoints) {
  FakeBroker broker(endpoint_, {trial(0, steps(1'000'000, 1000)), trial(1, steps(5))});
  broker.start();
  auto worker = create(options());
  Status end;
  std::thread runner([&] { end = worker->run(); });
  EXPECT_TRUE(
      broker.wait_until([](const auto& t) { return t.contains(0) && t.at(0).applied > 3; }));
  worker->stop();
  runner.join();
  EXPECT_TRUE(end) << end.to_string();
  const FakeTrial t = broker.trials()[0];
  ASSERT_TRUE(t.released.has_value());
  EXPECT_TRUE(t.released->requeue);
  EXPECT_EQ(t.released->to, t.applied);
  EXPECT_FALSE(broker.trials().contains(1));
  EXPECT_EQ(worker->totals().requeued, 1U);
}

TEST_F(WorkerTest, DrainLetsTheRunningTrialEnd) {
  FakeBroker broker(endpoint_, {trial(0, steps(300, 1000)), trial(1, steps(5))});
  broker.start();
  auto worker = create(options());
  Status end;
  std::thread runner([&] { end = worker->run(); });
  EXPECT_TRUE(
      broker.wait_until([](const auto& t) { return t.contains(0) && t.at(0).applied > 3; }));
  worker->drain();
  runner.join();
  EXPECT_TRUE(end) << end.to_string();
  expect_all(broker.trials()[0], 300);
  EXPECT_FALSE(broker.trials()[0].released->requeue);
  EXPECT_FALSE(broker.trials().contains(1));
}

TEST_F(WorkerTest, AProgramThatIsNotThereIsReleasedWithItsReason) {
  FakeBroker broker(endpoint_, {trial(0, {}, {"./nowhere"})});
  broker.start();
  auto worker = create(options());
  EXPECT_TRUE(worker->run());
  const auto released = broker.trials()[0].released;
  ASSERT_TRUE(released.has_value());
  EXPECT_EQ(released->outcome, static_cast<std::uint8_t>(wire::Outcome::kNotStarted));
  EXPECT_THAT(released->message, HasSubstr("./nowhere"));
  EXPECT_EQ(static_cast<Cause>(released->cause), Cause::kUserError);
}

TEST_F(WorkerTest, AShellTrainersMetricsAndFailureArrive) {
  const std::string script = folder_.script(
      "train.sh", "echo '{\"loss\":0.25}' > $SCOPA_METRICS; echo 'out of luck' >&2; exit 4");
  FakeBroker broker(endpoint_, {trial(0, {}, {script, "${args}"})});
  broker.start();
  auto worker = create(options());
  EXPECT_TRUE(worker->run());
  const FakeTrial t = broker.trials()[0];
  EXPECT_THAT(t.values, ::testing::ElementsAre(0.25));
  ASSERT_TRUE(t.released.has_value());
  EXPECT_EQ(t.released->exit_code, 4);
  EXPECT_EQ(t.released->message, "out of luck");
  EXPECT_EQ(worker->totals().failed, 1U);
}

TEST_F(WorkerTest, InQuarantineItSaysWhyRunsNothingMoreAndFails) {
  FakeBroker broker(endpoint_, {trial(0, steps(300, 1000))});
  broker.quarantine = "its last 3 trials failed, those of others did not";
  broker.start();
  auto o = options();
  o.slots = 2;
  std::string told;
  o.tell = [&](std::string_view line) { told += std::string(line) + "\n"; };
  auto worker = create(o);
  const Status end = worker->run();
  EXPECT_FALSE(end);
  EXPECT_THAT(end.message(), HasSubstr("quarantined: its last 3 trials failed"));
  EXPECT_THAT(end.help(), HasSubstr("scopa resume"));
  EXPECT_THAT(told, HasSubstr("quarantined, no more trials for this worker; 1 running"));
  EXPECT_THAT(told, Not(HasSubstr("its last 3 trials failed"))) << "that is said once";
  expect_all(broker.trials()[0], 300);  // the one that ran already
  EXPECT_EQ(broker.trials().size(), 1U);
}

TEST_F(WorkerTest, CountBoundsItsTrials) {
  FakeBroker broker(endpoint_, {trial(0, steps(1)), trial(1, steps(1)), trial(2, steps(1))});
  broker.start();
  auto o = options();
  o.count = 2;
  auto worker = create(o);
  EXPECT_TRUE(worker->run());
  EXPECT_EQ(broker.trials().size(), 2U);
}

TEST_F(WorkerTest, AnEndpointThatIsNoneIsRefused) {
  auto o = options();
  o.endpoint = "localhost";
  EXPECT_EQ(Worker::create(o).status().code(), Code::kInvalidArgument);
}

TEST_F(WorkerTest, ASweepIdThatIsAPathIsRefused) {
  auto o = options();
  o.sweep = "../x";
  EXPECT_EQ(Worker::create(o).status().code(), Code::kInvalidArgument);
}

/// Runs a worker as a process of its own, as the command does, and signals it.
class SignalTest : public WorkerTest {
 protected:
  pid_t launch() {
    const pid_t pid = fork();
    if (pid != 0) return pid;
    auto o = options();
    o.handle_signals = true;
    o.tell = [](std::string_view) {};
    auto worker = Worker::create(o);
    _exit(worker && (*worker)->run() ? 0 : 1);
  }
  static int exit_code_of(pid_t pid) {
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }
};

TEST_F(SignalTest, OneSignalDrainsAndASecondStops) {
  FakeBroker broker(endpoint_, {trial(0, steps(1'000'000, 1000))});
  const pid_t worker = launch();  // before there are threads here
  broker.start();
  EXPECT_TRUE(
      broker.wait_until([](const auto& t) { return t.contains(0) && t.at(0).applied > 3; }));
  kill(worker, SIGINT);
  // A point takes a millisecond and more: then it is another signal, not the same one twice.
  const std::uint64_t then = broker.trials()[0].applied;
  const auto apart = static_cast<std::uint64_t>(limits::kOneSignal.count()) + 100;
  EXPECT_TRUE(broker.wait_until([&](const auto& t) { return t.at(0).applied > then + apart; }));
  kill(worker, SIGINT);
  EXPECT_EQ(exit_code_of(worker), 0);
  EXPECT_TRUE(broker.trials()[0].released->requeue);
}

TEST_F(SignalTest, TwoAtOnceAreOne) {
  FakeBroker broker(endpoint_, {trial(0, steps(600, 1000)), trial(1, steps(5))});
  const pid_t worker = launch();
  broker.start();
  EXPECT_TRUE(
      broker.wait_until([](const auto& t) { return t.contains(0) && t.at(0).applied > 3; }));
  kill(worker, SIGINT);
  kill(worker, SIGINT);
  EXPECT_EQ(exit_code_of(worker), 0);
  expect_all(broker.trials()[0], 600);
  EXPECT_FALSE(broker.trials()[0].released->requeue) << "it was left to end";
  EXPECT_FALSE(broker.trials().contains(1));
}

TEST_F(SignalTest, WithNoticeThatTheMachineGoesTrialsGoBackAsPreempted) {
  for (const int signal : {SIGTERM, SIGUSR1}) {
    FakeBroker broker(endpoint_, {trial(0, steps(1'000'000, 1000)), trial(1, steps(5))});
    const pid_t worker = launch();
    broker.start();
    EXPECT_TRUE(
        broker.wait_until([](const auto& t) { return t.contains(0) && t.at(0).applied > 3; }));
    kill(worker, signal);
    EXPECT_EQ(exit_code_of(worker), 0);
    const auto trials = broker.trials();
    ASSERT_TRUE(trials.at(0).released.has_value());
    EXPECT_TRUE(trials.at(0).released->requeue);
    EXPECT_EQ(static_cast<Cause>(trials.at(0).released->cause), Cause::kPreempted);
    EXPECT_FALSE(trials.contains(1)) << "a new trial";
  }
}

}  // namespace
}  // namespace scopa::worker
