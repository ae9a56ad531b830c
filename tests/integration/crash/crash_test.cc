// Real processes, ended by kill -9 at random moments. What the trainers wrote down for themselves
// is held against what the store has afterwards.

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <set>
#include <thread>

#include "tests/integration/crash/crash_fixture.h"
#include "tests/support/effort.h"

namespace scopa::test {
namespace {

std::string spec_of(int cap, int steps, int step_us) {
  return "name: crash\nmethod: bayes\nprogram: " SCOPA_RECORDING_TRAINER
         "\ncommand: [\"${program}\"]\nmetric: {name: loss, goal: minimize}\n"
         "run_cap: " +
         std::to_string(cap) +
         "\nparameters:\n  x: {min: 0.0, max: 1.0}\n  steps: {value: " + std::to_string(steps) +
         "}\n  step_us: {value: " + std::to_string(step_us) + "}\n";
}

// Under a sanitizer all starts take long.
constexpr int kKills = std::max(effort(20), 6);

TEST_F(CrashTest, ABrokerKilledTwentyTimesLosesNothingAndTrainingDoesNotNotice) {
  SCOPED_TRACE("SCOPA_TEST_SEED=" + std::to_string(seed));
  constexpr std::size_t kTrials = 3 * kKills;
  Process broker = start_broker();
  const SweepId sweep = create(spec_of(kTrials, 150, 2000));
  ASSERT_FALSE(sweep.empty());
  Process worker = start_worker("worker", sweep, 2);
  // A worker that finds no broker at its start says so and ends.
  ASSERT_TRUE(eventually([&] { return info(sweep).counts.running > 0; })) << worker.err();
  int kills = 0;
  for (; kills < kKills; ++kills) {
    // The random moment; nothing is waited for.
    std::this_thread::sleep_for(std::chrono::milliseconds(50 + random() % 500));
    if (worker.wait(0ms)) break;
    broker.kill_hard();
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));
    broker = start_broker();
  }
  EXPECT_EQ(kills, kKills) << "the sweep ended before the last kill";
  EXPECT_EQ(worker.wait(120s), 0) << worker.err();
  const wire::SweepInfo end = info(sweep);
  EXPECT_EQ(end.state, static_cast<std::uint8_t>(SweepState::kFinished)) << end.reason;
  EXPECT_EQ(end.counts.completed, kTrials);
  broker.signal(SIGTERM);
  EXPECT_EQ(broker.wait(10s), 0) << broker.err();
  const StoredSweep stored = StoredSweep::read(store_folder(), sweep);
  expect_exactly_once(stored, kTrials);
  expect_replayable(sweep, stored);
  for (const auto& [trial, attempts] : record()) {
    EXPECT_EQ(attempts.size(), 1u) << "trial " << trial << " noticed: it ran more than once";
  }
}

TEST_F(CrashTest, AKilledWorkersTrialsAreRequeuedAfterTheirLeaseAndCountOnce) {
  SCOPED_TRACE("SCOPA_TEST_SEED=" + std::to_string(seed));
  constexpr std::size_t kTrials = 12;
  Process broker(
      "broker",
      {SCOPA_EXECUTABLE, "broker", "--dir", store_folder(), "--listen", endpoint(), "--lease", "2"},
      folder.path());
  const SweepId sweep = create(spec_of(kTrials, 300, 2000));
  ASSERT_FALSE(sweep.empty());
  {
    Process doomed = start_worker("doomed", sweep, 2, "lost");
    ASSERT_TRUE(eventually([&] { return info(sweep).counts.running == 2; }));
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 400));
    doomed.kill_hard();
  }
  Process worker = start_worker("worker", sweep, 2);
  EXPECT_EQ(worker.wait(120s), 0) << worker.err();
  EXPECT_EQ(info(sweep).counts.completed, kTrials);
  broker.signal(SIGTERM);
  EXPECT_EQ(broker.wait(10s), 0) << broker.err();
  const StoredSweep stored = StoredSweep::read(store_folder(), sweep);
  expect_exactly_once(stored, kTrials);
  expect_replayable(sweep, stored);
  const auto requeued = std::count_if(stored.last_attempt.begin(), stored.last_attempt.end(),
                                      [](const auto& each) { return each.second > 1; });
  EXPECT_EQ(requeued, 2) << "the two trials of the killed worker, and only they";
}

TEST_F(CrashTest, AWorkerKilledTwentyTimesLosesNothingAndTrainingDoesNotNotice) {
  SCOPED_TRACE("SCOPA_TEST_SEED=" + std::to_string(seed));
  constexpr std::size_t kTrials = 2 * kKills;
  Process broker = start_broker();
  const SweepId sweep = create(spec_of(kTrials, 300, 2000));
  ASSERT_FALSE(sweep.empty());
  std::optional<Process> worker = start_worker("worker", sweep, 2);
  int kills = 0;
  for (; kills < kKills; ++kills) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50 + random() % 400));
    if (worker->wait(0ms)) break;
    worker->kill_hard();
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));
    worker.reset();
    worker = start_worker("worker", sweep, 2);
  }
  EXPECT_EQ(kills, kKills) << "the sweep ended before the last kill";
  EXPECT_EQ(worker->wait(120s), 0) << worker->err();
  EXPECT_EQ(info(sweep).counts.completed, kTrials);
  broker.signal(SIGTERM);
  EXPECT_EQ(broker.wait(10s), 0) << broker.err();
  const StoredSweep stored = StoredSweep::read(store_folder(), sweep);
  expect_exactly_once(stored, kTrials);
  expect_replayable(sweep, stored);
  for (const auto& [trial, attempts] : record()) {
    EXPECT_EQ(attempts.size(), 1u) << "trial " << trial << " noticed: it ran more than once";
  }
}

TEST_F(CrashTest, AGridOfTwoHundredPointsOverEightSlotsIsTwoHundredDistinctTrials) {
  Process broker = start_broker();
  const SweepId sweep =
      create("method: grid\nprogram: " SCOPA_RECORDING_TRAINER
             "\ncommand: [\"${program}\"]\nmetric: {name: loss, goal: minimize}\n"
             "parameters:\n  a: {values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}\n"
             "  b: {min: 1, max: 20}\n  steps: {value: 2}\n  step_us: {value: 10}\n");
  ASSERT_FALSE(sweep.empty());
  Process first = start_worker("first", sweep, 4);
  Process second = start_worker("second", sweep, 4);
  EXPECT_EQ(first.wait(120s), 0) << first.err();
  EXPECT_EQ(second.wait(120s), 0) << second.err();
  broker.signal(SIGTERM);
  EXPECT_EQ(broker.wait(10s), 0) << broker.err();
  const StoredSweep stored = StoredSweep::read(store_folder(), sweep);
  expect_exactly_once(stored, 200);
  std::set<std::string> distinct;
  std::set<std::string> workers;
  for (const auto& event : stored.events) {
    if (const auto* created = std::get_if<core::TrialCreated>(&event.body)) {
      distinct.insert(canonical_text(created->params));
    } else if (const auto* started = std::get_if<core::AttemptStarted>(&event.body)) {
      EXPECT_EQ(started->attempt, 1u);
      workers.insert(started->worker);
    }
  }
  EXPECT_EQ(distinct.size(), 200u);
  EXPECT_EQ(workers.size(), 2u);
  for (const auto& [trial, attempts] : record()) {
    EXPECT_EQ(attempts.size(), 1u) << "trial " << trial << " was run by two";
  }
}

}  // namespace
}  // namespace scopa::test
