// Trials that somebody asks to be tried again.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kFourTrialSweep[] = R"(
method: random
metric: {name: loss, goal: minimize}
parameters: {x: {min: 0, max: 1000000}}
run_cap: 4
)";

class RetryTest : public testing::Test {
 protected:
  /// Trials that end so, one after the other; a failed one after the first has completed.
  void run(const SweepId& sweep, const std::vector<Cause>& ends) {
    for (const Cause cause : ends) {
      const wire::Assign trial = h.ask(worker, sweep);
      h.report(worker, trial, 0, {1.0, 0.5});
      end(trial, cause, 2);
    }
  }
  void end(const wire::Assign& trial, Cause cause, std::uint64_t to) {
    wire::Release release;
    release.sweep = trial.sweep;
    release.trial = trial.trial;
    release.attempt = trial.attempt;
    release.to = to;
    release.exit_code = cause == Cause::kNone ? 0 : 1;
    release.cause = static_cast<std::uint8_t>(cause);
    h.send(worker, release);
  }
  wire::Retried retry(const SweepId& sweep, std::vector<std::uint64_t> trials = {},
                      Cause cause = Cause::kNone, const std::string& token = "") {
    return h.ask_for<wire::Retried>(CoreHarness::kCli, request(sweep, trials, cause, token));
  }
  static wire::Retry request(const SweepId& sweep, const std::vector<std::uint64_t>& trials = {},
                             Cause cause = Cause::kNone, const std::string& token = "") {
    wire::Retry retry;
    retry.request = 9;
    retry.sweep = sweep;
    retry.trials = trials;
    retry.cause = static_cast<std::uint8_t>(cause);
    retry.token = token;
    return retry;
  }
  TrialState state(const SweepId& sweep, std::uint64_t trial) {
    return static_cast<TrialState>(h.trial(sweep, trial).state);
  }
  SweepState state(const SweepId& sweep) { return static_cast<SweepState>(h.info(sweep).state); }

  CoreHarness h;
  ClientId worker = h.hello_worker("w1");
};

TEST_F(RetryTest, AllThatHaveFailedGoBackToTheQueueAndAFinishedSweepGoesOn) {
  const SweepId sweep = h.create(kFourTrialSweep);
  run(sweep, {Cause::kNone, Cause::kOom, Cause::kNone, Cause::kUserError});
  ASSERT_EQ(state(sweep), SweepState::kFinished);
  const wire::Retried retried = retry(sweep);
  EXPECT_EQ(retried.sweep, sweep);
  EXPECT_THAT(retried.trials, ElementsAre(1, 3));
  EXPECT_THAT(retried.causes, ElementsAre(static_cast<std::uint64_t>(Cause::kOom),
                                          static_cast<std::uint64_t>(Cause::kUserError)));
  EXPECT_EQ(state(sweep), SweepState::kRunning);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
  const wire::Assign again = h.ask(worker, sweep);
  EXPECT_EQ(again.trial, 1U);
  EXPECT_EQ(again.attempt, 2U);
  EXPECT_EQ(h.trial(sweep, 1).attempts.size(), 2U);
  EXPECT_EQ(h.trial(sweep, 1).attempts[0].points, 2U) << "the first attempt is history";
}

TEST_F(RetryTest, OnlyThoseOfOneCauseAreRetriedWhenOneIsNamed) {
  const SweepId sweep = h.create(kFourTrialSweep);
  run(sweep, {Cause::kNone, Cause::kOom, Cause::kCrash, Cause::kOom});
  EXPECT_THAT(retry(sweep, {}, Cause::kCrash).trials, ElementsAre(2));
  EXPECT_THAT(retry(sweep, {1, 2, 3}, Cause::kOom).trials, ElementsAre(1, 3));
}

TEST_F(RetryTest, NamedTrialsAreRetriedWhateverBecameOfThem) {
  const SweepId sweep = h.create(kFourTrialSweep);
  run(sweep, {Cause::kNone, Cause::kOom});
  EXPECT_THAT(retry(sweep, {1, 0, 0}).trials, ElementsAre(0, 1));
  EXPECT_EQ(state(sweep, 0), TrialState::kQueued);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
  EXPECT_THAT(retry(sweep, {0, 1}).trials, IsEmpty()) << "they wait already";
}

TEST_F(RetryTest, TheSameRequestAgainRetriesNothingThatHasFailedMeanwhile) {
  const SweepId sweep = h.create(kFourTrialSweep);
  run(sweep, {Cause::kNone, Cause::kOom, Cause::kNone, Cause::kNone});
  const wire::Retried first = retry(sweep, {}, Cause::kNone, "t");
  run(sweep, {Cause::kCrash});
  ASSERT_EQ(state(sweep, 1), TrialState::kFailed);
  EXPECT_EQ(retry(sweep, {}, Cause::kNone, "t"), first);
  EXPECT_EQ(state(sweep, 1), TrialState::kFailed);
  h.restart();
  EXPECT_EQ(retry(sweep, {}, Cause::kNone, "t"), first);
  EXPECT_EQ(state(sweep, 1), TrialState::kFailed);
  EXPECT_THAT(retry(sweep, {}, Cause::kNone, "another").trials, ElementsAre(1));
}

