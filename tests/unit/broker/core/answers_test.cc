// Answers that fit a frame, whatever texts strangers have chosen.
#include "broker/core/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "broker/core/wording.h"
#include "sdk/wire/codec.h"
#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::string named_sweep(const std::string& name, const std::string& more = "") {
  return "name: " + name + "\nmethod: random\nmetric: {name: loss, goal: minimize}\n" + more +
         "parameters: {x: {min: 0, max: 1000000}}\n";
}

class AnswersTest : public testing::Test {
 protected:
  wire::Sweeps list(wire::ListSweeps query) {
    query.request = 1;
    auto reply = h.ask_for<wire::Sweeps>(CoreHarness::kCli, query);
    EXPECT_LE(wire::encode(reply).size(), limits::kFrameBytesMax);
    return reply;
  }
  std::vector<std::string> names(const wire::ListSweeps& query) {
    std::vector<std::string> names;
    for (const wire::SweepInfo& each : list(query).sweeps) names.push_back(each.name);
    return names;
  }
  void create(const std::string& name, const std::string& more = "") {
    (void)h.create(named_sweep(name, more), name);
  }

  CoreHarness h;
};

TEST_F(AnswersTest, SweepsAreListedAPageAtATimeFromEitherEnd) {
  for (const char* name : {"a", "b", "c", "d", "e"}) create(name);
  EXPECT_THAT(names({}), ElementsAre("a", "b", "c", "d", "e")) << "as ever, unless asked";
  EXPECT_THAT(names({.offset = 1, .limit = 2}), ElementsAre("b", "c"));
  EXPECT_THAT(names({.limit = 2, .newest_first = true}), ElementsAre("e", "d"));
  EXPECT_THAT(names({.offset = 4, .newest_first = true}), ElementsAre("a"));
  EXPECT_THAT(names({.offset = 5}), ElementsAre());
  EXPECT_THAT(names({.offset = UINT64_MAX, .limit = UINT64_MAX}), ElementsAre());
  EXPECT_EQ(list({.limit = 1}).total, 5u);
}

TEST_F(AnswersTest, TheSweepsOfAProjectAreListedAlone) {
  create("a", "project: vision\n");
  create("b");
  create("c", "project: vision\n");
  EXPECT_THAT(names({.newest_first = true, .project = "vision"}), ElementsAre("c", "a"));
  EXPECT_EQ(list({.limit = 1, .project = "vision"}).total, 2u);
  EXPECT_EQ(list({.limit = 1, .project = "vision"}).sweeps.at(0).project, "vision");
  EXPECT_EQ(list({.project = "audio"}).total, 0u);
}

TEST_F(AnswersTest, TheNewestOfMoreThanAThousandSweepsIsOnTheFirstPage) {
  for (int i = 0; i <= 1000; ++i) create("s" + std::to_string(i));
  const wire::Sweeps first = list({.newest_first = true});
  EXPECT_EQ(first.total, 1001u);
  EXPECT_EQ(first.sweeps.size(), limits::kPageTrialsMax);
  EXPECT_EQ(first.sweeps.at(0).name, "s1000");
  EXPECT_THAT(names({.offset = 1000, .newest_first = true}), ElementsAre("s0"));
}

