// Real processes, ended by kill -9 at random moments. What the trainers wrote down for themselves
// is held against what the store has afterwards.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <sstream>
#include <thread>

#include "broker/core/suggestion_replay.h"
#include "sdk/session/client.h"
#include "tests/integration/support/process.h"
#include "tests/integration/support/stored_sweep.h"

namespace scopa::test {
namespace {

using namespace std::chrono_literals;

struct Recorded {
  std::uint32_t attempt = 0;
  std::size_t points = 0;
  long slowest_log_us = 0;
};

class CrashTest : public testing::Test {
 protected:
  std::string endpoint() const { return "ipc://" + (folder / "b.sock"); }
  std::string store_folder() const { return folder / "store"; }

  Process start_broker() const {
    return Process("broker",
                   {SCOPA_EXECUTABLE, "broker", "--dir", store_folder(), "--listen", endpoint()},
                   folder.path());
  }
  Process start_worker(const std::string& name, const SweepId& sweep, int slots) const {
    return Process(name,
                   {SCOPA_EXECUTABLE, "worker", sweep, "--url", endpoint(), "--slots",
                    std::to_string(slots), "--gpus", "none", "--dir", folder / name},
                   folder.path(), {"SCOPA_TEST_RECORD=" + (folder / "record")});
  }
  SweepId create(const std::string& spec) const {
    write_file(folder / "sweep.yaml", spec);
    Finished created;
    const bool made = eventually([&] {
      created = run({SCOPA_EXECUTABLE, "create", "sweep.yaml", "--url", endpoint()}, folder.path());
      return created.status == 0;
    });
    EXPECT_TRUE(made) << created.err;
    return created.out.substr(0, created.out.find_first_of("\t\n "));
  }
  wire::SweepInfo info(const SweepId& sweep) const {
    auto client = session::Client::connect(endpoint(), 2s);
    if (!client) return {};
    auto reply = (*client)->request(wire::GetSweep{.sweep = sweep}, 2s);
    if (!reply || !std::holds_alternative<wire::SweepReply>(*reply)) return {};
    return std::get<wire::SweepReply>(*reply).sweep;
  }
  std::map<std::uint64_t, std::vector<Recorded>> record() const {
    std::map<std::uint64_t, std::vector<Recorded>> by_trial;
    std::istringstream lines(read_file(folder / "record"));
    std::uint64_t trial = 0;
    Recorded each;
    while (lines >> trial >> each.attempt >> each.points >> each.slowest_log_us) {
      by_trial[trial].push_back(each);
    }
    return by_trial;
  }

  // Every point that the last attempt of each trial logged is in the store, once and unchanged.
  void expect_exactly_once(const StoredSweep& stored, std::size_t trials) const {
    EXPECT_THAT(stored.faults, testing::IsEmpty());
    EXPECT_EQ(stored.trials.size(), trials);
    const auto recorded = record();
    for (const auto& [trial, state] : stored.trials) {
      EXPECT_EQ(state, TrialState::kCompleted) << "trial " << trial;
      const std::uint32_t last = stored.last_attempt.at(trial);
      const auto own = recorded.find(trial);
      ASSERT_NE(own, recorded.end()) << "trial " << trial << " never ran to its end";
      const auto mine = std::find_if(own->second.begin(), own->second.end(),
                                     [&](const Recorded& r) { return r.attempt == last; });
      ASSERT_NE(mine, own->second.end()) << "trial " << trial;
      const auto& points = stored.attempts.at({trial, last}).points;
      EXPECT_EQ(points.size(), mine->points) << "trial " << trial;
      std::set<std::pair<std::string, std::int64_t>> seen;
      for (const auto& point : points) {
        EXPECT_TRUE(seen.insert({point.metric, point.step}).second)
            << "trial " << trial << " has " << point.metric << " of step " << point.step
            << " twice";
        const double expected = static_cast<double>(trial) * 1e6 + static_cast<double>(point.step) +
                                (point.metric == "aux" ? 0.5 : 0.0);
        EXPECT_EQ(point.value, expected);
      }
    }
  }

  static void expect_replayable(const SweepId& sweep, const StoredSweep& stored) {
    core::SuggestionReplay replay(sweep);
    for (const auto& event : stored.events) replay.add(event);
    for (const auto& report : stored.reports) replay.add(report);
    const auto outcome = replay.run();
    ASSERT_TRUE(outcome.is_ok()) << outcome.status().to_string();
    EXPECT_GT(outcome->checked, 0u);
    for (const auto& each : outcome->mismatches) {
      ADD_FAILURE() << "trial " << each.trial << " was " << to_json(each.recorded) << ", again "
                    << each.recomputed;
    }
  }

  TempFolder folder;
  std::uint64_t seed = test_seed();
  std::mt19937_64 random{seed};
};

std::string spec_of(int cap, int steps, int step_us) {
  return "name: crash\nmethod: bayes\nprogram: " SCOPA_RECORDING_TRAINER
         "\ncommand: [\"${program}\"]\nmetric: {name: loss, goal: minimize}\n"
         "run_cap: " +
         std::to_string(cap) +
         "\nparameters:\n  x: {min: 0.0, max: 1.0}\n  steps: {value: " + std::to_string(steps) +
         "}\n  step_us: {value: " + std::to_string(step_us) + "}\n";
}

TEST_F(CrashTest, ABrokerKilledTwentyTimesLosesNothingAndTrainingDoesNotNotice) {
  SCOPED_TRACE("SCOPA_TEST_SEED=" + std::to_string(seed));
  constexpr int kKills = 20;
  constexpr std::size_t kTrials = 60;
  Process broker = start_broker();
  const SweepId sweep = create(spec_of(kTrials, 150, 2000));
  ASSERT_FALSE(sweep.empty());
  Process worker = start_worker("worker", sweep, 2);
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
    Process doomed = start_worker("doomed", sweep, 2);
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
