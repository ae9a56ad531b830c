// A broker whose disk fails for minutes: it says so, answers questions, and nobody loses anything.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/simulation/cluster.h"

namespace scopa::sim {
namespace {

using Fault = store::MemoryDisk::Fault;

constexpr std::uint64_t kDiskSeeds = 20;

/// Trainers that take a minute and never fail; the broker's machine stays up.
Scenario quiet() {
  Scenario scenario;
  scenario.machines.resize(2);
  for (MachineOptions& machine : scenario.machines) {
    machine.start_fails = 0;
    machine.trainer = {.steps_min = 10, .fails = 0, .nan = 0, .is_deaf = 0, .saves = 0};
    machine.trainer.step_min = machine.trainer.step_max = seconds(6);
  }
  scenario.specs = {
      "method: random\nmetric: {name: loss}\nrun_cap: 12\nseed: 3\n"
      "parameters: {a: {min: 0.0, max: 1.0}}\n"};
  scenario.meddles = 0;
  return scenario;
}

/// Everything completes at its first attempt, never suspect, with all that was logged.
void expect_nobody_noticed(Cluster& cluster, const std::string& where) {
  const auto& [id, sweep] = *cluster.auditor().ledger().sweeps().begin();
  ASSERT_EQ(sweep.trials.size(), 12U) << where;
  for (std::uint64_t i = 0; i < sweep.trials.size(); ++i) {
    const LedgerTrial& trial = sweep.trials[i];
    EXPECT_EQ(trial.state, TrialState::kCompleted) << where << "trial " << i;
    ASSERT_EQ(trial.attempts.size(), 1U) << where << "trial " << i;
    EXPECT_EQ(trial.attempts[0].suspected, 0U) << where << "trial " << i;
    EXPECT_FALSE(trial.attempts[0].lease_lost) << where << "trial " << i;
    for (const Journal* each : cluster.trainers().journals_of({id, i, 1})) {
      EXPECT_EQ(each->points.size(), trial.attempts[0].points) << where << "trial " << i;
    }
  }
}

class DiskTest : public testing::TestWithParam<Fault> {};

TEST_P(DiskTest, TenMinutesWithoutADiskCostNoTrialAndQuestionsAreAnswered) {
  for (std::uint64_t seed = 1; seed <= kDiskSeeds; ++seed) {
    const std::string where = "seed " + std::to_string(seed) + ": ";
    Cluster cluster(seed, quiet(), false);
    cluster.start();
    cluster.run_for(seconds(40));
    // What cannot be opened again is noticed only when something has gone wrong before.
    cluster.broker().disk().set_fault(GetParam() == Fault::kReopen ? Fault::kWrite : GetParam());
    cluster.run_for(seconds(20));
    cluster.broker().disk().set_fault(GetParam());
    const std::uint64_t commits = cluster.auditor().commits();
    cluster.run_for(minutes(10));
    EXPECT_LE(cluster.auditor().commits(), commits + 1) << where;
    cluster.broker().disk().set_fault(Fault::kNone);
    cluster.finish();
    const Outcome outcome = cluster.outcome();
    ASSERT_FALSE(outcome.violation) << where << outcome.violation->detail;
    EXPECT_EQ(outcome.faults.at("disk works again"), outcome.faults.at("broker cannot write"))
        << where;
    EXPECT_EQ(outcome.faults.count("broker killed"), 0U) << where;
    EXPECT_GT(outcome.faults.at("question answered while the disk fails"), 3U) << where;
    expect_nobody_noticed(cluster, where);
  }
}

INSTANTIATE_TEST_SUITE_P(Faults, DiskTest,
                         testing::Values(Fault::kWrite, Fault::kSync, Fault::kFull, Fault::kReopen),
                         [](const auto& which) {
                           switch (which.param) {
                             case Fault::kWrite:
                               return "WritesFail";
                             case Fault::kSync:
                               return "SyncsFail";
                             case Fault::kFull:
                               return "Full";
                             default:
                               return "DoesNotOpen";
                           }
                         });

TEST(FlickeringDiskTest, ADiskThatComesAndGoesIsNoTrouble) {
  for (std::uint64_t seed = 1; seed <= kDiskSeeds; ++seed) {
    const std::string where = "seed " + std::to_string(seed) + ": ";
    Cluster cluster(seed, quiet(), false);
    cluster.start();
    for (int i = 0; i < 30; ++i) {
      cluster.run_for(milliseconds(700 * i));
      cluster.broker().disk().set_fault(i % 2 == 0 ? Fault::kSync : Fault::kFull);
      cluster.run_for(milliseconds(10 + 500 * (30 - i)));
      cluster.broker().disk().set_fault(Fault::kNone);
    }
    cluster.finish();
    ASSERT_FALSE(cluster.outcome().violation) << where << cluster.outcome().violation->detail;
    expect_nobody_noticed(cluster, where);
  }
}

}  // namespace
}  // namespace scopa::sim