TEST_F(AnswersTest, ManySweepsWithLongDescriptionsComeOnPagesThatFit) {
  constexpr std::size_t kSweeps = 270;
  for (std::size_t i = 0; i < kSweeps; ++i) {
    create("s" + std::to_string(i), "description: " + std::string(16'000, 'd') + "\n");
  }
  std::set<std::string> seen;
  while (seen.size() < kSweeps) {
    const wire::Sweeps page = list({.offset = seen.size()});
    ASSERT_FALSE(page.sweeps.empty());
    EXPECT_EQ(page.total, kSweeps);
    for (const wire::SweepInfo& each : page.sweeps) EXPECT_TRUE(seen.insert(each.id).second);
  }
  EXPECT_EQ(h.info(*seen.begin()).description.size(), 16'000u) << "alone it has all of it";
}

TEST_F(AnswersTest, ATrialWithHundredsOfLongAttemptsIsToldWithItsNewest) {
  constexpr std::uint64_t kAttempts = 700;
  const SweepId sweep = h.create(named_sweep("s"));
  const ClientId worker = h.hello_worker("w1");
  for (std::uint64_t i = 0; i < kAttempts; ++i) {
    const wire::Assign trial = h.ask(worker, sweep);
    ASSERT_EQ(trial.attempt, i + 1);
    h.send(worker, wire::Checkpoint{sweep, 0, trial.attempt, static_cast<std::int64_t>(i),
                                    "/" + std::string(4000, 'p')});
    wire::Release release;
    release.sweep = sweep;
    release.attempt = trial.attempt;
    release.requeue = true;
    release.cause = static_cast<std::uint8_t>(Cause::kPreempted);
    release.message = std::string(16'000, 'x') + "END";
    h.now += std::chrono::seconds(1);
    h.send(worker, release);
  }
  for (const std::uint64_t limit : {0, 1}) {
    const auto page = h.ask_for<wire::Trials>(
        CoreHarness::kCli, wire::ListTrials{.request = 1, .sweep = sweep, .limit = limit});
    EXPECT_LE(wire::encode(page).size(), limits::kFrameBytesMax) << limit;
    const wire::TrialInfo& trial = page.trials.at(0);
    EXPECT_EQ(trial.attempts_left_out + trial.attempts.size(), kAttempts) << limit;
    EXPECT_GT(trial.attempts_left_out, 0u) << limit;
    EXPECT_EQ(trial.attempts.back().attempt, kAttempts) << limit;
    EXPECT_THAT(trial.attempts.back().ended, EndsWith("END")) << limit;
    EXPECT_EQ(trial.running_us, static_cast<std::int64_t>(kAttempts) * 1'000'000)
        << "of those left out, too";
  }
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(AnswersTest, PagesOfTrialsWithLongReasonsFitAndMissNone) {
  constexpr std::uint64_t kTrials = 1200;
  const SweepId sweep = h.create(named_sweep("s"));
  const ClientId worker = h.hello_worker("w1");
  const wire::Assign good = h.ask(worker, sweep);
  h.report(worker, good, 0, {1});
  h.release(worker, good, 1);
  for (std::uint64_t i = 1; i < kTrials; ++i) {
    const wire::Assign trial = h.ask(worker, sweep);
    ASSERT_EQ(trial.trial, i);
    h.release(worker, trial, 0, 1, std::string(16'000, 'x') + "END");
    if (h.info(sweep).state != static_cast<std::uint8_t>(SweepState::kRunning)) {
      h.send(CoreHarness::kCli,
             wire::Control{.request = 1,
                           .sweep = sweep,
                           .action = static_cast<std::uint8_t>(wire::Action::kResume)});
    }
  }
  std::uint64_t seen = 0;
  while (seen < kTrials) {
    const auto page = h.ask_for<wire::Trials>(
        CoreHarness::kCli, wire::ListTrials{.request = 1, .sweep = sweep, .offset = seen});
    EXPECT_LE(wire::encode(page).size(), limits::kFrameBytesMax);
    ASSERT_FALSE(page.trials.empty());
    for (const wire::TrialInfo& each : page.trials) EXPECT_EQ(each.trial, seen++);
  }
  EXPECT_THAT(h.trial(sweep, 5).reason, EndsWith("END"));
}

TEST(AnswersSizeTest, ASweepWithAllThatItMayHaveFitsBesideItsFile) {
  wire::SweepReply reply;
  reply.spec = std::string(limits::kSpecBytesMax, 's');
  wire::SweepInfo& s = reply.sweep;
  s.description = s.reason = std::string(limits::kSpecBytesMax, 'd');
  s.metrics.assign(limits::kMetricNamesMax, std::string(limits::kNameBytesMax, 'm'));
  s.notices.assign(100, std::string(limits::kTextBytesMax, 'n'));
  s.quarantined.assign(limits::kQuarantinedShown, std::string(limits::kTextBytesMax, 'q'));
  s.parameters.assign(limits::kParametersMax, std::string(limits::kNameBytesMax, 'p'));
  s.rungs.assign(limits::kRungsMax, UINT64_MAX);
  answers::fit(&s);
  EXPECT_LE(wire::encode(reply).size(), limits::kFrameBytesMax);
}

TEST(AnswersSizeTest, AShortTextStaysAsItIs) {
  wire::TrialInfo trial;
  trial.attempts.resize(2);
  trial.attempts[0].ended = "exit 1";
  const wire::TrialInfo before = trial;
  answers::shorten(&trial);
  EXPECT_GT(answers::fit(&trial), 0u);
  EXPECT_EQ(trial, before);
}

TEST(ShortenedTest, TheStartAndMoreOfTheEndAreKept) {
  const std::string text = "start" + std::string(5000, '.') + "the end";
  const std::string cut = shortened(text, 100);
  EXPECT_LE(cut.size(), 100u);
  EXPECT_THAT(cut, StartsWith("start"));
  EXPECT_THAT(cut, HasSubstr(" … "));
  EXPECT_THAT(cut, EndsWith("the end"));
  EXPECT_EQ(shortened("short", 5), "short");
}

TEST(ShortenedTest, NoCharacterIsCut) {
  std::string text;
  for (int i = 0; i < 100; ++i) text += "ä€😀";
  for (std::size_t bytes = 20; bytes < 60; ++bytes) {
    const std::string cut = shortened(text, bytes);
    EXPECT_LE(cut.size(), bytes);
    const std::size_t gap = cut.find(" … ");
    ASSERT_NE(gap, std::string::npos);
    EXPECT_TRUE(text.starts_with(cut.substr(0, gap)));
    const std::string tail = cut.substr(gap + std::string(" … ").size());
    EXPECT_TRUE(text.ends_with(tail));
    EXPECT_NE(static_cast<unsigned char>(tail[0]) & 0xC0U, 0x80U) << "begins inside a character";
  }
  EXPECT_LE(shortened(std::string(1000, '\x80'), 50).size(), 50u) << "what is no text at all";
}

}  // namespace
}  // namespace scopa::core
