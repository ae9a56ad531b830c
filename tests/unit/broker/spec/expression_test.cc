#include "broker/spec/expression.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>

#include "sdk/base/limits.h"

namespace scopa::spec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Value text(const char* s) { return std::string(s); }
Value integer(std::int64_t i) { return i; }

/// Parameters by name: the values that each can have, or none for any number.
class TestScope : public Scope {
 public:
  std::optional<std::size_t> find(std::string_view name) const override {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
      if (parameters_[i].first == name) return i;
    }
    return std::nullopt;
  }
  Kinds kinds_of(std::size_t i) const override {
    if (parameters_[i].first.starts_with("any")) return kAnyKind;
    if (parameters_[i].second.empty()) return kNumberKind;
    Kinds kinds = 0;
    for (const Value& value : parameters_[i].second) kinds |= kind_of(value);
    return kinds;
  }
  std::optional<bool> has(std::size_t i, const Value& value) const override {
    const auto& values = parameters_[i].second;
    if (values.empty()) return std::nullopt;
    return std::find(values.begin(), values.end(), value) != values.end();
  }
  std::string values_help(std::size_t, const Value&) const override { return "see the list"; }
  std::vector<std::string> names() const override {
    std::vector<std::string> names;
    for (const auto& [name, values] : parameters_) names.push_back(name);
    return names;
  }

 private:
  std::vector<std::pair<std::string, std::vector<Value>>> parameters_ = {
      {"x", {}},
      {"y", {}},
      {"opt", {text("sgd"), text("adam"), text("x")}},
      {"amp", {true, false}},
      {"n", {integer(1), integer(2), integer(4)}},
      {"mixed", {integer(1), text("auto")}},
      {"group.lr", {}},
      {"weight-decay", {}},
      {"min", {}},
      {"not", {}},
      {"any", {}},
      {"shape", {Composite{"[64]"}, Value()}},
  };
};

using Given = std::map<std::string, Value>;

Expression compiled(const std::string& source) {
  auto result = compile(source, TestScope());
  if (auto* error = std::get_if<ExpressionError>(&result)) {
    ADD_FAILURE() << source << ": " << error->message << " at " << error->offset;
    return {};
  }
  return std::get<Expression>(std::move(result));
}

std::vector<const Value*> values_of(const Given& given) {
  std::vector<const Value*> values(TestScope().names().size(), nullptr);
  for (const auto& [name, value] : given) values.at(TestScope().find(name).value()) = &value;
  return values;
}

/// The value as JSON, or "absent".
std::string value_of(const std::string& source, const Given& given = {}) {
  const auto value = compiled(source).evaluate(values_of(given));
  return value ? to_json(*value) : "absent";
}

/// "offset: message; help".
std::string error_of(const std::string& source) {
  const auto result = compile(source, TestScope());
  const auto* error = std::get_if<ExpressionError>(&result);
  if (error == nullptr) return "none";
  return std::to_string(error->offset) + ": " + error->message +
         (error->help.empty() ? "" : "; " + error->help);
}

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

TEST(ExpressionTest, UnknownNamesComeWithTheRightOne) {
  EXPECT_EQ(error_of("x * grup.lr"),
            "4: there is no parameter `grup.lr`; did you mean `group.lr`?");
  EXPECT_EQ(error_of("optt == sgd"), "0: there is no parameter `optt`; did you mean `opt`?");
  EXPECT_EQ(error_of("opt == sdg"),
            "7: there is no parameter `sdg`; text stands in quotes: \"sdg\"");
  EXPECT_EQ(error_of("weight-decay > 1"),
            "0: there is no parameter `weight`; a name with `-` stands in backticks: `` "
            "`weight-decay` ``");
  EXPECT_EQ(error_of("x == True"), "5: there is no parameter `True`; did you mean `true`?");
  EXPECT_EQ(error_of("flor(x)"), "0: there is no function `flor`; did you mean `floor`?");
  EXPECT_EQ(error_of("[sgd]"), "0: a list can only stand after `in`");
  EXPECT_EQ(error_of("foo"), "0: there is no parameter `foo`; text stands in quotes: \"foo\"");
}

