#include <gtest/gtest.h>

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

TEST(SimulationTest, AWorkerCutOffForTenMinutesBlocksNobody) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Cluster cluster(seed, quiet(), false);
    cluster.start();
    cluster.run_for(seconds(30));
    cluster.network().partition(0, Way::kUp, minutes(10));
    cluster.network().partition(0, Way::kDown, minutes(10));
    cluster.run_for(minutes(10));
    ASSERT_EQ(cluster.auditor().ledger().sweeps().size(), 1U);
    std::uint64_t completed = 0;
    for (const LedgerTrial& trial : cluster.auditor().ledger().sweeps().begin()->second.trials) {
      completed += trial.state == TrialState::kCompleted ? 1U : 0U;
    }
    EXPECT_GT(completed, 8U) << "seed " << seed;
    cluster.finish();
    const Outcome outcome = cluster.outcome();
    EXPECT_FALSE(outcome.violation) << "seed " << seed << ": " << outcome.violation->detail;
    for (const LedgerTrial& trial : cluster.auditor().ledger().sweeps().begin()->second.trials) {
      EXPECT_EQ(trial.state, TrialState::kCompleted) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace scopa::sim
