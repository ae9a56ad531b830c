#include "worker/metric_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace scopa::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

MetricLine read(std::string_view text) {
  auto line = parse_metric_line(text);
  EXPECT_TRUE(line) << text << ": " << line.status().to_string();
  return line ? *line : MetricLine{};
}

double value(std::string_view text) {
  const MetricLine line = read("{\"x\":" + std::string(text) + "}");
  EXPECT_THAT(line.values, SizeIs(1)) << text;
  return line.values.empty() ? -1 : line.values[0].second;
}

TEST(MetricLineTest, NumbersArePointsAndStepIsTheStep) {
  const MetricLine line = read(R"({"step": 3, "loss": 0.5, "val/acc": 9e-1})");
  EXPECT_EQ(line.step, 3);
  EXPECT_THAT(line.values, ElementsAre(Pair("loss", 0.5), Pair("val/acc", 0.9)));
  EXPECT_EQ(line.problem, "");
}

TEST(MetricLineTest, EpochAndUnderscoreStepAreMetricsLikeOthers) {
  const MetricLine line = read(R"({"epoch":1,"_step":2})");
  EXPECT_FALSE(line.step.has_value());
  EXPECT_THAT(line.values, ElementsAre(Pair("epoch", 1), Pair("_step", 2)));
}

TEST(MetricLineTest, ASpaceMoreOrLessDoesNotMatter) {
  EXPECT_THAT(read("  {\t\"a\" : 1 ,\"b\":-2.5 } \r").values,
              ElementsAre(Pair("a", 1), Pair("b", -2.5)));
  EXPECT_THAT(read("{}").values, IsEmpty());
}

TEST(MetricLineTest, NotANumberAndInfinityMayBeSpelledLoosely) {
  for (const char* text : {"NaN", "nan", "\"nan\"", "\"NaN\"", "-nan"}) {
    EXPECT_TRUE(std::isnan(value(text))) << text;
  }
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (const char* text : {"Infinity", "inf", "+inf", "\"Inf\"", "1e999"}) {
    EXPECT_EQ(value(text), kInfinity) << text;
  }
  EXPECT_EQ(value("-Infinity"), -kInfinity);
  EXPECT_EQ(value("\"-inf\""), -kInfinity);
  EXPECT_EQ(value("1e-999"), 0);
}

TEST(MetricLineTest, WhatIsNoNumberIsLeftOutAndNamed) {
  const MetricLine line = read(R"({"done":true,"loss":1,"note":"hi","x":null,"y":[1,{"z":"]"}]})");
  EXPECT_THAT(line.values, ElementsAre(Pair("loss", 1)));
  EXPECT_THAT(line.problem, HasSubstr("`done` is a boolean"));
}

TEST(MetricLineTest, ANestedNumberIsAMetricNamedByItsPath) {
  const MetricLine line =
      read(R"({"step":1,"eval":{"loss":0.5,"top":{"1":0.7,"5":"0.9"},"step":3},"lr":1})");
  EXPECT_EQ(line.step, 1);
  EXPECT_THAT(line.values,
              ElementsAre(Pair("eval/loss", 0.5), Pair("eval/top/1", 0.7), Pair("eval/top/5", 0.9),
                          Pair("eval/step", 3), Pair("lr", 1)));
  EXPECT_EQ(line.left_out, 0U);
  EXPECT_THAT(read(R"({"eval":{}})").values, IsEmpty());
}

TEST(MetricLineTest, ThePathIsSpelledAsTheGoalMetricIs) {
  const auto named = [](std::string_view goal) {
    return parse_metric_line(R"({"eval":{"a":{"loss":1}},"eval/a/loss":2})", goal)->values;
  };
  EXPECT_THAT(named("eval.a.loss"), ElementsAre(Pair("eval.a.loss", 1), Pair("eval/a/loss", 2)));
  EXPECT_THAT(named("eval/a.loss"), ElementsAre(Pair("eval/a.loss", 1), Pair("eval/a/loss", 2)));
  EXPECT_THAT(named("loss"), ElementsAre(Pair("eval/a/loss", 1), Pair("eval/a/loss", 2)));
}

