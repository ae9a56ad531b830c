// A machine on which every trial fails, among others that are in order, and where all are like it.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/simulation/cluster.h"
#include "tests/support/effort.h"

namespace scopa::sim {
namespace {

constexpr std::uint64_t kBadMachineSeeds = std::max(effort(20), 5);
constexpr std::uint64_t kTrials = 40;

Scenario machines(std::uint64_t seed, std::size_t good, std::size_t bad,
                  const std::string& more = "") {
  Scenario scenario;
  scenario.machines.resize(good + bad);
  for (std::size_t i = 0; i < scenario.machines.size(); ++i) {
    MachineOptions& machine = scenario.machines[i];
    machine.slots = 2;
    machine.start_fails = 0;
    machine.trainer = {.steps_min = 10, .fails = 0, .nan = 0, .is_deaf = 0, .saves = 0};
    machine.trainer.step_min = machine.trainer.step_max = seconds(6);
    machine.trainer.fails_at_once = i >= good;
  }
  scenario.specs = {"method: random\nmetric: {name: loss}\nrun_cap: " + std::to_string(kTrials) +
                    "\nseed: " + std::to_string(seed) +
                    "\nparameters: {a: {min: 0.0, max: 1.0}}\n" + more};
  scenario.meddles = 0;
  return scenario;
}

class Hour {
 public:
  Hour(std::uint64_t seed, const Scenario& scenario) : cluster_(seed, scenario, false) {
    cluster_.start();
    cluster_.run_for(minutes(60));
  }
  const LedgerSweep& sweep() { return cluster_.auditor().ledger().sweeps().begin()->second; }
  std::size_t in(TrialState state) {
    const auto& trials = sweep().trials;
    return static_cast<std::size_t>(std::count_if(
        trials.begin(), trials.end(), [&](const auto& trial) { return trial.state == state; }));
  }
  std::size_t attempts_on(const std::string& host) {
    std::size_t count = 0;
    for (const LedgerTrial& trial : sweep().trials) {
      for (const LedgerAttempt& attempt : trial.attempts) {
        count += attempt.worker.starts_with(host + "-") ? 1 : 0;
      }
    }
    return count;
  }
  std::string violation() {
    const Outcome outcome = cluster_.outcome();
    return outcome.violation ? outcome.violation->detail : "";
  }
  std::uint64_t quarantined() {
    const auto faults = cluster_.outcome().faults;
    std::uint64_t count = 0;
    for (const char* what : {"worker quarantined", "host quarantined"}) {
      if (const auto found = faults.find(what); found != faults.end()) count += found->second;
    }
    return count;
  }

 private:
  Cluster cluster_;
};

TEST(BadMachineTest, AmongGoodOnesItCostsTimeAndNoTrial) {
  std::uint64_t paused = 0;
  for (std::uint64_t seed = 1; seed <= kBadMachineSeeds; ++seed) {
    Hour run(seed, machines(seed, 2, 1));
    EXPECT_EQ(run.violation(), "") << "seed " << seed;
    if (run.sweep().state == SweepState::kPaused) {
      ++paused;  // it had failed three times before anybody else was there
      continue;
    }
    EXPECT_EQ(run.in(TrialState::kCompleted), kTrials) << "seed " << seed;
    EXPECT_GT(run.quarantined(), 0U) << "seed " << seed;
    EXPECT_LE(run.attempts_on("host2"), 12U) << "seed " << seed;
  }
  EXPECT_LE(paused, kBadMachineSeeds / 5);
}

TEST(BadMachineTest, WhereAllAreBadNobodyIsQuarantinedAndTheSweepIsPaused) {
  for (std::uint64_t seed = 1; seed <= kBadMachineSeeds; ++seed) {
    Hour run(seed, machines(seed, 0, 3));
    EXPECT_EQ(run.violation(), "") << "seed " << seed;
    EXPECT_EQ(run.quarantined(), 0U) << "seed " << seed;
    EXPECT_EQ(run.sweep().state, SweepState::kPaused) << "seed " << seed;
  }
}

TEST(BadMachineTest, ConfigurationsThatFailEverywhereTakeHardlyAMachineOut) {
  std::uint64_t quarantined = 0, failed = 0, elsewhere = 0;
  for (std::uint64_t seed = 1; seed <= kBadMachineSeeds; ++seed) {
    Scenario scenario = machines(seed, 3, 0, "retries: 1\n");
    for (MachineOptions& machine : scenario.machines) machine.trainer.infeasible = 0.3;
    Hour run(seed, scenario);
    EXPECT_EQ(run.violation(), "") << "seed " << seed;
    quarantined += run.quarantined();
    for (const LedgerTrial& trial : run.sweep().trials) {
      if (trial.state != TrialState::kFailed) continue;
      ASSERT_EQ(trial.attempts.size(), 2U) << "seed " << seed;
      ++failed;
      elsewhere += trial.attempts[0].worker != trial.attempts[1].worker ? 1 : 0;
    }
  }
  EXPECT_GT(failed, 50U);
  EXPECT_GE(elsewhere, failed * 9 / 10) << "but where all others were busy for too long";
  EXPECT_LE(quarantined, 1U) << "by chance, of 60 machines";
}

}  // namespace
}  // namespace scopa::sim
