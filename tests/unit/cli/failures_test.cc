#include "cli/failures.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/sweep_screen.h"

namespace scopa::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

wire::TrialInfo failed(Cause cause, const std::string& reason) {
  wire::TrialInfo t;
  t.state = static_cast<std::uint8_t>(TrialState::kFailed);
  t.cause = static_cast<std::uint8_t>(cause);
  t.reason = reason;
  return t;
}

wire::AttemptInfo attempt(std::uint32_t number, Cause cause, const std::string& ended,
                          const std::string& next) {
  wire::AttemptInfo a;
  a.attempt = number;
  a.host = "gpu-0" + std::to_string(number);
  a.device = "cpu";
  a.started_us = 1'000'000;
  a.ended_us = 3'000'000;
  a.cause = static_cast<std::uint8_t>(cause);
  a.ended = ended;
  a.next = next;
  return a;
}

TEST(FailuresTest, AreGroupedByCauseWithTheLastLineThatMostOfThemEndedWith) {
  const std::vector<wire::TrialInfo> trials = {
      failed(Cause::kUserError, "exit 1: Traceback\nno module timm"),
      failed(Cause::kOom, "exit 1, out of memory: loading\nCUDA out of memory"),
      failed(Cause::kOom, "exit 1, out of memory: CUDA out of memory"),
      failed(Cause::kOom, "killed by signal 9"),
      wire::TrialInfo{},
  };
  const auto groups = failure_groups(trials);
  ASSERT_THAT(groups, SizeIs(2));
  EXPECT_EQ(to_text(groups[0]), "3 oom: CUDA out of memory (2 of 3)");
  EXPECT_EQ(to_text(groups[1]), "1 user_error: no module timm");
  EXPECT_EQ(json_of(groups[0]),
            R"({"cause":"oom","count":3,"line":"CUDA out of memory","with_line":2})");
}

TEST(FailuresTest, AnAttemptSaysWhereItRanOfWhatItFailedAndWhatFollowed) {
  wire::TrialInfo t = failed(Cause::kOom, "exit 1, out of memory: b");
  t.attempts = {attempt(1, Cause::kCrash, "killed by signal 11 (retry 1 of 1): one\ntwo",
                        "tried again as attempt 2 on another host"),
                attempt(2, Cause::kOom, t.reason, "not tried again: `retries` 1 is used up")};
  const std::string text = attempts_text(t, 0, Terminal{});
  EXPECT_THAT(text,
              AllOf(HasSubstr("2.0s  cpu on gpu-01  0 points  crash: killed by signal 11 "
                              "(retry 1 of 1); tried again as attempt 2 on another host\n"),
                    HasSubstr("            one\n            two\n"),
                    HasSubstr("gpu-02  0 points  oom; not tried again: `retries` 1 is used")));
  EXPECT_THAT(text, Not(HasSubstr("            b\n"))) << "that is the trial's reason";
}

TEST(FailuresTest, AttemptsSayWhatTheyLostAndHowManyAreNotShown) {
  wire::TrialInfo t;
  t.attempts_left_out = 12;
  t.attempts = {attempt(13, Cause::kNone, "", "")};
  t.attempts[0].points = 40;
  t.attempts[0].points_dropped = 3;
  const std::string text = attempts_text(t, 9'000'000, Terminal{});
  EXPECT_THAT(text, HasSubstr("12 earlier ones left out\n"));
  EXPECT_THAT(text, HasSubstr("40 points, 3 dropped"));
}

TEST(FailuresTest, AClockThatWasSetBackMakesNoNegativeTime) {
  wire::TrialInfo t;
  t.attempts = {attempt(1, Cause::kNone, "", "")};
  t.attempts[0].ended_us = 500'000;
  EXPECT_THAT(attempts_text(t, 9'000'000, Terminal{}), HasSubstr("  0.0s  "));
}

TEST(FailuresTest, APreemptionIsSaidOnce) {
  wire::TrialInfo t;
  t.attempts = {attempt(1, Cause::kPreempted, "its machine was taken away", ""),
                attempt(2, Cause::kPreempted, "preempted: it was told to", ""),
                attempt(3, Cause::kNone, "completed", "")};
  const std::string text = attempts_text(t, 0, Terminal{});
  EXPECT_THAT(text, HasSubstr("0 points  preempted: its machine was taken away\n"));
  EXPECT_THAT(text, HasSubstr("gpu-02  0 points  preempted\n")) << "as stores of before have it";
  EXPECT_THAT(text, HasSubstr("gpu-03  0 points  completed\n"));
}

TEST(FailuresTest, AnAttemptSaysWhatItTookToEndIt) {
  wire::TrialInfo t;
  t.attempts = {attempt(1, Cause::kNone, "worse than half", ""),
                attempt(2, Cause::kPreempted, "its worker left", "")};
  t.reason = "worse than half";
  t.attempts[0].forced = static_cast<std::uint8_t>(wire::Forced::kTerm);
  t.attempts[1].forced = static_cast<std::uint8_t>(wire::Forced::kKill);
  const std::string text = attempts_text(t, 0, Terminal{});
  EXPECT_THAT(text, HasSubstr("gpu-01  0 points  did not end when it was told to: SIGTERM\n"));
  EXPECT_THAT(text, HasSubstr("gpu-02  0 points  preempted: its worker left, did not end when it "
                              "was told to: killed\n"));
}

TEST(FailuresTest, TheScreenOfASweepHasThemAndWhoIsQuarantined) {
  Snapshot s;
  s.trials = {failed(Cause::kNode, "exit 1: no GPU")};
  s.sweep.quarantined = {"host gpu-03: 5 trials in a row failed there"};
  const std::string screen = sweep_screen(s, Terminal{});
  EXPECT_THAT(screen, HasSubstr("failed    1 node: no GPU\n"));
  EXPECT_THAT(screen, HasSubstr("quarantine host gpu-03: 5 trials in a row failed there\n"));
}

}  // namespace
}  // namespace scopa::cli