TEST(ExpressionTest, KindsThatCannotMeetAreErrors) {
  EXPECT_EQ(error_of("x == 'big'"), "5: `x` is a number and `'big'` is text: they are never equal");
  EXPECT_EQ(error_of("opt < 3"), "6: `opt` is text and `3` is a number: they are never equal");
  EXPECT_EQ(error_of("amp < amp"),
            "4: `amp` is true or false, which has no order; compare it with `==` or `!=`");
  EXPECT_EQ(error_of("1 + opt"), "4: `opt` is text, but `+` takes a number");
  EXPECT_EQ(error_of("amp * 2"), "0: `amp` is true or false, but `*` takes a number");
  EXPECT_EQ(error_of("max(1, opt)"), "7: `opt` is text, but `max` takes a number");
  EXPECT_EQ(error_of("x > 1 and opt"),
            "10: `opt` is text, no condition; compare it with something: `opt == ...`");
  EXPECT_EQ(error_of("not 'a'"),
            "4: `'a'` is text, no condition; compare it with something: `'a' == ...`");
  EXPECT_EQ(error_of("(x < 1) + 1"), "0: `(x < 1)` is true or false, but `+` takes a number");
}

TEST(ExpressionTest, ValuesThatAParameterNeverHasAreErrors) {
  EXPECT_EQ(error_of("opt == 'sdg'"), "7: `opt` is never `sdg`; see the list");
  EXPECT_EQ(error_of("n in [1, 3]"), "9: `n` is never `3`; see the list");
  EXPECT_EQ(error_of("-3 != n"), "0: `n` is never `-3`; see the list");
  EXPECT_EQ(error_of("n > 3"), "none");
}

TEST(ExpressionTest, SyntaxErrorsNameTheByteAndTheRemedy) {
  EXPECT_EQ(error_of(""), "0: the expression is empty");
  EXPECT_EQ(error_of("  \n"), "0: the expression is empty");
  EXPECT_EQ(error_of("x +"), "3: the expression ends where a value is needed");
  EXPECT_EQ(error_of("x y"), "2: unexpected `y`; the expression is complete before it");
  EXPECT_EQ(error_of("(x"), "2: the expression ends without the `)` that closes the parenthesis");
  EXPECT_EQ(error_of("x)"), "1: unexpected `)`; the expression is complete before it");
  EXPECT_EQ(error_of("min(x y)"), "6: unexpected `y`; the `)` of `min` is missing before it");
  EXPECT_EQ(error_of("x = 1"), "2: `=` is no operator here; to compare, write `==`");
  EXPECT_EQ(error_of("x > 1 && y > 1"), "6: `&&` is no operator here; write `and`");
  EXPECT_EQ(error_of("x ? 1"), "2: `?` is no operator here; write `x if condition else y`");
  EXPECT_EQ(error_of("2x"), "0: `2x` is no number; text stands in quotes");
  EXPECT_EQ(error_of("1e400"), "0: `1e400` cannot be held by a number");
  EXPECT_EQ(error_of("'abc"), "0: this quote has no end; add a closing '");
  EXPECT_EQ(error_of("x if y"), "6: `if` needs an `else`; write `x if condition else y`");
  EXPECT_EQ(error_of("x in 3"), "5: `in` needs a list; write `in [a, b]`");
  EXPECT_EQ(error_of("n in []"), "6: the list is empty");
  EXPECT_EQ(error_of("n in [1] == true"),
            "9: a comparison cannot follow `in`; join them with `and`");
  EXPECT_EQ(error_of("x < y in [1]"),
            "6: `in` cannot follow another comparison; join them with `and`");
  EXPECT_EQ(error_of("abs(x, y)"), "3: `abs` takes one argument");
  EXPECT_EQ(error_of("max(x)"), "3: `max` takes two arguments or more");
  EXPECT_EQ(error_of("x + and"), "4: unexpected `and`; a value is missing before it");
  EXPECT_THAT(error_of("x + \xC3\xA4"), HasSubstr("4: unexpected `\xC3\xA4`"));
}

