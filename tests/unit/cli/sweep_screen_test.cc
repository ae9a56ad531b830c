#include "cli/sweep_screen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scopa::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Snapshot sample_snapshot() {
  Snapshot s;
  s.sweep.id = "k3v9q2ha";
  s.sweep.method = "random";
  s.sweep.metric = "loss";
  s.sweep.seed = 7;
  return s;
}

wire::TrialInfo trial(std::uint64_t values, std::int64_t last_step) {
  wire::TrialInfo t;
  t.has_value = true;
  t.values = values;
  t.last_step = last_step;
  return t;
}

TEST(SweepScreenTest, BudgetsAreShownWithWhatIsUsed) {
  Snapshot s = sample_snapshot();
  EXPECT_THAT(sweep_screen(s, Terminal{}), Not(HasSubstr("budget")));
  s.sweep.device_us = 11'520'000'000;
  s.sweep.device_budget_us = 172'800'000'000;
  s.sweep.wall_us = 3'600'000'000;
  s.sweep.wall_budget_us = 43'200'000'000;
  EXPECT_THAT(sweep_screen(s, Terminal{}),
              HasSubstr("3.2 of 48 device-hours, 1h00m of 12h00m wall time\n"));
}

TEST(SweepScreenTest, OnlyRungsThatTrialsReachAreShownCountedInThePrunersUnit) {
  Snapshot s = sample_snapshot();
  for (std::uint64_t rung = 1; rung < 1'000'000; rung *= 3) s.sweep.rungs.push_back(rung);
  s.sweep.pruner = "asha";
  EXPECT_THAT(sweep_screen(s, Terminal{}), HasSubstr("asha at 1, 3, 9, 27, 81, 243, seed 7"));
  s.trials = {trial(4, 40)};
  EXPECT_THAT(sweep_screen(s, Terminal{}), HasSubstr("asha at 1, 3, 9, 27, seed 7"));
  s.sweep.pruner = "hyperband";
  EXPECT_THAT(sweep_screen(s, Terminal{}), HasSubstr("hyperband at 1, 3, seed 7"));
}

TEST(SweepScreenTest, AQuarantineIsToldOnceWithAllThatIsKnown) {
  Snapshot s = sample_snapshot();
  s.sweep.quarantined = {"worker w1: 3 trials in a row failed there", "host box: all failed"};
  s.sweep.notices = {
      "worker w0 is quarantined: it was let in again",
      "worker w1 on host a is quarantined: 3 trials in a row failed there; tried again "
      "elsewhere: 4, 5",
      "L053 `lr`: at its border"};
  const std::string screen = sweep_screen(s, Terminal{});
  EXPECT_THAT(screen, HasSubstr("  quarantine worker w1: 3 trials in a row failed there; tried "
                                "again elsewhere: 4, 5\n  quarantine host box: all failed\n"
                                "  note      worker w0 is quarantined: it was let in again\n"
                                "  note      L053 `lr`: at its border\n"));
  EXPECT_THAT(screen, Not(HasSubstr("w1 on host")));
}

TEST(SweepScreenTest, ProjectAndDescriptionAreShown) {
  Snapshot s = sample_snapshot();
  EXPECT_THAT(sweep_screen(s, Terminal{}), Not(HasSubstr("project")));
  s.sweep.project = "vision";
  s.sweep.description = "what the optimizer brings";
  EXPECT_THAT(sweep_screen(s, Terminal{}),
              HasSubstr("  project   vision\n  about     what the optimizer brings\n"));
}

TEST(SweepScreenTest, PointsThatCouldNotBeWrittenAreSaidInALine) {
  Snapshot s = sample_snapshot();
  s.trials = {trial(4, 40), trial(4, 40)};
  EXPECT_THAT(sweep_screen(s, Terminal{}), Not(HasSubstr("dropped")));
  s.sweep.points_dropped = 1500;
  EXPECT_THAT(sweep_screen(s, Terminal{}), HasSubstr("dropped   1500 points that trainers could"));
  EXPECT_THAT(sweep_screen(s, Terminal{}), HasSubstr(", of attempts that do not count\n"));
  s.trials[1].points_dropped = 1500;
  EXPECT_THAT(sweep_screen(s, Terminal{}), HasSubstr("; `scopa trials` marks 1 trial with !\n"));
}

TEST(SweepScreenTest, ReplicatesAndReductionsAreSaid) {
  Snapshot s = sample_snapshot();
  s.sweep.reduce = "last";
  EXPECT_THAT(sweep_screen(s, Terminal{}), HasSubstr("over 0 parameters, seed 7"));
  s.sweep.reduce = "mean(5)";
  s.sweep.replicates = 3;
  EXPECT_THAT(sweep_screen(s, Terminal{}),
              HasSubstr("reduce mean(5), 3 runs of a configuration, seed 7"));
}

}  // namespace
}  // namespace scopa::cli
