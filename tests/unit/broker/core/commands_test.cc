#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

constexpr char kTwoTrialSweep[] = R"(
method: random
metric: {name: loss, goal: minimize}
parameters: {x: {min: 0, max: 1000000}}
run_cap: 2
)";

class CommandsTest : public testing::Test {
 protected:
  wire::Error control_error(const SweepId& sweep, wire::Action action, std::uint64_t cap = 0) {
    return h.error_of(CoreHarness::kCli,
                      wire::Control{1, sweep, static_cast<std::uint8_t>(action), cap, false});
  }
  SweepState control(const SweepId& sweep, wire::Action action, std::uint64_t cap = 0,
                     bool retry_failed = false) {
    return static_cast<SweepState>(
        h.ask_for<wire::Done>(
             CoreHarness::kCli,
             wire::Control{1, sweep, static_cast<std::uint8_t>(action), cap, retry_failed})
            .state);
  }
  void run_one(const SweepId& sweep, std::int32_t exit_code = 0) {
    const wire::Assign trial = h.ask(worker, sweep);
    h.report(worker, trial, 0, {0.5});
    h.release(worker, trial, 1, exit_code);
  }

  CoreHarness h;
  ClientId worker = h.hello_worker("w1");
};

TEST_F(CommandsTest, ACreateThatIsRepeatedMakesOneSweep) {
  EXPECT_EQ(h.create(kTwoTrialSweep, "same"), h.create(kTwoTrialSweep, "same"));
  EXPECT_NE(h.create(kTwoTrialSweep, "same"), h.create(kTwoTrialSweep, "other"));
  EXPECT_EQ(h.core->sweeps().size(), 2u);
}

TEST_F(CommandsTest, AWrongSweepFileIsRefusedWithItsPlace) {
  const auto error = h.error_of(
      CoreHarness::kCli, wire::Create{.request = 3,
                                      .token = "t",
                                      .file_name = "s.yaml",
                                      .spec = "method: randon\nparameters: {x: {value: 1}}\n"});
  EXPECT_EQ(error.request, 3u);
  EXPECT_EQ(error.code, static_cast<std::int32_t>(Code::kInvalidArgument));
  EXPECT_THAT(error.message, testing::HasSubstr("s.yaml:1:"));
  EXPECT_TRUE(h.core->sweeps().empty());
  EXPECT_TRUE(h.events.empty());
}

TEST_F(CommandsTest, AGridOverAContinuousParameterIsRefused) {
  const auto error =
      h.error_of(CoreHarness::kCli,
                 wire::Create{.request = 3,
                              .token = "t",
                              .file_name = "s.yaml",
                              .spec = "method: grid\nparameters: {x: {min: 0.0, max: 1.0}}\n"});
  EXPECT_THAT(error.message, testing::HasSubstr("no finite list of values for a grid"));
}

TEST_F(CommandsTest, ConstraintsThatNothingSatisfiesAreRefused) {
  const auto error =
      h.error_of(CoreHarness::kCli,
                 wire::Create{.request = 3,
                              .token = "t",
                              .file_name = "s.yaml",
                              .spec = "method: random\nparameters: {x: {min: 0.0, max: 1.0}}\n"
                                      "constraints: [x > 2]\n"});
  EXPECT_THAT(error.message, testing::HasSubstr("no configuration satisfies the constraints"));
  EXPECT_TRUE(h.core->sweeps().empty());
}

TEST_F(CommandsTest, ASpaceThatItsConstraintsUseUpEndsTheSweepAndSaysSo) {
  h.use_sampler = true;
  const SweepId sweep = h.create(
      "method: random\nmetric: {name: loss}\nparameters: {x: {min: 1, max: 9}}\n"
      "constraints: [x % 4 == 1]\n");
  for (int i = 0; i < 3; ++i) run_one(sweep);
  EXPECT_TRUE(h.ask_for<wire::NoWork>(worker, wire::Ask{.request = 9, .sweep = sweep}).finished);
  EXPECT_EQ(h.info(sweep).reason,
            "all 3 configurations that were found to satisfy the constraints are used up");
}

TEST_F(CommandsTest, APausedSweepHandsOutNothingAndGoesOnWhenResumed) {
  const SweepId sweep = h.create(kTwoTrialSweep);
  EXPECT_EQ(control(sweep, wire::Action::kPause), SweepState::kPaused);
  EXPECT_FALSE(h.ask_for<wire::NoWork>(worker, wire::Ask{.request = 1, .sweep = sweep}).finished);
  EXPECT_EQ(control(sweep, wire::Action::kResume), SweepState::kRunning);
  EXPECT_EQ(h.ask(worker, sweep).attempt, 1u);
}

