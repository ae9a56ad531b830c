// What every pruner owes.
#include "broker/pruning/pruner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

#include "tests/unit/broker/pruning/pruner_testing.h"

namespace scopa::pruning {
namespace {

using testing::Curves;
using testing::Dice;
using testing::stopped;
using testing::sweep;
using testing::t;
using testing::trials;

std::vector<spec::Pruner> all_kinds() {
  spec::Hyperband hyperband;
  hyperband.min_iter = 2;
  spec::Percentile median;
  median.is_median = true;
  spec::Percentile percentile{25, 3, 2, 2};
  const spec::Asha asha{1, 100, 3};
  return {{hyperband},
          {asha},
          {median},
          {percentile},
          {spec::Predictive{0.4, 0, 4}},
          {spec::Threshold{-1.5, 3, 2}},
          {spec::Patient{5, 0.25, {}}},
          {spec::Patient{3, 0, {spec::Pruner{asha}}}},
          {spec::Patient{3, 0, {spec::Pruner{hyperband}}}}};
}

std::unique_ptr<Pruner> make(const spec::Pruner& kind, Goal goal = Goal::kMinimize) {
  spec::SweepSpec spec;
  spec.metric = spec::Metric{"loss", goal, {}, {}};
  spec.pruner = kind;
  if (std::holds_alternative<spec::Predictive>(kind.kind)) spec.max_steps = 12;
  return make_pruner(spec);
}

TEST(PrunerTest, HasTheNameOfTheFile) {
  std::vector<std::string> names;
  for (const spec::Pruner& kind : all_kinds()) names.push_back(make(kind)->name());
  EXPECT_THAT(names,
              ::testing::ElementsAre("hyperband", "asha", "median", "percentile", "predictive",
                                     "threshold", "patient", "patient", "patient"));
}

TEST(PrunerTest, WithoutAMetricThereIsNone) {
  for (const spec::Pruner& kind : all_kinds()) {
    spec::SweepSpec spec;
    spec.pruner = kind;
    spec.max_steps = 12;
    EXPECT_EQ(make_pruner(spec), nullptr);
  }
}

TEST(PrunerTest, MaximizingIsMinimizingTheNegative) {
  for (spec::Pruner kind : all_kinds()) {
    const auto down = make(kind, Goal::kMinimize);
    if (auto* threshold = std::get_if<spec::Threshold>(&kind.kind)) {
      *threshold = {-*threshold->upper, -*threshold->lower, threshold->warmup};
    }
    const auto up = make(kind, Goal::kMaximize);
    Dice dice(3);
    for (int i = 0; i < 3000; ++i) {
      const TrialNumber trial = t(dice.roll(30));
      const std::int64_t step = dice.roll(60);
      const double value = dice.roll(24) * 0.25 - 2;
      EXPECT_EQ(down->observe(trial, step, value), up->observe(trial, step, -value));
      if (i % 20 != 0) continue;
      const auto below = down->judge(trials(30));
      const auto above = up->judge(trials(30));
      ASSERT_EQ(below.size(), above.size()) << down->name();
      for (std::size_t k = 0; k < below.size(); ++k) {
        EXPECT_EQ(below[k].trial, above[k].trial);
        EXPECT_EQ(below[k].rung, above[k].rung);
        EXPECT_EQ(below[k].value, -above[k].value);
        EXPECT_EQ(below[k].threshold, -above[k].threshold);
      }
    }
  }
}

TEST(PrunerTest, TheSameCurvesGiveTheSameVerdictsInWhateverOrderTrialsReport) {
  for (const spec::Pruner& kind : all_kinds()) {
    const auto live = make(kind);
    Curves last;
    testing::random_stream(29, 2000, live.get(), [&](const Curves& curves) { last = curves; });
    const auto reread = make(kind);
    for (const auto& [trial, curve] : last) {
      for (const auto& [step, value] : curve) reread->observe(t(trial), step, value);
    }
    EXPECT_EQ(live->judge(trials(40)), reread->judge(trials(40))) << live->name();
  }
}

TEST(PrunerTest, AnExplainedVerdictIsTheVerdict) {
  for (const Goal goal : {Goal::kMinimize, Goal::kMaximize}) {
    for (const spec::Pruner& kind : all_kinds()) {
      const auto pruner = make(kind, goal);
      SCOPED_TRACE(pruner->name());
      std::size_t verdicts = 0;
      std::size_t compared = 0;
      std::size_t event = 0;
      testing::random_stream(11, 1500, pruner.get(), [&](const Curves&) {
        if (++event % 5 != 0) return;
        std::vector<Grounds> grounds;
        const auto explained = pruner->explain(trials(40), &grounds);
        ASSERT_EQ(explained, pruner->judge(trials(40)));
        ASSERT_EQ(grounds.size(), explained.size());
        for (std::size_t i = 0; i < explained.size(); ++i) {
          const Verdict& verdict = explained[i];
          EXPECT_FALSE(grounds[i].pruner.empty());
          EXPECT_FALSE(grounds[i].rule.empty());
          EXPECT_FALSE(grounds[i].unit.empty());
          ++verdicts;
          bool found = false;
          for (std::size_t k = 0; k < grounds[i].ranking.size(); ++k) {
            const auto& place = grounds[i].ranking[k];
            if (k > 0) {
              EXPECT_FALSE(is_better(goal, place.value, grounds[i].ranking[k - 1].value));
            }
            // Who goes on is no worse than what had to be reached, and the stopped one does not.
            if (place.goes_on) {
              EXPECT_FALSE(is_better(goal, verdict.threshold, place.value));
            }
            if (place.trial != verdict.trial) continue;
            found = true;
            EXPECT_EQ(place.value, verdict.value);
            EXPECT_FALSE(place.goes_on);
          }
          EXPECT_EQ(found, !grounds[i].ranking.empty());
          compared += found ? 1 : 0;
        }
      });
      EXPECT_GT(verdicts, 0U);
      const bool has_rungs = !pruner->rungs().empty();
      EXPECT_EQ(compared > 0, has_rungs);
    }
  }
}

// The core asks for verdicts only when told that they may have changed.
TEST(PrunerTest, VerdictsChangeOnlyWithAnObservationThatSaysSo) {
  for (const spec::Pruner& kind : all_kinds()) {
    const auto pruner = make(kind);
    Dice dice(17);
    std::vector<std::uint64_t> before;
    for (int i = 0; i < 4000; ++i) {
      const TrialNumber trial = t(dice.roll(20));
      const bool may_change = pruner->observe(trial, dice.roll(40), dice.roll(24) * 0.25 - 2);
      auto after = stopped(*pruner, trials(20));
      ASSERT_TRUE(may_change || before == after) << pruner->name() << " event " << i;
      before = std::move(after);
    }
  }
}

TEST(PrunerTest, AHundredThousandValuesTakeNoTime) {
  for (const spec::Pruner& kind : all_kinds()) {
    const auto pruner = make(kind);
    Dice dice(1);
    const auto start = std::chrono::steady_clock::now();
    for (std::int64_t step = 0; step < 10; ++step) {
      for (std::uint64_t trial = 0; trial < 10'000; ++trial) {
        pruner->observe(t(trial), step, dice.roll(1 << 20));
      }
    }
    pruner->judge(trials(10'000));
    // Milliseconds; quadratic work would be minutes, whatever the machine and the sanitizer.
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20)) << pruner->name();
  }
}

}  // namespace
}  // namespace scopa::pruning