TEST_F(RetryTest, ADryRunChangesNothing) {
  const SweepId sweep = h.create(kFourTrialSweep);
  run(sweep, {Cause::kNone, Cause::kOom});
  const std::size_t events = h.events.size();
  wire::Retry dry = request(sweep);
  dry.dry_run = true;
  EXPECT_THAT(h.ask_for<wire::Retried>(CoreHarness::kCli, dry).trials, ElementsAre(1));
  EXPECT_EQ(h.events.size(), events);
}

TEST_F(RetryTest, ARunningTrialIsRefusedAndSoIsOneThatDoesNotExist) {
  const SweepId sweep = h.create(kFourTrialSweep);
  run(sweep, {Cause::kOom});
  h.ask(worker, sweep);
  const wire::Error running = h.error_of(CoreHarness::kCli, request(sweep, {0, 1}));
  EXPECT_EQ(running.code, static_cast<std::int32_t>(Code::kConflict));
  EXPECT_THAT(running.message, HasSubstr("trial 1"));
  EXPECT_EQ(state(sweep, 0), TrialState::kFailed) << "all or nothing";
  const wire::Error missing = h.error_of(CoreHarness::kCli, request(sweep, {7}));
  EXPECT_EQ(missing.code, static_cast<std::int32_t>(Code::kNotFound));
  EXPECT_THAT(missing.message, HasSubstr("0 to 1"));
}

TEST_F(RetryTest, ACancelledSweepIsRefusedWithTheRemedy) {
  const SweepId sweep = h.create(kFourTrialSweep);
  run(sweep, {Cause::kOom});
  h.send(CoreHarness::kCli, wire::Control{1, sweep, 3});
  const wire::Error error = h.error_of(CoreHarness::kCli, request(sweep));
  EXPECT_EQ(error.code, static_cast<std::int32_t>(Code::kConflict));
  EXPECT_THAT(error.help, HasSubstr("--spec"));
}

TEST_F(RetryTest, APausedSweepStaysPaused) {
  const SweepId sweep = h.create(kFourTrialSweep);
  run(sweep, {Cause::kOom, Cause::kOom, Cause::kOom});
  ASSERT_EQ(state(sweep), SweepState::kPaused) << "all failed at the start";
  EXPECT_THAT(retry(sweep).trials, ElementsAre(0, 1, 2));
  EXPECT_EQ(state(sweep), SweepState::kPaused);
}

TEST_F(RetryTest, RetriesOfTheSweepFileBeginAnew) {
  const SweepId sweep = h.create(std::string(kFourTrialSweep) + "retries: 1\n");
  run(sweep, {Cause::kNone, Cause::kOom, Cause::kOom});
  ASSERT_EQ(state(sweep, 1), TrialState::kFailed);
  retry(sweep);
  run(sweep, {Cause::kOom});
  EXPECT_EQ(state(sweep, 1), TrialState::kQueued) << "of the new retries one is left";
}

TEST_F(RetryTest, ACompletedTrialThatIsTriedAgainLeavesTheSweepASuccessAfterARestart) {
  const SweepId sweep = h.create(kFourTrialSweep);
  run(sweep, {Cause::kNone});
  retry(sweep, {0});
  h.restart();
  worker = h.hello_worker("w1");
  run(sweep, {Cause::kOom, Cause::kOom, Cause::kOom});
  EXPECT_NE(state(sweep), SweepState::kPaused) << "one had succeeded";
}

TEST_F(RetryTest, ATrialThatIsTriedAgainCountsOnceForTheRunCap) {
  const SweepId sweep = h.create(kFourTrialSweep);
  run(sweep, {Cause::kNone, Cause::kOom, Cause::kNone, Cause::kNone});
  retry(sweep);
  run(sweep, {Cause::kNone});
  EXPECT_EQ(h.info(sweep).configurations, 4U);
  EXPECT_EQ(state(sweep), SweepState::kFinished);
  EXPECT_EQ(h.info(sweep).counts.completed, 4U);
}

TEST_F(RetryTest, AnAttemptSaysWhetherItsTrialIsTriedAgainOrWhyNot) {
  const SweepId sweep = h.create(std::string(kFourTrialSweep) + "retries: 1\n");
  run(sweep, {Cause::kNone, Cause::kOom});
  EXPECT_THAT(h.trial(sweep, 1).attempts[0].next, HasSubstr("is tried again"));
  run(sweep, {Cause::kOom});
  EXPECT_THAT(h.trial(sweep, 1).attempts[0].next, HasSubstr("tried again as attempt 2"));
  EXPECT_EQ(h.trial(sweep, 1).attempts[1].next, "not tried again: `retries` 1 is used up");
  const SweepId other = h.create(kFourTrialSweep, "other");
  run(other, {Cause::kNone, Cause::kUserError});
  EXPECT_EQ(h.trial(other, 1).attempts[0].next, "not tried again: `retries` is 0");
  EXPECT_EQ(h.trial(other, 0).attempts[0].next, "");
}

}  // namespace
}  // namespace scopa::core
