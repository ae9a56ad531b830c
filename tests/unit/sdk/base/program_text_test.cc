#include "sdk/base/program_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <regex>

namespace scopa {
namespace {

using testing::ElementsAre;

TEST(PlainNumberTest, IsFixedWherePythonsReprIs) {
  EXPECT_EQ(plain_number(0.0005), "0.0005");
  EXPECT_EQ(plain_number(0.0001), "0.0001");
  EXPECT_EQ(plain_number(100000.0), "100000.0");
  EXPECT_EQ(plain_number(1e15), "1000000000000000.0");
  EXPECT_EQ(plain_number(123456789012345680.0 / 10), "1.2345678901234568e+16");
  EXPECT_EQ(plain_number(0.00025), "0.00025");
  EXPECT_EQ(plain_number(3.0), "3.0");
  EXPECT_EQ(plain_number(0.0), "0.0");
  EXPECT_EQ(plain_number(-0.5), "-0.5");
}

TEST(PlainNumberTest, AnExponentHasAPointBeforeItAndASign) {
  EXPECT_EQ(plain_number(1e-8), "1.0e-08");
  EXPECT_EQ(plain_number(1.5e-5), "1.5e-05");
  EXPECT_EQ(plain_number(1e16), "1.0e+16");
  EXPECT_EQ(plain_number(-1e300), "-1.0e+300");
  EXPECT_EQ(plain_number(5e-324), "5.0e-324");
}

TEST(PlainNumberTest, WhatIsNoNumberIsSaid) {
  EXPECT_EQ(plain_number(std::nan("")), "nan");
  EXPECT_EQ(plain_number(INFINITY), "inf");
  EXPECT_EQ(plain_number(-INFINITY), "-inf");
}

// The grammars of those who read: YAML 1.1 as PyYAML resolves it, YAML 1.2's core schema, JSON.
// What all three match is a number to Python and to strtod too.
TEST(PlainNumberTest, EveryReaderTakesItForTheSameDouble) {
  const std::regex yaml11(R"([-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+][0-9]+)?)");
  const std::regex yaml12(R"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)");
  const std::regex json(R"(-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?)");
  std::mt19937_64 random(7);
  std::vector<double> numbers = {1e-4,   9.999999999999999e-5,  1e16, 9999999999999998.0,
                                 5e-324, 1.7976931348623157e308};
  for (int exponent = -320; exponent <= 308; ++exponent) {
    numbers.push_back(std::strtod(("1e" + std::to_string(exponent)).c_str(), nullptr));
  }
  while (numbers.size() < 4000) {
    const double x = std::bit_cast<double>(random());
    if (std::isfinite(x)) numbers.push_back(x);
  }
  for (const double x : numbers) {
    const std::string text = plain_number(x);
    EXPECT_TRUE(std::regex_match(text, yaml11)) << text;
    EXPECT_TRUE(std::regex_match(text, yaml12)) << text;
    EXPECT_TRUE(std::regex_match(text, json)) << text;
    EXPECT_NE(text.find('.'), std::string::npos) << text;
    EXPECT_EQ(std::strtod(text.c_str(), nullptr), x) << text;
    EXPECT_EQ(nlohmann::json::parse(text).get<double>(), x) << text;
  }
}

TEST(PlainNumbersTest, OnlyNumbersOutsideOfTextChange) {
  EXPECT_EQ(
      with_plain_numbers(R"({"a 1e-8 \" 2e5":[1e-8,5E-04,-1e+5,3,"1e-8"],"b":true,"c":1.50})"),
      R"({"a 1e-8 \" 2e5":[1.0e-08,0.0005,-100000.0,3,"1e-8"],"b":true,"c":1.5})");
  EXPECT_EQ(with_plain_numbers("[0.1,null,false]"), "[0.1,null,false]");
  EXPECT_EQ(with_plain_numbers("\"open"), "\"open");
  EXPECT_EQ(with_plain_numbers("\"\\"), "\"\\");
  EXPECT_EQ(with_plain_numbers("[1e999,-]"), "[1e999,-]");
  EXPECT_EQ(with_plain_numbers(""), "");
}

TEST(ProgramWordsTest, PythonHasItsOwnForBooleansAndNull) {
  EXPECT_EQ(to_text(Value(true), Words::kPython), "True");
  EXPECT_EQ(to_text(Value(false), Words::kPython), "False");
  EXPECT_EQ(to_text(Value(), Words::kPython), "None");
  EXPECT_EQ(to_text(Value(Composite{R"([true,{"a":null,"true":"null"},1e-8])"}), Words::kPython),
            R"([True,{"a":None,"true":"null"},1.0e-08])");
  EXPECT_EQ(to_text(Value(std::string("true")), Words::kPython), "true");
  EXPECT_EQ(to_text(Value(1e-8), Words::kPython), "1.0e-08");
}

TEST(ProgramWordsTest, JsonsAreTheOthers) {
  EXPECT_EQ(to_text(Value(true), Words::kJson), "true");
  EXPECT_EQ(to_text(Value(), Words::kJson), "null");
  EXPECT_EQ(to_text(Value(Composite{"[true,5e-04]"}), Words::kJson), "[true,0.0005]");
}

TEST(ListItemsTest, OnlyAListHasThem) {
  EXPECT_THAT(*list_items(Value(Composite{R"([64,0.5,"1",[2],null])"})),
              ElementsAre(Value(std::int64_t{64}), Value(0.5), Value(std::string("1")),
                          Value(Composite{"[2]"}), Value()));
  EXPECT_TRUE(list_items(Value(Composite{"[]"}))->empty());
  EXPECT_FALSE(list_items(Value(Composite{"{\"a\":1}"})).has_value());
  EXPECT_FALSE(list_items(Value(std::string("[1]"))).has_value());
  EXPECT_FALSE(list_items(Value(Composite{"[1"})).has_value());
}

}  // namespace
}  // namespace scopa
