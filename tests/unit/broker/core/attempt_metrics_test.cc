// What is told of every metric of a trial, whatever its attempts went through.
#include "broker/core/attempt_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "sdk/wire/codec.h"
#include "sdk/wire/points.h"
#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

constexpr char kSweep[] = R"(
method: random
metric: {name: loss, goal: minimize}
parameters: {x: {min: 0, max: 1000000}}
max_steps: 20
)";

class AttemptMetricsTest : public testing::Test {
 protected:
  struct Logged {
    std::string metric;
    std::int64_t step = 0;
    double value = 0;
  };
  void log(const wire::Assign& of, const std::vector<Logged>& points, std::int64_t resumed = -1) {
    PointBlock block;
    for (const Logged& point : points) {
      auto name = std::find(block.metrics.begin(), block.metrics.end(), point.metric);
      if (name == block.metrics.end()) name = block.metrics.insert(name, point.metric);
      block.metric.push_back(static_cast<std::uint16_t>(name - block.metrics.begin()));
      block.step.push_back(point.step);
      block.value.push_back(point.value);
      block.time_us.push_back(1);
    }
    wire::Report report{of.sweep, of.trial, of.attempt, at(of), at(of) + points.size(),
                        {},       resumed};
    wire::encode_points(block, &report.points);
    h.send(worker, std::move(report));
  }
  std::uint64_t at(const wire::Assign& of) {
    return h.trial(of.sweep, of.trial).attempts.at(of.attempt - 1).points;
  }
  void save(const wire::Assign& of, std::int64_t step) {
    h.send(worker, wire::Checkpoint{of.sweep, of.trial, of.attempt, step, "/c"});
  }
  void leave(const wire::Assign& of) {
    wire::Release release;
    release.sweep = of.sweep;
    release.trial = of.trial;
    release.attempt = of.attempt;
    release.to = at(of);
    release.requeue = true;
    release.cause = static_cast<std::uint8_t>(Cause::kPreempted);
    release.exit_code = 1;
    h.send(worker, release);
  }
  wire::Assign next() { return h.ask(worker, sweep); }
  std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const auto& m : h.trial(sweep, 0).metrics) all.push_back(m.name);
    return all;
  }
  wire::MetricInfo metric(const std::string& name) {
    for (const auto& m : h.trial(sweep, 0).metrics) {
      if (m.name == name) return m;
    }
    return {};
  }

  CoreHarness h;
  ClientId worker = h.hello_worker("w1");
  SweepId sweep = h.create(kSweep);
  wire::Assign first = next();
};

