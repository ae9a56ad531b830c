#include "broker/core/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "tests/unit/broker/core/bad_day.h"

namespace scopa::core {
namespace {

std::string explained_spec(const std::string& method, const std::string& early_terminate) {
  return "method: " + method + R"(
metric: {name: loss, goal: minimize}
early_terminate: )" +
         early_terminate + R"(
run_cap: 60
seed: 7
initial: [{layers: 1, optimizer: adam}, {layers: 2}]
retries: 1
replicates: 2
max_steps: 6
max_trial_time: 100s
parameters:
  lr: {distribution: log_uniform_values, min: 1.0e-5, max: 1.0}
  layers: {min: 1, max: 6}
  optimizer: {values: [sgd, adam]}
  momentum: {distribution: uniform, min: 0.0, max: 0.99, when: {optimizer: sgd}}
)";
}

constexpr char kGrid[] = R"(
method: grid
metric: {name: loss, goal: minimize}
early_terminate: {type: median, min_trials: 2}
parameters: {a: {values: [1, 2, 3, 4, 5]}, b: {values: [x, y, z]}}
)";
constexpr char kExplainedHyperband[] = "{type: hyperband, min_iter: 2, eta: 2}";

Explain explain_of(const BadDay& day) {
  Explain explain(day.sweep);
  for (auto it = day.h.events.rbegin(); it != day.h.events.rend(); ++it) explain.add(*it);
  for (auto it = day.h.points.rbegin(); it != day.h.points.rend(); ++it) explain.add(*it);
  return explain;
}

Result<Replay::Outcome> replay_outcome(const BadDay& day) {
  Replay replay(day.sweep);
  for (const Event& event : day.h.events) replay.add(event);
  for (const PointsAppended& report : day.h.points) replay.add(report);
  return replay.run();
}

struct ExplainCase {
  std::string name, yaml;
};

class ExplainTest : public testing::TestWithParam<ExplainCase> {};

TEST_P(ExplainTest, EveryTrialOfABadDayIsExplainedAndEqual) {
  std::size_t stops = 0;
  std::size_t models = 0;
  for (std::uint64_t seed = 1; seed <= 2; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    BadDay day(seed, GetParam().yaml);
    day.with_nan = true;
    day.play(500);
    Explain explain = explain_of(day);
    const auto created = bodies<TrialCreated>(&day.h.events);
    const auto stopped = bodies<StopDecided>(&day.h.events);
    for (const TrialCreated* trial : created) {
      SCOPED_TRACE("trial " + std::to_string(trial->trial));
      const auto told = explain.run(trial->trial);
      ASSERT_TRUE(told.is_ok()) << told.status().to_string();
      EXPECT_TRUE(told->agrees()) << to_text(told->mismatches.front());
      EXPECT_EQ(told->trial.params, trial->params);
      EXPECT_EQ(told->origin, static_cast<Origin>(trial->origin));
      EXPECT_EQ(told->why.has_value(), told->origin == Origin::kSampler);
      EXPECT_EQ(told->checked.empty(), told->origin == Origin::kEnqueued && told->stops.empty());
      if (told->why) {
        EXPECT_EQ(told->why->number, trial->suggestion);
        models += told->why->how == search::Why::How::kModel ? 1 : 0;
      }
      const auto own = std::count_if(stopped.begin(), stopped.end(), [&](const StopDecided* stop) {
        return stop->trial == trial->trial;
      });
      ASSERT_EQ(told->stops.size(), static_cast<std::size_t>(own));
      for (const Explanation::Stop& stop : told->stops) {
        ++stops;
        EXPECT_TRUE(stop.equal);
        EXPECT_FALSE(stop.rule.empty());
        if (static_cast<StopReason>(stop.recorded.reason) == StopReason::kTimeLimit) {
          EXPECT_GE(stop.used_us, stop.limit_us);
          EXPECT_EQ(stop.limit_us, 100'000'000);
        }
      }
    }
  }
  EXPECT_GE(stops, 4u);
  EXPECT_EQ(models > 0, GetParam().yaml.find("bayes") != std::string::npos);
}

constexpr char kTpe[] = "bayes: {model: tpe}\n";

