#include "broker/pruning/expected_survivors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/pruning/pruner_testing.h"

namespace scopa::pruning {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using testing::stopped;
using testing::sweep;
using testing::t;
using testing::trials;

spec::Hyperband hyperband(std::int64_t max_iter, std::int64_t s, double eta) {
  spec::Hyperband h;
  h.max_iter = max_iter;
  h.s = s;
  h.eta = eta;
  return h;
}

TEST(ForecastTest, HyperbandKeepsOneMoreThanTheShareAsWandbDoes) {
  EXPECT_THAT(forecast(sweep(hyperband(81, 3, 3)), 27),
              ElementsAre(RungForecast{3, 10}, RungForecast{9, 4}, RungForecast{27, 2}));
}

TEST(ForecastTest, AshaKeepsTheShareExactlyAndAllOfTooFew) {
  EXPECT_THAT(
      forecast(sweep(spec::Asha{1, 81, 3}), 27),
      ElementsAre(RungForecast{1, 9}, RungForecast{3, 3}, RungForecast{9, 1}, RungForecast{27, 1}));
  EXPECT_THAT(forecast(sweep(spec::Asha{1, 4, 3}), 2),
              ElementsAre(RungForecast{1, 2}, RungForecast{3, 2}));
}

TEST(ForecastTest, APercentileTakesEachComparisonForItself) {
  spec::SweepSpec spec = sweep(spec::Percentile{25});
  spec.max_steps = 4;
  EXPECT_THAT(forecast(spec, 101),
              ElementsAre(RungForecast{1, 25}, RungForecast{2, 25}, RungForecast{3, 25}));
  EXPECT_THAT(forecast(spec, 5), Each(Field(&RungForecast::survivors, 5U)))
      << "four others are fewer than min_trials";
}

TEST(ForecastTest, PatientShowsWhatItWraps) {
  spec::Patient patient;
  EXPECT_THAT(forecast(sweep(patient), 9), IsEmpty());
  patient.wraps.push_back({spec::Asha{1, 2, 3}});
  EXPECT_THAT(forecast(sweep(patient), 9), ElementsAre(RungForecast{1, 3}));
}

TEST(ForecastTest, IsEmptyWithoutRungs) {
  EXPECT_THAT(forecast(spec::SweepSpec{}, 9), IsEmpty());
  EXPECT_THAT(forecast(sweep(spec::Threshold{0, 1, 0}), 9), IsEmpty());
  EXPECT_THAT(forecast(sweep(spec::Asha{9, 9, 3}), 9), IsEmpty());
}

// Rung by rung, as many trials as the rung before left, all at once.
TEST(ForecastTest, IsWhatThePrunersDo) {
  const spec::SweepSpec specs[] = {sweep(hyperband(243, 5, 3)), sweep(hyperband(100, 4, 2.5)),
                                   sweep(spec::Asha{1, 100, 3}), sweep(spec::Asha{2, 50, 2.7})};
  for (const spec::SweepSpec& spec : specs) {
    for (const std::uint64_t n : {0U, 1U, 2U, 5U, 27U, 100U, 1000U}) {
      const auto pruner = make_pruner(spec);
      std::vector<TrialNumber> running = trials(n);
      std::vector<RungForecast> seen;
      std::int64_t step = 0;
      for (const std::uint64_t rung : pruner->rungs()) {
        for (; step < static_cast<std::int64_t>(rung); ++step) {
          for (const TrialNumber trial : running) {
            pruner->observe(trial, step + 1, static_cast<double>(raw(trial)));
          }
        }
        const std::size_t stops = pruner->judge(running).size();
        running.resize(running.size() - stops);  // the last are the worst
        seen.push_back({rung, running.size()});
      }
      EXPECT_EQ(seen, forecast(spec, n)) << n << " trials, " << pruner->name();
    }
  }
}

}  // namespace
}  // namespace scopa::pruning
