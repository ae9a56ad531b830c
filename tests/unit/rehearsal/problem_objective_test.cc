#include "rehearsal/problem_objective.h"

#include <gtest/gtest.h>

#include "broker/spec/parse.h"

namespace scopa::rehearsal {
namespace {

constexpr char kNoisyBranin[] =
    R"({"id":"branin","kind":"synthetic","function":"branin","noise_sd":0.5,"config":{)"
    R"("method":"bayes","metric":{"name":"loss","goal":"minimize"},"parameters":{"x0":{"min":-5.0,)"
    R"("max":10.0},"x1":{"min":0.0,"max":15.0}}},"norm":{"median":35.0,"best":0.4}})";

ProblemObjective branin(const std::string& condition = "") {
  auto problem = Problem::parse(kNoisyBranin, nullptr);
  EXPECT_TRUE(problem) << problem.status().to_string();
  const auto parsed = spec::parse(
      "method: random\nmetric: {name: loss, goal: minimize}\nparameters:\n"
      "  kind: {values: [a, b]}\n  x0: {min: -5.0, max: 10.0" +
      condition + "}\n  x1: {min: 0.0, max: 15.0}\n");
  EXPECT_TRUE(parsed.ok());
  return {std::move(*problem), parsed.spec};
}

TEST(ProblemObjectiveTest, ATrialObservesWithItsOwnNoise) {
  const ProblemObjective objective = branin();
  const Params params = {{"x0", 1.0}, {"x1", 2.0}};
  const auto first = objective.training(params, 1, 0);
  ASSERT_TRUE(first) << first.status().to_string();
  EXPECT_EQ(first->values, objective.training(params, 1, 0)->values);
  EXPECT_NE(first->values, objective.training(params, 1, 1)->values);
  EXPECT_NE(first->values, objective.training(params, 2, 0)->values);
}

TEST(ProblemObjectiveTest, WhatItsConditionsMakeInactiveIsLeftOut) {
  const ProblemObjective objective = branin(", when: {kind: b}");
  const Params active = {{"kind", std::string("b")}, {"x0", 1.0}, {"x1", 2.0}};
  const Params inactive = {{"kind", std::string("a")}, {"x0", 1.0}, {"x1", 2.0}};
  EXPECT_TRUE(objective.training(active, 1, 0));
  EXPECT_EQ(objective.training(inactive, 1, 0).status().code(), Code::kInvalidArgument);
}

}  // namespace
}  // namespace scopa::rehearsal
