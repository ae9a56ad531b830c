#include "broker/pruning/asha.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sdk/base/limits.h"
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

spec::Asha asha(std::int64_t min, std::optional<std::int64_t> max, double eta) {
  return {min, max, eta};
}

TEST(AshaRungsTest, AreMinResourceTimesPowersOfEtaBelowMaxResource) {
  EXPECT_THAT(*asha_rungs(asha(1, 81, 3), {}), ElementsAre(1, 3, 9, 27));
  EXPECT_THAT(*asha_rungs(asha(1, 82, 3), {}), ElementsAre(1, 3, 9, 27, 81));
  EXPECT_THAT(*asha_rungs(asha(5, 20, 1.5), {}), ElementsAre(5, 7, 11, 16));
}

TEST(AshaRungsTest, WithoutMaxResourceMaxStepsEndsThem) {
  EXPECT_THAT(*asha_rungs(asha(2, {}, 4), 100), ElementsAre(2, 8, 32));
  EXPECT_THAT(*asha_rungs(asha(2, 9, 4), 100), ElementsAre(2, 8)) << "max_resource comes first";
}

TEST(AshaRungsTest, AreBoundedAscendingAndDifferentWithoutAnEnd) {
  for (const double eta : {1.0000001, 1.01, 1.2, 2.0, 3.0, 1e300}) {
    const auto rungs = *asha_rungs(asha(1, {}, eta), {});
    EXPECT_LE(rungs.size(), limits::kRungsMax);
    EXPECT_TRUE(std::is_sorted(rungs.begin(), rungs.end()));
    EXPECT_EQ(std::adjacent_find(rungs.begin(), rungs.end()), rungs.end());
    EXPECT_LE(rungs.back(), std::uint64_t{1} << 63);
  }
}

