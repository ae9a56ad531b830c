#include "broker/core/log_walk.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/core/replay.h"
#include "tests/unit/broker/core/bad_day.h"

namespace scopa::core {
namespace {

std::string walked_spec(const std::string& method) {
  return "method: " + method + R"(
metric: {name: loss, goal: minimize}
early_terminate: {type: hyperband, min_iter: 2, eta: 2}
run_cap: 40
seed: 7
parameters:
  lr: {distribution: log_uniform_values, min: 1.0e-5, max: 1.0}
  layers: {min: 1, max: 6}
  optimizer: {values: [sgd, adam]}
  momentum: {distribution: uniform, min: 0.0, max: 0.99, when: {optimizer: sgd}}
)";
}

std::string with_everything(const std::string& method) {
  std::string yaml = walked_spec(method);
  const std::string metric = "metric: {name: loss, goal: minimize}";
  yaml.replace(yaml.find(metric), metric.size(),
               "metric: {name: loss, goal: minimize, reduce: mean(2)}");
  return yaml +
         "initial: [{layers: 1, optimizer: adam}, {layers: 2}]\nretries: 1\nreplicates: 3\n"
         "on_nan: fail\nmax_steps: 6\nmax_trial_time: 100s\n"
         "budget: {wall_time: 2d, device_hours: 100}\n";
}

constexpr char kWalkedGrid[] = R"(
method: grid
metric: {name: loss, goal: minimize}
parameters: {a: {values: [1, 2, 3, 4, 5]}, b: {values: [x, y, z]}}
)";

Replay::Outcome walk_of(const BadDay& day) {
  Replay replay(day.sweep);
  // Backwards: the order in which a store hands them over is of no meaning.
  for (auto it = day.h.events.rbegin(); it != day.h.events.rend(); ++it) replay.add(*it);
  for (auto it = day.h.points.rbegin(); it != day.h.points.rend(); ++it) replay.add(*it);
  auto outcome = replay.run();
  EXPECT_TRUE(outcome.is_ok()) << outcome.status().to_string();
  return outcome ? *outcome : Replay::Outcome{};
}

class LogTest : public testing::TestWithParam<std::string> {};

TEST_P(LogTest, EverySuggestionOfABadDayIsFoundAgainBitForBit) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    BadDay day(seed, GetParam() == "grid" ? kWalkedGrid : walked_spec(GetParam()));
    day.play(400);
    const auto outcome = walk_of(day);
    EXPECT_GE(outcome.suggestions, 10u);
    EXPECT_THAT(outcome.mismatches, testing::IsEmpty());
  }
}

TEST_P(LogTest, TwoSweepsWithTheSameHistoryGetTheSameSuggestions) {
  BadDay a(3, GetParam() == "grid" ? kWalkedGrid : walked_spec(GetParam()));
  BadDay b(3, GetParam() == "grid" ? kWalkedGrid : walked_spec(GetParam()));
  a.play(150);
  b.play(150);
  EXPECT_EQ(a.h.events, b.h.events);
}

class FullSweepTest : public testing::TestWithParam<std::string> {};

TEST_P(FullSweepTest, EverySuggestionIsFoundAgainWithReplicatesAndReducedValues) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    BadDay day(seed, with_everything(GetParam()));
    day.with_nan = true;
    day.play(600);
    const auto outcome = walk_of(day);
    EXPECT_GE(outcome.suggestions, 8u);
    EXPECT_THAT(outcome.mismatches, testing::IsEmpty());
    EXPECT_GT(day.h.info(day.sweep).counts.total(), day.h.info(day.sweep).configurations);
  }
}

TEST_P(FullSweepTest, ALogReplayedGivesTheSameSweepAndTrials) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    BadDay day(seed, with_everything(GetParam()));
    day.with_nan = true;
    day.play(500);
    const auto ask = [&](Core* core) {
      Turn turn;
      core->receive(CoreHarness::kCli, wire::Hello{.role = "client"}, day.h.now, &turn);
      core->receive(CoreHarness::kCli, wire::ListTrials{.request = 1, .sweep = day.sweep},
                    day.h.now, &turn);
      return std::get<wire::Trials>(turn.outgoing.back().message);
    };
    const auto copy = day.h.replayed();
    ASSERT_NE(copy, nullptr);
    const wire::Trials before = ask(day.h.core.get());
    const wire::Trials after = ask(copy.get());
    ASSERT_EQ(before.trials.size(), after.trials.size());
    for (std::size_t i = 0; i < before.trials.size(); ++i) {
      EXPECT_EQ(before.trials[i], after.trials[i]) << "trial " << i;
    }
    auto sweep = *day.h.core->sweep_info(day.sweep);
    sweep.workers = 0;  // connections are not of the log
    EXPECT_EQ(sweep, *copy->sweep_info(day.sweep));
  }
}

INSTANTIATE_TEST_SUITE_P(Methods, FullSweepTest, testing::Values("random", "bayes"),
                         [](const auto& each) { return each.param; });

INSTANTIATE_TEST_SUITE_P(Methods, LogTest, testing::Values("random", "grid", "bayes"),
                         [](const auto& each) { return each.param; });

}  // namespace
}  // namespace scopa::core