TEST(MetricLineTest, WhatIsLeftOutOfANestedObjectIsNamedByItsPathAndCounted) {
  const MetricLine line = read(R"({"eval":{"list":[1],"note":"hi","loss":1},"done":null})");
  EXPECT_THAT(line.values, ElementsAre(Pair("eval/loss", 1)));
  EXPECT_EQ(line.left_out, 3U);
  EXPECT_EQ(line.problem, "`eval/list` is a list, not a number");
}

TEST(MetricLineTest, NamesAndDepthOfNestedMetricsAreBounded) {
  std::string deep = "1";
  for (int i = 0; i < 8; ++i) deep = "{\"a\":" + deep + "}";
  EXPECT_THAT(read(deep).values, ElementsAre(Pair("a/a/a/a/a/a/a/a", 1)));
  const MetricLine deeper = read("{\"b\":2,\"a\":" + deep + "}");
  EXPECT_THAT(deeper.values, ElementsAre(Pair("b", 2)));
  EXPECT_THAT(deeper.problem, HasSubstr("nested too deeply"));
  const std::string half(128, 'x');
  EXPECT_THAT(read("{\"" + half + "\":{\"" + half + "\":1}}").values, IsEmpty()) << "257 bytes";
}

TEST(MetricLineTest, AStepThatIsTooLargeIsToldTheLargest) {
  for (const char* text : {R"({"step":9223372036854775807})", R"({"step":1e300})"}) {
    EXPECT_THAT(read(text).problem, HasSubstr("the largest is 9007199254740992")) << text;
  }
  EXPECT_EQ(read(R"({"step":9007199254740992})").step, 9007199254740992);
}

TEST(MetricLineTest, AStepMustBeAWholeNumber) {
  EXPECT_EQ(read(R"({"step":7.0})").step, 7);
  EXPECT_EQ(read(R"({"step":-1})").step, -1);
  for (const char* text : {R"({"step":1.5})", R"({"step":1e300})", R"({"step":"nan"})"}) {
    EXPECT_FALSE(read(text).step.has_value()) << text;
    EXPECT_THAT(read(text).problem, HasSubstr("step")) << text;
  }
}

TEST(MetricLineTest, EscapesInNamesAreUndone) {
  EXPECT_EQ(read(R"({"a\"\\\/\n\u00e9\ud83d\ude00\ud800":1})").values[0].first,
            "a\"\\/\n\xC3\xA9\xF0\x9F\x98\x80\xEF\xBF\xBD");
}

TEST(MetricLineTest, ANameThatIsTooLongIsLeftOut) {
  const MetricLine line = read("{\"" + std::string(257, 'a') + "\":1,\"\":2,\"b\":3}");
  EXPECT_THAT(line.values, ElementsAre(Pair("b", 3)));
}

TEST(MetricLineTest, ALineThatIsNoObjectIsRefused) {
  for (const char* text :
       {"", "loss=1", "[1]", "1", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,}", "{\"a\" 1}",
        "{a:1}", "{\"a\":1} x", "{\"a\":1}{\"b\":2}", "{\"a\":hello}", "{\"a\":\"x}", "{\"a\":[1}",
        "{\"a\":\"\\q\"}", "{\"a\":\"\\u12\"}", "{\"a\":\"\\ud83d\\u0041\"}"}) {
    EXPECT_EQ(parse_metric_line(text).status().code(), Code::kInvalidArgument) << text;
  }
}

TEST(MetricLineTest, DeepNestingIsRefusedNotFollowed) {
  const std::string deep = "{\"a\":" + std::string(100'000, '[') + "}";
  EXPECT_EQ(parse_metric_line(deep).status().code(), Code::kInvalidArgument);
}

TEST(MetricLineTest, NoBytesMakeItFail) {
  std::mt19937 random(1);
  const std::string alphabet = "{}[]\":,\\ue0+-.1naif \x01\xff";
  std::size_t taken = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::string text = i % 2 == 0 ? "{\"a\":" : "";
    for (std::size_t n = random() % 24; n > 0; --n) text += alphabet[random() % alphabet.size()];
    if (const auto line = parse_metric_line(text)) taken += 1;
  }
  EXPECT_GT(taken, 0U);
}

}  // namespace
}  // namespace scopa::worker
