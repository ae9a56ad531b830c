// What the core notices while a sweep runs; the rules themselves are tests/unit/broker/lint.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
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

TEST_F(RemarksTest, ALogOfOneValueIsNoticedWhereAPrunerWaits) {
  const std::string yaml =
      "method: random\nmetric: {name: loss}\nparameters: {x: {min: 0, max: 1000000}}\n";
  const SweepId plain = h.create(yaml);
  for (int i = 0; i < 8; ++i) run(plain, {1.0});
  EXPECT_THAT(h.info(plain).notices, IsEmpty());
  const SweepId pruned =
      h.create(yaml + "early_terminate: {type: median, min_trials: 100}\n", "token-2");
  for (int i = 0; i < 8; ++i) run(pruned, {1.0});
  EXPECT_THAT(h.info(pruned).notices, ElementsAre(StartsWith("L052 `loss`: ")));
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
