#include "broker/pruning/percentile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/effort.h"
#include "tests/unit/broker/pruning/pruner_testing.h"

namespace scopa::pruning {
namespace {

using testing::Curves;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using testing::stopped;
using testing::sweep;
using testing::t;
using testing::trials;

spec::Percentile best(double percent, std::uint32_t min_trials = 1) {
  spec::Percentile p;
  p.percentile = percent;
  p.min_trials = min_trials;
  return p;
}

TEST(PercentileTest, TheMedianRuleStopsTheWorseHalf) {
  const auto pruner = make_pruner(sweep(best(50, 5)));
  for (std::uint64_t i = 0; i < 6; ++i) pruner->observe(t(i), 1, static_cast<double>(i));
  // The median of the five others is 3 for the first three trials, 2 for the others.
  EXPECT_THAT(stopped(*pruner, trials(6)), ElementsAre(3, 4, 5));
}

TEST(PercentileTest, ATrialIsComparedWithTheOthersAndNotWithItself) {
  const auto pruner = make_pruner(sweep(best(50)));
  pruner->observe(t(0), 1, 1);
  EXPECT_THAT(stopped(*pruner, trials(1)), IsEmpty());
  pruner->observe(t(1), 1, 2);
  EXPECT_THAT(stopped(*pruner, trials(2)), ElementsAre(1)) << "worse than its only other";
}

TEST(PercentileTest, EqualTrialsAllGoOn) {
  const auto pruner = make_pruner(sweep(best(10)));
  for (std::uint64_t i = 0; i < 20; ++i) pruner->observe(t(i), 1, 0.5);
  EXPECT_THAT(stopped(*pruner, trials(20)), IsEmpty());
}

TEST(PercentileTest, NobodyIsStoppedBeforeEnoughOthersCame) {
  const auto pruner = make_pruner(sweep(best(50, 5)));
  for (std::uint64_t i = 0; i < 5; ++i) pruner->observe(t(i), 1, static_cast<double>(i));
  EXPECT_THAT(stopped(*pruner, trials(5)), IsEmpty());
  pruner->observe(t(5), 1, 9);
  EXPECT_THAT(stopped(*pruner, trials(6)), ElementsAre(3, 4, 5));
}

TEST(PercentileTest, NobodyIsStoppedInTheWarmUp) {
  spec::Percentile p = best(50);
  p.warmup = 10;
  const auto pruner = make_pruner(sweep(p));
  for (std::int64_t step = 0; step < 12; ++step) {
    EXPECT_FALSE(pruner->observe(t(0), step, 1));
    EXPECT_FALSE(pruner->observe(t(1), step, 2));
  }
  EXPECT_TRUE(pruner->observe(t(0), 12, 1));
  EXPECT_TRUE(pruner->observe(t(1), 12, 2));
  EXPECT_THAT(stopped(*pruner, trials(2)), ElementsAre(1));
}

TEST(PercentileTest, AVerdictSaysWhyInLoggedValues) {
  for (const bool is_median : {true, false}) {
    spec::Percentile p = best(is_median ? 50 : 25);
    p.is_median = is_median;
    const auto pruner = make_pruner(sweep(p, Goal::kMaximize));
    EXPECT_EQ(pruner->name(), is_median ? "median" : "percentile");
    for (std::uint64_t i = 0; i < 9; ++i) {
      pruner->observe(t(i), 9, 0.71 + 0.01 * static_cast<double>(i));
    }
    const auto verdicts = pruner->judge({t(0)});
    ASSERT_THAT(verdicts, SizeIs(1));
    EXPECT_EQ(verdicts[0].rung, 8U);
    EXPECT_EQ(verdicts[0].message,
              is_median ? "0.71 at step 9 is behind the best half of 8 other trials (needs 0.76)"
                        : "0.71 at step 9 is behind the best 25 % of 8 other trials (needs 0.78)");
  }
}

TEST(PercentileTest, ARestartedTrialCountsFromNothing) {
  const auto pruner = make_pruner(sweep(best(50)));
  pruner->observe(t(0), 1, 1);
  pruner->observe(t(1), 1, 2);
  pruner->forget(t(0));
  EXPECT_THAT(stopped(*pruner, trials(2)), IsEmpty());
  EXPECT_TRUE(pruner->observe(t(0), 1, 3));
  EXPECT_THAT(stopped(*pruner, trials(2)), ElementsAre(0));
}

// The k-th best of the others, sorted anew for each trial.
std::vector<std::uint64_t> by_definition(const Curves& curves,
                                         const std::vector<std::uint64_t>& steps,
                                         const spec::Percentile& p, double sign) {
  std::vector<std::uint64_t> out;
  for (const auto& [trial, curve] : curves) {
    std::optional<std::uint64_t> last;
    for (const std::uint64_t step : steps) {
      if (testing::value_at(curve, step)) last = step;
    }
    if (!last) continue;
    std::vector<double> others;
    for (const auto& [other, other_curve] : curves) {
      const auto value = testing::value_at(other_curve, *last);
      if (value && other != trial) others.push_back(sign * *value);
    }
    if (others.empty() || others.size() < p.min_trials) continue;
    std::sort(others.begin(), others.end());
    const auto k = static_cast<std::size_t>(
        std::ceil(static_cast<double>(others.size()) * p.percentile / 100));
    if (sign * *testing::value_at(curve, *last) > others[k - 1]) out.push_back(trial);
  }
  return out;
}

TEST(PercentileTest, AgreesWithTheDefinition) {
  for (const double percent : {0.5, 10.0, 33.3, 50.0, 75.0, 99.9}) {
    for (const std::uint32_t min_trials : {0U, 1U, 5U}) {
      const Goal goal = min_trials == 1 ? Goal::kMaximize : Goal::kMinimize;
      spec::Percentile p = best(percent, min_trials);
      if (min_trials == 5) p.interval = 3;
      const auto pruner = make_pruner(sweep(p, goal));
      const double sign = goal == Goal::kMaximize ? -1 : 1;
      int event = 0;
      testing::random_stream(5, effort(1500), pruner.get(), [&](const Curves& curves) {
        if (++event % 9 != 0) return;
        ASSERT_EQ(stopped(*pruner, trials(40)), by_definition(curves, pruner->rungs(), p, sign))
            << percent << " % event " << event;
      });
    }
  }
}

}  // namespace
}  // namespace scopa::pruning
