// tests: broker/search/observations.h, broker/core/ending.cc: what a search makes of trials that
// diverge. The trainer's loss falls to a floor that is lowest at a rate of 1e-3; above 1e-2, a
// third of the range, it is 1.2 and 1.1, which is good for so early a step, and then NaN.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "rehearsal/rehearse.h"

namespace scopa::rehearsal {
namespace {

constexpr double kDivergesAbove = 1e-2;

double rate_of(const Params& params) { return std::get<double>(*find_param(params, "lr")); }

Objective trainer(std::uint64_t seed) {
  return [seed](const Params& params, std::uint64_t number) -> Result<Training> {
    const double rate = rate_of(params);
    Training training;
    if (rate > kDivergesAbove) {
      training.values = {1.2, 1.1, std::numeric_limits<double>::quiet_NaN()};
      return training;
    }
    std::mt19937_64 random(seed * 1000 + number);
    const double floor = 0.3 + 0.2 * std::pow(std::log10(rate) + 3, 2);
    for (int epoch = 0; epoch < 10; ++epoch) {
      const double noise = static_cast<double>(random() % 2001) / 1e5 - 0.01;
      training.values.push_back(floor + 2 * std::exp(-epoch * rate / 2e-3) + noise);
    }
    return training;
  };
}

std::size_t trials_that_diverge(const std::string& model, std::uint64_t seed) {
  const std::string spec = "method: bayes\nbayes: {model: " + model +
                           "}\nmetric: {name: val/loss, goal: minimize}\nrun_cap: 40\nparameters:\n"
                           "  lr: {distribution: log_uniform_values, min: 1.0e-4, max: 1.0e-1}\n"
                           "  dropout: {min: 0.0, max: 0.5}\n";
  Rehearsal two;
  two.workers = 2;
  const auto trials = rehearse(spec, seed, trainer(seed), two);
  EXPECT_TRUE(trials) << trials.status().to_string();
  if (!trials) return 40;
  EXPECT_EQ(trials->size(), 40u);
  for (const Rehearsed& trial : *trials) {
    const bool diverges = rate_of(trial.params) > kDivergesAbove;
    EXPECT_EQ(trial.state, diverges ? TrialState::kDiverged : TrialState::kCompleted);
  }
  return static_cast<std::size_t>(
      std::count_if(trials->begin(), trials->end(),
                    [](const Rehearsed& t) { return rate_of(t.params) > kDivergesAbove; }));
}

std::size_t median_of_20_seeds(const std::string& model) {
  std::vector<std::size_t> counts;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    counts.push_back(trials_that_diverge(model, seed));
  }
  std::sort(counts.begin(), counts.end());
  std::string all;
  for (const std::size_t count : counts) all += " " + std::to_string(count);
  testing::Test::RecordProperty(model, all);
  std::printf("%s:%s\n", model.c_str(), all.c_str());
  return counts[counts.size() / 2];
}

// Under a sanitizer the process would take minutes, and its code is run by its other tests.
#ifndef SCOPA_SANITIZED
TEST(DivergingTest, TheProcessLeavesWhereTrialsDiverge) { EXPECT_LE(median_of_20_seeds("gp"), 4u); }
#endif

TEST(DivergingTest, TheEstimatorLeavesWhereTrialsDiverge) {
  EXPECT_LE(median_of_20_seeds("tpe"), 4u);
}

}  // namespace
}  // namespace scopa::rehearsal
