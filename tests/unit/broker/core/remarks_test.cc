// What the core notices while a sweep runs; the rules themselves are tests/unit/broker/lint.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

class RemarksTest : public testing::Test {
 protected:
  /// One trial that logs `values` and ends with `exit_code`.
  void run(const SweepId& sweep, const std::vector<double>& values, std::int32_t exit_code = 0) {
    const wire::Assign trial = h.ask(worker, sweep);
    h.report(worker, trial, 0, values);
    h.release(worker, trial, values.size(), exit_code);
  }

  CoreHarness h;
  ClientId worker = h.hello_worker("w1");
};

constexpr char kRange[] = R"(
method: grid
metric: {name: loss}
parameters:
  x: {distribution: int_uniform, min: 2, max: 41}
)";

TEST_F(RemarksTest, TheBestAtABorderIsNoticedOnceAndSurvivesAReplay) {
  h.use_sampler = true;
  const SweepId sweep = h.create(kRange);
  for (int x = 2; x <= 41; ++x) run(sweep, {1.0 + x, 0.5 + x});
  EXPECT_THAT(h.info(sweep).notices, ElementsAre(StartsWith("L053 `x`: the best trial, 0, has 2")));
  const auto replayed = h.replayed();
  ASSERT_TRUE(replayed);
  EXPECT_EQ(replayed->sweep_info(sweep)->notices, h.info(sweep).notices);
}

// At trial 20 the best are at the lower border; then better ones come from the middle.
TEST_F(RemarksTest, WhatNoLongerHoldsIsNoLongerSaid) {
  h.use_sampler = true;
  const SweepId sweep = h.create(kRange);
  const auto noticed = [&] {
    return std::count_if(h.events.begin(), h.events.end(), [](const Event& event) {
      return std::holds_alternative<Noticed>(event.body);
    });
  };
  for (int x = 2; x <= 25; ++x) run(sweep, {1.0 + x, 0.5 + x});
  EXPECT_THAT(h.info(sweep).notices,
              ElementsAre(StartsWith("L053 `x`: the best trial, 0, has 2,")));
  for (int x = 26; x <= 41; ++x) run(sweep, {0.0, std::abs(x - 30.0) - 10});
  EXPECT_THAT(h.info(sweep).notices, IsEmpty());
  EXPECT_EQ(noticed(), 1) << "the log has what was said";
  const auto replayed = h.replayed();
  ASSERT_TRUE(replayed);
  EXPECT_THAT(replayed->sweep_info(sweep)->notices, IsEmpty());
}

TEST_F(RemarksTest, ANoticeSpeaksOfTheTrialsOfNow) {
  const SweepId sweep =
      h.create("method: random\nmetric: {name: loss}\nparameters: {x: {min: 0, max: 1000000}}\n");
  run(sweep, {0.0, 1.0});
  for (int i = 0; i < 31; ++i) run(sweep, {2.0, 3.0});
  EXPECT_THAT(h.info(sweep).notices,
              ElementsAre(StartsWith("L056 `loss`: none of the 31 trials since trial 0 ")));
  run(sweep, {2.0, 3.0});
  EXPECT_THAT(h.info(sweep).notices,
              ElementsAre(StartsWith("L056 `loss`: none of the 32 trials since trial 0 ")));
  run(sweep, {0.0, 0.5});
  EXPECT_THAT(h.info(sweep).notices, IsEmpty()) << "a better one";
}

// The best one is run again while another ends: as many have ended as before.
TEST_F(RemarksTest, ANoticeForgetsTheBestTrialThatIsRunAgain) {
  const SweepId sweep =
      h.create("method: random\nmetric: {name: loss}\nparameters: {x: {min: 0, max: 1000000}}\n");
  run(sweep, {0.0, 1.0});
  for (int i = 0; i < 31; ++i) run(sweep, {2.0, 3.0});
  const wire::Assign last = h.ask(worker, sweep);
  h.report(worker, last, 0, {2.0, 3.5});
  EXPECT_THAT(h.info(sweep).notices, ElementsAre(HasSubstr(" since trial 0 ")));
  wire::Retry retry;
  retry.request = 1;
  retry.sweep = sweep;
  retry.trials = {0};
  h.ask_for<wire::Retried>(CoreHarness::kCli, retry);
  h.release(worker, last, 2, 0);
  const std::vector<std::string> notices = h.info(sweep).notices;
  EXPECT_THAT(notices, ElementsAre(HasSubstr(" since trial 1 ")));
  const auto replayed = h.replayed();
  ASSERT_TRUE(replayed);
  EXPECT_EQ(replayed->sweep_info(sweep)->notices, notices);
}

