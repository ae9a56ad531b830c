#include "broker/spec/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tests/unit/broker/spec/expression_testing.h"

namespace scopa::spec {
namespace {

using ::testing::ElementsAre;

TEST(ExpressionTest, IntegersStayIntegersAndDivisionIsReal) {
  EXPECT_EQ(value_of("2 + 3 * 4"), "14");
  EXPECT_EQ(value_of("6 / 3"), "2.0");
  EXPECT_EQ(value_of("7 // 2"), "3");
  EXPECT_EQ(value_of("-7 // 2"), "-4");
  EXPECT_EQ(value_of("-7 % 3"), "2");
  EXPECT_EQ(value_of("7 % -3"), "-2");
  EXPECT_EQ(value_of("7.5 // 2"), "3.0");
  EXPECT_EQ(value_of("-7.5 % 2"), "0.5");
  EXPECT_EQ(value_of("0.1 * 50"), "5.0");
  EXPECT_EQ(value_of("1. + .5 + 1e-1 + 2E+1"), "21.6");
}

TEST(ExpressionTest, PrecedenceAndAssociativityAreThoseOfPython) {
  EXPECT_EQ(value_of("10 - 4 - 3"), "3");
  EXPECT_EQ(value_of("100 / 10 / 2"), "5.0");
  EXPECT_EQ(value_of("2 ** 3 ** 2"), "512");
  EXPECT_EQ(value_of("-2 ** 2"), "-4");
  EXPECT_EQ(value_of("2 ** -1"), "0.5");
  EXPECT_EQ(value_of("2 * -3"), "-6");
  EXPECT_EQ(value_of("- - 3"), "3");
  EXPECT_EQ(value_of("(2 + 3) * 4"), "20");
  EXPECT_EQ(value_of("1 + 1 == 2 and 2 * 2 > 3"), "true");
  EXPECT_EQ(value_of("true or true and false"), "true");
  EXPECT_EQ(value_of("(true or true) and false"), "false");
  EXPECT_EQ(value_of("not 1 == 2"), "true");
  EXPECT_EQ(value_of("not true or true"), "true");
  EXPECT_EQ(value_of("1 < 2 < 3 <= 3"), "true");
  EXPECT_EQ(value_of("1 < 3 < 2"), "false");
  EXPECT_EQ(value_of("1 if false else 2 if true else 3"), "2");
  EXPECT_EQ(value_of("1 if 2 > 1 or false else 0 + 5"), "1");
}

TEST(ExpressionTest, WhatOverflowsBecomesReal) {
  EXPECT_EQ(value_of("9223372036854775807 + 1"), to_json(Value(9223372036854775808.0)));
  EXPECT_EQ(value_of("x - 1", {{"x", std::numeric_limits<std::int64_t>::min()}}),
            to_json(Value(-9223372036854775808.0)));
  EXPECT_EQ(value_of("x * 2", {{"x", integer(1LL << 62)}}), to_json(Value(std::ldexp(1.0, 63))));
  EXPECT_EQ(value_of("-x", {{"x", std::numeric_limits<std::int64_t>::min()}}),
            to_json(Value(std::ldexp(1.0, 63))));
  EXPECT_EQ(value_of("x // -1", {{"x", std::numeric_limits<std::int64_t>::min()}}),
            to_json(Value(std::ldexp(1.0, 63))));
  EXPECT_EQ(value_of("x % -1", {{"x", std::numeric_limits<std::int64_t>::min()}}), "0");
  EXPECT_EQ(value_of("abs(x)", {{"x", std::numeric_limits<std::int64_t>::min()}}),
            to_json(Value(std::ldexp(1.0, 63))));
  EXPECT_EQ(value_of("2 ** 62"), "4611686018427387904");
  EXPECT_EQ(value_of("2 ** 64"), to_json(Value(std::ldexp(1.0, 64))));
  EXPECT_EQ(value_of("(-2) ** 63"), to_json(Value(std::numeric_limits<std::int64_t>::min())));
  EXPECT_EQ(value_of("12345678901234567890"), to_json(Value(12345678901234567890.0)));
}

TEST(ExpressionTest, WhatHasNoFiniteResultIsAbsent) {
  for (const char* source :
       {"1 / 0", "1 // 0", "1 % 0", "1.5 // 0", "1.5 % 0", "0 ** -1", "(-8) ** 0.5", "log(0)",
        "log(-1)", "log2(0)", "log10(-1)", "sqrt(-1)", "exp(1000)", "1e308 * 10", "10 ** 400",
        "1 + 1 / 0", "max(1, 1 / 0)", "int(any)", "any + 1"}) {
    EXPECT_EQ(value_of(source, {{"any", text("word")}}), "absent") << source;
  }
  EXPECT_EQ(value_of("1 / 0 < 1 or 1 / 0 >= 1 or 1 / 0 != 1"), "false");
}

TEST(ExpressionTest, FunctionsKeepIntegersAndRoundAsTheySay) {
  EXPECT_EQ(value_of("min(3, 2, 5)"), "2");
  EXPECT_EQ(value_of("max(1, 2.5)"), "2.5");
  EXPECT_EQ(value_of("max(3, 2.5)"), "3");
  EXPECT_EQ(value_of("abs(-3)"), "3");
  EXPECT_EQ(value_of("floor(-1.5)"), "-2");
  EXPECT_EQ(value_of("ceil(1.2)"), "2");
  EXPECT_EQ(value_of("round(2.5)"), "2");
  EXPECT_EQ(value_of("round(3.5)"), "4");
  EXPECT_EQ(value_of("int(-1.9)"), "-1");
  EXPECT_EQ(value_of("int(amp) * 3", {{"amp", true}}), "3");
  EXPECT_EQ(value_of("floor(1e300)"), "1.0e+300");
  EXPECT_EQ(value_of("sqrt(16)"), "4.0");
  EXPECT_EQ(value_of("16 ** 0.5"), "4.0");
  EXPECT_EQ(value_of("exp(0)"), "1.0");
  EXPECT_EQ(value_of("log2(4096)"), "12.0");
  EXPECT_EQ(value_of("log2(0.125)"), "-3.0");
  EXPECT_EQ(value_of("log10(1000)"), "3.0");
  EXPECT_EQ(value_of("log10(1e-5)"), "-5.0");
  EXPECT_EQ(value_of("min + min(min, 2)", {{"min", integer(7)}}), "9");
}

TEST(ExpressionTest, RealPowersAndLogarithmsAreNearTheTrueOnes) {
  for (const double base : {0.001, 0.7, 3.0, 1234.5}) {
    for (const double exponent : {-2.5, -3.0, 0.25, 1.75, 7.0}) {
      const Given given = {{"x", base}, {"y", exponent}};
      const auto value = compiled("x ** y").evaluate(values_of(given));
      EXPECT_NEAR(std::get<double>(*value) / std::pow(base, exponent), 1, 1e-13);
    }
    const Given given = {{"x", base}};
    EXPECT_NEAR(std::get<double>(*compiled("log10(x)").evaluate(values_of(given))),
                std::log10(base), 1e-14);
    EXPECT_NEAR(std::get<double>(*compiled("log2(x)").evaluate(values_of(given))), std::log2(base),
                1e-13);
  }
}

TEST(ExpressionTest, ComparisonsOfIntegersAndRealsAreExact) {
  const Given given = {{"x", integer((1LL << 53) + 1)}, {"y", std::ldexp(1.0, 53)}};
  EXPECT_EQ(value_of("x > y and x != y and not x == y and y < x", given), "true");
  EXPECT_EQ(value_of("x < 1e300 and x > -1e300 and 1 < 1.5 and -1 > -1.5 and 2 == 2.0", given),
            "true");
}

TEST(ExpressionTest, KindsDoNotMix) {
  const Given given = {{"mixed", text("auto")}, {"any", true}};
  EXPECT_EQ(value_of("mixed == 1 or mixed < 2 or mixed >= 2", given), "false");
  EXPECT_EQ(value_of("mixed != 1 and mixed not in [1]", given), "true");
  EXPECT_EQ(value_of("any == 1", given), "false");
  EXPECT_EQ(value_of("'b' > 'a' and \"a\" == 'a'"), "true");
  EXPECT_EQ(value_of("shape == null", {{"shape", Value()}}), "true");
  EXPECT_EQ(value_of("shape != null", {{"shape", Composite{"[64]"}}}), "true");
}

TEST(ExpressionTest, ABareWordThatIsOneOfTheValuesIsText) {
  EXPECT_EQ(value_of("opt == sgd", {{"opt", text("sgd")}}), "true");
  EXPECT_EQ(value_of("sgd != opt", {{"opt", text("adam")}}), "true");
  EXPECT_EQ(value_of("opt in [sgd, adam]", {{"opt", text("adam")}}), "true");
  EXPECT_EQ(value_of("opt not in [sgd, adam]", {{"opt", text("adam")}}), "false");
  EXPECT_EQ(value_of("(opt) == (sgd)", {{"opt", text("sgd")}}), "true");
  // Also where a parameter is called like it.
  EXPECT_EQ(value_of("opt == x", {{"opt", text("x")}, {"x", 0.5}}), "true");
  EXPECT_EQ(value_of("mixed == auto", {{"mixed", text("auto")}}), "true");
}

TEST(ExpressionTest, NamesMayHaveDotsAndOthersStandInBackticks) {
  EXPECT_EQ(value_of("group.lr * 2", {{"group.lr", 0.5}}), "1.0");
  EXPECT_EQ(value_of("`weight-decay` + `not`", {{"weight-decay", 0.5}, {"not", integer(1)}}),
            "1.5");
  EXPECT_EQ(value_of("x -y", {{"x", integer(3)}, {"y", integer(1)}}), "2");
}

TEST(ExpressionTest, TextKeepsItsQuotesWhenTheyAreEscaped) {
  EXPECT_EQ(value_of(R"('it\'s' == "it's" and "a\\b" == 'a\\b' and "\n" != 'n')"), "true");
  EXPECT_EQ(value_of("'a' if x else \"b\"", {{"x", integer(1)}}), R"("a")");
}

TEST(ExpressionTest, WhatIsAbsentMakesArithmeticAbsentAndComparisonsFalse) {
  EXPECT_EQ(value_of("x"), "absent");
  EXPECT_EQ(value_of("x + 1"), "absent");
  EXPECT_EQ(value_of("max(x, 1)"), "absent");
  EXPECT_EQ(value_of("x == 1"), "false");
  EXPECT_EQ(value_of("x != 1"), "false");
  EXPECT_EQ(value_of("x < 1 or x >= 1"), "false");
  EXPECT_EQ(value_of("opt in [sgd]"), "false");
  EXPECT_EQ(value_of("opt not in [sgd]"), "false");
  EXPECT_EQ(value_of("not opt == sgd"), "true");
  EXPECT_EQ(value_of("x if opt == sgd else y", {{"y", integer(3)}}), "3");
  EXPECT_EQ(value_of("1 if x else 2"), "2");
  EXPECT_EQ(value_of("amp and x"), "false");
}

TEST(ExpressionTest, HoldsIsTheTruthOfTheValue) {
  const auto holds = [](const std::string& source) { return compiled(source).holds({}); };
  EXPECT_TRUE(holds("true"));
  EXPECT_TRUE(holds("0.5"));
  EXPECT_FALSE(holds("0"));
  EXPECT_FALSE(holds("-0.0"));
  EXPECT_FALSE(holds("null"));
  EXPECT_FALSE(holds("x"));
  EXPECT_FALSE(holds("1 / 0"));
  EXPECT_FALSE(Expression().holds({}));
}

TEST(ExpressionTest, ParametersAreListedOnceAndCanBeRenumbered) {
  const Expression expression = compiled("y + x * y > n");
  EXPECT_THAT(expression.parameters(), ElementsAre(0u, 1u, 4u));
  EXPECT_EQ(expression.text(), "y + x * y > n");
  EXPECT_EQ(expression.kinds(), kBooleanKind);
  const std::vector<std::size_t> swapped = {1, 0, 2, 3, 4};
  const Value one = integer(1);
  const Value three = integer(3);
  const std::vector<const Value*> values = {&three, &one, nullptr, nullptr, &one};
  EXPECT_FALSE(compiled("x - y > n").renumbered(swapped).holds(values));
  EXPECT_TRUE(compiled("x - y > n").holds(values));
}

TEST(ExpressionTest, ConjunctsAreThePartsThatAndJoinsAtTheTop) {
  const auto parts = compiled("x > 1 and (opt == sgd and n in [1, 2]) and (amp or y < 2)");
  std::vector<std::string> texts;
  for (const Expression& part : parts.conjuncts()) texts.push_back(part.text());
  EXPECT_THAT(texts, ElementsAre("x > 1", "opt == sgd", "n in [1, 2]", "amp or y < 2"));
  const Given given = {{"opt", text("sgd")}};
  EXPECT_TRUE(parts.conjuncts()[1].holds(values_of(given)));
  EXPECT_THAT(parts.conjuncts()[3].parameters(), ElementsAre(1u, 3u));
  EXPECT_EQ(compiled("amp or x > 1").conjuncts().size(), 1u);
}

}  // namespace
}  // namespace scopa::spec
