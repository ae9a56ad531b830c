#include "broker/spec/early_terminate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/spec/spec_testing.h"

namespace scopa::spec {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Parsed with(const std::string& keys, const std::string& top = "") {
  return parse(
      "method: random\nmetric: {name: loss}\nparameters: {a: {value: 1}}\n"
      "early_terminate: {" +
      keys + "}\n" + top);
}

std::string help_of(const std::string& keys) {
  const Parsed parsed = with(keys);
  return parsed.diagnostics.empty() ? "no finding" : parsed.diagnostics.front().help;
}

template <class Kind>
Kind read(const std::string& keys, const std::string& top = "") {
  const Parsed parsed = with(keys, top);
  EXPECT_THAT(brief(parsed), IsEmpty()) << keys;
  if (!parsed.spec.pruner) return {};
  return std::get<Kind>(parsed.spec.pruner->kind);
}

TEST(EarlyTerminateTest, AshaHasItsKeysAndDefaults) {
  const Asha defaults = read<Asha>("type: asha");
  EXPECT_EQ(defaults.min_resource, 1);
  EXPECT_EQ(defaults.max_resource, std::nullopt);
  EXPECT_EQ(defaults.eta, 3);
  const Asha given = read<Asha>("type: asha, min_resource: 2, max_resource: 81, eta: 2.5");
  EXPECT_EQ(given.min_resource, 2);
  EXPECT_EQ(given.max_resource, 81);
  EXPECT_EQ(given.eta, 2.5);
}

TEST(EarlyTerminateTest, MedianIsThePercentileRuleAtFifty) {
  const Percentile defaults = read<Percentile>("type: median");
  EXPECT_TRUE(defaults.is_median);
  EXPECT_EQ(defaults.percentile, 50);
  EXPECT_EQ(defaults.warmup, 0);
  EXPECT_EQ(defaults.interval, std::nullopt);
  EXPECT_EQ(defaults.min_trials, 5u);
  const Percentile given = read<Percentile>("type: median, warmup: 10, interval: 5, min_trials: 3");
  EXPECT_EQ(given.warmup, 10);
  EXPECT_EQ(given.interval, 5);
  EXPECT_EQ(given.min_trials, 3u);
}

TEST(EarlyTerminateTest, PercentileHasItsShare) {
  const Percentile given =
      read<Percentile>("type: percentile, percentile: 25, warmup: 1, interval: 2, min_trials: 9");
  EXPECT_FALSE(given.is_median);
  EXPECT_EQ(given.percentile, 25);
  EXPECT_EQ(given.min_trials, 9u);
}

TEST(EarlyTerminateTest, PredictiveIsCareful) {
  const Predictive defaults = read<Predictive>("type: predictive", "max_steps: 50");
  EXPECT_EQ(defaults.confidence, 0.9);
  EXPECT_EQ(defaults.warmup, 0);
  EXPECT_EQ(defaults.min_trials, 5u);
  const Predictive given = read<Predictive>(
      "type: predictive, confidence: 0.5, warmup: 10, min_trials: 4", "scopa: {max_steps: 50}");
  EXPECT_EQ(given.confidence, 0.5);
  EXPECT_EQ(given.warmup, 10);
  EXPECT_EQ(given.min_trials, 4u);
}

TEST(EarlyTerminateTest, PredictiveNeedsToKnowWhereATrainingEnds) {
  EXPECT_THAT(codes(with("type: predictive")), ElementsAre("S034 early_terminate"));
  EXPECT_THAT(codes(with("type: patient, patience: 2, wraps: {type: predictive}")),
              ElementsAre("S034 early_terminate"));
  EXPECT_THAT(codes(with("type: predictive", "max_steps: none")), ElementsAre("S009 max_steps"))
      << "given, and wrong: one finding";
}

TEST(EarlyTerminateTest, ThresholdHasOneBoundOrBoth) {
  const Threshold upper = read<Threshold>("type: threshold, upper: 10, warmup: 3");
  EXPECT_EQ(upper.lower, std::nullopt);
  EXPECT_EQ(upper.upper, 10);
  EXPECT_EQ(upper.warmup, 3);
  const Threshold both = read<Threshold>("type: threshold, upper: 10, lower: -1.5");
  EXPECT_EQ(both.lower, -1.5);
}

TEST(EarlyTerminateTest, PatientWrapsAnotherOrNone) {
  const Patient alone = read<Patient>("type: patient, patience: 7");
  EXPECT_EQ(alone.patience, 7);
  EXPECT_EQ(alone.min_delta, 0);
  EXPECT_THAT(alone.wraps, IsEmpty());
  const Patient around =
      read<Patient>("type: patient, patience: 7, min_delta: 0.01, wraps: {type: asha, eta: 4}");
  EXPECT_EQ(around.min_delta, 0.01);
  ASSERT_EQ(around.wraps.size(), 1u);
  EXPECT_EQ(std::get<Asha>(around.wraps.front().kind).eta, 4);
}

TEST(EarlyTerminateTest, PatientDoesNotWrapItself) {
  EXPECT_THAT(codes(with("type: patient, patience: 1, wraps: {type: patient, patience: 2}")),
              ElementsAre("S034 early_terminate.wraps.type"));
  EXPECT_THAT(codes(with("type: patient, patience: 1, wraps: asha")),
              ElementsAre("S009 early_terminate.wraps"));
  EXPECT_THAT(codes(with("type: patient, patience: 1, wraps: {type: asha, et: 3}")),
              ElementsAre("S007 early_terminate.wraps.et"));
  EXPECT_THAT(codes(with("type: patient")), ElementsAre("S008 early_terminate.patience"));
}

TEST(EarlyTerminateTest, WhatCouldNotWorkIsRefused) {
  EXPECT_THAT(codes(with("type: threshold")), ElementsAre("S034 early_terminate"));
  EXPECT_THAT(codes(with("type: threshold, lower: 3, upper: 3")),
              ElementsAre("S034 early_terminate.lower"));
  EXPECT_THAT(codes(with("type: asha, min_resource: 9, max_resource: 9")),
              ElementsAre("S034 early_terminate.max_resource"));
}

TEST(EarlyTerminateTest, NumbersKeepToTheirRanges) {
  const auto refused = [](const std::string& keys) {
    const auto found = codes(with(keys, "max_steps: 50"));
    return found.empty() ? "" : found.at(0);
  };
  EXPECT_EQ(refused("type: asha, eta: 1"), "S013 early_terminate.eta");
  EXPECT_EQ(refused("type: asha, min_resource: 0"), "S013 early_terminate.min_resource");
  EXPECT_EQ(refused("type: asha, max_resource: 2.5"), "S009 early_terminate.max_resource");
  EXPECT_EQ(refused("type: percentile, percentile: 0"), "S013 early_terminate.percentile");
  EXPECT_EQ(refused("type: percentile, percentile: 100"), "S013 early_terminate.percentile");
  EXPECT_EQ(refused("type: predictive, confidence: 0"), "S013 early_terminate.confidence");
  EXPECT_EQ(refused("type: predictive, confidence: 1"), "S013 early_terminate.confidence");
  EXPECT_EQ(refused("type: predictive, min_trials: 3"), "S013 early_terminate.min_trials");
  EXPECT_EQ(refused("type: median, interval: 0"), "S013 early_terminate.interval");
  EXPECT_EQ(refused("type: median, warmup: -1"), "S013 early_terminate.warmup");
  EXPECT_EQ(refused("type: median, min_trials: 0"), "S013 early_terminate.min_trials");
  EXPECT_EQ(refused("type: median, min_trials: 5000000000"), "S013 early_terminate.min_trials");
  EXPECT_EQ(refused("type: threshold, upper: .nan"), "S013 early_terminate.upper");
  EXPECT_EQ(refused("type: patient, patience: 0"), "S013 early_terminate.patience");
  EXPECT_EQ(refused("type: patient, patience: 1, min_delta: -1"), "S013 early_terminate.min_delta");
}

TEST(EarlyTerminateTest, AKeyOfAnotherPrunerIsTranslated) {
  EXPECT_EQ(help_of("type: asha, min_iter: 3"), "asha counts steps: `min_resource`");
  EXPECT_EQ(help_of("type: asha, max_iter: 3"), "asha counts steps: `max_resource`");
  EXPECT_EQ(help_of("type: asha, grace_period: 3"), "asha counts steps: `min_resource`");
  EXPECT_EQ(help_of("type: asha, reduction_factor: 3"), "here it is called `eta`");
  EXPECT_EQ(help_of("type: hyperband, min_resource: 3, min_iter: 3"),
            "hyperband counts values of the goal metric: `min_iter`");
  EXPECT_EQ(help_of("type: median, n_startup_trials: 3"), "here it is called `min_trials`");
  EXPECT_EQ(help_of("type: median, percentile: 30"), "it belongs to `type:` `percentile`");
  EXPECT_EQ(help_of("type: asha, upper: 30"), "it belongs to `type:` `threshold`");
  EXPECT_EQ(help_of("type: median, warmpu: 30"), "did you mean `warmup`?");
}

TEST(EarlyTerminateTest, AnUnknownTypeIsOneFindingAndItsKeysAreNone) {
  const Parsed parsed = with("type: medain, warmup: 3, eta: 2, foo: 1");
  EXPECT_THAT(codes(parsed), ElementsAre("S010 early_terminate.type", "S007 early_terminate.foo"));
  EXPECT_EQ(parsed.diagnostics.at(0).help, "did you mean `median`?");
}

TEST(EarlyTerminateTest, AMissingTypeIsGuessedFromTheKeys) {
  EXPECT_THAT(codes(with("min_iter: 3")), ElementsAre("S008 early_terminate.type"));
  EXPECT_THAT(codes(with("min_resource: 3")), ElementsAre("S008 early_terminate.type"));
  EXPECT_THAT(codes(with("upper: 3")), ElementsAre("S008 early_terminate.type"));
}

}  // namespace
}  // namespace scopa::spec
