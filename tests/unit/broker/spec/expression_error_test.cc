// What is no expression, and what is said of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "sdk/base/limits.h"
#include "tests/unit/broker/spec/expression_testing.h"

namespace scopa::spec {
namespace {

using ::testing::HasSubstr;

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
