// A trainer that is its own worker, against a broker of a few lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "scopa/worker.hpp"
#include "tests/integration/worker/fake_broker.h"
#include "tests/support/temp_folder.h"

namespace scopa::worker {
namespace {

using ::testing::HasSubstr;

wire::Assign assignment(std::uint64_t trial, double rate) {
  wire::Assign m;
  m.sweep = "k3v9q2ha";
  m.trial = trial;
  m.attempt = 1;
  m.params = {{"rate", rate}};
  m.metric = "loss";
  return m;
}

class RunWorkerTest : public ::testing::Test {
 protected:
  // All tests run the same sweep: one must not adopt what another, or a killed one, left behind.
  RunWorkerTest() { ::setenv("SCOPA_MEMORY", (folder_ / "memory").c_str(), 1); }

  scopa::WorkerOptions options() {
    scopa::WorkerOptions o;
    o.url = endpoint_;
    o.sweep = "@last";
    o.folder = folder_ / "store";
    return o;
  }
  /// Until somebody listens at the endpoint.
  void await_listener() {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    (folder_ / "broker").copy(address.sun_path, sizeof address.sun_path - 1);
    int error = -1;
    for (int i = 0; i < 10'000 && error != 0; ++i) {
      const int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
      error = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address);
      close(probe);
      if (error != 0) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    ASSERT_EQ(error, 0);
  }
  TempFolder folder_;
  std::string endpoint_ = "ipc://" + (folder_ / "broker");
};

TEST_F(RunWorkerTest, CallsTheFunctionForEachTrialOnItsOwnThread) {
  FakeBroker broker(endpoint_, {assignment(0, 0.5), assignment(1, 0.25)});
  broker.start();
  const auto here = std::this_thread::get_id();
  std::vector<double> rates;
  const auto result = scopa::run_worker(options(), [&](scopa::Trial& trial) {
    EXPECT_EQ(std::this_thread::get_id(), here);
    rates.push_back(trial.param("rate", 0.0));
    for (int step = 0; step < 100; ++step) trial.log("loss", step, step);
  });
  EXPECT_TRUE(result) << result.error;
  EXPECT_EQ(result.completed, 2U);
  EXPECT_THAT(rates, ::testing::ElementsAre(0.5, 0.25));
  for (const auto& [number, t] : broker.trials()) {
    EXPECT_EQ(t.values.size(), 100U);
    ASSERT_TRUE(t.released.has_value());
    EXPECT_EQ(t.released->outcome, static_cast<std::uint8_t>(wire::Outcome::kReturned));
  }
}

TEST_F(RunWorkerTest, AnExceptionFailsItsTrialAndTheNextOneRuns) {
  FakeBroker broker(endpoint_, {assignment(0, 0.5), assignment(1, 0.25)});
  broker.start();
  const auto result = scopa::run_worker(options(), [&](scopa::Trial& trial) {
    if (trial.number() == 0) throw std::runtime_error("CUDA out of memory");
  });
  EXPECT_TRUE(result) << result.error;
  EXPECT_EQ(result.failed, 1U);
  EXPECT_EQ(result.completed, 1U);
  EXPECT_EQ(broker.trials()[0].released->message, "CUDA out of memory");
  EXPECT_EQ(static_cast<Cause>(broker.trials()[0].released->cause), Cause::kOom);
}

TEST_F(RunWorkerTest, WhatTheFunctionNeverReadsAndAsksForInVainIsNoted) {
  FakeBroker broker(endpoint_, {assignment(0, 0.5)});
  broker.start();
  const auto result = scopa::run_worker(options(), [&](scopa::Trial& trial) {
    trial.log("loss", 0, trial.param("learning_rate", 1e-3));
  });
  EXPECT_TRUE(result) << result.error;
  const auto released = broker.trials()[0].released;
  ASSERT_TRUE(released.has_value());
  EXPECT_THAT(released->notes.unread, ::testing::ElementsAre("rate"));
  EXPECT_THAT(released->notes.asked, ::testing::ElementsAre("learning_rate"));
  EXPECT_EQ(released->folder, folder_ / "store/trials/k3v9q2ha/0");
}

TEST_F(RunWorkerTest, AFunctionWhoseJournalIsCutShortHasFailed) {
  FakeBroker broker(endpoint_, {assignment(0, 0.5)});
  broker.start();
  const auto result = scopa::run_worker(options(), [&](scopa::Trial&) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / "memory")) {
      if (entry.path().filename() == "extra") std::filesystem::resize_file(entry.path(), 100);
    }
  });
  EXPECT_EQ(result.failed, 1U) << result.error;
  EXPECT_THAT(broker.trials()[0].released->message, HasSubstr("its journal was cut short"));
}

