// A worker that is cut off: it loses nothing and blocks nobody.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "tests/simulation/cluster.h"

namespace scopa::sim {
namespace {

constexpr std::uint64_t kCutOffSeeds = 20;

/// Machines with one slot each and trainers that take a minute or two and never fail. Nothing goes
/// wrong by itself.
Scenario quiet(std::size_t machines) {
  Scenario scenario;
  scenario.machines.resize(machines);
  for (MachineOptions& machine : scenario.machines) {
    machine.start_fails = 0;
    machine.trainer = {.steps_min = 10, .fails = 0, .nan = 0, .is_deaf = 0, .saves = 0};
    machine.trainer.step_min = machine.trainer.step_max = seconds(6);
  }
  scenario.specs = {
      "method: random\nmetric: {name: loss}\nrun_cap: 30\nseed: 3\n"
      "parameters: {a: {min: 0.0, max: 1.0}}\n"};
  scenario.meddles = 0;
  return scenario;
}

/// A run of which one machine is cut off in both ways after half a minute, while its trainer works.
class CutOff {
 public:
  CutOff(std::uint64_t seed, std::size_t machines, microseconds duration)
      : seed_(seed), cluster_(seed, quiet(machines), false) {
    cluster_.start();
    cluster_.run_for(seconds(30));
    trial_ = number_of_running_on("host0");
    for (const Way way : {Way::kUp, Way::kDown}) cluster_.network().partition(0, way, duration);
    cluster_.run_for(duration);
  }

  /// Until everything has ended. Whatever else happened: no invariant is broken, all trials are
  /// complete, and each point that a trainer logged is stored, once and in its place.
  void finish() {
    cluster_.finish();
    const Outcome outcome = cluster_.outcome();
    ASSERT_FALSE(outcome.violation) << where() << outcome.violation->detail;
    EXPECT_EQ(sweep().trials.size(), 30U) << where();
    EXPECT_EQ(completed(), sweep().trials.size()) << where();
    EXPECT_EQ(lost_points(), 0U) << where();
  }

  const LedgerSweep& sweep() {
    const auto& sweeps = cluster_.auditor().ledger().sweeps();
    return sweeps.begin()->second;
  }
  /// The one that ran on the machine when it was cut off.
  const LedgerTrial& trial() { return sweep().trials.at(trial_); }
  std::uint64_t completed() {
    const auto& trials = sweep().trials;
    return static_cast<std::uint64_t>(std::count_if(
        trials.begin(), trials.end(),
        [](const LedgerTrial& trial) { return trial.state == TrialState::kCompleted; }));
  }
  std::string where() const { return "seed " + std::to_string(seed_) + ": "; }

 private:
  std::size_t number_of_running_on(const std::string& host) {
    const auto& trials = sweep().trials;
    const auto found = std::find_if(trials.begin(), trials.end(), [&](const LedgerTrial& trial) {
      return trial.state == TrialState::kRunning &&
             trial.attempts.back().worker.starts_with(host + "-");
    });
    EXPECT_NE(found, trials.end()) << where() << "the machine has no trial";
    return static_cast<std::size_t>(found - trials.begin());
  }

  std::uint64_t lost_points() {
    const SweepId& id = cluster_.auditor().ledger().sweeps().begin()->first;
    std::uint64_t lost = 0;
    for (std::uint64_t i = 0; i < sweep().trials.size(); ++i) {
      for (const LedgerAttempt& attempt : sweep().trials[i].attempts) {
        for (const Journal* each : cluster_.trainers().journals_of({id, i, attempt.number})) {
          lost += each->points.size() - attempt.points;
        }
      }
    }
    return lost;
  }

  const std::uint64_t seed_;
  Cluster cluster_;
  std::size_t trial_ = 0;
};

TEST(CutOffTest, AWorkerCutOffForTenMinutesLosesNothingAndBlocksNobody) {
  for (std::uint64_t seed = 1; seed <= kCutOffSeeds; ++seed) {
    CutOff run(seed, 3, minutes(10));
    // Meanwhile the others went on, and have done its trial as well.
    EXPECT_GT(run.completed(), 10U) << run.where();
    ASSERT_EQ(run.trial().attempts.size(), 2U) << run.where();
    EXPECT_TRUE(run.trial().attempts[0].lease_lost) << run.where();
    EXPECT_EQ(run.trial().state, TrialState::kCompleted) << run.where();
    EXPECT_FALSE(run.trial().attempts[1].worker.starts_with("host0-")) << run.where();
    EXPECT_FALSE(run.trial().attempts[0].extra) << run.where() << "nothing was heard of it yet";
    run.finish();
    // Its late result is kept, as an extra attempt: the curve is that of the other one.
    const LedgerTrial& trial = run.trial();
    ASSERT_EQ(trial.attempts.size(), 2U) << run.where();
    EXPECT_TRUE(trial.attempts[0].extra) << run.where();
    EXPECT_EQ(trial.attempts[0].taken_up, 0U) << run.where();
    EXPECT_GE(trial.attempts[0].points, 10U) << run.where();
    EXPECT_FALSE(trial.attempts[1].extra) << run.where();
  }
}

TEST(CutOffTest, TheLateResultOfATrialThatNobodyHasTakenIsAdopted) {
  for (std::uint64_t seed = 1; seed <= kCutOffSeeds; ++seed) {
    CutOff run(seed, 1, minutes(10));  // there is nobody else
    ASSERT_EQ(run.trial().attempts.size(), 1U) << run.where();
    EXPECT_TRUE(run.trial().attempts[0].lease_lost) << run.where();
    EXPECT_EQ(run.trial().state, TrialState::kQueued) << run.where();
    run.finish();
    const LedgerTrial& trial = run.trial();
    ASSERT_EQ(trial.attempts.size(), 1U) << run.where();
    EXPECT_EQ(trial.attempts[0].taken_up, 1U) << run.where();
    EXPECT_FALSE(trial.attempts[0].extra) << run.where();
    EXPECT_FALSE(trial.attempts[0].lease_lost) << run.where();
    EXPECT_GE(trial.attempts[0].points, 10U) << run.where();
  }
}

TEST(CutOffTest, AWorkerThatIsBackWhileItIsOnlySuspectGoesOn) {
  for (std::uint64_t seed = 1; seed <= kCutOffSeeds; ++seed) {
    // Longer than a lease, with that heartbeat on it that came just before; the connection that is
    // opened anew has the grace.
    CutOff run(seed, 3, limits::kLease + limits::kHeartbeat);
    EXPECT_EQ(run.trial().attempts.at(0).suspected, 1U) << run.where();
    EXPECT_EQ(run.trial().state, TrialState::kRunning) << run.where();
    run.finish();
    ASSERT_EQ(run.trial().attempts.size(), 1U) << run.where();
    EXPECT_EQ(run.trial().attempts[0].taken_up, 0U) << run.where();
    EXPECT_FALSE(run.trial().attempts[0].extra) << run.where();
  }
}

}  // namespace
}  // namespace scopa::sim