INSTANTIATE_TEST_SUITE_P(
    Rules, ExplainTest,
    testing::Values(
        ExplainCase{"RandomHyperband", explained_spec("random", kExplainedHyperband)},
        ExplainCase{"BayesAsha",
                    explained_spec("bayes", "{type: asha, min_resource: 1, eta: 2}") + kTpe},
        ExplainCase{"GpMedian", explained_spec("bayes", "{type: median, min_trials: 2}") +
                                    "bayes: {model: gp}\n"},
        ExplainCase{"RandomMedian", explained_spec("random", "{type: median, min_trials: 2}")},
        ExplainCase{
            "BayesPercentile",
            explained_spec("bayes", "{type: percentile, percentile: 30, min_trials: 2}") + kTpe},
        ExplainCase{"RandomThreshold", explained_spec("random", "{type: threshold, upper: 0.9}")},
        ExplainCase{
            "BayesRelaxedHyperband",
            explained_spec("bayes", "{type: hyperband, min_iter: 1, eta: 2, strict: false}") +
                kTpe},
        ExplainCase{
            "RandomPatient",
            explained_spec("random", "{type: patient, patience: 2, wraps: {type: median}}")},
        ExplainCase{"GridMedian", kGrid}),
    [](const auto& each) { return each.param.name; });

TEST(ExplanationTest, NamesTheRungTheThresholdAndTheOthers) {
  BadDay day(5, explained_spec("random", kExplainedHyperband));
  day.play(600);
  const StopDecided* stop = nullptr;
  for (const StopDecided* each : bodies<StopDecided>(&day.h.events)) {
    if (static_cast<StopReason>(each->reason) == StopReason::kPruned) stop = each;
  }
  ASSERT_NE(stop, nullptr);
  const auto told = explain_of(day).run(stop->trial);
  ASSERT_TRUE(told.is_ok());
  const auto it = std::find_if(told->stops.begin(), told->stops.end(), [&](const auto& each) {
    return each.recorded.attempt == stop->attempt;
  });
  ASSERT_NE(it, told->stops.end());
  EXPECT_EQ(it->grounds.pruner, "hyperband");
  EXPECT_EQ(it->grounds.unit, "value");
  EXPECT_EQ(it->recorded.rung, stop->rung);
  bool is_there = false;
  bool has_threshold = false;
  for (const auto& place : it->grounds.ranking) {
    is_there |= raw(place.trial) == stop->trial && place.value == stop->value && !place.goes_on;
    has_threshold |= place.value == stop->threshold && place.goes_on;
  }
  EXPECT_TRUE(is_there);
  EXPECT_TRUE(has_threshold);
}

TEST(ExplanationTest, TellsTheBudgetThatWasUsedUpAndWhoCancelled) {
  for (const bool cancelled : {false, true}) {
    CoreHarness h;
    h.use_sampler = true;
    const SweepId sweep = h.create(R"(
method: random
metric: {name: loss, goal: minimize}
budget: {wall_time: 5m}
parameters: {lr: {min: 0.0, max: 1.0}}
)");
    const ClientId worker = h.hello_worker("w");
    const auto trial = h.ask(worker, sweep);
    for (std::uint64_t k = 0; k < 40; ++k) {
      h.advance(std::chrono::seconds(10));
      h.report(worker, trial, k, {0.9});
      if (!cancelled || k != 3) continue;
      h.send(CoreHarness::kCli,
             wire::Control{1, sweep, static_cast<std::uint8_t>(wire::Action::kCancel)});
    }
    Explain explain(sweep);
    for (const Event& event : h.events) explain.add(event);
    for (const PointsAppended& report : h.points) explain.add(report);
    const auto told = explain.run(trial.trial);
    ASSERT_TRUE(told.is_ok()) << told.status().to_string();
    EXPECT_TRUE(told->agrees());
    ASSERT_EQ(told->stops.size(), 1u);
    const Explanation::Stop& stop = told->stops[0];
    EXPECT_TRUE(stop.equal);
    EXPECT_EQ(stop.limit_us, cancelled ? 0 : 300'000'000);
    EXPECT_GE(stop.used_us, stop.limit_us);
    EXPECT_THAT(stop.rule, testing::HasSubstr(cancelled ? "cancelled" : "budget"));
  }
}

TEST(ExplanationTest, OfATrialThatIsNotThereSaysHowManyThereAre) {
  BadDay day(5, kGrid);
  day.play(60);
  const auto told = explain_of(day).run(12345);
  EXPECT_EQ(told.status().code(), Code::kNotFound);
  EXPECT_THAT(told.status().help(), testing::HasSubstr("numbered from 0"));
}

// ---- logs that somebody has altered -------------------------------------------------------------

class TamperedTest : public testing::Test {
 protected:
  TamperedTest() : day(5, explained_spec("bayes", kExplainedHyperband) + kTpe) { day.play(600); }
  std::vector<Replay::Mismatch> explained(std::uint64_t trial) {
    const auto told = explain_of(day).run(trial);
    EXPECT_TRUE(told.is_ok()) << told.status().to_string();
    return told ? told->mismatches : std::vector<Replay::Mismatch>{};
  }
  BadDay day;
};

