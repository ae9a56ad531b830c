#include "broker/spec/scalar.h"

#include <gtest/gtest.h>

#include <cmath>

namespace scopa::spec {
namespace {

using Kind = Scalar::Kind;

double real_of(std::string_view text) {
  const Scalar scalar = resolve_scalar(text);
  EXPECT_EQ(scalar.kind, Kind::kReal) << text;
  return scalar.real;
}

std::int64_t integer_of(std::string_view text) {
  const Scalar scalar = resolve_scalar(text);
  EXPECT_EQ(scalar.kind, Kind::kInteger) << text;
  return scalar.integer;
}

TEST(ScalarTest, EverySpellingOfARealIsANumber) {
  EXPECT_EQ(real_of("1e-5"), 1e-5);
  EXPECT_EQ(real_of("1E3"), 1000.0);
  EXPECT_EQ(real_of("1e+3"), 1000.0);
  EXPECT_EQ(real_of("1.5e-05"), 1.5e-5);
  EXPECT_EQ(real_of(".5"), 0.5);
  EXPECT_EQ(real_of("-.5"), -0.5);
  EXPECT_EQ(real_of("+1."), 1.0);
  EXPECT_EQ(real_of("1.0"), 1.0);
  EXPECT_EQ(real_of("1_000.5"), 1000.5);
  EXPECT_EQ(real_of("-1_0.2_5"), -10.25);
  EXPECT_TRUE(std::isinf(real_of(".inf")));
  EXPECT_TRUE(std::isinf(real_of("-.INF")));
  EXPECT_TRUE(std::isnan(real_of(".nan")));
}

TEST(ScalarTest, IntegersAreNotReals) {
  EXPECT_EQ(integer_of("0"), 0);
  EXPECT_EQ(integer_of("-42"), -42);
  EXPECT_EQ(integer_of("+7"), 7);
  EXPECT_EQ(integer_of("1_000_000"), 1000000);
  EXPECT_EQ(integer_of("0x1F"), 31);
  EXPECT_EQ(integer_of("0o17"), 15);
  EXPECT_EQ(integer_of("0b101"), 5);
  EXPECT_EQ(integer_of("010"), 10);
  EXPECT_EQ(integer_of("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(integer_of("-9223372036854775808"), INT64_MIN);
}

TEST(ScalarTest, NumbersBeyondTheMachineAreFaultsAndNotRounded) {
  EXPECT_EQ(resolve_scalar("9223372036854775808").kind, Kind::kTooLarge);
  EXPECT_EQ(resolve_scalar("1e400").kind, Kind::kTooLarge);
  EXPECT_EQ(resolve_scalar("-1e400").kind, Kind::kTooLarge);
  EXPECT_EQ(real_of("1e-400"), 0.0);
}

TEST(ScalarTest, OldBooleansTimesAndVersionsAreText) {
  for (const char* text : {"yes", "no", "on",  "Off", "y",   "1:30", "1.2.3", "2020-01-01",
                           "1e",  "e5", "--1", "+",   "-",   ".",    "0x",    "0xZZ",
                           "0b2", "_1", "inf", "nan", "1 2", "1e5x", "1-",    "tRue"}) {
    EXPECT_EQ(resolve_scalar(text).kind, Kind::kText) << text;
  }
}

TEST(ScalarTest, TrueFalseAndNullKeepTheirMeaning) {
  EXPECT_EQ(resolve_scalar("true").kind, Kind::kBool);
  EXPECT_TRUE(resolve_scalar("True").boolean);
  EXPECT_FALSE(resolve_scalar("FALSE").boolean);
  for (const char* text : {"", "~", "null", "NULL"}) {
    EXPECT_EQ(resolve_scalar(text).kind, Kind::kNull) << text;
  }
}

}  // namespace
}  // namespace scopa::spec
