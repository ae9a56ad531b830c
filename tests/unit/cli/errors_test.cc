#include "cli/errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace scopa::cli {
namespace {

using ::testing::HasSubstr;

TEST(ErrorsTest, EachKindOfFailureHasItsExitCode) {
  EXPECT_EQ(failure_of({Code::kNotFound, "x"}).exit, kExitNotFound);
  EXPECT_EQ(failure_of({Code::kUnavailable, "x"}).exit, kExitUnreachable);
  EXPECT_EQ(failure_of({Code::kDeadlineExceeded, "x"}).exit, kExitUnreachable);
  EXPECT_EQ(failure_of({Code::kConflict, "x"}).exit, kExitFailed);
  EXPECT_EQ(failure_of({Code::kCorruption, "x"}).exit, kExitFailed);
}

TEST(ErrorsTest, TextHasCodeMessageAndRemedy) {
  const Failure f = failure_of({Code::kNotFound, "no sweep `fxo-1`", "did you mean `fox-1`?"});
  EXPECT_EQ(render(f, false, false),
            "error[S120]: no sweep `fxo-1`\nhelp: did you mean `fox-1`?\n");
}

TEST(ErrorsTest, JsonIsOneValidDocument) {
  Failure f = failure_of({Code::kInvalidArgument, "say \"no\"\n\xff", "fix it"});
  f.file = "sweep.yaml";
  f.line = 9;
  const auto json = nlohmann::json::parse(render(f, true, false));
  EXPECT_EQ(json["schema_version"], 1);
  EXPECT_EQ(json["error"]["code"], "S128");
  EXPECT_THAT(json["error"]["message"].get<std::string>(), HasSubstr("say \"no\""));
  EXPECT_EQ(json["error"]["help"], "fix it");
  EXPECT_EQ(json["error"]["line"], 9);
  EXPECT_TRUE(json["error"]["column"].is_null());
}

TEST(ErrorsTest, StrangersCannotSendEscapeSequences) {
  Failure f = failure_of({Code::kConflict, "bad \x1b[2J name"});
  f.details = "  line one\n  \x1b]0;title\x07\n";
  const std::string text = render(f, false, false);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_THAT(text, HasSubstr("  line one\n"));
}

}  // namespace
}  // namespace scopa::cli