TEST_F(CommandsTest, AStoppedSweepLetsItsTrialsEnd) {
  const SweepId sweep = h.create(kTwoTrialSweep);
  const wire::Assign trial = h.ask(worker, sweep);
  EXPECT_EQ(control(sweep, wire::Action::kStop), SweepState::kStopping);
  EXPECT_TRUE(h.ask_for<wire::NoWork>(worker, wire::Ask{.request = 9, .sweep = sweep}).finished);
  h.report(worker, trial, 0, {0.5});
  h.release(worker, trial, 1);
  EXPECT_EQ(h.info(sweep).state, static_cast<std::uint8_t>(SweepState::kFinished));
  EXPECT_EQ(h.trial(sweep, 0).state, static_cast<std::uint8_t>(TrialState::kCompleted));
}

TEST_F(CommandsTest, StoppingTwiceIsStoppingOnce) {
  const SweepId sweep = h.create(kTwoTrialSweep);
  h.ask(worker, sweep);
  EXPECT_EQ(control(sweep, wire::Action::kStop), SweepState::kStopping);
  const std::size_t events = h.events.size();
  EXPECT_EQ(control(sweep, wire::Action::kStop), SweepState::kStopping);
  EXPECT_EQ(h.events.size(), events);
}

TEST_F(CommandsTest, ACancelledSweepEndsItsTrials) {
  const SweepId sweep = h.create(kTwoTrialSweep);
  const wire::Assign trial = h.ask(worker, sweep);
  EXPECT_EQ(control(sweep, wire::Action::kCancel), SweepState::kCancelled);
  const auto pushed = h.take_inbox(worker);
  ASSERT_EQ(pushed.size(), 1u);
  EXPECT_EQ(std::get<wire::Stop>(pushed[0]).reason,
            static_cast<std::uint8_t>(StopReason::kCancelled));
  EXPECT_EQ(h.release(worker, trial, 0, 143).state,
            static_cast<std::uint8_t>(TrialState::kCancelled));
  EXPECT_EQ(control_error(sweep, wire::Action::kResume).code,
            static_cast<std::int32_t>(Code::kConflict));
}

TEST_F(CommandsTest, AFinishedSweepGoesOnWhenItsCapIsRaised) {
  const SweepId sweep = h.create(kTwoTrialSweep);
  run_one(sweep);
  run_one(sweep);
  EXPECT_EQ(control_error(sweep, wire::Action::kResume).code,
            static_cast<std::int32_t>(Code::kConflict));
  EXPECT_EQ(control(sweep, wire::Action::kResume, 4), SweepState::kRunning);
  EXPECT_EQ(h.ask(worker, sweep).trial, 2u);
}

TEST_F(CommandsTest, FailedTrialsGoBackToTheQueueWhenRetried) {
  const SweepId sweep = h.create(kTwoTrialSweep);
  run_one(sweep);
  run_one(sweep, 1);
  EXPECT_EQ(control(sweep, wire::Action::kResume, 0, true), SweepState::kRunning);
  const wire::Assign again = h.ask(worker, sweep);
  EXPECT_EQ(again.trial, 1u);
  EXPECT_EQ(again.attempt, 2u);
}

TEST_F(CommandsTest, EnqueueBeyondTheCapIsRefusedWithTheRemedy) {
  const SweepId sweep = h.create(kTwoTrialSweep);
  h.ask(worker, sweep);
  h.ask(worker, sweep);
  const auto error =
      h.error_of(CoreHarness::kCli,
                 wire::Enqueue{.request = 1, .sweep = sweep, .params = {{"x", std::int64_t{5}}}});
  EXPECT_EQ(error.code, static_cast<std::int32_t>(Code::kConflict));
  EXPECT_THAT(error.help, testing::HasSubstr("--run-cap 12"));
}

constexpr const char* kThreeToTry =
    "method: grid\nmetric: {name: loss}\nparameters: {x: {values: [1, 2, 3]}}\n";

TEST_F(CommandsTest, AUsedUpSpaceIsToldAndNoHigherCapIsTakenForIt) {
  h.use_sampler = true;
  const SweepId sweep = h.create(std::string(kThreeToTry) + "run_cap: 8\n");
  for (int i = 0; i < 3; ++i) run_one(sweep);
  EXPECT_FALSE(h.info(sweep).space_used_up);
  EXPECT_TRUE(h.ask_for<wire::NoWork>(worker, wire::Ask{.request = 9, .sweep = sweep}).finished);
  for (int broker = 0; broker < 2; ++broker) {
    EXPECT_TRUE(h.info(sweep).space_used_up) << "broker " << broker;
    const auto error = control_error(sweep, wire::Action::kResume, 20);
    EXPECT_EQ(error.code, static_cast<std::int32_t>(Code::kConflict));
    EXPECT_EQ(error.help, "its space holds no other configuration");
    EXPECT_EQ(h.info(sweep).run_cap, 8u) << "it was not raised in vain";
    h.restart();
  }
}