TEST(AshaRungsTest, NoRungIsRefused) {
  EXPECT_EQ(asha_rungs(asha(9, 9, 3), {}).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(asha_rungs(asha(9, {}, 3), 9).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(asha_rungs(asha(0, 9, 3), {}).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(asha_rungs(asha(1, 9, 1), {}).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(asha_rungs(asha(1, 9, std::nan("")), {}).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(make_pruner(sweep(asha(9, 9, 3))), nullptr);
}

TEST(AshaTest, ExactlyTheBestThirdOfNineGoesOn) {
  const auto pruner = make_pruner(sweep(asha(1, 81, 3)));
  for (std::uint64_t i = 0; i < 9; ++i) {
    pruner->observe(t(i), 1, std::fmod(static_cast<double>(i) * 5, 9));  // 0 5 1 6 2 7 3 8 4
  }
  EXPECT_THAT(stopped(*pruner, trials(9)), ElementsAre(1, 3, 5, 6, 7, 8));
}

TEST(AshaTest, OfEqualTrialsOnlyTheBestThirdGoesOn) {
  const auto pruner = make_pruner(sweep(asha(1, 81, 3)));
  for (const std::uint64_t i : {8, 3, 1, 0, 2, 7, 6, 5, 4}) pruner->observe(t(i), 1, 0.5);
  EXPECT_THAT(stopped(*pruner, trials(9)), ElementsAre(3, 4, 5, 6, 7, 8));
}

TEST(AshaTest, WithFewerThanEtaTrialsNobodyIsStopped) {
  const auto pruner = make_pruner(sweep(asha(1, 81, 3)));
  pruner->observe(t(0), 1, 1);
  pruner->observe(t(1), 1, 2);
  EXPECT_THAT(stopped(*pruner, trials(2)), IsEmpty());
  pruner->observe(t(2), 1, 3);
  EXPECT_THAT(stopped(*pruner, trials(3)), ElementsAre(1, 2));
}

TEST(AshaTest, ATrialIsJudgedAgainUntilItReachesTheNextRung) {
  const auto pruner = make_pruner(sweep(asha(1, 81, 2)));
  pruner->observe(t(0), 1, 5);
  pruner->observe(t(1), 1, 6);
  EXPECT_THAT(stopped(*pruner, trials(2)), ElementsAre(1));
  pruner->observe(t(2), 1, 1);
  EXPECT_THAT(stopped(*pruner, {t(0), t(2)}), ElementsAre(0)) << "1 of 3, and that is trial 2";
  pruner->observe(t(0), 2, 5);
  EXPECT_THAT(stopped(*pruner, {t(0), t(2)}), IsEmpty()) << "at rung 2 it is alone";
}

TEST(AshaTest, CountsStepsNotValues) {
  const auto pruner = make_pruner(sweep(asha(10, 81, 2)));
  for (std::int64_t step = 0; step < 10; ++step) EXPECT_FALSE(pruner->observe(t(0), step, 1));
  EXPECT_TRUE(pruner->observe(t(0), 10, 1));
  EXPECT_TRUE(pruner->observe(t(1), 1000, 2)) << "one value reaches all rungs below its step";
  EXPECT_THAT(stopped(*pruner, trials(2)), IsEmpty()) << "alone at the last rung";
  pruner->observe(t(0), 500, 1);
  EXPECT_THAT(stopped(*pruner, trials(2)), ElementsAre(1));
}

TEST(AshaTest, StepsThatRepeatOrGoBackChangeNothing) {
  const auto pruner = make_pruner(sweep(asha(2, 3, 2)));
  EXPECT_TRUE(pruner->observe(t(0), 2, 1));
  EXPECT_TRUE(pruner->observe(t(1), 2, 3));
  for (const std::int64_t step : {2L, 1L, 0L, -7L, std::numeric_limits<std::int64_t>::min()}) {
    EXPECT_FALSE(pruner->observe(t(1), step, 0));
  }
  EXPECT_THAT(stopped(*pruner, trials(2)), ElementsAre(1));
}

TEST(AshaTest, AVerdictSaysWhyInLoggedValues) {
  const auto pruner = make_pruner(sweep(asha(9, 81, 3), Goal::kMaximize));
  for (std::uint64_t i = 0; i < 9; ++i) {
    pruner->observe(t(i), 9, 0.71 + 0.01 * static_cast<double>(i));
  }
  const auto verdicts = pruner->judge({t(0)});
  ASSERT_THAT(verdicts, SizeIs(1));
  EXPECT_EQ(verdicts[0].trial, t(0));
  EXPECT_EQ(verdicts[0].rung, 9U);
  EXPECT_DOUBLE_EQ(verdicts[0].value, 0.71);
  EXPECT_DOUBLE_EQ(verdicts[0].threshold, 0.77);
  EXPECT_EQ(verdicts[0].message,
            "0.71 at step 9 is not in the best third of 9 trials (needs 0.77)");
}

TEST(AshaTest, AVerdictOnATieAsksForMore) {
  for (const Goal goal : {Goal::kMinimize, Goal::kMaximize}) {
    const auto pruner = make_pruner(sweep(asha(4, 81, 2), goal));
    pruner->observe(t(0), 4, 0.5);
    pruner->observe(t(1), 6, 0.5);
    const auto verdicts = pruner->judge({t(1)});
    ASSERT_THAT(verdicts, SizeIs(1));
    EXPECT_EQ(verdicts[0].message,
              std::string("0.5 at step 6 is not in the best half of 2 trials (needs ") +
                  (goal == Goal::kMaximize ? "more" : "less") + " than 0.5)");
  }
}

TEST(AshaTest, AVerdictShowsAsManyDigitsAsTellTheNumbersApart) {
  const auto pruner = make_pruner(sweep(asha(1, 81, 2)));
  pruner->observe(t(0), 1, 0.1234567);
  pruner->observe(t(1), 1, 0.1234568);
  EXPECT_EQ(pruner->judge({t(1)}).at(0).message,
            "0.1234568 at step 1 is not in the best half of 2 trials (needs 0.1234567)");
}

TEST(AshaTest, ARestartedTrialCountsFromNothing) {
  const auto pruner = make_pruner(sweep(asha(1, 81, 2)));
  pruner->observe(t(0), 1, 1);
  pruner->observe(t(1), 1, 2);
  EXPECT_THAT(stopped(*pruner, trials(2)), ElementsAre(1));
  pruner->forget(t(0));
  EXPECT_THAT(stopped(*pruner, trials(2)), IsEmpty());
  pruner->forget(t(1));
  pruner->forget(t(77));
  EXPECT_TRUE(pruner->observe(t(1), 1, 9));
  EXPECT_THAT(pruner->judge(trials(99)), IsEmpty());
}

TEST(AshaTest, ValuesThatAreNotFiniteDoNotCount) {
  const auto pruner = make_pruner(sweep(asha(1, 81, 2)));
  EXPECT_FALSE(pruner->observe(t(0), 1, std::nan("")));
  EXPECT_FALSE(pruner->observe(t(0), 1, -std::numeric_limits<double>::infinity()));
  EXPECT_FALSE(pruner->observe(TrialNumber{limits::kTrialsMax}, 1, 1));
}

// Survivors of the last rung that a trial has reached, from whole curves.
std::vector<std::uint64_t> by_definition(const Curves& curves,
                                         const std::vector<std::uint64_t>& rungs, double eta,
                                         double sign) {
  std::vector<std::uint64_t> out;
  for (const auto& [trial, curve] : curves) {
    std::optional<std::uint64_t> last;
    for (const std::uint64_t rung : rungs) {
      if (testing::value_at(curve, rung)) last = rung;
    }
    if (!last) continue;
    std::size_t n = 0;
    std::size_t better = 0;
    const double own = sign * *testing::value_at(curve, *last);
    for (const auto& [other, other_curve] : curves) {
      const auto value = testing::value_at(other_curve, *last);
      if (!value) continue;
      ++n;
      if (sign * *value < own || (sign * *value == own && other < trial)) ++better;
    }
    const auto kept = static_cast<std::size_t>(static_cast<double>(n) / eta);
    if (kept > 0 && better >= kept) out.push_back(trial);
  }
  return out;
}

TEST(AshaTest, AgreesWithTheDefinition) {
  for (const double eta : {1.3, 2.0, 2.7, 3.0, 4.0}) {
    for (const Goal goal : {Goal::kMinimize, Goal::kMaximize}) {
      const auto pruner = make_pruner(sweep(asha(1, 200, eta), goal));
      const double sign = goal == Goal::kMaximize ? -1 : 1;
      int event = 0;
      testing::random_stream(7, effort(1500), pruner.get(), [&](const Curves& curves) {
        if (++event % 5 != 0) return;
        ASSERT_EQ(stopped(*pruner, trials(40)), by_definition(curves, pruner->rungs(), eta, sign))
            << "eta " << eta << " event " << event;
      });
    }
  }
}

TEST(AshaTest, TheOrderInWhichTrialsReportPlaysNoPart) {
  const auto live = make_pruner(sweep(asha(1, 200, 3)));
  Curves last;
  testing::random_stream(11, 2000, live.get(), [&](const Curves& curves) { last = curves; });
  const auto reread = make_pruner(sweep(asha(1, 200, 3)));
  for (const auto& [trial, curve] : last) {
    for (const auto& [step, value] : curve) reread->observe(t(trial), step, value);
  }
  EXPECT_EQ(live->judge(trials(40)), reread->judge(trials(40)));
}

}  // namespace
}  // namespace scopa::pruning
