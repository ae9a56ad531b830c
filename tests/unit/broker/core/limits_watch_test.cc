#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;

std::string sweep_with_limits(const std::string& keys) {
  return "method: random\nmetric: {name: loss, goal: minimize}\n"
         "parameters: {x: {min: 0, max: 1000000}}\n" +
         keys;
}

class LimitsWatchTest : public testing::Test {
 protected:
  /// Time passes while all `trials` are kept alive.
  void pass(std::chrono::microseconds time, const std::vector<wire::Assign>& trials) {
    const Instant end = h.now + time;
    while (h.now < end) {
      h.advance(std::min<std::chrono::microseconds>(limits::kLease / 2, end - h.now));
      wire::Heartbeat beat;
      for (const auto& trial : trials) beat.running.push_back(wire::attempt_of(trial));
      h.send(worker, beat);
    }
  }
  TrialState state(const wire::Assign& trial) {
    return static_cast<TrialState>(h.trial(trial.sweep, trial.trial).state);
  }
  SweepState sweep_state(const SweepId& sweep) {
    return static_cast<SweepState>(h.info(sweep).state);
  }
  StopReason stop_of(const wire::Assign& trial) {
    const auto answers = h.send(worker, wire::Heartbeat{.running = {wire::attempt_of(trial)}});
    for (const auto& answer : answers) {
      if (const auto* stop = std::get_if<wire::Stop>(&answer)) {
        return static_cast<StopReason>(stop->reason);
      }
    }
    return StopReason::kNone;
  }
  wire::Error control_error(const SweepId& sweep, wire::Action action) {
    return h.error_of(CoreHarness::kCli,
                      wire::Control{1, sweep, static_cast<std::uint8_t>(action), 0, false});
  }

  CoreHarness h;
  ClientId worker = h.hello_worker("w1");
};

// ---- max_trial_time -----------------------------------------------------------------------------

TEST_F(LimitsWatchTest, ATrialThatRunsTooLongIsPrunedWithWhatItHas) {
  const wire::Assign trial = h.ask(worker, h.create(sweep_with_limits("max_trial_time: 2h\n")));
  h.report(worker, trial, 0, {0.9});
  pass(minutes(119), {trial});
  EXPECT_EQ(stop_of(trial), StopReason::kNone);
  ASSERT_TRUE(h.core->next_deadline());
  pass(minutes(1), {trial});
  EXPECT_EQ(stop_of(trial), StopReason::kTimeLimit);
  h.release(worker, trial, 1, 143);
  EXPECT_EQ(state(trial), TrialState::kPruned);
  const auto info = h.trial(trial.sweep, 0);
  EXPECT_EQ(info.reason, "ran for max_trial_time 2h");
  EXPECT_FALSE(info.stopped) << "no pruner did that";
}

TEST_F(LimitsWatchTest, ATrialThatRunsTooLongWithoutAValueFailsAndIsNotRetried) {
  const wire::Assign trial =
      h.ask(worker, h.create(sweep_with_limits("max_trial_time: 2h\nretries: 3\n")));
  pass(hours(2), {trial});
  h.release(worker, trial, 0, 143);
  EXPECT_EQ(state(trial), TrialState::kFailed);
  EXPECT_EQ(h.trial(trial.sweep, 0).reason, "ran for max_trial_time 2h without a value of `loss`");
}

TEST_F(LimitsWatchTest, TheTimeOfAnAttemptSurvivesTheBrokersRestart) {
  const wire::Assign trial = h.ask(worker, h.create(sweep_with_limits("max_trial_time: 2h\n")));
  h.report(worker, trial, 0, {0.9});
  pass(minutes(100), {trial});
  h.restart();
  worker = h.hello_worker("w1");
  pass(minutes(19), {trial});
  EXPECT_EQ(stop_of(trial), StopReason::kNone);
  pass(minutes(1), {trial});
  EXPECT_EQ(stop_of(trial), StopReason::kTimeLimit);
}

TEST_F(LimitsWatchTest, ASecondAttemptHasItsOwnTime) {
  const SweepId sweep = h.create(sweep_with_limits("max_trial_time: 2h\n"));
  const wire::Assign first = h.ask(worker, sweep);
  pass(minutes(90), {first});
  h.lose_leases();
  const wire::Assign second = h.ask(worker, sweep);
  ASSERT_EQ(second.attempt, 2u);
  pass(minutes(119), {second});
  EXPECT_EQ(stop_of(second), StopReason::kNone);
}

// ---- budgets ------------------------------------------------------------------------------------

TEST_F(LimitsWatchTest, WallTimeThatIsUsedUpEndsTheSweepPausedOrNot) {
  const SweepId sweep = h.create(sweep_with_limits("budget: {wall_time: 12h}\n"));
  h.advance(hours(100));  // nothing has started
  const wire::Assign with_value = h.ask(worker, sweep);
  const wire::Assign without = h.ask(worker, sweep);
  h.report(worker, with_value, 0, {0.5});
  h.send(CoreHarness::kCli,
         wire::Control{1, sweep, static_cast<std::uint8_t>(wire::Action::kPause), 0, false});
  pass(hours(12) - minutes(1), {with_value, without});
  EXPECT_EQ(sweep_state(sweep), SweepState::kPaused);
  pass(minutes(1), {with_value, without});
  EXPECT_EQ(sweep_state(sweep), SweepState::kStopping);
  EXPECT_EQ(stop_of(with_value), StopReason::kBudget);
  h.release(worker, with_value, 1, 143);
  h.release(worker, without, 0, 143);
  EXPECT_EQ(state(with_value), TrialState::kPruned);
  EXPECT_EQ(state(without), TrialState::kCancelled);
  const auto info = h.info(sweep);
  EXPECT_EQ(static_cast<SweepState>(info.state), SweepState::kFinished);
  EXPECT_EQ(info.reason, "wall time budget 12h used up");
  EXPECT_EQ(info.wall_us, std::chrono::microseconds(hours(12)).count());
  EXPECT_EQ(info.wall_budget_us, info.wall_us);
}