TEST_F(CommandsTest, ACapThatEndsWithTheSpaceIsNotRaisedEither) {
  h.use_sampler = true;
  const SweepId sweep = h.create(std::string(kThreeToTry) + "run_cap: 3\n");
  for (int i = 0; i < 3; ++i) run_one(sweep);
  EXPECT_EQ(h.info(sweep).reason, "run cap 3 reached");
  EXPECT_EQ(control_error(sweep, wire::Action::kResume, 20).help,
            "its space holds no other configuration");
}

TEST_F(CommandsTest, WhatIsStoppedByHandHasNotUsedUpItsSpace) {
  const SweepId sweep = h.create(kTwoTrialSweep);
  run_one(sweep);
  control(sweep, wire::Action::kStop);
  EXPECT_FALSE(h.info(sweep).space_used_up);
  EXPECT_EQ(control(sweep, wire::Action::kResume), SweepState::kRunning);
}

TEST_F(CommandsTest, AUsedUpSpaceTakesWhatIsEnqueued) {
  h.use_sampler = true;
  const SweepId sweep = h.create(std::string(kThreeToTry) + "run_cap: 8\n");
  for (int i = 0; i < 3; ++i) run_one(sweep);
  EXPECT_TRUE(h.ask_for<wire::NoWork>(worker, wire::Ask{.request = 9, .sweep = sweep}).finished);
  h.restart();
  worker = h.hello_worker("w2");
  const wire::Enqueue again{.request = 10, .sweep = sweep, .params = {{"x", std::int64_t{2}}}};
  EXPECT_EQ(h.ask_for<wire::Enqueued>(CoreHarness::kCli, again).trial, 3u);
  EXPECT_EQ(h.info(sweep).state, static_cast<std::uint8_t>(SweepState::kRunning));
  run_one(sweep);
  EXPECT_TRUE(h.ask_for<wire::NoWork>(worker, wire::Ask{.request = 11, .sweep = sweep}).finished);
  EXPECT_EQ(h.trial(sweep, 3).state, static_cast<std::uint8_t>(TrialState::kCompleted));
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(CommandsTest, EnqueueOnAFinishedSweepNamesARemedyThatWorks) {
  const SweepId sweep = h.create(kTwoTrialSweep);
  run_one(sweep);
  run_one(sweep);
  const wire::Enqueue own{.request = 1, .sweep = sweep, .params = {{"x", std::int64_t{5}}}};
  EXPECT_EQ(h.error_of(CoreHarness::kCli, own).help,
            "raise it: `scopa resume " + sweep + " --run-cap 12`");
  EXPECT_EQ(control(sweep, wire::Action::kResume, 12), SweepState::kRunning);
  EXPECT_EQ(h.ask_for<wire::Enqueued>(CoreHarness::kCli, own).trial, 2u);
}

TEST_F(CommandsTest, SweepsAreFoundByPrefixNameAndLast) {
  const SweepId first = h.create(std::string(kTwoTrialSweep) + "name: alpha\n", "a");
  const SweepId second = h.create(kTwoTrialSweep, "b");
  EXPECT_EQ(*h.core->find_sweep("@last"), second);
  EXPECT_EQ(*h.core->find_sweep("alpha"), first);
  EXPECT_EQ(*h.core->find_sweep(first.substr(0, 5)), first);
  EXPECT_EQ(h.core->find_sweep("nothing-like-it").status().code(), Code::kNotFound);
}

TEST_F(CommandsTest, AReplayedLogGivesTheSameState) {
  const SweepId sweep = h.create(kTwoTrialSweep);
  run_one(sweep);
  const wire::Assign open = h.ask(worker, sweep);
  h.report(worker, open, 0, {0.7, 0.6});
  const auto copy = h.replayed();
  ASSERT_NE(copy, nullptr);
  EXPECT_EQ(copy->last_seq(), h.core->last_seq());
  Turn turn;
  const ClientId cli{1};
  copy->receive(cli, wire::Hello{.role = "client"}, h.now, &turn);
  copy->receive(cli, wire::ListTrials{.sweep = sweep}, h.now, &turn);
  const auto before = h.ask_for<wire::Trials>(CoreHarness::kCli, wire::ListTrials{.sweep = sweep});
  EXPECT_EQ(std::get<wire::Trials>(turn.outgoing.back().message), before);
  // The worker did not notice: its next report is accepted where the last one ended.
  turn.clear();
  copy->receive(ClientId{2}, wire::Hello{.role = "worker", .worker = "w1"}, h.now, &turn);
  copy->receive(ClientId{2},
                wire::Report{sweep, open.trial, open.attempt, 2, 3, block_of("loss", 2, {0.5})},
                h.now, &turn);
  EXPECT_EQ(std::get<wire::Ack>(turn.outgoing.back().message).to, 3u);
}

}  // namespace
}  // namespace scopa::core
