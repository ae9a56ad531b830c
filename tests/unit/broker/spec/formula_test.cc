// Expressions as a sweep file holds them: `when`, `expr`, `constraints`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sdk/base/limits.h"
#include "tests/unit/broker/spec/spec_testing.h"

namespace scopa::spec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Parsed parse_with(const std::string& parameters) {
  return parse("method: random\nparameters:\n" + parameters);
}

std::vector<std::string> names(const SweepSpec& spec) {
  std::vector<std::string> result;
  for (const Parameter& p : spec.parameters) result.push_back(p.name);
  for (const Derived& d : spec.derived) result.push_back("=" + d.name);
  return result;
}

std::vector<std::string> texts(const std::vector<Expression>& expressions) {
  std::vector<std::string> result;
  for (const Expression& e : expressions) result.push_back(e.text());
  return result;
}

TEST(WhenExpressionTest, APartOnOneParentWithFewValuesIsTheMapsCondition) {
  const Parsed parsed = parse_with(
      "  opt: {values: [adam, sgd, lion]}\n"
      "  layers: {min: 1, max: 4}\n"
      "  lr: {min: 0.0, max: 1.0}\n"
      "  a: {value: 1, when: opt != adam}\n"
      "  b: {value: 1, when: \"opt == sgd and layers >= 3 and lr < 0.5 and lr > layers\"}\n"
      "  c: {value: 1, when: {opt: [sgd, lion]}}\n");
  EXPECT_THAT(brief(parsed), IsEmpty());
  const auto& a = parsed.spec.parameters.at(3);
  const auto& b = parsed.spec.parameters.at(4);
  const auto& c = parsed.spec.parameters.at(5);
  ASSERT_EQ(a.when.size(), 1u);
  EXPECT_EQ(a.when[0].parent, "opt");
  EXPECT_EQ(a.when[0].values, c.when[0].values);
  EXPECT_THAT(a.predicates, IsEmpty());
  ASSERT_EQ(b.when.size(), 2u);
  EXPECT_THAT(b.when[1].values, ElementsAre(Value(std::int64_t{3}), Value(std::int64_t{4})));
  EXPECT_THAT(texts(b.predicates), ElementsAre("lr < 0.5", "lr > layers"));
  EXPECT_THAT(b.predicates[1].parameters(), ElementsAre(1u, 2u));
}

TEST(WhenExpressionTest, APartThatHoldsWithoutItsParentStaysAPredicate) {
  const Parsed parsed = parse_with(
      "  opt: {values: [adam, sgd]}\n"
      "  a: {value: 1, when: not opt == sgd}\n");
  EXPECT_THAT(brief(parsed), IsEmpty());
  EXPECT_THAT(parsed.spec.parameters.at(1).when, IsEmpty());
  EXPECT_THAT(texts(parsed.spec.parameters.at(1).predicates), ElementsAre("not opt == sgd"));
}

TEST(WhenExpressionTest, AParentWithManyValuesStaysAPredicate) {
  const Parsed parsed = parse_with(
      "  n: {min: 1, max: 1000}\n"
      "  m: {min: 0, max: 1000}\n"
      "  a: {value: 1, when: n > 500}\n"
      "  b: {value: 1, when: m > 500}\n");
  EXPECT_THAT(brief(parsed), IsEmpty());
  EXPECT_EQ(parsed.spec.parameters.at(2).when.at(0).values.size(), 500u);
  EXPECT_THAT(texts(parsed.spec.parameters.at(3).predicates), ElementsAre("m > 500"));
}

TEST(WhenExpressionTest, GroupsAndNearNamesWorkAsInTheMap) {
  const Parsed parsed = parse_with(
      "  kind: {values: [x]}\n"
      "  lr: {min: 0.0, max: 1.0}\n"
      "  g:\n"
      "    when: kind == x and lr > 0.5\n"
      "    parameters:\n"
      "      kind: {values: [y, z]}\n"
      "      a: {value: 1, when: kind == y}\n");
  EXPECT_THAT(brief(parsed), IsEmpty());
  const auto& a = parsed.spec.parameters.at(3);
  EXPECT_EQ(a.when.at(0).parent, "kind");
  EXPECT_EQ(a.when.at(1).parent, "g.kind");
  EXPECT_EQ(a.predicates.size(), 1u);
}