constexpr char kTwoKinds[] = R"(
method: grid
metric: {name: loss}
parameters:
  n: {min: 1, max: 6}
  kind: {values: [good, bad]}
)";

TEST_F(RemarksTest, AValueIsBlamedForWhatItDidAndNotForAProgramThatIsNotThere) {
  h.use_sampler = true;
  for (const std::int32_t exit_code : {1, 126, 127}) {
    const SweepId sweep = h.create(kTwoKinds, "token-" + std::to_string(exit_code));
    for (int i = 0; i < 12; ++i) {
      const wire::Assign trial = h.ask(worker, sweep);
      const bool bad = *find_param(trial.params, "kind") == Value(std::string("bad"));
      if (!bad) h.report(worker, trial, 0, {2.0, 1.0});
      h.release(worker, trial, bad ? 0 : 2, bad ? exit_code : 0);
    }
    if (exit_code == 1) {
      EXPECT_THAT(h.info(sweep).notices, Contains(StartsWith("L054 `kind`: all ")));
    } else {
      EXPECT_THAT(h.info(sweep).notices, Not(Contains(StartsWith("L054"))));
    }
  }
}

// What newer builds refuse was created by older ones, and goes on.
TEST_F(RemarksTest, ASweepOfAnOlderBuildIsReadAlthoughItsFileWouldBeRefusedNow) {
  const std::string good =
      "method: random\nmetric: {name: loss}\nparameters: {x: {min: 0, max: 1000000}}\n"
      "command: [./train, '--x=1']\n";
  std::string refused = good;
  refused.replace(refused.find("--x=1"), 5, "--x=${x}");
  const SweepId sweep = h.create(good);
  wire::Create create;
  create.token = "another";
  create.spec = refused;
  EXPECT_THAT(h.error_of(CoreHarness::kCli, create).message, HasSubstr("[S025]"));
  for (Event& event : h.events) {
    if (auto* created = std::get_if<SweepCreated>(&event.body)) created->spec = refused;
  }
  const auto replayed = h.replayed();
  ASSERT_TRUE(replayed);
  EXPECT_TRUE(replayed->sweep_info(sweep));
}

TEST_F(RemarksTest, ALogOfOneValueIsNoticedWhereAPrunerWaits) {
  const std::string yaml =
      "method: random\nmetric: {name: loss}\nparameters: {x: {min: 0, max: 1000000}}\n";
  const SweepId plain = h.create(yaml);
  for (int i = 0; i < 8; ++i) run(plain, {1.0 + i});
  EXPECT_THAT(h.info(plain).notices, IsEmpty());
  const SweepId pruned =
      h.create(yaml + "early_terminate: {type: median, min_trials: 100}\n", "token-2");
  for (int i = 0; i < 8; ++i) run(pruned, {1.0 + i});
  EXPECT_THAT(h.info(pruned).notices, ElementsAre(StartsWith("L052 `loss`: ")));
}

TEST_F(RemarksTest, WhatATrainerNeverReadIsNoticedOnceAfterTheFirstTrial) {
  const SweepId sweep = h.create(
      "method: random\nmetric: {name: loss}\nparameters: {learning_rate: {min: 0, max: "
      "1000000}}\n");
  h.use_sampler = true;
  for (int i = 0; i < 3; ++i) {
    const wire::Assign trial = h.ask(worker, sweep);
    h.report(worker, trial, 0, {1.0 + i});
    wire::Release release;
    release.sweep = sweep;
    release.trial = trial.trial;
    release.attempt = trial.attempt;
    release.to = 1;
    release.notes.unread = {"learning_rate"};
    release.notes.asked = {"learn_rate"};
    h.send(worker, release);
    EXPECT_THAT(h.info(sweep).notices,
                ElementsAre("L063 `learning_rate`: the trainer never asks for it; it asks for "
                            "`learn_rate`: did you mean that?"));
  }
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(RemarksTest, TheMissingGoalIsNoticedOnceForAllTrials) {
  const SweepId sweep = h.create(
      "method: random\nmetric: {name: accuracy, goal: maximize}\n"
      "parameters: {x: {min: 0, max: 1000000}}\n");
  run(sweep, {1.0});
  run(sweep, {1.0});
  EXPECT_THAT(h.info(sweep).notices, ElementsAre(StartsWith("L051 `accuracy`: ")));
}

}  // namespace
}  // namespace scopa::core
