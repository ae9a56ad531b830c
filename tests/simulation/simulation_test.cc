#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string>

#include "tests/simulation/cluster.h"

namespace scopa::sim {
namespace {

std::string hashes_of_another_process(const std::string& seeds) {
  const std::string command = std::string(SCOPA_SIMULATE) + " --hash --seeds " + seeds;
  FILE* pipe = popen(command.c_str(), "r");
  std::string text;
  std::array<char, 4096> buffer{};
  while (pipe != nullptr && fgets(buffer.data(), buffer.size(), pipe) != nullptr) {
    text += buffer.data();
  }
  if (pipe != nullptr) pclose(pipe);
  return text;
}

/// Two machines with one slot each and trainers that never fail, and nothing goes wrong by itself.
Scenario quiet() {
  Scenario scenario;
  scenario.machines.resize(2);
  for (MachineOptions& machine : scenario.machines) {
    machine.start_fails = 0;
    machine.trainer.fails = machine.trainer.nan = machine.trainer.is_deaf = 0;
  }
  scenario.specs = {
      "method: random\nmetric: {name: loss}\nrun_cap: 30\nseed: 3\n"
      "parameters: {a: {min: 0.0, max: 1.0}}\n"};
  scenario.meddles = 0;
  return scenario;
}

TEST(SimulationTest, ASeedIsOneRun) {
  const Outcome once = simulate(7);
  const Outcome twice = simulate(7);
  EXPECT_EQ(once.hash, twice.hash);
  EXPECT_EQ(once.steps, twice.steps);
  EXPECT_NE(once.hash, simulate(8).hash);
}

TEST(SimulationTest, WordsForPeopleChangeNothing) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    EXPECT_EQ(simulate(seed).hash, simulate(seed, true).hash) << "seed " << seed;
  }
}

TEST(SimulationTest, AnotherProcessRunsASeedAlike) {
  std::string here;
  for (std::uint64_t seed = 11; seed <= 30; ++seed) {
    std::array<char, 64> line{};
    std::snprintf(line.data(), line.size(), "%llu %016llx\n", static_cast<unsigned long long>(seed),
                  static_cast<unsigned long long>(simulate(seed).hash));
    here += line.data();
  }
  EXPECT_EQ(hashes_of_another_process("11..30"), here);
}

std::uint64_t completed(const LedgerSweep& sweep) {
  return static_cast<std::uint64_t>(std::count_if(
      sweep.trials.begin(), sweep.trials.end(),
      [](const LedgerTrial& trial) { return trial.state == TrialState::kCompleted; }));
}

/// Points that trainers logged and that are not stored.
std::uint64_t lost_points(Cluster& cluster, const SweepId& id, const LedgerSweep& sweep) {
  std::uint64_t lost = 0;
  for (std::uint64_t i = 0; i < sweep.trials.size(); ++i) {
    for (const LedgerAttempt& attempt : sweep.trials[i].attempts) {
      for (const Journal* journal : cluster.trainers().journals_of({id, i, attempt.number})) {
        lost += journal->points.size() - attempt.points;
      }
    }
  }
  return lost;
}

TEST(SimulationTest, AWorkerCutOffForTenMinutesLosesNothingAndBlocksNobody) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Cluster cluster(seed, quiet(), false);
    cluster.start();
    cluster.run_for(seconds(30));
    cluster.network().partition(0, Way::kUp, minutes(10));
    cluster.network().partition(0, Way::kDown, minutes(10));
    cluster.run_for(minutes(10));
    const auto& sweeps = cluster.auditor().ledger().sweeps();
    ASSERT_EQ(sweeps.size(), 1U);
    EXPECT_GT(completed(sweeps.begin()->second), 8U) << "seed " << seed;
    cluster.finish();
    const Outcome outcome = cluster.outcome();
    ASSERT_FALSE(outcome.violation) << "seed " << seed << ": " << outcome.violation->detail;
    const auto& [id, sweep] = *sweeps.begin();
    EXPECT_EQ(completed(sweep), sweep.trials.size()) << "seed " << seed;
    EXPECT_EQ(lost_points(cluster, id, sweep), 0U) << "seed " << seed;
  }
}

}  // namespace
}  // namespace scopa::sim
