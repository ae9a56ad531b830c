// What holds whatever happens to a sweep.
#include "tests/unit/broker/core/bad_day.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scopa::core {
namespace {

constexpr char kPrunedBayesSweep[] = R"(
method: bayes
bayes: {model: tpe}
seed: 3
metric: {name: loss, goal: minimize}
early_terminate: {type: hyperband, min_iter: 2, eta: 2}
run_cap: 40
retries: 1
max_steps: 9
parameters: {lr: {min: 0.0, max: 1.0}}
)";

std::uint64_t live_attempts(const wire::TrialInfo& trial) {
  std::uint64_t live = 0;
  for (const auto& attempt : trial.attempts) live += attempt.ended_us == 0 ? 1 : 0;
  return live;
}

class BadDayTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  BadDay day{GetParam(), kPrunedBayesSweep};
};

TEST_P(BadDayTest, ARestartedBrokerKnowsWhatTheOneThatDiedKnew) {
  for (int i = 0; i < 20; ++i) {
    day.play(40);
    ASSERT_EQ(day.h.difference_after_replay(day.sweep), "") << "after " << i;
  }
}

TEST_P(BadDayTest, ATrialRunsExactlyWhileOneAttemptHoldsIt) {
  for (int i = 0; i < 40; ++i) {
    day.play(20);
    const wire::SweepInfo info = day.h.info(day.sweep);
    for (std::uint64_t number = 0; number < info.counts.total(); ++number) {
      const wire::TrialInfo trial = day.h.trial(day.sweep, number);
      const bool running = trial.state == static_cast<std::uint8_t>(TrialState::kRunning);
      ASSERT_EQ(live_attempts(trial), running ? 1U : 0U) << "trial " << number;
    }
    ASSERT_LE(info.configurations, 40U);
    if (info.state == static_cast<std::uint8_t>(SweepState::kFinished)) {
      ASSERT_EQ(info.counts.running, 0U);
    }
  }
}

TEST_P(BadDayTest, ARestartOfTheBrokerChangesNoDecision) {
  // Leases start anew with the broker, so nobody falls silent here.
  day.with_silence = false;
  BadDay calm(GetParam(), kPrunedBayesSweep);
  calm.with_silence = calm.with_restarts = false;
  day.play(1500);
  calm.play(1500);
  ASSERT_EQ(day.h.events.size(), calm.h.events.size());
  for (std::size_t i = 0; i < calm.h.events.size(); ++i) {
    ASSERT_EQ(day.h.events[i], calm.h.events[i]) << i << " " << type_of(calm.h.events[i].body);
  }
}

TEST_P(BadDayTest, ItHasAllThatABadDayHas) {
  day.play(2000);
  std::size_t suspected = 0, held = 0, extra = 0, resumed = 0;
  for (const Event& event : day.h.events) {
    suspected += std::holds_alternative<AttemptSuspected>(event.body) ? 1 : 0;
    held += std::holds_alternative<AttemptHeld>(event.body) ? 1 : 0;
    resumed += std::holds_alternative<AttemptResumed>(event.body) ? 1 : 0;
    const auto* ended = std::get_if<AttemptEnded>(&event.body);
    extra += ended != nullptr && ended->extra ? 1 : 0;
  }
  EXPECT_GT(suspected, 5U);
  EXPECT_GT(held, 5U);
  EXPECT_GT(extra, 0U);
  EXPECT_GT(resumed, 0U);
}

INSTANTIATE_TEST_SUITE_P(Seeds, BadDayTest, testing::Range<std::uint64_t>(1, 9));

}  // namespace
}  // namespace scopa::core
