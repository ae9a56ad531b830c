#include "broker/spec/initial.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/base/limits.h"
#include "tests/unit/broker/spec/spec_testing.h"

namespace scopa::spec {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Parsed with_initial(const std::string& points) {
  return parse(
      "method: random\n"
      "parameters:\n"
      "  lr: {min: 0.0, max: 1.0}\n"
      "  layers: {values: [[64], [64, 64]]}\n"
      "  version: {values: ['3.10', '3.11', 7]}\n"
      "  noise: {distribution: normal}\n"
      "  optimizer:\n"
      "    parameters:\n"
      "      name: {values: [adam, sgd]}\n"
      "      lr: {distribution: log_uniform_values, min: 1e-5, max: 0.1}\n"
      "      extra: {values: [{a: 1}, {a: 2}]}\n"
      "      warmup: {expr: 0.1 * lr}\n"
      "initial:\n" +
      points);
}

TEST(InitialTest, PointsComeInTheirOrderTheirValuesInThatOfTheSpec) {
  const Parsed parsed = with_initial(
      "  - {optimizer: {lr: 0.01, name: sgd}, lr: 1}\n"
      "  - {optimizer.name: adam, layers: [64], noise: -3.5}\n");
  EXPECT_THAT(brief(parsed), IsEmpty());
  EXPECT_THAT(parsed.spec.initial,
              ElementsAre(ElementsAre(Param{"lr", std::int64_t{1}},
                                      Param{"optimizer.name", std::string("sgd")},
                                      Param{"optimizer.lr", 0.01}),
                          ElementsAre(Param{"layers", Composite{"[64]"}}, Param{"noise", -3.5},
                                      Param{"optimizer.name", std::string("adam")})));
}

TEST(InitialTest, AMapIsAValueWhereTheParameterHasMaps) {
  const Parsed parsed = with_initial("  - {optimizer: {extra: {a: 2}}}\n");
  EXPECT_THAT(brief(parsed), IsEmpty());
  EXPECT_THAT(parsed.spec.initial,
              ElementsAre(ElementsAre(Param{"optimizer.extra", Composite{R"({"a":2})"}})));
}

TEST(InitialTest, UnknownNamesAreFoundWithWhatWasMeant) {
  const Parsed parsed =
      with_initial("  - {lrr: 1, optimizer: {nmae: sgd, x: 1}}\n  - optimizer: 3\n");
  EXPECT_THAT(brief(parsed),
              ElementsAre("S035 initial[0].lrr 14:6", "S035 initial[0].optimizer.nmae 14:26",
                          "S035 initial[0].optimizer.x 14:37", "S035 initial[1].optimizer 15:16"));
  EXPECT_EQ(parsed.diagnostics.at(0).help, "did you mean `lr`?");
  EXPECT_EQ(parsed.diagnostics.at(1).help, "did you mean `optimizer.name`?");
  EXPECT_EQ(parsed.diagnostics.at(3).help, "name its parameters, as in `optimizer.name`");
}

TEST(InitialTest, WhatFollowsFromOthersIsNotGiven) {
  const Parsed parsed = with_initial("  - {optimizer: {warmup: 0.1}}\n");
  EXPECT_THAT(brief(parsed), ElementsAre("S035 initial[0].optimizer.warmup 14:18"));
  EXPECT_THAT(parsed.diagnostics.at(0).message, testing::HasSubstr("follows from its `expr`"));
}

TEST(InitialTest, AParameterIsGivenOncePerPoint) {
  const Parsed parsed =
      with_initial("  - {optimizer: {lr: 0.01}, optimizer.lr: 0.02}\n  - {optimizer.lr: 0.02}\n");
  EXPECT_THAT(brief(parsed), ElementsAre("S035 initial[0].optimizer.lr 14:29"));
  EXPECT_EQ(parsed.diagnostics.at(0).label, "first in line 14");
  EXPECT_THAT(codes(with_initial("  - {lr: 0.1, lr: 0.2}\n")), ElementsAre("S006 lr"));
}

TEST(InitialTest, ValuesThatAParameterNeverTakesAreRefused) {
  const Parsed parsed = with_initial(
      "  - {lr: 1.5, layers: [65], version: 3.12, noise: big, optimizer: {lr: 0, name: asgd}}\n");
  EXPECT_THAT(codes(parsed),
              ElementsAre("S035 initial[0].lr", "S035 initial[0].layers", "S035 initial[0].version",
                          "S035 initial[0].noise", "S035 initial[0].optimizer.lr",
                          "S035 initial[0].optimizer.name"));
  EXPECT_EQ(parsed.diagnostics.at(5).help, "it can be `adam` or `sgd`");
  EXPECT_EQ(parsed.diagnostics.at(0).message, "`lr` lies between 0.0 and 1.0");
}

TEST(InitialTest, UnquotedTextIsTakenForTheTextInTheList) {
  EXPECT_THAT(brief(with_initial("  - version: 3.10\n  - version: 7.0\n")), IsEmpty());
}

TEST(InitialTest, ItIsAListOfMaps) {
  EXPECT_THAT(codes(with_initial("  lr: 1\n")), ElementsAre("S009 initial"));
  EXPECT_THAT(codes(with_initial("  - 3\n  -\n  - {}\n")),
              ElementsAre("S009 initial[0]", "S009 initial[1]", "S016 initial[2]"));
}

TEST(InitialTest, PointsAreCounted) {
  std::string points;
  for (std::size_t i = 0; i < limits::kInitialPointsMax; ++i) points += "  - {lr: 0.5}\n";
  EXPECT_TRUE(with_initial(points).ok());
  EXPECT_THAT(codes(with_initial(points + "  - {lr: 0.5}\n")), ElementsAre("S027 initial"));
}

TEST(InitialTest, AFaultyParameterDoesNotFaultThePointsToo) {
  EXPECT_THAT(codes(parse("method: random\nparameters: {a: {values: 3}}\ninitial: [{a: 3}]\n")),
              ElementsAre("S009 parameters.a.values"));
}

}  // namespace
}  // namespace scopa::spec