TEST(WhenExpressionTest, WhatCanNeverHoldIsAFault) {
  EXPECT_THAT(brief(parse_with("  n: {min: 1, max: 4}\n"
                               "  a: {value: 1, when: n > 4}\n"
                               "  b: {value: 1, when: 'n == 7'}\n"
                               "  c: {value: 1, when: [n, 3]}\n"
                               "  d: {value: 1, when: n}\n"
                               "  e: {value: 1, when: true}\n"
                               "  f: {value: 1, when: {g: 2}}\n"
                               "  g: {expr: n + 1}\n")),
              ElementsAre("S026 parameters.a.when 4:23", "S032 parameters.b.when 5:29",
                          "S009 parameters.c.when 6:23", "S032 parameters.d.when 7:23",
                          "S032 parameters.e.when 8:23", "S026 parameters.f.when.g 9:24"));
}

TEST(DerivedTest, StandsAfterWhatItDependsOn) {
  const Parsed parsed = parse_with(
      "  warmup: {expr: \"0.1 * total\"}\n"
      "  total: {expr: \"steps * batch\", when: {opt: sgd}}\n"
      "  z: {value: 1, when: total > 100}\n"
      "  steps: {min: 1, max: 100}\n"
      "  batch: {values: [8, 16]}\n"
      "  opt: {values: [adam, sgd]}\n");
  EXPECT_THAT(brief(parsed), IsEmpty());
  EXPECT_THAT(names(parsed.spec), ElementsAre("steps", "batch", "opt", "z", "=total", "=warmup"));
  const Derived& total = parsed.spec.derived[0];
  EXPECT_EQ(total.when.at(0).parent, "opt");
  EXPECT_THAT(total.expression.parameters(), ElementsAre(0u, 1u));
  EXPECT_THAT(parsed.spec.derived[1].expression.parameters(), ElementsAre(4u));
  EXPECT_THAT(parsed.spec.parameters[3].predicates.at(0).parameters(), ElementsAre(4u));
}

TEST(DerivedTest, CyclesAreAFault) {
  EXPECT_THAT(brief(parse_with("  x: {value: 1}\n"
                               "  a: {expr: a + x}\n"
                               "  b: {expr: c + x}\n"
                               "  c: {expr: b + x}\n"
                               "  d: {values: [1, 2], when: e > 1}\n"
                               "  e: {expr: d + x}\n")),
              ElementsAre("S032 parameters.a.expr 4:13", "S032 parameters.b.expr 5:13",
                          "S026 parameters.d.when 7:23"));
}

TEST(DerivedTest, OnlyWhenMayStandBesideIt) {
  EXPECT_THAT(brief(parse_with("  x: {min: 0, max: 9}\n"
                               "  a: {expr: x + 1, min: 0, wen: x > 1}\n"
                               "  b: {expr: [x]}\n"
                               "  c: {expr: 5}\n"
                               "  d: {expr: x + 1, parameters: {e: {value: 1}}}\n")),
              ElementsAre("S022 parameters.a.min 4:20", "S007 parameters.a.wen 4:28",
                          "S009 parameters.b.expr 5:13", "S032 parameters.c.expr 6:13",
                          "S022 parameters.d.expr 7:7"));
}

TEST(DerivedTest, ItsKindIsKnownToOthers) {
  EXPECT_THAT(codes(parse_with("  amp: {values: [true, false]}\n"
                               "  dtype: {expr: \"'bf16' if amp else 'fp32'\"}\n"
                               "  a: {value: 1, when: \"dtype == 'bf16'\"}\n"
                               "  b: {value: 1, when: dtype > 3}\n")),
              ElementsAre("S032 parameters.b.when"));
}