TEST_F(RunWorkerTest, AStopReachesTheFunction) {
  FakeBroker broker(endpoint_, {assignment(0, 0.5)});
  broker.judge = [](std::uint64_t, const FakeTrial& t) {
    return t.applied >= 5 ? StopReason::kPruned : StopReason::kNone;
  };
  broker.start();
  bool stopped = false;
  const auto result = scopa::run_worker(options(), [&](scopa::Trial& trial) {
    for (int step = 0; step < 60'000 && !stopped; ++step) {
      trial.log("loss", step, 1);
      stopped = trial.should_stop();
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  });
  EXPECT_TRUE(result) << result.error;
  EXPECT_TRUE(stopped);
}

TEST_F(RunWorkerTest, AnUnknownSweepIsAnError) {
  FakeBroker broker(endpoint_, {assignment(0, 0.5)});
  broker.start();
  auto o = options();
  o.sweep = "nowhere";
  const auto result = scopa::run_worker(o, [](scopa::Trial&) {});
  EXPECT_FALSE(result);
  EXPECT_THAT(result.error, HasSubstr("no sweep `nowhere`"));
}

TEST_F(RunWorkerTest, NoSweepIsAnErrorAtOnce) {
  auto o = options();
  o.sweep.clear();
  EXPECT_THAT(scopa::run_worker(o, [](scopa::Trial&) {}).error, HasSubstr("no sweep is named"));
}

/// Lines and when they came.
struct Heard {
  std::mutex mutex;
  std::vector<std::string> lines;
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
  std::chrono::steady_clock::duration first{};

  void add(std::string_view line) {
    const std::lock_guard lock(mutex);
    if (lines.empty()) first = std::chrono::steady_clock::now() - began;
    lines.emplace_back(line);
  }
  bool has(const std::string& what) {
    const std::lock_guard lock(mutex);
    return std::any_of(lines.begin(), lines.end(), [&](const std::string& line) {
      return line.find(what) != std::string::npos;
    });
  }
};

TEST_F(RunWorkerTest, ABrokerThatIsAwayIsWaitedForAndThatIsSaidWithinTwoSeconds) {
  FakeBroker broker(endpoint_, {assignment(0, 0.5)});
  Heard heard;
  auto o = options();
  o.log = [&](std::string_view line) { heard.add(line); };
  std::thread later([&] {
    const auto until = heard.began + std::chrono::seconds(60);
    while (!heard.has("waiting up to 1 min") && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    broker.start();
  });
  const auto result = scopa::run_worker(o, [](scopa::Trial& trial) { trial.log("loss", 1, 1); });
  later.join();
  EXPECT_TRUE(result) << result.error;
  EXPECT_EQ(result.completed, 1U);
  EXPECT_LT(heard.first, std::chrono::seconds(2));
  EXPECT_TRUE(heard.has("the broker at " + endpoint_ + " answers"));
  EXPECT_TRUE(heard.has("trial k3v9q2ha/0 completed"));
}

TEST_F(RunWorkerTest, WithoutALogStderrHearsThatTheBrokerIsAwayAndNothingElse) {
  auto o = options();
  o.wait_seconds = 0.3;
  ::testing::internal::CaptureStderr();
  const auto result = scopa::run_worker(o, [](scopa::Trial&) {});
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "scopa: no broker answers at " + endpoint_ + "; waiting up to 1 s\n");
  EXPECT_THAT(result.error, HasSubstr("no broker answers at " + endpoint_));
  EXPECT_THAT(result.error, HasSubstr("option url or SCOPA_URL"));
  FakeBroker broker(endpoint_, {assignment(0, 0.5)});
  broker.start();
  await_listener();
  ::testing::internal::CaptureStderr();
  EXPECT_TRUE(scopa::run_worker(o, [](scopa::Trial&) {}));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST_F(RunWorkerTest, BelowZeroSecondsNobodyIsWaitedFor) {
  auto o = options();
  o.wait_seconds = -1;
  Heard heard;
  o.log = [&](std::string_view line) { heard.add(line); };
  EXPECT_FALSE(scopa::run_worker(o, [](scopa::Trial&) {}));
  EXPECT_TRUE(heard.lines.empty());
}

TEST_F(RunWorkerTest, TheBrokerOfItsFolderIsFoundUnlessAnotherIsNamed) {
  ::unsetenv("SCOPA_URL");
  FakeBroker broker(endpoint_, {assignment(0, 0.5), assignment(1, 0.5)});
  broker.start();
  await_listener();
  auto o = options();
  o.url.clear();
  o.wait_seconds = -1;
  o.count = 1;
  std::filesystem::create_directory(o.folder);
  std::ofstream(o.folder + "/endpoint") << endpoint_ << "\n";
  const auto result = scopa::run_worker(o, [](scopa::Trial&) {});
  EXPECT_TRUE(result) << result.error;
  EXPECT_EQ(result.completed, 1U);
  ::setenv("SCOPA_URL", "tcp://127.0.0.1:1", 1);
  EXPECT_THAT(scopa::run_worker(o, [](scopa::Trial&) {}).error, HasSubstr("at tcp://127.0.0.1:1"));
  ::unsetenv("SCOPA_URL");
}

TEST_F(RunWorkerTest, TheTrialsDeviceIsWhatTheProcessSees) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"", "cpu"}, {"0,1", "gpu-0,gpu-1"}, {"GPU-1234", "GPU-1234"}};
  for (const auto& [visible, device] : cases) {
    ::setenv("CUDA_VISIBLE_DEVICES", visible, 1);
    FakeBroker broker(endpoint_, {assignment(0, 0.5)});
    broker.start();
    EXPECT_TRUE(scopa::run_worker(options(), [](scopa::Trial&) {}));
    EXPECT_EQ(broker.device(), device);
  }
  ::setenv("CUDA_VISIBLE_DEVICES", "0", 1);
  ::setenv("SLURM_JOB_ID", "17", 1);
  ::setenv("SLURM_JOB_GPUS", "3", 1);
  ::setenv("SLURMD_NODENAME", "n1", 1);
  FakeBroker broker(endpoint_, {assignment(0, 0.5)});
  broker.start();
  EXPECT_TRUE(scopa::run_worker(options(), [](scopa::Trial&) {}));
  EXPECT_EQ(broker.device(), "slurm-n1-gpu3");
  for (const char* name :
       {"CUDA_VISIBLE_DEVICES", "SLURM_JOB_ID", "SLURM_JOB_GPUS", "SLURMD_NODENAME"}) {
    ::unsetenv(name);
  }
}

