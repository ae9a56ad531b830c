#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/spec/distributions.h"
#include "tests/unit/broker/spec/spec_testing.h"

namespace scopa::spec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

DistributionKind kind_named(const std::string& parameter) {
  const Parsed parsed = parse_one(parameter);
  EXPECT_TRUE(parsed.ok()) << render_all(parsed, parameter);
  return parsed.spec.parameters.empty() ? DistributionKind::kConstant
                                        : parsed.spec.parameters[0].distribution.kind;
}

TEST(DistributionTest, BareKeysTellTheDistribution) {
  using K = DistributionKind;
  EXPECT_EQ(kind_named("{value: 3}"), K::kConstant);
  EXPECT_EQ(kind_named("{values: [3]}"), K::kCategorical);
  EXPECT_EQ(kind_named("{values: [1, 2], probabilities: [0.5, 0.5]}"), K::kCategoricalWithWeights);
  EXPECT_EQ(kind_named("{min: 1, max: 3}"), K::kIntUniform);
  EXPECT_EQ(kind_named("{min: 1.0, max: 3}"), K::kUniform);
  EXPECT_EQ(kind_named("{min: 1, max: 3e0}"), K::kUniform);
}

TEST(DistributionTest, EveryNamedDistributionTakesItsKeysAndNoOthers) {
  for (const DistributionRow& row : distribution_table()) {
    std::string keys = "distribution: " + std::string(row.name);
    std::string foreign;
    for (const ParameterKeyRow& key : parameter_key_table()) {
      std::string text = ", " + std::string(key.name) + ": ";
      switch (key.key) {
        case kKeyValues:
          text += "[1, 2]";
          break;
        case kKeyProbabilities:
          text += "[0.25, 0.75]";
          break;
        case kKeyMax:
          text += "5";
          break;
        default:
          text += "1";
      }
      ((row.required | row.optional) & key.key ? keys : foreign) += text;
    }
    const Parsed good = parse_one('{' + keys + '}');
    EXPECT_TRUE(good.ok()) << row.name << ": " << render_all(good, keys);
    ASSERT_EQ(good.spec.parameters.size(), 1u);
    EXPECT_EQ(good.spec.parameters[0].distribution.kind, row.kind);
    EXPECT_EQ(name_of(row.kind), row.name);
    EXPECT_EQ(&row_of(row.kind), &row);

    const Parsed bad = parse_one('{' + keys + foreign + '}');
    for (const Diagnostic& d : bad.diagnostics) {
      if (d.severity == Severity::kError) {
        EXPECT_EQ(d.code, "S019") << row.name << ' ' << d.message;
      }
    }
    EXPECT_FALSE(bad.ok()) << row.name;
  }
}

TEST(DistributionTest, AMissingKeyIsNamed) {
  EXPECT_THAT(codes(parse_one("{distribution: uniform}")),
              ElementsAre("S008 parameters.a.min", "S008 parameters.a.max"));
  EXPECT_THAT(codes(parse_one("{distribution: categorical}")),
              ElementsAre("S008 parameters.a.values"));
  EXPECT_THAT(codes(parse_one("{min: 1}")), ElementsAre("S008 parameters.a.max"));
}

TEST(DistributionTest, WhatCannotBeToldGetsTheKeyToAdd) {
  const auto help = [](const std::string& parameter) {
    const Parsed parsed = parse_one(parameter);
    EXPECT_THAT(codes(parsed), ElementsAre("S021 parameters.a"));
    return parsed.diagnostics.empty() ? "" : parsed.diagnostics[0].help;
  };
  EXPECT_THAT(help("{min: 0, max: 8, q: 2}"), HasSubstr("distribution: q_uniform"));
  EXPECT_THAT(help("{mu: 0, sigma: 1}"), HasSubstr("distribution: normal"));
  EXPECT_THAT(help("{a: 1, b: 2}"), HasSubstr("distribution: beta"));
  EXPECT_THAT(help("{}"), HasSubstr("`value`"));
}

TEST(DistributionTest, ForeignWordsForADistributionAreUnderstood) {
  const auto help = [](const std::string& word) {
    const Parsed parsed = parse_one("{distribution: " + word + "}");
    EXPECT_THAT(codes(parsed), ElementsAre("S011 parameters.a.distribution"));
    return parsed.diagnostics.empty() ? "" : parsed.diagnostics[0].help;
  };
  EXPECT_EQ(help("gaussian"), "did you mean `normal`?");
  EXPECT_EQ(help("LogUniform"), "did you mean `log_uniform_values`?");
  EXPECT_EQ(help("Uniform"), "did you mean `uniform`?");
  EXPECT_EQ(help("choice"), "did you mean `categorical`?");
  EXPECT_EQ(help("int_unifrom"), "did you mean `int_uniform`?");
  EXPECT_THAT(help("cauchy"), HasSubstr("`q_beta`"));
}

TEST(DistributionTest, BoundsAreCheckedAsNumbers) {
  EXPECT_THAT(codes(parse_one("{min: 5, max: 3}")), ElementsAre("S014 parameters.a.min"));
  EXPECT_THAT(codes(parse_one("{min: 1, max: 1.0}")), ElementsAre("S014 parameters.a.min"));
  EXPECT_THAT(codes(parse_one("{min: '1', max: 2}")), ElementsAre("S009 parameters.a.min"));
  EXPECT_THAT(codes(parse_one("{min: true, max: 2}")), ElementsAre("S009 parameters.a.min"));
  EXPECT_THAT(codes(parse_one("{min: 0.0, max: .inf}")), ElementsAre("S013 parameters.a.max"));
  EXPECT_THAT(codes(parse_one("{min: 0, max: 1e999}")), ElementsAre("S029 "));
  EXPECT_THAT(codes(parse_one("{min: 0.0, max: 2, distribution: int_uniform}")),
              ElementsAre("S015 parameters.a.min"));
  // Above 2^53 doubles cannot tell these apart.
  EXPECT_TRUE(parse_one("{min: 9007199254740992, max: 9007199254740993}").ok());
}