TEST_F(AttemptMetricsTest, LastLeastAndGreatestOfEveryMetricAreTold) {
  EXPECT_THAT(names(), IsEmpty());
  log(first, {{"mb", 1, 5}, {"loss", 1, 0.5}, {"mb", 2, 3}, {"mb", 3, 4}});
  log(first, {{"loss", 2, 0.75}, {"mb", 4, 5}});
  EXPECT_THAT(names(), ElementsAre("loss", "mb"));
  EXPECT_EQ(metric("mb"), (wire::MetricInfo{"mb", 5, 4, 3, 5, 2, 1, 4}));
  EXPECT_EQ(metric("loss"), (wire::MetricInfo{"loss", 0.75, 2, 0.5, 0.75, 1, 2, 2}));
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(AttemptMetricsTest, WhatIsNoNumberIsTheLastValueAndNeverTheBest) {
  log(first, {{"aux", 1, 2}, {"aux", 2, kNan}, {"loss", 1, 1}, {"odd", 1, kNan}});
  EXPECT_TRUE(std::isnan(metric("aux").last));
  EXPECT_EQ(metric("aux").max, 2);
  EXPECT_EQ(metric("aux").values, 1u);
  EXPECT_EQ(metric("odd").values, 0u);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(AttemptMetricsTest, OfTheGoalNothingCountsBehindMaxStepsOfOthersAll) {
  log(first, {{"loss", 20, 0.5}, {"loss", 21, 0.1}, {"test", 21, 0.9}});
  EXPECT_EQ(metric("loss"), (wire::MetricInfo{"loss", 0.5, 20, 0.5, 0.5, 20, 20, 1}));
  EXPECT_EQ(metric("test").last, 0.9);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(AttemptMetricsTest, AnAttemptThatGoesOnHasWhatCameBeforeUpToTheCheckpoint) {
  log(first, {{"loss", 1, 9}, {"mb", 1, 4}, {"loss", 2, 8}, {"mb", 2, 6}});
  log(first, {{"loss", 3, 1}, {"mb", 3, 99}, {"lost", 3, 1}});  // on the way, as is the word of 2
  save(first, 2);
  log(first, {{"loss", 4, 2}, {"mb", 4, 1}});
  leave(first);
  EXPECT_EQ(metric("mb").last, 1) << "of what it logged, until somebody goes on";
  const wire::Assign second = next();
  EXPECT_THAT(names(), IsEmpty()) << "nobody knows yet whether it goes on";
  log(second, {{"loss", 3, 7}, {"mb", 3, 5}}, 2);
  EXPECT_EQ(metric("loss"), (wire::MetricInfo{"loss", 7, 3, 7, 9, 3, 1, 3}));
  EXPECT_EQ(metric("mb"), (wire::MetricInfo{"mb", 5, 3, 4, 6, 1, 2, 3}));
  EXPECT_THAT(names(), ElementsAre("loss", "mb"));
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(AttemptMetricsTest, AChainOfAttemptsIsSummedAlsoAcrossARestart) {
  log(first, {{"mb", 1, 4}, {"loss", 1, 9}, {"mb", 2, 6}});
  save(first, 1);
  leave(first);
  const wire::Assign second = next();
  log(second, {{"mb", 2, 5}, {"loss", 2, 8}, {"mb", 3, 0}}, 1);
  save(second, 2);
  h.restart();
  worker = h.hello_worker("w1");
  h.send(worker, wire::Heartbeat{.request = 1, .running = {{sweep, 0, 2}}});
  log(second, {{"mb", 4, -1}});
  save(second, 3);
  leave(second);
  const wire::Assign third = next();
  log(third, {{"mb", 4, 7}, {"loss", 4, 3}}, 3);
  EXPECT_EQ(metric("mb"), (wire::MetricInfo{"mb", 7, 4, 0, 7, 3, 4, 4}));
  EXPECT_EQ(metric("loss"), (wire::MetricInfo{"loss", 3, 4, 3, 9, 4, 1, 3}));
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(AttemptMetricsTest, WhoStartsFromNothingInheritsNothing) {
  log(first, {{"mb", 1, 4}, {"loss", 1, 9}});
  save(first, 1);
  leave(first);
  log(next(), {{"loss", 0, 5}});
  EXPECT_THAT(names(), ElementsAre("loss"));
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(AttemptMetricsTest, TheGoalHasAPlaceHoweverManyOthersThereAre) {
  std::vector<Logged> many;
  for (std::size_t i = 0; i < limits::kTrialMetricsMax + 20; ++i) {
    many.push_back({"m" + std::to_string(1000 + i), 1, 1});
  }
  log(first, many);
  log(first, {{"loss", 1, 0.5}, {"m1000", 2, 3}});
  EXPECT_EQ(names().size(), limits::kTrialMetricsMax + 1);
  EXPECT_EQ(metric("loss").last, 0.5);
  EXPECT_EQ(metric("m1000").last, 3);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(AttemptMetricsTest, PagesOfTrialsEndEarlierWhereTheyLoggedMuch) {
  constexpr std::uint64_t kTrials = 120;
  std::vector<Logged> many;
  for (std::size_t i = 0; i < limits::kTrialMetricsMax; ++i) {
    many.push_back({std::string(limits::kNameBytesMax - 4, 'm') + std::to_string(1000 + i), 1, 1});
  }
  log(first, many);
  for (std::uint64_t i = 1; i < kTrials; ++i) log(next(), many);
  std::uint64_t seen = 0;
  std::uint64_t pages = 0;
  while (seen < kTrials) {
    const auto page = h.ask_for<wire::Trials>(
        CoreHarness::kCli, wire::ListTrials{.request = 1, .sweep = sweep, .offset = seen});
    ASSERT_FALSE(page.trials.empty());
    for (const auto& trial : page.trials) {
      EXPECT_EQ(trial.metrics.size(), limits::kTrialMetricsMax);
    }
    EXPECT_LT(wire::encode(page).size(), limits::kFrameBytesMax);
    seen += page.trials.size();
    ++pages;
  }
  EXPECT_GT(pages, 1u);
}

TEST(AttemptMetricsBoundTest, WhatIsHeldForACheckpointHasABound) {
  AttemptMetrics metrics;
  AttemptMetrics::Rules rules;
  rules.keeps_beyond = true;
  const auto count = static_cast<std::int64_t>(limits::kPointsBeyondMax);
  for (std::int64_t step = 1; step <= 3 * count; ++step) {
    metrics.add({0, step, static_cast<double>(step)}, rules);
  }
  metrics.saved(3 * count - 5);
  ASSERT_EQ(metrics.up_to_checkpoint().size(), 1u);
  EXPECT_EQ(metrics.up_to_checkpoint()[0].last, static_cast<double>(3 * count - 5));
  EXPECT_EQ(metrics.up_to_checkpoint()[0].values, static_cast<std::uint64_t>(3 * count - 5));
  EXPECT_EQ(metrics.all()[0].values, static_cast<std::uint64_t>(3 * count));
}

constexpr char kBands[] = R"(
method: random
metric: {name: loss, goal: minimize}
parameters: {x: {min: 0, max: 1000000}}
early_terminate: {type: hyperband, min_iter: 3}
)";

TEST(SweepRungsTest, RungsAreThoseThatATrialCanReach) {
  CoreHarness h;
  const SweepId bounded = h.create(std::string(kBands) + "max_steps: 30\n", "a");
  EXPECT_THAT(h.info(bounded).rungs, testing::Each(testing::Le(30u)));
  EXPECT_THAT(h.info(bounded).rungs, testing::Contains(9u));
  const SweepId open = h.create(kBands, "b");
  EXPECT_THAT(h.info(open).rungs, ElementsAre(3));
  const ClientId worker = h.hello_worker("w1");
  const wire::Assign trial = h.ask(worker, open);
  h.report(worker, trial, 0, std::vector<double>(10, 0.5));
  EXPECT_THAT(h.info(open).rungs, ElementsAre(3, 9, 27));
}

}  // namespace
}  // namespace scopa::core
