// A worker with real processes and a broker with a real store, which comes and goes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "tests/integration/broker/broker_fixture.h"
#include "worker/worker.h"

namespace scopa::worker {
namespace {

using namespace std::chrono_literals;
using server::RunningBroker;

constexpr std::int64_t kPoints = 400;

std::string spec() {
  return "name: test\nmethod: random\nrun_cap: 6\nprogram: " + std::string(SCOPA_STEPS_TRAINER) +
         "\ncommand: [\"${program}\"]\nmetric: {name: loss, goal: minimize}\nparameters:\n"
         "  x: {min: 0.0, max: 1.0}\n  points: {value: 400}\n  pause_us: {value: 1000}\n";
}

SweepId create_sweep(session::Client& client) {
  wire::Create create;
  create.token = "t1";
  create.file_name = "sweep.yaml";
  create.spec = spec();
  const auto reply = client.request(create);
  EXPECT_TRUE(reply) << reply.status().to_string();
  return std::get<wire::Created>(*reply).sweep;
}

/// The steps of all stored points that count for a trial.
std::vector<std::int64_t> stored_steps(session::Client& client, const SweepId& sweep,
                                       std::uint64_t trial) {
  std::vector<std::int64_t> steps;
  wire::GetPoints query;
  query.sweep = sweep;
  query.trial = trial;
  while (true) {
    const auto reply = client.request(query);
    EXPECT_TRUE(reply) << reply.status().to_string();
    if (!reply) return steps;
    const auto& page = std::get<wire::PointsReply>(*reply);
    for (const std::string& block : page.blocks) {
      const auto points = wire::PointsView::parse(block);
      EXPECT_TRUE(points);
      for (std::size_t i = 0; points && i < points->size(); ++i) {
        if (points->step(i) <= page.step_max) steps.push_back(points->step(i));
      }
    }
    if (page.next_offset == 0 && page.next_attempt == 0) return steps;
    query.attempt = page.next_offset != 0 ? page.attempt : page.next_attempt;
    query.offset = page.next_offset;
  }
}

TEST(WorkerWithBrokerTest, EveryPointIsStoredOnceThoughTheBrokerIsStoppedAndStartedAgain) {
  TempFolder folder;
  auto broker = std::make_unique<RunningBroker>(folder.path());
  const SweepId sweep = create_sweep(*broker->client());
  WorkerOptions options;
  options.endpoint = broker->ipc();
  options.sweep = sweep;
  options.folder = folder.path() + "/work";
  options.gpus = {"none"};
  options.slots = 2;
  options.handle_signals = false;
  options.tell = [](std::string_view) {};
  auto worker = Worker::create(options);
  ASSERT_TRUE(worker) << worker.status().to_string();
  Status end;
  std::thread thread([&] { end = (*worker)->run(); });
  for (int i = 0; i < 4; ++i) {
    std::this_thread::sleep_for(150ms);  // somewhere in the middle of trials
    broker.reset();
    std::this_thread::sleep_for(100ms);
    broker = std::make_unique<RunningBroker>(folder.path());
  }
  thread.join();
  EXPECT_TRUE(end) << end.to_string();
  EXPECT_EQ((*worker)->totals().completed, 6U);

  std::vector<std::int64_t> all(kPoints);
  for (std::int64_t i = 0; i < kPoints; ++i) all[static_cast<std::size_t>(i)] = i;
  auto client = broker->client();
  for (std::uint64_t trial = 0; trial < 6; ++trial) {
    EXPECT_EQ(stored_steps(*client, sweep, trial), all) << "trial " << trial;
  }
  wire::ListTrials list;
  list.sweep = sweep;
  const auto reply = client->request(list);
  ASSERT_TRUE(reply);
  const auto& trials = std::get<wire::Trials>(*reply).trials;
  ASSERT_EQ(trials.size(), 6U);
  for (const wire::TrialInfo& trial : trials) {
    EXPECT_EQ(trial.state, static_cast<std::uint8_t>(TrialState::kCompleted));
    EXPECT_EQ(trial.attempts.size(), 1U);
  }
}

TEST(WorkerWithBrokerTest, AnUnknownSweepEndsTheWorkerWithNotFound) {
  TempFolder folder;
  RunningBroker broker(folder.path());
  WorkerOptions options;
  options.endpoint = broker.ipc();
  options.sweep = "zzzzzzzz";
  options.folder = folder.path() + "/work";
  options.gpus = {"none"};
  options.handle_signals = false;
  options.tell = [](std::string_view) {};
  auto worker = Worker::create(options);
  ASSERT_TRUE(worker) << worker.status().to_string();
  EXPECT_EQ((*worker)->run().code(), Code::kNotFound);
}

}  // namespace
}  // namespace scopa::worker
