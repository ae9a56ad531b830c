// A trainer that is its own worker, against a broker of a few lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
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

}  // namespace
}  // namespace scopa::worker
