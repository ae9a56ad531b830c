#include "broker/spec/own_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/spec/spec_testing.h"

namespace scopa::spec {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Parsed with_keys(const std::string& keys) {
  return parse("method: random\nparameters: {lr: {min: 0.0, max: 1.0}}\n" + keys);
}

TEST(OwnKeysTest, TheyHaveTheirDefaults) {
  const Parsed parsed = with_keys("");
  EXPECT_THAT(brief(parsed), IsEmpty());
  EXPECT_EQ(parsed.spec.seed, std::nullopt);
  EXPECT_EQ(parsed.spec.on_nan, OnNan::kStop);
  EXPECT_EQ(parsed.spec.max_trial_time, std::nullopt);
  EXPECT_EQ(parsed.spec.max_steps, std::nullopt);
  EXPECT_EQ(parsed.spec.grace, 60s);
  EXPECT_EQ(parsed.spec.retries, 0u);
  EXPECT_EQ(parsed.spec.replicates, 1u);
  EXPECT_EQ(parsed.spec.budget.wall_time, std::nullopt);
  EXPECT_EQ(parsed.spec.budget.device_time, std::nullopt);
  EXPECT_THAT(parsed.spec.initial, IsEmpty());
}

void expect_all(const Parsed& parsed) {
  EXPECT_THAT(brief(parsed), IsEmpty());
  EXPECT_EQ(parsed.spec.seed, 7u);
  EXPECT_EQ(parsed.spec.on_nan, OnNan::kIgnore);
  EXPECT_EQ(parsed.spec.max_trial_time, 90min);
  EXPECT_EQ(parsed.spec.max_steps, 100);
  EXPECT_EQ(parsed.spec.retries, 2u);
  EXPECT_EQ(parsed.spec.replicates, 3u);
  EXPECT_EQ(parsed.spec.run_cap, 50u);
  EXPECT_EQ(parsed.spec.budget.wall_time, 12h);
  EXPECT_EQ(parsed.spec.budget.device_time, 90min);
  EXPECT_THAT(parsed.spec.initial, ElementsAre(ElementsAre(Param{"lr", 0.5})));
  EXPECT_EQ(parsed.spec.constraints.size(), 1u);
}

TEST(OwnKeysTest, TheyStandAtTheTopOrTogetherInABlock) {
  expect_all(
      with_keys("seed: 7\non_nan: ignore\nmax_trial_time: 1h30m\nmax_steps: 100\nretries: 2\n"
                "replicates: 3\nbudget: {trials: 50, wall_time: 12h, device_hours: 1.5}\n"
                "initial: [{lr: 0.5}]\nconstraints: [lr < 1]\n"));
  expect_all(
      with_keys("scopa:\n  seed: 7\n  on_nan: ignore\n  max_trial_time: 5400\n  max_steps: 100\n"
                "  retries: 2\n  replicates: 3\n"
                "  budget: {trials: 50, wall_time: 0.5d, device_hours: 1.5}\n"
                "  initial: [{lr: 0.5}]\n  constraints: [lr < 1]\n"));
  expect_all(
      with_keys("seed: 7\non_nan: ignore\nmax_trial_time: 1h30m\nreplicates: 3\n"
                "scopa: {max_steps: 100, retries: 2, initial: [{lr: 0.5}], constraints: [lr < 1],\n"
                "        budget: {trials: 50, wall_time: 12h, device_hours: 1.5}}\n"));
}

TEST(OwnKeysTest, PruneIsTheOldWordForStop) {
  EXPECT_EQ(with_keys("on_nan: prune\n").spec.on_nan, OnNan::kStop);
  EXPECT_EQ(with_keys("on_nan: stop\n").spec.on_nan, OnNan::kStop);
}

TEST(OwnKeysTest, TheGraceIsADurationOfADayAtMost) {
  EXPECT_EQ(with_keys("grace: 5m\n").spec.grace, 5min);
  EXPECT_EQ(with_keys("scopa: {grace: 90}\n").spec.grace, 90s);
  EXPECT_EQ(with_keys("grace: 24h\n").spec.grace, 24h);
  EXPECT_EQ(with_keys("grace: 0.25\n").spec.grace, 250ms);
  for (const char* wrong : {"24h1s", "86401", "0", "-5", "never", "[1]"}) {
    const Parsed parsed = with_keys("grace: " + std::string(wrong) + "\n");
    EXPECT_FALSE(parsed.ok()) << wrong;
    EXPECT_EQ(parsed.spec.grace, 60s) << wrong;
  }
  const Parsed parsed = with_keys("grace: 25h\n");
  EXPECT_THAT(brief(parsed), ElementsAre("S033 grace 3:8"));
  EXPECT_THAT(parsed.diagnostics.at(0).message, HasSubstr("`grace`: it can be 1d at most"));
  EXPECT_THAT(parsed.diagnostics.at(0).help, HasSubstr("at most `24h`"));
}

TEST(OwnKeysTest, AKeyInBothPlacesIsGivenTwice) {
  const Parsed parsed = with_keys("retries: 1\nscopa: {retries: 1, seed: 3}\n");
  EXPECT_THAT(brief(parsed), ElementsAre("S006 scopa.retries 4:9"));
  EXPECT_EQ(parsed.diagnostics.at(0).label, "first in line 3");
}

TEST(OwnKeysTest, AllFaultsAreToldWithThePathOfTheBlock) {
  const Parsed parsed = with_keys(
      "scopa:\n  seed: -1\n  on_nan: skip\n  max_trial_time: soon\n  max_steps: 0\n"
      "  retries: 101\n  replicates: 0\n  budget: {trial: 3, wall_time: 0, device_hours: 0}\n"
      "  initial: {lr: 1}\n  constraints: lr < 1\n  metric: {name: a}\n  retrys: 1\n");
  EXPECT_THAT(
      brief(parsed),
      ElementsAre("S013 scopa.seed 4:9", "S010 scopa.on_nan 5:11", "S033 scopa.max_trial_time 6:19",
                  "S013 scopa.max_steps 7:14", "S013 scopa.retries 8:12",
                  "S013 scopa.replicates 9:15", "S007 scopa.budget.trial 10:12",
                  "S033 scopa.budget.wall_time 10:33", "S013 scopa.budget.device_hours 10:50",
                  "S009 scopa.initial 11:12", "S009 scopa.constraints 12:16",
                  "S007 scopa.metric 13:3", "S007 scopa.retrys 14:3"));
  EXPECT_EQ(parsed.diagnostics.at(4).message, "`scopa.retries` must be from 0 to 100");
  EXPECT_EQ(parsed.diagnostics.at(6).help, "did you mean `trials`?");
  EXPECT_EQ(parsed.diagnostics.at(8).message,
            "`scopa.budget.device_hours` must be above 0 and at most 1000000000");
  EXPECT_EQ(parsed.diagnostics.at(11).help, "`metric` belongs to the top of the file");
  EXPECT_EQ(parsed.diagnostics.at(12).help, "did you mean `retries`?");
}

TEST(OwnKeysTest, TheBlockIsAMap) {
  EXPECT_THAT(brief(with_keys("scopa: 3\n")), ElementsAre("S009 scopa 3:8"));
  EXPECT_THAT(brief(with_keys("budget: 12h\n")), ElementsAre("S009 budget 3:9"));
  EXPECT_THAT(brief(with_keys("scopa: {}\n")), IsEmpty());
}

TEST(OwnKeysTest, BudgetTrialsIsRunCapByAnotherName) {
  EXPECT_EQ(with_keys("budget: {trials: 50}\n").spec.run_cap, 50u);
  EXPECT_EQ(with_keys("run_cap: 50\nbudget: {trials: 50}\n").spec.run_cap, 50u);
  EXPECT_THAT(brief(with_keys("run_cap: 50\nbudget: {trials: 50}\n")), IsEmpty());
  const Parsed parsed = with_keys("run_cap: 40\nbudget: {trials: 50}\n");
  EXPECT_THAT(brief(parsed), ElementsAre("S022 budget.trials 4:10"));
  EXPECT_EQ(parsed.diagnostics.at(0).label, "`run_cap` is in line 3");
  EXPECT_THAT(codes(with_keys("run_cap: 0\nbudget: {trials: 50}\n")), ElementsAre("S013 run_cap"));
}

TEST(OwnKeysTest, NumbersMustBeWhole) {
  EXPECT_THAT(codes(with_keys("retries: 1.5\nreplicates: '2'\nmax_steps: 1e3\n")),
              ElementsAre("S009 retries", "S009 replicates"));
  EXPECT_EQ(with_keys("max_steps: 1e3\n").spec.max_steps, 1000);
}

TEST(OwnKeysTest, DurationsAreSecondsOrText) {
  EXPECT_EQ(with_keys("max_trial_time: 90\n").spec.max_trial_time, 90s);
  EXPECT_EQ(with_keys("max_trial_time: 0.25\n").spec.max_trial_time, 250ms);
  EXPECT_EQ(with_keys("max_trial_time: 2d\n").spec.max_trial_time, 48h);
  EXPECT_THAT(brief(with_keys("max_trial_time: -3\n")), ElementsAre("S033 max_trial_time 3:17"));
  EXPECT_THAT(codes(with_keys("max_trial_time: .nan\n")), ElementsAre("S033 max_trial_time"));
  EXPECT_THAT(codes(with_keys("max_trial_time: .inf\n")), ElementsAre("S033 max_trial_time"));
  EXPECT_THAT(codes(with_keys("max_trial_time: [1]\n")), ElementsAre("S009 max_trial_time"));
  EXPECT_THAT(codes(with_keys("max_trial_time: 11y\n")), ElementsAre("S033 max_trial_time"));
}

TEST(OwnKeysTest, AMisspeltKeyAtTheTopFindsThem) {
  EXPECT_EQ(with_keys("retrys: 3\n").diagnostics.at(0).help, "did you mean `retries`?");
  EXPECT_EQ(with_keys("max_trial_tme: 3\n").diagnostics.at(0).help,
            "did you mean `max_trial_time`?");
}

}  // namespace
}  // namespace scopa::spec