TEST(ExpressionTest, LengthAndDepthAreBounded) {
  const auto nested = [](std::size_t depth, const std::string& open, const std::string& close) {
    std::string source;
    for (std::size_t i = 0; i < depth; ++i) source += open;
    source += "1";
    for (std::size_t i = 0; i < depth; ++i) source += close;
    return source;
  };
  EXPECT_EQ(error_of(nested(limits::kExpressionDepthMax, "(", ")")), "none");
  EXPECT_EQ(error_of(nested(limits::kExpressionDepthMax + 1, "(", ")")),
            "65: nested deeper than 64 levels");
  for (const auto& [open, close] :
       {std::pair("(", ")"), std::pair("-", ""), std::pair("not ", ""), std::pair("2**", ""),
        std::pair("1 if 1 else ", ""), std::pair("abs(", ")"), std::pair("1 in [", "]")}) {
    EXPECT_THAT(error_of(nested(300, open, close)), HasSubstr("nested deeper")) << open;
  }
  std::string flat = "1";
  while (flat.size() + 2 <= limits::kExpressionBytesMax) flat += "+1";
  EXPECT_EQ(value_of(flat), std::to_string((flat.size() + 1) / 2));
  EXPECT_EQ(error_of(std::string(limits::kExpressionBytesMax + 1, ' ')),
            "4096: the expression is longer than 4096 bytes");
}

TEST(ExpressionTest, NoBytesCrashTheCompilerAndEveryErrorHasItsPlace) {
  const unsigned seed = 20261123;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const TestScope scope;
  const std::vector<std::string> pieces = {
      "x",      "y",    "opt",  "amp",  "n",    "mixed", "any",   "shape", "sgd",   "1",    "2.5",
      "'a'",    "(",    ")",    "[",    "]",    ",",     "+",     "-",     "*",     "/",    "//",
      "%",      "**",   "==",   "!=",   "<",    "<=",    " and ", " or ",  " not ", " in ", " if ",
      " else ", "min(", "log(", "true", "null", " ",     "`",     "\"",    "e",     "."};
  const std::vector<Value> pool = {integer(0),  integer(-3), 0.5,     1e300,
                                   text("sgd"), true,        Value(), Composite{"[64]"}};
  int valid = 0;
  for (int round = 0; round < 40'000; ++round) {
    std::string source;
    for (std::size_t length = random() % 14; length > 0; --length) {
      source += round % 3 == 0 ? std::string(1, static_cast<char>(random()))
                               : pieces[random() % pieces.size()];
    }
    const auto result = compile(source, scope);
    if (const auto* error = std::get_if<ExpressionError>(&result)) {
      ASSERT_LE(error->offset, source.size()) << source;
      ASSERT_FALSE(error->message.empty()) << source;
      continue;
    }
    ++valid;
    std::vector<const Value*> values;
    for (std::size_t i = 0; i < 12; ++i) {
      values.push_back(random() % 4 == 0 ? nullptr : &pool[random() % pool.size()]);
    }
    const auto& expression = std::get<Expression>(result);
    const auto value = expression.evaluate(values);
    if (value && std::holds_alternative<double>(*value)) {
      ASSERT_TRUE(std::isfinite(std::get<double>(*value))) << source;
    }
    bool all = true;
    for (const Expression& part : expression.conjuncts()) all = all && part.holds(values);
    ASSERT_EQ(all, expression.holds(values)) << source;
  }
  EXPECT_GT(valid, 500);
}

}  // namespace
}  // namespace scopa::spec