TEST(DistributionTest, LogBoundsMustBePositive) {
  for (const char* name :
       {"log_uniform_values", "q_log_uniform_values", "inv_log_uniform_values"}) {
    EXPECT_THAT(codes(parse_one("{min: 0, max: 1.5, distribution: " + std::string(name) + "}")),
                ElementsAre("S012 parameters.a.min"));
  }
}

TEST(DistributionTest, ExponentBoundsAreTakenAndTheirRangeIsShown) {
  const Parsed parsed = parse_one("{min: 0, max: 1, distribution: log_uniform}");
  EXPECT_TRUE(parsed.ok());
  EXPECT_THAT(codes(parsed), ElementsAre("S040 parameters.a.distribution"));
  EXPECT_THAT(parsed.diagnostics.at(0).message, HasSubstr("1.0 to 2.71828"));
  EXPECT_THAT(codes(parse_one("{min: 0, max: 1000, distribution: q_log_uniform}")),
              ElementsAre("S013 parameters.a.max"));
}

TEST(DistributionTest, ShapesHaveTheirRanges) {
  EXPECT_THAT(codes(parse_one("{distribution: normal, sigma: -1}")),
              ElementsAre("S013 parameters.a.sigma"));
  EXPECT_THAT(codes(parse_one("{distribution: normal, sigma: 0}")), IsEmpty());
  EXPECT_THAT(codes(parse_one("{distribution: beta, a: 0}")), ElementsAre("S013 parameters.a.a"));
  EXPECT_THAT(codes(parse_one("{distribution: q_normal, q: 0}")),
              ElementsAre("S013 parameters.a.q"));
}

TEST(DistributionTest, AnIntegerStepIsToldFromARealOne) {
  const auto integer_q = [](const std::string& keys) {
    return parse_one("{distribution: q_uniform, min: 0, max: 8" + keys + "}")
        .spec.parameters.at(0)
        .distribution.q_is_integer;
  };
  EXPECT_TRUE(integer_q(", q: 2"));
  EXPECT_FALSE(integer_q(", q: 2.0"));
  EXPECT_FALSE(integer_q(""));
}

TEST(DistributionTest, ProbabilitiesFitTheirValues) {
  const auto with = [](const std::string& probabilities) {
    return codes(parse_one("{values: [1, 2], probabilities: " + probabilities + "}"));
  };
  EXPECT_THAT(with("[0.25, 0.75]"), IsEmpty());
  EXPECT_THAT(with("[0.5, 0.499995]"), IsEmpty());
  EXPECT_THAT(with("[0.5, 0.49998]"), ElementsAre("S017 parameters.a.probabilities"));
  EXPECT_THAT(with("[1]"), ElementsAre("S017 parameters.a.probabilities"));
  EXPECT_THAT(with("[-0.5, 1.5]"), ElementsAre("S013 parameters.a.probabilities[0]"));
  EXPECT_THAT(with("[x, 1]"), ElementsAre("S009 parameters.a.probabilities[0]"));
  EXPECT_THAT(with("1"), ElementsAre("S009 parameters.a.probabilities"));
}

TEST(DistributionTest, NestedParametersAreCheckedLikeOthers) {
  EXPECT_THAT(codes(parse_one("{parameters: {b: {min: 5, max: 3}}}")),
              ElementsAre("S014 parameters.a.parameters.b.min"));
  EXPECT_THAT(codes(parse_one("{parameters: {b: {values: [1, 2], probabilities: [0.1, 0.2]}}}")),
              ElementsAre("S017 parameters.a.parameters.b.probabilities"));
  EXPECT_THAT(codes(parse_one("{parameters: {b: {value: 1}}, value: 2}")),
              ElementsAre("S022 parameters.a.value"));
  EXPECT_THAT(codes(parse_one("{parameters: {}}")), ElementsAre("S016 parameters.a.parameters"));
}

TEST(DistributionTest, AValueInPlaceOfAMapGetsTheFormToWrite) {
  EXPECT_EQ(parse_one("adam").diagnostics.at(0).help, "write `a: {value: adam}`");
  EXPECT_EQ(parse_one("[1, 2]").diagnostics.at(0).help, "write `a: {values: [...]}`");
}

TEST(DistributionTest, NamesMustFitEveryShellAndLanguage) {
  const auto with = [](const std::string& name) {
    return codes(parse("method: random\nparameters: {" + name + ": {value: 1}}\n"));
  };
  for (const char* good : {"lr", "_x", "a.b", "a-b", "A1"}) EXPECT_THAT(with(good), IsEmpty());
  EXPECT_THAT(with("1a"), ElementsAre("S018 parameters.1a"));
  EXPECT_THAT(with("a/b"), ElementsAre("S018 parameters.a/b"));
  EXPECT_THAT(with("\"a\\n\""), ElementsAre("S018 parameters.a "));
  EXPECT_THAT(codes(parse("method: random\nparameters:\n  a.b: {value: 1}\n"
                          "  a: {parameters: {b: {value: 2}}}\n")),
              ElementsAre("S028 parameters.a.parameters.b"));
}

}  // namespace
}  // namespace scopa::spec
