#include "broker/pruning/patient.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

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

spec::Patient patient(std::int64_t patience, double min_delta = 0) {
  return {patience, min_delta, {}};
}

template <typename Kind>
spec::Patient patient(std::int64_t patience, const Kind& wrapped) {
  return {patience, 0, {spec::Pruner{wrapped}}};
}

void log(Pruner* pruner, TrialNumber trial, std::int64_t from, const std::vector<double>& values) {
  for (const double value : values) pruner->observe(trial, from++, value);
}

TEST(PatientTest, AloneStopsATrialThatNoLongerImproves) {
  const auto pruner = make_pruner(sweep(patient(3)));
  log(pruner.get(), t(0), 0, {5, 4, 4, 6});
  EXPECT_THAT(stopped(*pruner, trials(1)), IsEmpty()) << "two steps since step 1";
  EXPECT_TRUE(pruner->observe(t(0), 4, 4.5));
  EXPECT_THAT(stopped(*pruner, trials(1)), ElementsAre(0));
}

TEST(PatientTest, AnImprovementInTimeStartsThePatienceAnew) {
  const auto pruner = make_pruner(sweep(patient(3)));
  log(pruner.get(), t(0), 0, {5, 5, 5, 4, 4, 4, 3, 3, 3});
  EXPECT_THAT(stopped(*pruner, trials(1)), IsEmpty());
  log(pruner.get(), t(0), 9, {3});
  EXPECT_THAT(stopped(*pruner, trials(1)), ElementsAre(0));
  EXPECT_TRUE(pruner->observe(t(0), 10, 2));
  EXPECT_THAT(stopped(*pruner, trials(1)), IsEmpty());
}

TEST(PatientTest, OnlyMoreThanMinDeltaIsAnImprovementButSmallOnesAddUp) {
  const auto pruner = make_pruner(sweep(patient(2, 0.5)));
  log(pruner.get(), t(0), 0, {5, 4.75, 4.25});  // 0.75 below the first
  EXPECT_THAT(stopped(*pruner, trials(1)), IsEmpty());
  log(pruner.get(), t(0), 3, {4, 3.75});  // 0.5 is not more than 0.5
  EXPECT_THAT(stopped(*pruner, trials(1)), ElementsAre(0));
}

TEST(PatientTest, CountsStepsNotValues) {
  const auto pruner = make_pruner(sweep(patient(100)));
  pruner->observe(t(0), 0, 1);
  for (int i = 0; i < 500; ++i) pruner->observe(t(0), 99, 2);
  EXPECT_THAT(stopped(*pruner, trials(1)), IsEmpty());
  pruner->observe(t(0), 100, 2);
  EXPECT_THAT(stopped(*pruner, trials(1)), ElementsAre(0));
}

TEST(PatientTest, NobodyIsStoppedInTheWarmUp) {
  spec::Patient rule = patient(3);
  rule.warmup = 10;
  const auto pruner = make_pruner(sweep(rule));
  log(pruner.get(), t(0), 0, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1});
  EXPECT_THAT(stopped(*pruner, trials(1)), IsEmpty()) << "nine steps without getting better";
  EXPECT_TRUE(pruner->observe(t(0), 10, 1));
  EXPECT_THAT(stopped(*pruner, trials(1)), ElementsAre(0));

  spec::Patient around = patient(2, spec::Asha{1, 4, 2});
  around.warmup = 5;
  const auto wrapping = make_pruner(sweep(around));
  log(wrapping.get(), t(0), 1, {1, 1, 1, 1});
  log(wrapping.get(), t(1), 1, {9, 9, 9, 9});
  EXPECT_THAT(stopped(*wrapping, {t(1)}), IsEmpty());
  EXPECT_TRUE(wrapping->observe(t(1), 5, 9));
  EXPECT_THAT(stopped(*wrapping, {t(1)}), ElementsAre(1));
}

TEST(PatientTest, StepsThatGoBackTakeNoTimeAndNothingOverflows) {
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  const auto pruner = make_pruner(sweep(patient(10)));
  pruner->observe(t(0), 50, 1);
  pruner->observe(t(0), 0, 2);
  pruner->observe(t(0), 59, 2);
  EXPECT_THAT(stopped(*pruner, trials(1)), IsEmpty());
  pruner->observe(t(0), kMin, 0.5);  // an improvement: at the highest step so far, 59
  pruner->observe(t(0), 68, 2);
  EXPECT_THAT(stopped(*pruner, trials(1)), IsEmpty());
  pruner->observe(t(1), kMin, 1);
  pruner->observe(t(1), kMax, 1);
  EXPECT_THAT(stopped(*pruner, trials(2)), ElementsAre(1));
}

