#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/spec/spec_testing.h"

namespace scopa::spec {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Parsed parse_parameters(const std::string& parameters) {
  return parse("method: random\nparameters:\n" + parameters);
}

std::vector<std::string> names(const Parsed& parsed) {
  std::vector<std::string> result;
  for (const Parameter& p : parsed.spec.parameters) result.push_back(p.name);
  return result;
}

TEST(ConditionTest, OneValueOrSeveralOrSeveralParents) {
  const Parsed parsed = parse_parameters(
      "  opt: {values: [adam, sgd, lion]}\n"
      "  n: {values: [1, 2]}\n"
      "  a: {value: 1, when: {opt: sgd}}\n"
      "  b: {value: 1, when: {opt: [adam, lion], n: 1.0}}\n");
  EXPECT_THAT(brief(parsed), IsEmpty());
  const auto& a = parsed.spec.parameters.at(2).when;
  ASSERT_EQ(a.size(), 1u);
  EXPECT_EQ(a[0].parent, "opt");
  EXPECT_THAT(a[0].values, ElementsAre(Value(std::string("sgd"))));
  const auto& b = parsed.spec.parameters.at(3).when;
  ASSERT_EQ(b.size(), 2u);
  EXPECT_EQ(b[0].values.size(), 2u);
  EXPECT_EQ(b[1].parent, "n");
}

TEST(ConditionTest, AGroupsConditionHoldsForAllInsideIt) {
  const Parsed parsed = parse_parameters(
      "  opt: {values: [adam, sgd]}\n"
      "  sgd:\n"
      "    when: {opt: sgd}\n"
      "    parameters:\n"
      "      nesterov: {values: [true, false]}\n"
      "      momentum: {min: 0.0, max: 1.0, when: {nesterov: true}}\n");
  EXPECT_THAT(brief(parsed), IsEmpty());
  EXPECT_EQ(parsed.spec.parameters.at(1).when.size(), 1u);
  const auto& momentum = parsed.spec.parameters.at(2).when;
  ASSERT_EQ(momentum.size(), 2u);
  EXPECT_EQ(momentum[0].parent, "opt");
  EXPECT_EQ(momentum[1].parent, "sgd.nesterov");
}

TEST(ConditionTest, TheNearestParameterOfTheNameIsMeant) {
  const Parsed parsed = parse_parameters(
      "  kind: {values: [x]}\n"
      "  g: {parameters: {kind: {values: [y]}, a: {value: 1, when: {kind: y}}}}\n"
      "  b: {value: 1, when: {g.kind: y, kind: x}}\n");
  EXPECT_THAT(brief(parsed), IsEmpty());
  EXPECT_EQ(parsed.spec.parameters.at(2).when.at(0).parent, "g.kind");
  EXPECT_EQ(parsed.spec.parameters.at(3).when.at(0).parent, "g.kind");
  EXPECT_EQ(parsed.spec.parameters.at(3).when.at(1).parent, "kind");
}

TEST(ConditionTest, AParentMovesBeforeWhatDependsOnIt) {
  const Parsed parsed = parse_parameters(
      "  z: {value: 1}\n"
      "  a: {value: 1, when: {b: 1}}\n"
      "  c: {value: 1}\n"
      "  b: {values: [1, 2], when: {d: x}}\n"
      "  d: {values: [x, y]}\n");
  EXPECT_THAT(brief(parsed), IsEmpty());
  EXPECT_THAT(names(parsed), ElementsAre("z", "d", "b", "a", "c"));
}

TEST(ConditionTest, WhatCannotHoldIsAFault) {
  EXPECT_THAT(brief(parse_parameters("  opt: {values: [adam, sgd]}\n"
                                     "  a: {value: 1, when: {optt: sgd}}\n"
                                     "  b: {value: 1, when: {opt: [sgd, adm]}}\n"
                                     "  c: {value: 1, when: {opt: []}}\n"
                                     "  d: {value: 1, when: {}}\n"
                                     "  e: {value: 1, when: opt}\n"
                                     "  f: {min: 0, max: 3}\n"
                                     "  g: {value: 1, when: {f: 2}}\n")),
              ElementsAre("S026 parameters.a.when.optt 4:24", "S026 parameters.b.when.opt[1] 5:35",
                          "S026 parameters.c.when.opt 6:29", "S026 parameters.d.when 7:17",
                          "S032 parameters.e.when 8:23", "S026 parameters.g.when.f 10:24"));
}

TEST(ConditionTest, ACycleIsAFaultAndSaidOnce) {
  EXPECT_THAT(codes(parse_parameters("  a: {values: [1], when: {c: 1}}\n"
                                     "  b: {values: [1], when: {a: 1}}\n"
                                     "  c: {values: [1], when: {b: 1}}\n")),
              ElementsAre("S026 parameters.a.when"));
  EXPECT_THAT(codes(parse_parameters("  a: {values: [1], when: {a: 1}}\n")),
              ElementsAre("S026 parameters.a.when"));
  EXPECT_THAT(codes(parse_parameters("  g: {when: {x: 1}, parameters: {x: {values: [1]}}}\n")),
              ElementsAre("S026 parameters.g.when.x"));
}

TEST(ConditionTest, ManyConditionsOnManyCategoriesAreReadInTime) {
  std::string text = "  a: {values: [";
  for (int i = 0; i < 50'000; ++i) text += std::to_string(i) + ", ";
  text += "last]}\n";
  for (int i = 0; i < 900; ++i) {
    text += "  p" + std::to_string(i) + ": {value: 1, when: {a: last}}\n";
  }
  EXPECT_TRUE(parse_parameters(text).ok());
}

}  // namespace
}  // namespace scopa::spec
