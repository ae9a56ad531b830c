#include "broker/lint/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "broker/search/sampler.h"
#include "tests/unit/broker/lint/lint_testing.h"

namespace scopa::lint {
namespace {

using pruning::RungForecast;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

spec::SweepSpec parsed(const std::string& rest, const std::string& method = "random") {
  const std::string text = "method: " + method + "\nmetric: {name: loss}\n" + rest;
  const spec::Parsed p = spec::parse(text);
  for (const auto& d : p.diagnostics) EXPECT_NE(d.severity, spec::Severity::kError) << d.message;
  return p.spec;
}

const std::string kFinite =
    "parameters: {a: {values: [1, 2, 3]}, b: {values: [x, y]}, c: {value: 7}}\n";
const std::string kPlanRate =
    "parameters: {lr: {distribution: log_uniform_values, min: 1e-5, max: 0.1}}\n";

TEST(PlanTest, AFiniteSpaceIsCountedAndAnInfiniteOneSaysWhy) {
  const Plan finite = make_plan(parsed(kFinite), 0);
  EXPECT_EQ(finite.size, 6u);
  EXPECT_EQ(finite.searched, 2u);
  EXPECT_EQ(size_text(finite), "6 configurations");
  const Plan infinite = make_plan(parsed(kPlanRate), 0);
  EXPECT_FALSE(infinite.size);
  EXPECT_EQ(size_text(infinite), "infinite (1 continuous parameter)");
}

TEST(PlanTest, TheSweepEndsAtItsCapOrWithItsSpace) {
  const auto end = [](const std::string& yaml) {
    const auto spec = parsed(yaml);
    return trials_text(make_plan(spec, 0), spec);
  };
  EXPECT_EQ(end("run_cap: 4\n" + kFinite), "4 (`run_cap`)");
  EXPECT_EQ(end("run_cap: 40\n" + kFinite), "6 (the whole space, each configuration once)");
  EXPECT_EQ(end("run_cap: 40\nreplicates: 3\n" + kPlanRate), "40 (`run_cap`), each run 3 times");
  EXPECT_EQ(end(kPlanRate), "no end: set `run_cap`, or stop it when it is good enough");
  EXPECT_EQ(end("budget: {wall_time: 2h}\n" + kPlanRate), "as many as the budget lets through");
}

TEST(PlanTest, RungsEndWhereATrainingDoesOrOneTrialIsLeft) {
  const std::string hyperband = "early_terminate: {type: hyperband, min_iter: 2, eta: 3}\n";
  const auto spec = parsed("run_cap: 30\n" + kPlanRate + hyperband);
  const Plan plan = make_plan(spec, 0);
  EXPECT_THAT(plan.rungs, ElementsAre(RungForecast{2, 11}, RungForecast{6, 4}, RungForecast{18, 2},
                                      RungForecast{54, 1}));
  EXPECT_EQ(rungs_text(plan, spec),
            "hyperband: of 30 trials 11 go on after 2 values, 4 after 6, 2 after 18, 1 after 54");
  const Plan short_one =
      make_plan(parsed("run_cap: 30\nmax_steps: 10\n" + kPlanRate + hyperband), 0);
  EXPECT_THAT(short_one.rungs, ElementsAre(RungForecast{2, 11}, RungForecast{6, 4}));
}

// 30 trials to step 2, 11 to step 6, 4 to step 10: 60 + 44 + 16 of 300 steps.
TEST(PlanTest, WhatPruningSavesIsCountedFromItsRungs) {
  const Plan plan = make_plan(parsed("run_cap: 30\nmax_steps: 10\n" + kPlanRate +
                                     "early_terminate: {type: hyperband, min_iter: 2, eta: 3}\n"),
                              0);
  ASSERT_TRUE(plan.saved);
  EXPECT_NEAR(*plan.saved, 1 - 120.0 / 300, 1e-12);
  EXPECT_FALSE(make_plan(parsed("run_cap: 30\n" + kPlanRate +
                                "early_terminate: {type: hyperband, min_iter: 2}\n"),
                         0)
                   .saved);
}

TEST(PlanTest, WithoutACapSurvivorsAreOfAHundred) {
  const Plan plan = make_plan(
      parsed("max_steps: 30\n" + kPlanRate + "early_terminate: {type: asha, min_resource: 8}\n"),
      0);
  EXPECT_EQ(plan.compared, 100u);
  EXPECT_THAT(plan.rungs, ElementsAre(RungForecast{8, 33}));
  EXPECT_FALSE(plan.rungs_count_values);
}

TEST(PlanTest, ARungInTheLastQuarterIsSaidToBeNone) {
  const auto spec =
      parsed("max_steps: 30\n" + kPlanRate + "early_terminate: {type: asha, min_resource: 8}\n");
  EXPECT_EQ(rungs_text(make_plan(spec, 0), spec),
            "asha: of 100 trials 33 go on at step 8; nobody is stopped at step 24, in the last "
            "quarter of `max_steps`");
  const auto late =
      parsed("max_steps: 30\n" + kPlanRate + "early_terminate: {type: asha, min_resource: 25}\n");
  EXPECT_EQ(rungs_text(make_plan(late, 0), late),
            "asha: no rung within a training; nobody is stopped at step 25, in the last quarter of "
            "`max_steps`");
}

TEST(PlanTest, TheFirstConfigurationsAreWhatTheSamplerProposes) {
  for (const std::string method : {"random", "bayes", "grid"}) {
    const auto spec = parsed("seed: 5\nrun_cap: 6\n" + kFinite, method);
    const Plan plan = make_plan(spec, 5);
    ASSERT_THAT(plan.first, SizeIs(5));
    EXPECT_TRUE(plan.seed_is_given);
    EXPECT_EQ(plan.first[0], search::make_sampler(spec, 5)->suggest({}, 0)) << method;
    std::set<std::string> different;
    for (const Params& params : plan.first) different.insert(canonical_text(params));
    EXPECT_EQ(different.size(), 5u) << method;
  }
}

TEST(PlanTest, InitialPointsComeFirstAndASmallSpaceEndsTheList) {
  const auto spec = parsed("initial: [{a: 2, b: y}]\n" + kFinite);
  const Plan plan = make_plan(spec, 9);
  ASSERT_THAT(plan.first, SizeIs(6));
  EXPECT_EQ(to_json(plan.first[0]), R"({"a":2,"b":"y","c":7})");
  EXPECT_THAT(make_plan(spec, 0).first, IsEmpty());
}

}  // namespace
}  // namespace scopa::lint
