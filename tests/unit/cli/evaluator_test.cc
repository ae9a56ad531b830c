#include "cli/evaluator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "cli/line_process.h"
#include "sdk/base/limits.h"

namespace scopa::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(EvaluatorTest, AnAnswerIsACurveWithItsTime) {
  const auto even = read_training(R"({"values":[1,"nan",0.5],"step_seconds":2.5,"more":[]})");
  ASSERT_TRUE(even) << even.status().to_string();
  EXPECT_EQ(even->values[0], 1);
  EXPECT_TRUE(std::isnan(even->values[1]));
  EXPECT_EQ(even->step_seconds, 2.5);
  EXPECT_FALSE(even->fails);
  const auto uneven = read_training(R"({"values":[1,2],"steps":[0,100],"seconds":[3,9]})");
  ASSERT_TRUE(uneven) << uneven.status().to_string();
  EXPECT_THAT(uneven->steps, ElementsAre(0, 100));
  EXPECT_THAT(uneven->seconds, ElementsAre(3, 9));
  const auto failed = read_training(R"({"error":"oom"})");
  ASSERT_TRUE(failed) << failed.status().to_string();
  EXPECT_TRUE(failed->fails);
}

TEST(EvaluatorTest, WhatIsNoAnswerIsRefused) {
  for (const char* wrong : {"",
                            "3",
                            "[1]",
                            "{",
                            "{}",
                            R"({"values":[],"step_seconds":1})",
                            R"({"values":[1]})",
                            R"({"values":1,"step_seconds":1})",
                            R"({"values":[null],"step_seconds":1})",
                            R"({"values":[1],"step_seconds":0})",
                            R"({"values":[1],"step_seconds":-1})",
                            R"({"values":[1],"step_seconds":1e400})",
                            R"({"values":[1],"step_seconds":"1"})",
                            R"({"values":[1,2],"step_seconds":1,"steps":[1]})",
                            R"({"values":[1,2],"step_seconds":1,"steps":[2,1]})",
                            R"({"values":[1,2],"step_seconds":1,"steps":[-1,1]})",
                            R"({"values":[1,2],"step_seconds":1,"steps":[1.5,2]})",
                            R"({"values":[1],"step_seconds":1,"steps":[0]})",
                            R"({"values":[1,2],"seconds":[2,1]})",
                            R"({"values":[1],"seconds":[0]})",
                            R"({"values":[1],"seconds":["nan"]})",
                            R"({"error":5})",
                            "\xff\xfe"}) {
    EXPECT_EQ(read_training(wrong).status().code(), Code::kInvalidArgument) << wrong;
  }
}

const std::function<bool()> kStay = [] { return false; };

Result<std::string> ask(const std::string& command, const std::string& line) {
  auto process = LineProcess::start(command);
  EXPECT_TRUE(process) << process.status().to_string();
  return (*process)->ask(line, std::chrono::seconds(20), kStay);
}

TEST(LineProcessTest, ALineIsAnsweredByALineHoweverLong) {
  EXPECT_EQ(*ask("cat", "hello"), "hello");
  const std::string longer(1 << 20, 'x');
  EXPECT_EQ(*ask("cat", longer), longer);
}

TEST(LineProcessTest, AnAnswerWithoutAnEndIsCutOff) {
  EXPECT_EQ(ask("tr '\\0' x </dev/zero", "").status().code(), Code::kCorruption);
}

TEST(LineProcessTest, HowItEndedIsSaid) {
  EXPECT_THAT(ask("exit 7", "x").status().message(), HasSubstr("exit 7"));
  EXPECT_THAT(ask("kill -9 $$", "x").status().message(), HasSubstr("signal 9"));
  EXPECT_THAT(ask("printf half; exit 0", "x").status().message(), HasSubstr("exit 0"));
}

TEST(LineProcessTest, WhoeverWantsToLeaveDoesNotWait) {
  auto process = LineProcess::start("sleep 60");
  ASSERT_TRUE(process);
  EXPECT_EQ((*process)->ask("x", std::chrono::seconds(60), [] { return true; }).status().code(),
            Code::kUnavailable);
  EXPECT_EQ((*process)->ask("x", std::chrono::milliseconds(1), kStay).status().code(),
            Code::kDeadlineExceeded);
}

}  // namespace
}  // namespace scopa::cli