// ---- scopa_run_worker_until(), for interpreters
// --------------------------------------------------

struct Host {
  int trained = 0;
  int code = 0;          // what the function returns
  int looks = 0;         // how often it was asked whether to leave
  int leaves_after = 0;  // so many looks; 0: never
};

int train_for_host(scopa_trial* trial, void* context, char* error, std::size_t error_bytes) {
  auto* host = static_cast<Host*>(context);
  ++host->trained;
  std::snprintf(error, error_bytes, "interrupted");
  scopa_trial_close(trial);
  return host->code;
}

int host_leaves(void* context) {
  auto* host = static_cast<Host*>(context);
  ++host->looks;
  return host->leaves_after != 0 && host->looks >= host->leaves_after ? 1 : 0;
}

class RunWorkerUntilTest : public RunWorkerTest {
 protected:
  int run_until(Host* host) {
    const scopa::WorkerOptions o = options();
    scopa_worker_options raw{};
    raw.struct_bytes = sizeof raw;
    raw.url = o.url.c_str();
    raw.sweep = o.sweep.c_str();
    raw.folder = o.folder.c_str();
    totals_ = {};
    totals_.struct_bytes = sizeof totals_;
    return scopa_run_worker_until(&raw, train_for_host, host_leaves, host, &totals_);
  }
  scopa_worker_result totals_{};
};

TEST_F(RunWorkerUntilTest, ATrialThatIsGivenBackIsQueuedAgainAndNoOtherIsRun) {
  FakeBroker broker(endpoint_, {assignment(0, 0.5), assignment(1, 0.25)});
  broker.start();
  Host host;
  host.code = SCOPA_TRIAL_GIVEN_BACK;
  EXPECT_EQ(run_until(&host), 0) << totals_.error;
  EXPECT_EQ(host.trained, 1);
  ASSERT_TRUE(broker.trials()[0].released.has_value());
  EXPECT_TRUE(broker.trials()[0].released->requeue);
  EXPECT_EQ(static_cast<Cause>(broker.trials()[0].released->cause), Cause::kPreempted);
}

TEST_F(RunWorkerUntilTest, ToThePlainFunctionThatCodeIsAFailure) {
  FakeBroker broker(endpoint_, {assignment(0, 0.5)});
  broker.start();
  Host host;
  host.code = SCOPA_TRIAL_GIVEN_BACK;
  const scopa::WorkerOptions o = options();
  scopa_worker_options raw{};
  raw.struct_bytes = sizeof raw;
  raw.url = o.url.c_str();
  raw.sweep = o.sweep.c_str();
  raw.folder = o.folder.c_str();
  EXPECT_EQ(scopa_run_worker(&raw, train_for_host, &host, nullptr), 0);
  EXPECT_FALSE(broker.trials()[0].released->requeue);
  EXPECT_EQ(broker.trials()[0].released->message, "interrupted");
}

// After its one trial the broker has none, and never says that there is an end.
TEST_F(RunWorkerUntilTest, AHostThatWaitsIsAskedAndLeaves) {
  FakeBroker broker(endpoint_, {assignment(0, 0.5)});
  broker.patient = true;
  broker.start();
  Host host;
  host.leaves_after = 3;
  EXPECT_EQ(run_until(&host), 0) << totals_.error;
  EXPECT_EQ(host.trained, 1);
  EXPECT_GE(host.looks, 3);
}

}  // namespace
}  // namespace scopa::worker
