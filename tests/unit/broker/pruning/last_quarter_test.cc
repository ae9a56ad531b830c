#include "broker/pruning/last_quarter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "broker/pruning/asha.h"
#include "broker/pruning/expected_survivors.h"
#include "tests/unit/broker/pruning/pruner_testing.h"

namespace scopa::pruning {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::stopped;
using testing::sweep;
using testing::t;
using testing::trials;

template <typename Kind>
spec::SweepSpec of_steps(const Kind& kind, std::int64_t max_steps) {
  spec::SweepSpec spec = sweep(kind);
  spec.max_steps = max_steps;
  return spec;
}

TEST(LastQuarterTest, BeginsPastThreeQuarters) {
  EXPECT_EQ(last_quarter(100), 76U);
  EXPECT_EQ(last_quarter(30), 23U);
  EXPECT_EQ(last_quarter(4), 4U);
  EXPECT_EQ(last_quarter(1), 1U);
  EXPECT_EQ(last_quarter({}), std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(last_quarter(0), std::numeric_limits<std::uint64_t>::max());
  for (std::int64_t steps = 1; steps < 200; ++steps) {
    const auto from = static_cast<std::int64_t>(last_quarter(steps));
    EXPECT_GT(4 * from, 3 * steps) << steps;
    EXPECT_LE(4 * (from - 1), 3 * steps) << steps;
    EXPECT_LE(from, steps) << steps;
  }
  EXPECT_LE(last_quarter(std::numeric_limits<std::int64_t>::max()),
            static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
}

TEST(LastQuarterTest, HasNoRungOfOurOwnPruners) {
  EXPECT_THAT(*asha_rungs({3, {}, 3}, 30), ElementsAre(3, 9)) << "27 of 30 comes too late";
  EXPECT_THAT(*asha_rungs({3, {}, 3}, 36), ElementsAre(3, 9, 27)) << "three quarters are not";
  EXPECT_THAT(*asha_rungs({3, 100, 3}, {}), ElementsAre(3, 9, 27, 81)) << "without max_steps";
  EXPECT_THAT(make_pruner(of_steps(spec::Percentile{}, 50))->rungs(),
              ElementsAre(1, 2, 3, 4, 6, 8, 12, 16, 24, 32));
  EXPECT_THAT(make_pruner(of_steps(spec::Predictive{}, 50))->rungs(),
              ElementsAre(1, 2, 3, 4, 6, 8, 12, 16, 24, 32));
  spec::Patient patient;
  patient.wraps.push_back({spec::Asha{3, {}, 3}});
  EXPECT_THAT(make_pruner(of_steps(patient, 30))->rungs(), ElementsAre(3, 9));
  spec::Hyperband hyperband;
  hyperband.min_iter = 9;
  EXPECT_EQ(make_pruner(of_steps(hyperband, 30))->rungs()[1], 27U) << "W&B's, band for band";
}

TEST(LastQuarterTest, APrunerWithNothingBeforeItIsNone) {
  EXPECT_EQ(asha_rungs({8, {}, 3}, 10).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(make_pruner(of_steps(spec::Asha{8, {}, 3}, 10)), nullptr);
  spec::Percentile late;
  late.warmup = 40;
  EXPECT_EQ(make_pruner(of_steps(late, 50)), nullptr);
  EXPECT_EQ(make_pruner(of_steps(spec::Predictive{0.9, 40, 5}, 50)), nullptr);
}

// The best of rung 9 that looks bad at the end is left to end, whatever comes to rung 9 after it.
TEST(LastQuarterTest, WhoGotThereIsNotStoppedAnyMore) {
  spec::Percentile half;
  half.min_trials = 1;
  const spec::SweepSpec specs[] = {of_steps(spec::Asha{9, {}, 2}, 30), of_steps(half, 30)};
  for (const spec::SweepSpec& spec : specs) {
    const auto pruner = make_pruner(spec);
    for (std::int64_t step = 1; step <= 22; ++step) pruner->observe(t(0), step, 5);
    for (std::uint64_t i = 1; i < 9; ++i) {
      for (std::int64_t step = 1; step <= 22; ++step) pruner->observe(t(i), step, 1);
    }
    EXPECT_THAT(stopped(*pruner, {t(0)}), ElementsAre(0)) << pruner->name();
    EXPECT_TRUE(pruner->observe(t(0), 23, 5)) << "that may change a verdict";
    EXPECT_THAT(stopped(*pruner, {t(0)}), IsEmpty()) << pruner->name();
    EXPECT_FALSE(pruner->observe(t(0), 24, 5));
    pruner->forget(t(0));
    pruner->observe(t(0), 9, 5);
    EXPECT_THAT(stopped(*pruner, {t(0)}), ElementsAre(0)) << "it has started over";
  }
}

TEST(LastQuarterTest, WhatIsLeftOutIsKnown) {
  EXPECT_THAT(late_rungs(of_steps(spec::Asha{3, {}, 3}, 30)), ElementsAre(27));
  EXPECT_THAT(late_rungs(of_steps(spec::Asha{3, 20, 3}, 30)), IsEmpty());
  EXPECT_THAT(late_rungs(of_steps(spec::Percentile{}, 50)), ElementsAre(48));
  spec::Hyperband hyperband;
  hyperband.min_iter = 3;
  EXPECT_THAT(late_rungs(of_steps(hyperband, 30)), IsEmpty()) << "it does compare there";
  EXPECT_THAT(late_rungs(sweep(spec::Asha{3, {}, 3})), IsEmpty());
}

}  // namespace
}  // namespace scopa::pruning
