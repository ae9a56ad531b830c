// A trainer that is its own worker, against a broker of a few lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <thread>

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