TEST(ConstraintTest, MayReferToAllParametersByTheirFullNames) {
  const Parsed parsed = parse(
      "method: random\nparameters:\n  b: {expr: g.a * 2}\n  g: {parameters: {a: {min: 1, max: "
      "9}}}\n"
      "constraints: [\"g.a * b <= 40\", 'b != 4']\n");
  EXPECT_THAT(brief(parsed), IsEmpty());
  EXPECT_THAT(texts(parsed.spec.constraints), ElementsAre("g.a * b <= 40", "b != 4"));
  EXPECT_THAT(parsed.spec.constraints[0].parameters(), ElementsAre(0u, 1u));
}

TEST(ConstraintTest, MustBeAConditionOnParameters) {
  const std::string head =
      "method: random\nparameters:\n  a: {min: 1, max: 9}\n  g.b: {value: 1}\n";
  EXPECT_THAT(brief(parse(head + "constraints: ['1 < 2', a * 2, \"a < b\", 3, '']\n")),
              ElementsAre("S032 constraints[0] 5:15", "S032 constraints[1] 5:24",
                          "S032 constraints[2] 5:36", "S032 constraints[3] 5:40",
                          "S032 constraints[4] 5:44"));
  EXPECT_THAT(brief(parse(head + "constraints: a < 3\n")), ElementsAre("S009 constraints 5:14"));
  EXPECT_THAT(brief(parse(head + "constraints: []\n")), IsEmpty());
  std::string many = head + "constraints:\n";
  for (std::size_t i = 0; i < limits::kConstraintsMax; ++i) many += "- a < 9\n";
  EXPECT_TRUE(parse(many).ok());
  EXPECT_THAT(codes(parse(many + "- a < 9\n")), ElementsAre("S027 constraints"));
}

// The caret stands under the byte that is wrong, however the expression is quoted.
TEST(FormulaPlaceTest, TheCaretIsAtTheOffendingByte) {
  const auto place = [](const std::string& expr) {
    const std::string text =
        "method: random\nparameters:\n  a: {min: 1, max: 9}\n  b:\n    expr: " + expr + "\n";
    const Parsed parsed = parse(text);
    if (parsed.diagnostics.size() != 1) return render_all(parsed, text);
    return std::to_string(parsed.diagnostics[0].line) + ":" +
           std::to_string(parsed.diagnostics[0].column);
  };
  EXPECT_EQ(place("a + foo"), "5:15");
  EXPECT_EQ(place("'a + foo'"), "5:16");
  EXPECT_EQ(place("\"a + foo\""), "5:16");
  EXPECT_EQ(place("a +"), "5:14");
  EXPECT_EQ(place("'a == ''x'' or foo'"), "5:17");
  EXPECT_EQ(place("\"'\\\"' == 'x' or foo == a\""), "5:27");
  EXPECT_EQ(place("\"'\xC3\xA4' == 'x' or foo == a\""), "5:26");  // columns count characters
  // Escapes, folded lines and blocks are pointed at as a whole.
  EXPECT_EQ(place("\"a\\x20+ foo\""), "5:11");
  EXPECT_EQ(place("|\n      a + foo"), "5:11");
  EXPECT_EQ(place("a +\n      foo"), "5:11");
}

TEST(FormulaPlaceTest, TheMessageNamesTheParameterThatWasMeant) {
  const std::string text =
      "method: random\nparameters:\n  steps: {min: 1, max: 9}\n"
      "  warmup: {expr: \"0.1 * setps\"}\n";
  EXPECT_EQ(render_all(parse(text), text),
            "error[S032]: there is no parameter `setps`\n"
            "  --> sweep.yaml:4:25\n"
            " 4 |   warmup: {expr: \"0.1 * setps\"}\n"
            "   |                         ^\n"
            "help: did you mean `steps`?\n");
}

}  // namespace
}  // namespace scopa::spec