TEST_F(LimitsWatchTest, DeviceTimeIsUsedTheFasterTheMoreTrialsRun) {
  const SweepId sweep = h.create(sweep_with_limits("budget: {device_hours: 4}\n"));
  const wire::Assign a = h.ask(worker, sweep);
  pass(hours(1), {a});
  const wire::Assign b = h.ask(worker, sweep);
  pass(minutes(89), {a, b});
  EXPECT_EQ(sweep_state(sweep), SweepState::kRunning);
  pass(minutes(1), {a, b});
  EXPECT_EQ(sweep_state(sweep), SweepState::kStopping);
  EXPECT_THAT(h.info(sweep).reason, HasSubstr("4 device-hours used up"));
  EXPECT_EQ(h.info(sweep).device_us, std::chrono::microseconds(hours(4)).count());
}

TEST_F(LimitsWatchTest, ABudgetIsKeptOverARestartAndARestartInTime) {
  const SweepId sweep = h.create(sweep_with_limits("budget: {device_hours: 4}\n"));
  const wire::Assign a = h.ask(worker, sweep);
  pass(hours(3), {a});
  h.restart();
  worker = h.hello_worker("w1");
  pass(minutes(59), {a});
  EXPECT_EQ(sweep_state(sweep), SweepState::kRunning);
  h.restart();  // and is away when the budget ends
  worker = h.hello_worker("w1");
  pass(minutes(2), {a});
  EXPECT_EQ(sweep_state(sweep), SweepState::kStopping);
}

TEST_F(LimitsWatchTest, ASweepWithoutABudgetLeftHandsOutNothingAndIsNotResumed) {
  const SweepId sweep =
      h.create(sweep_with_limits("budget: {wall_time: 1h}\ninitial: [{x: 1}, {x: 2}, {x: 3}]\n"));
  const wire::Assign trial = h.ask(worker, sweep);
  pass(hours(1), {trial});
  h.release(worker, trial, 0, 143);
  EXPECT_EQ(sweep_state(sweep), SweepState::kFinished);
  EXPECT_EQ(h.info(sweep).counts.cancelled, 3u) << "the queue is empty";
  EXPECT_TRUE(h.ask_for<wire::NoWork>(worker, wire::Ask{.request = 99, .sweep = sweep}).finished);
  const auto error = control_error(sweep, wire::Action::kResume);
  EXPECT_EQ(error.code, static_cast<std::int32_t>(Code::kConflict));
  EXPECT_THAT(error.message, HasSubstr("wall time budget 1h used up"));
  EXPECT_THAT(error.help, HasSubstr("create it anew"));
}

TEST_F(LimitsWatchTest, TheTimeAfterTheEndOfASweepIsNotUsedByIt) {
  const SweepId sweep = h.create(sweep_with_limits("budget: {wall_time: 10h}\nrun_cap: 1\n"));
  const wire::Assign trial = h.ask(worker, sweep);
  h.report(worker, trial, 0, {0.5});
  pass(hours(1), {trial});
  h.release(worker, trial, 1);
  EXPECT_EQ(sweep_state(sweep), SweepState::kFinished);
  h.advance(hours(1000));
  EXPECT_EQ(h.info(sweep).wall_us, std::chrono::microseconds(hours(1)).count());
  h.send(CoreHarness::kCli,
         wire::Control{1, sweep, static_cast<std::uint8_t>(wire::Action::kResume), 5, false});
  EXPECT_EQ(sweep_state(sweep), SweepState::kRunning);
  const wire::Assign next = h.ask(worker, sweep);
  pass(hours(9) - minutes(1), {next});
  EXPECT_EQ(sweep_state(sweep), SweepState::kRunning);
  pass(minutes(1), {next});
  EXPECT_EQ(sweep_state(sweep), SweepState::kStopping);
}

TEST_F(LimitsWatchTest, DeadlinesStandOnlyForWhatRuns) {
  const SweepId sweep = h.create(sweep_with_limits(
      "max_trial_time: 2h\nbudget: {wall_time: 10h, device_hours: 20}\nrun_cap: 1\n"));
  EXPECT_EQ(h.core->next_deadline(), std::nullopt);
  const wire::Assign trial = h.ask(worker, sweep);
  h.report(worker, trial, 0, {0.5});
  h.release(worker, trial, 1);
  h.advance(limits::kLease * 2);
  EXPECT_EQ(sweep_state(sweep), SweepState::kFinished);
  EXPECT_EQ(h.core->next_deadline(), std::nullopt);
}

}  // namespace
}  // namespace scopa::core