TEST(PatientTest, AWrappedVerdictCountsOnlyWhenTheTrialNoLongerImproves) {
  const auto pruner = make_pruner(sweep(patient(2, spec::Asha{1, 4, 2})));
  EXPECT_THAT(pruner->rungs(), ElementsAre(1, 2));
  log(pruner.get(), t(0), 1, {1, 1});
  log(pruner.get(), t(1), 1, {9, 8, 7});
  EXPECT_THAT(stopped(*pruner, {t(1)}), IsEmpty()) << "behind, but getting better";
  log(pruner.get(), t(1), 4, {7, 7});
  EXPECT_THAT(stopped(*pruner, {t(1)}), ElementsAre(1));
  log(pruner.get(), t(0), 3, {2, 2, 2, 2, 2, 2});
  EXPECT_THAT(stopped(*pruner, {t(0)}), IsEmpty()) << "no longer better, but in front";
}

TEST(PatientTest, AVerdictSaysBothReasons) {
  const auto pruner = make_pruner(sweep(patient(2, spec::Asha{1, 4, 2}), Goal::kMaximize));
  log(pruner.get(), t(0), 1, {0.9, 0.9});
  log(pruner.get(), t(1), 1, {0.5, 0.4, 0.3});
  const auto verdicts = pruner->judge({t(1)});
  ASSERT_THAT(verdicts, SizeIs(1));
  EXPECT_EQ(verdicts[0].rung, 2U);
  EXPECT_EQ(verdicts[0].value, 0.4);
  EXPECT_EQ(verdicts[0].threshold, 0.9);
  EXPECT_EQ(verdicts[0].message,
            "0.4 at step 2 is not in the best half of 2 trials (needs 0.9), and nothing better "
            "than 0.5 of step 1 in 2 steps (patience 2)");
}

TEST(PatientTest, AVerdictOfItsOwnNamesTheBestAndItsStep) {
  const auto pruner = make_pruner(sweep(patient(3, 0.25), Goal::kMaximize));
  log(pruner.get(), t(0), 1, {0.5, 0.6, 0.7, 0.4});
  const auto verdicts = pruner->judge(trials(1));
  ASSERT_THAT(verdicts, SizeIs(1));
  EXPECT_EQ(verdicts[0], (Verdict{t(0), 4, 0.4, 0.75,
                                  "nothing better by more than 0.25 than 0.5 of step 1 in 3 steps "
                                  "(patience 3)"}));
  EXPECT_EQ(pruner->name(), "patient");
}

TEST(PatientTest, ARestartedTrialCountsFromNothingInsideAndOutside) {
  const auto pruner = make_pruner(sweep(patient(1, spec::Asha{1, 2, 2})));
  log(pruner.get(), t(0), 1, {1, 1});
  log(pruner.get(), t(1), 1, {2, 2});
  EXPECT_THAT(stopped(*pruner, trials(2)), ElementsAre(1));
  pruner->forget(t(1));
  EXPECT_THAT(stopped(*pruner, trials(2)), IsEmpty());
  log(pruner.get(), t(1), 1, {3, 3});
  EXPECT_THAT(stopped(*pruner, trials(2)), ElementsAre(1));
  pruner->forget(t(0));
  EXPECT_THAT(stopped(*pruner, trials(2)), IsEmpty()) << "trial 1 is alone at the rung";
}

TEST(PatientTest, WithoutTheRungsOfWhatItWrapsThereIsNoPruner) {
  EXPECT_EQ(make_pruner(sweep(patient(3, spec::Asha{9, 9, 3}))), nullptr);
}

TEST(PatientTest, AgreesWithTheDefinition) {
  constexpr std::int64_t kPatience = 6;
  constexpr double kDelta = 0.3;
  for (const Goal goal : {Goal::kMinimize, Goal::kMaximize}) {
    const double sign = goal == Goal::kMaximize ? -1 : 1;
    const auto pruner = make_pruner(sweep(patient(kPatience, kDelta), goal));
    testing::random_stream(3, effort(3000), pruner.get(), [&](const Curves& curves) {
      std::vector<std::uint64_t> expected;
      for (const auto& [trial, curve] : curves) {
        if (curve.empty()) continue;
        std::int64_t highest = curve.front().first;
        std::int64_t improved = highest;
        double reference = sign * curve.front().second;
        for (const auto& [step, value] : curve) {
          highest = std::max(highest, step);
          if (sign * value >= reference - kDelta) continue;
          reference = sign * value;
          improved = highest;
        }
        if (highest - improved >= kPatience) expected.push_back(trial);
      }
      ASSERT_EQ(stopped(*pruner, trials(40)), expected);
    });
  }
}

}  // namespace
}  // namespace scopa::pruning