TEST_F(TamperedTest, AnAlteredParameterIsFoundWhateverProposedIt) {
  std::set<Origin> origins;
  for (TrialCreated* created : bodies<TrialCreated>(&day.h.events)) {
    const auto origin = static_cast<Origin>(created->origin);
    if (origin == Origin::kEnqueued || !origins.insert(origin).second) continue;
    const Value before = created->params[0].value;
    created->params[0].value = 0.123;
    EXPECT_EQ(explained(created->trial).size(), 1u) << "origin " << int{created->origin};
    created->params[0].value = before;
    EXPECT_TRUE(explained(created->trial).empty());
  }
  EXPECT_EQ(origins.size(), 3u);
}

TEST_F(TamperedTest, AnAlteredThresholdIsFound) {
  StopDecided* stop = nullptr;
  for (StopDecided* each : bodies<StopDecided>(&day.h.events)) {
    if (static_cast<StopReason>(each->reason) == StopReason::kPruned) stop = each;
  }
  ASSERT_NE(stop, nullptr);
  stop->threshold = std::nextafter(stop->threshold, 10);
  const auto mismatches = explained(stop->trial);
  ASSERT_EQ(mismatches.size(), 1u);
  EXPECT_EQ(mismatches[0].what, Replay::What::kStop);
}

TEST_F(TamperedTest, AnAlteredPointChangesWhatTheModelLearned) {
  std::size_t suggestions = 0;
  for (std::size_t i = 0; i < day.h.points.size(); i += 10) {
    PointsAppended& report = day.h.points[i];
    const std::string before = std::exchange(
        report.block, block_of("loss", static_cast<std::int64_t>(report.from), {-50.0}));
    const auto outcome = replay_outcome(day);
    ASSERT_TRUE(outcome.is_ok()) << outcome.status().to_string();
    if (!outcome->agrees()) {
      const auto& found = outcome->mismatches.back();
      EXPECT_FALSE(explained(found.trial).empty()) << to_text(found);
      suggestions += found.what == Replay::What::kSuggestion ? 1 : 0;
    }
    report.block = before;
  }
  EXPECT_GE(suggestions, 5u);
}

// Whatever is left out of the log of a sweep that has ended is noticed, or was of no consequence.
TEST_F(TamperedTest, ADroppedEntryIsNoticed) {
  BadDay ended(3, explained_spec("random", kExplainedHyperband));
  ended.play(900);
  std::size_t dropped = 0;
  for (std::size_t i = 1; i < ended.h.events.size(); ++i) {
    const Event event = ended.h.events[i];
    const auto* stop = std::get_if<StopDecided>(&event.body);
    // Whether a limit in time was noticed is not checked, only that it was not too early.
    const bool by_a_clock =
        stop != nullptr && static_cast<StopReason>(stop->reason) == StopReason::kTimeLimit;
    const bool must_be_noticed = std::holds_alternative<TrialCreated>(event.body) ||
                                 std::holds_alternative<AttemptStarted>(event.body) ||
                                 (stop != nullptr && !by_a_clock);
    if (!must_be_noticed) continue;
    const auto at = static_cast<std::ptrdiff_t>(i);
    ended.h.events.erase(ended.h.events.begin() + at);
    const auto outcome = replay_outcome(ended);
    EXPECT_TRUE(!outcome || !outcome->agrees()) << encode_event(event) << " entry " << event.seq;
    ended.h.events.insert(ended.h.events.begin() + at, event);
    ++dropped;
  }
  EXPECT_GE(dropped, 60u);
}

TEST_F(TamperedTest, ADroppedReportIsNoticed) {
  std::size_t noticed = 0;
  const std::size_t reports = day.h.points.size();
  for (std::size_t i = 0; i < reports; i += 7) {
    const PointsAppended report = day.h.points[i];
    const auto at = static_cast<std::ptrdiff_t>(i);
    day.h.points.erase(day.h.points.begin() + at);
    const auto told = explain_of(day).run(report.attempt.trial);
    if (!told) {
      EXPECT_EQ(told.status().code(), Code::kCorruption);
      ++noticed;
    }
    day.h.points.insert(day.h.points.begin() + at, report);
  }
  // All but the last one of an attempt that still runs.
  EXPECT_GE(noticed + 8, (reports + 6) / 7);
}

TEST_F(TamperedTest, TimesBeyondReasonAreRefused) {
  for (const std::int64_t at : {INT64_MIN, std::int64_t{-1}, INT64_MAX}) {
    const std::int64_t before = day.h.events[5].at_us;
    day.h.events[5].at_us = at;
    EXPECT_EQ(explain_of(day).run(0).status().code(), Code::kCorruption);
    day.h.events[5].at_us = before;
  }
}

}  // namespace
}  // namespace scopa::core
