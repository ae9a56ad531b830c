#include "broker/pruning/hyperband.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "tests/unit/broker/pruning/pruner_testing.h"

namespace scopa::pruning {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::stopped;
using testing::sweep;
using testing::t;

spec::Hyperband from_min(std::int64_t min_iter, double eta, bool strict = true) {
  spec::Hyperband h;
  h.min_iter = min_iter;
  h.eta = eta;
  h.strict = strict;
  return h;
}

spec::Hyperband from_max(std::int64_t max_iter, std::int64_t s, double eta) {
  spec::Hyperband h;
  h.max_iter = max_iter;
  h.s = s;
  h.eta = eta;
  return h;
}

TEST(HyperbandBandsTest, FromMaxIterAndFromMinIter) {
  EXPECT_THAT(*hyperband_bands(from_max(81, 3, 3)), ElementsAre(3, 9, 27));
  EXPECT_THAT(*hyperband_bands(from_max(100, 4, 3)), ElementsAre(1, 3, 11, 33));
  EXPECT_THAT(*hyperband_bands(from_max(27, 10, 3)), ElementsAre(1, 3, 9));
  const auto bands = *hyperband_bands(from_min(30, 1.5));
  EXPECT_EQ(bands.size(), 100U);
  EXPECT_THAT(std::vector(bands.begin(), bands.begin() + 4), ElementsAre(30, 45, 67, 101));
}

TEST(HyperbandBandsTest, NoBandIsRefused) {
  EXPECT_EQ(hyperband_bands(from_max(2, 2, 3)).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(hyperband_bands(from_max(9, 0, 3)).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(hyperband_bands(from_min(3, 1)).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(hyperband_bands(from_min(3, std::nan(""))).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(hyperband_bands(from_max(1'000'000, 1LL << 60, 1.0000001)).status().code(),
            Code::kInvalidArgument);
  EXPECT_EQ(hyperband_bands({}).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(make_pruner(sweep(from_max(2, 2, 3))), nullptr);
  EXPECT_EQ(make_pruner(spec::SweepSpec{}), nullptr);
}

TEST(HyperbandTest, RungsAreDifferentFromEachOther) {
  const auto pruner = make_pruner(sweep(from_min(2, 1.2)));
  const auto rungs = pruner->rungs();
  EXPECT_TRUE(std::is_sorted(rungs.begin(), rungs.end()));
  EXPECT_EQ(std::adjacent_find(rungs.begin(), rungs.end()), rungs.end());
}

TEST(HyperbandTest, TheWorseOfTwoStopsAtTheBand) {
  const auto pruner = make_pruner(sweep(from_min(2, 2)));
  EXPECT_FALSE(pruner->observe(t(0), 0, 9));
  EXPECT_TRUE(pruner->observe(t(0), 1, 1));
  EXPECT_FALSE(pruner->observe(t(1), 0, 0));
  EXPECT_THAT(stopped(*pruner, {t(0), t(1)}), IsEmpty());
  EXPECT_TRUE(pruner->observe(t(1), 1, 2));
  // sorted {1, 2} at int(2 / 2) = 1: the threshold is 2, and a tie survives.
  EXPECT_THAT(stopped(*pruner, {t(0), t(1)}), IsEmpty());
  pruner->observe(t(2), 0, 3);
  pruner->observe(t(2), 1, 3);
  EXPECT_THAT(stopped(*pruner, {t(0), t(1), t(2)}), ElementsAre(2));
}

TEST(HyperbandTest, VerdictSaysWhyInLoggedValues) {
  const auto pruner = make_pruner(sweep(from_min(1, 3), Goal::kMaximize));
  for (std::uint64_t i = 0; i < 9; ++i) {
    pruner->observe(t(i), 0, 0.71 + 0.01 * static_cast<double>(i));
  }
  const auto verdicts = pruner->judge({t(3)});
  ASSERT_EQ(verdicts.size(), 1U);
  EXPECT_EQ(verdicts[0].trial, t(3));
  EXPECT_EQ(verdicts[0].rung, 1U);
  EXPECT_DOUBLE_EQ(verdicts[0].value, 0.74);
  EXPECT_DOUBLE_EQ(verdicts[0].threshold, 0.76);
  EXPECT_EQ(verdicts[0].message, "0.74 after 1 value misses 0.76, the best third of 9 trials");
}

TEST(HyperbandTest, StrictComparesTheValueAtTheBandRelaxedTheBestEver) {
  for (const bool strict : {true, false}) {
    const auto pruner = make_pruner(sweep(from_min(2, 2, strict)));
    pruner->observe(t(0), 0, 5);
    pruner->observe(t(0), 1, 5);
    pruner->observe(t(1), 0, 6);
    pruner->observe(t(1), 1, 6);
    pruner->observe(t(2), 0, 1);  // early best
    pruner->observe(t(2), 1, 9);
    EXPECT_EQ(stopped(*pruner, {t(2)}).size(), strict ? 1U : 0U);
  }
}

TEST(HyperbandTest, NotFiniteValuesDoNotCount) {
  const auto pruner = make_pruner(sweep(from_min(1, 2)));
  EXPECT_FALSE(pruner->observe(t(0), 0, std::nan("")));
  EXPECT_FALSE(pruner->observe(t(0), 1, std::numeric_limits<double>::infinity()));
  EXPECT_TRUE(pruner->observe(t(0), 2, 1));
}

TEST(HyperbandTest, ForgottenValuesNoLongerCount) {
  const auto pruner = make_pruner(sweep(from_min(1, 2)));
  pruner->observe(t(0), 0, 1);
  pruner->observe(t(1), 0, 1);
  pruner->observe(t(2), 0, 5);
  EXPECT_THAT(stopped(*pruner, {t(2)}), ElementsAre(2));
  pruner->forget(t(0));
  pruner->forget(t(1));
  EXPECT_THAT(stopped(*pruner, {t(2)}), IsEmpty());
  pruner->forget(t(2));
  EXPECT_THAT(pruner->judge({t(0), t(1), t(2), t(99)}), IsEmpty());
  EXPECT_TRUE(pruner->observe(t(2), 0, 7));  // counts from the start again
}

// The incremental thresholds against the definition, with restarts and many ties.
TEST(HyperbandTest, AgreesWithTheDefinition) {
  const double eta = 2.7;
  HyperbandPruner pruner({1, 3, 8}, eta, true, Goal::kMinimize);
  std::map<std::uint64_t, std::vector<double>> curves;
  std::uint32_t random = 1;
  const auto next = [&](std::uint32_t n) {
    random = random * 1664525U + 1013904223U;
    return (random >> 8) % n;
  };
  for (int event = 0; event < 4000; ++event) {
    const std::uint64_t trial = next(60);
    if (next(40) == 0) {
      curves.erase(trial);
      pruner.forget(t(trial));
    } else {
      const double value = next(30) * 0.5;
      curves[trial].push_back(value);
      pruner.observe(t(trial), 0, value);
    }
    const std::vector<std::uint64_t> bands = pruner.rungs();
    for (std::size_t i = 0; i < bands.size(); ++i) {
      std::vector<double> values;
      for (const auto& [number, curve] : curves) {
        if (curve.size() >= bands[i]) values.push_back(curve[bands[i] - 1]);
      }
      std::sort(values.begin(), values.end());
      const auto threshold = pruner.threshold(i);
      ASSERT_EQ(threshold.has_value(), !values.empty());
      if (!threshold) continue;
      const auto index = static_cast<std::size_t>((1 / eta) * static_cast<double>(values.size()));
      ASSERT_EQ(*threshold, values[index]) << "event " << event << " band " << i;
    }
  }
}

}  // namespace
}  // namespace scopa::pruning
