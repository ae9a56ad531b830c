#include "broker/core/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "tests/unit/broker/core/bad_day.h"

namespace scopa::core {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string spec_of(const std::string& method, const std::string& early_terminate) {
  // The Gaussian process is replayed in ExplainTest, once, as it takes its time under a sanitizer.
  return "method: " + method + (method == "bayes" ? "\nbayes: {model: tpe}" : "") + R"(
metric: {name: loss, goal: minimize}
early_terminate: )" +
         early_terminate + R"(
run_cap: 60
seed: 7
initial: [{layers: 1, optimizer: adam}]
retries: 1
max_steps: 6
max_trial_time: 100s
parameters:
  lr: {distribution: log_uniform_values, min: 1.0e-5, max: 1.0}
  layers: {min: 1, max: 6}
  optimizer: {values: [sgd, adam]}
  momentum: {distribution: uniform, min: 0.0, max: 0.99, when: {optimizer: sgd}}
)";
}

constexpr char kHyperband[] = "{type: hyperband, min_iter: 2, eta: 2}";

Result<Replay::Outcome> replay_of(const CoreHarness& h, const SweepId& sweep) {
  Replay replay(sweep);
  // Backwards: the order in which a store hands them over is of no meaning.
  for (auto it = h.events.rbegin(); it != h.events.rend(); ++it) {
    if (it->sweep == sweep) replay.add(*it);
  }
  for (auto it = h.points.rbegin(); it != h.points.rend(); ++it) {
    if (it->attempt.sweep == sweep) replay.add(*it);
  }
  return replay.run();
}

Replay::Outcome replay_of(const BadDay& day) {
  auto outcome = replay_of(day.h, day.sweep);
  EXPECT_TRUE(outcome.is_ok()) << outcome.status().to_string();
  return outcome ? *outcome : Replay::Outcome{};
}

std::string all(const Replay::Outcome& outcome) {
  std::string text;
  for (const auto& each : outcome.mismatches) text += to_text(each) + "\n";
  return text;
}

struct ReplayCase {
  std::string method, early_terminate;
};

class ReplayTest : public testing::TestWithParam<ReplayCase> {};

TEST_P(ReplayTest, EverySuggestionAndStopOfABadDayIsFoundAgain) {
  std::uint64_t stops = 0;
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    BadDay day(seed, spec_of(GetParam().method, GetParam().early_terminate));
    day.with_nan = true;
    day.play(600);
    const auto outcome = replay_of(day);
    EXPECT_TRUE(outcome.agrees()) << all(outcome);
    EXPECT_GE(outcome.suggestions, 10u);
    EXPECT_EQ(outcome.stops, bodies<StopDecided>(&day.h.events).size());
    stops += outcome.stops;
  }
  EXPECT_GE(stops, 10u);
}

INSTANTIATE_TEST_SUITE_P(
    Pruners, ReplayTest,
    testing::Values(ReplayCase{"random", kHyperband},
                    ReplayCase{"bayes", "{type: asha, min_resource: 1, eta: 2}"},
                    ReplayCase{"random", "{type: median, min_trials: 2}"},
                    ReplayCase{"random", "{type: predictive, confidence: 0.2, min_trials: 4}"},
                    ReplayCase{"random", "{type: threshold, upper: 0.9}"},
                    ReplayCase{"bayes", "{type: hyperband, min_iter: 1, eta: 2, strict: false}"},
                    ReplayCase{"random", "{type: patient, patience: 2, wraps: {type: median}}"}),
    [](const auto& each) { return each.param.method + std::to_string(each.index); });

// Trials end, are enqueued, wait again, the file is edited, the broker comes and goes, and what was
// computed before that answers or does not: the log says upon what each suggestion rests.
TEST(ReplayAheadTest, EverySuggestionThatWasComputedAheadIsFoundAgain) {
  std::map<Computed, int> answered;
  for (const auto takes : {std::chrono::milliseconds(10), std::chrono::milliseconds(80)}) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      const std::string spec = spec_of("bayes", kHyperband);
      BadDay day(seed, spec);
      day.h.suggestion_takes = takes;
      for (int part = 0; part < 8; ++part) {
        day.play(75);
        day.h.ask_for<wire::Enqueued>(
            CoreHarness::kCli, wire::Enqueue{.request = 1,
                                             .token = "t" + std::to_string(part),
                                             .sweep = day.sweep,
                                             .params = {{"layers", std::int64_t{1 + part % 6}}}});
        day.h.ask_for<wire::Done>(
            CoreHarness::kCli,
            wire::Edit{.request = 1,
                       .sweep = day.sweep,
                       .file_name = "s.yaml",
                       .spec = spec + "grace: " + std::to_string(10 + part) + "s\n"});
        day.h.advance(limits::kAheadQuiet);
      }
      const auto outcome = replay_of(day);
      EXPECT_TRUE(outcome.agrees()) << all(outcome);
      EXPECT_GE(outcome.suggestions, 10u);
      for (const auto& [when, count] : day.h.computed) answered[when] += count;
    }
  }
  EXPECT_GE(answered[Computed::kWhenWanted], 20);
  EXPECT_GE(answered[Computed::kAhead], 20);
  EXPECT_GE(answered[Computed::kOvertaken], 20);
}

class ReplayFaultTest : public testing::Test {
 protected:
  ReplayFaultTest() : day(5, spec_of("bayes", kHyperband)) { day.play(600); }
  BadDay day;
};

TEST_F(ReplayFaultTest, AnAlteredSuggestionIsFound) {
  auto created = bodies<TrialCreated>(&day.h.events);
  created.at(2)->params[0].value = 0.123;
  const auto outcome = replay_of(day);
  ASSERT_GE(outcome.mismatches.size(), 1u);
  EXPECT_EQ(outcome.mismatches[0].what, Replay::What::kSuggestion);
  EXPECT_EQ(outcome.mismatches[0].trial, 2u);
}

TEST_F(ReplayFaultTest, ASuggestionFromWhatTheModelCouldNotHaveIsFound) {
  for (Event& event : day.h.events) {
    auto* created = std::get_if<TrialCreated>(&event.body);
    if (created != nullptr && created->trial == 5) created->snapshot = event.seq;
  }
  const auto outcome = replay_of(day);
  ASSERT_GE(outcome.mismatches.size(), 1u);
  EXPECT_THAT(outcome.mismatches[0].recomputed, testing::HasSubstr("could not have had"));
}

TEST_F(ReplayFaultTest, EachAlteredNumberOfAStopIsFound) {
  const auto stops = bodies<StopDecided>(&day.h.events);
  ASSERT_GE(stops.size(), 3u);
  StopDecided* stop = nullptr;
  for (StopDecided* each : stops) {
    if (each->reason == static_cast<std::uint8_t>(StopReason::kPruned)) stop = each;
  }
  ASSERT_NE(stop, nullptr);
  const auto finds = [&](const std::string& what) {
    SCOPED_TRACE(what);
    const auto outcome = replay_of(day);
    ASSERT_EQ(outcome.differ, 1u) << all(outcome);
    EXPECT_EQ(outcome.mismatches[0].what, Replay::What::kStop);
    EXPECT_EQ(outcome.mismatches[0].trial, stop->trial);
    EXPECT_NE(outcome.mismatches[0].recorded, outcome.mismatches[0].recomputed);
  };
  const StopDecided before = *stop;
  stop->threshold = std::nextafter(stop->threshold, 10);
  finds("threshold");
  *stop = before;
  stop->value += 0.25;
  finds("value");
  *stop = before;
  stop->rung *= 2;
  finds("rung");
  *stop = before;
  stop->message += "!";
  finds("message");
}

TEST_F(ReplayFaultTest, AStopThatWasNeverWrittenIsFound) {
  std::uint64_t trial = 0;
  for (auto it = day.h.events.begin(); it != day.h.events.end(); ++it) {
    if (const auto* stop = std::get_if<StopDecided>(&it->body)) {
      trial = stop->trial;
      day.h.events.erase(it);
      break;
    }
  }
  const auto outcome = replay_of(day);
  ASSERT_GE(outcome.differ, 1u);
  EXPECT_EQ(outcome.mismatches[0].trial, trial);
  EXPECT_EQ(outcome.mismatches[0].recorded, "");
  EXPECT_NE(outcome.mismatches[0].recomputed, "");
}

TEST_F(ReplayFaultTest, AStopThatNothingLeadsToIsFound) {
  std::vector<Event>& events = day.h.events;
  for (auto it = events.begin(); it != events.end(); ++it) {
    const auto* started = std::get_if<AttemptStarted>(&it->body);
    if (started == nullptr || started->trial != 3) continue;
    StopDecided stop;
    stop.trial = 3;
    stop.attempt = started->attempt;
    stop.reason = static_cast<std::uint8_t>(StopReason::kPruned);
    Event event{it->seq, it->at_us, day.sweep, stop};
    for (auto later = it + 1; later != events.end(); ++later) later->seq += 1;
    for (auto& report : day.h.points) report.seq += report.seq > event.seq ? 1 : 0;
    for (auto* created : bodies<TrialCreated>(&events)) {
      if (created->snapshot > event.seq) ++created->snapshot;
    }
    ++event.seq;
    events.insert(it + 1, event);
    break;
  }
  const auto outcome = replay_of(day);
  ASSERT_GE(outcome.differ, 1u);
  EXPECT_EQ(outcome.mismatches[0].what, Replay::What::kStop);
  EXPECT_EQ(outcome.mismatches[0].trial, 3u);
  EXPECT_EQ(outcome.mismatches[0].recomputed, "");
}

TEST_F(ReplayFaultTest, AnAlteredPointIsFoundByWhatItLeadsTo) {
  // The report after which the first trial was pruned said something else.
  for (const Event& event : day.h.events) {
    const auto* stop = std::get_if<StopDecided>(&event.body);
    if (stop == nullptr || stop->reason != static_cast<std::uint8_t>(StopReason::kPruned)) continue;
    for (auto& report : day.h.points) {
      if (report.attempt.trial == stop->trial && report.seq < event.seq) {
        report.block = block_of("loss", static_cast<std::int64_t>(report.from), {0.0});
      }
    }
    break;
  }
  EXPECT_FALSE(replay_of(day).agrees());
}

TEST_F(ReplayFaultTest, ALogThatDoesNotHoldTogetherIsRefused) {
  const auto refused = [&](std::vector<Event> events, std::vector<PointsAppended> points) {
    Replay replay(day.sweep);
    for (auto& event : events) replay.add(std::move(event));
    for (auto& report : points) replay.add(std::move(report));
    return replay.run().status().code();
  };
  const auto& events = day.h.events;
  const auto& points = day.h.points;
  EXPECT_EQ(refused({}, {}), Code::kCorruption);
  auto copy = events;
  copy.erase(copy.begin());
  EXPECT_EQ(refused(copy, points), Code::kCorruption) << "without its beginning";
  copy = events;
  copy.push_back(copy.back());
  EXPECT_EQ(refused(copy, points), Code::kCorruption) << "an entry twice";
  auto reports = points;
  reports.push_back(reports.back());
  EXPECT_EQ(refused(events, reports), Code::kCorruption) << "a report twice";
  reports = points;
  reports.back().seq = events.back().seq;
  EXPECT_EQ(refused(events, reports), Code::kCorruption) << "a number twice";
  reports = points;
  reports.front().attempt.trial = 12345;
  EXPECT_EQ(refused(events, reports), Code::kCorruption) << "points of no trial";
  reports = points;
  reports.front().block = "nonsense";
  EXPECT_EQ(refused(events, reports), Code::kCorruption) << "points that are none";
  copy = events;
  bodies<AttemptStarted>(&copy).front()->trial = 9999;
  EXPECT_EQ(refused(copy, points), Code::kCorruption) << "an attempt of no trial";
  copy = events;
  bodies<TrialCreated>(&copy).at(1)->trial = 7;
  EXPECT_EQ(refused(copy, points), Code::kCorruption) << "a trial out of its turn";
}

// ---- ends and limits ----------------------------------------------------------------------------

constexpr char kLimited[] = R"(
method: random
metric: {name: loss, goal: minimize, target: 0.5}
max_trial_time: 100s
budget: {wall_time: 10m}
parameters: {lr: {min: 0.0, max: 1.0}}
)";

TEST(ReplayLimitsTest, ATargetThatWasReachedEndsTheSweep) {
  CoreHarness h;
  h.use_sampler = true;
  const SweepId sweep = h.create(kLimited);
  const ClientId worker = h.hello_worker("w");
  const auto trial = h.ask(worker, sweep);
  h.report(worker, trial, 0, {0.7, 0.4});
  h.release(worker, trial, 2);
  auto outcome = replay_of(h, sweep);
  ASSERT_TRUE(outcome.is_ok()) << outcome.status().to_string();
  EXPECT_TRUE(outcome->agrees()) << all(*outcome);
  EXPECT_EQ(outcome->ends, 2u) << "stopping, finished";

  for (auto* changed : bodies<SweepStateChanged>(&h.events)) changed->reason = "target 0.6";
  outcome = replay_of(h, sweep);
  ASSERT_TRUE(outcome.is_ok());
  EXPECT_EQ(outcome->differ, 1u) << all(*outcome);
  EXPECT_EQ(outcome->mismatches[0].what, Replay::What::kEnd);

  std::erase_if(h.events, [](const Event& event) {
    return std::holds_alternative<SweepStateChanged>(event.body);
  });
  outcome = replay_of(h, sweep);
  ASSERT_TRUE(outcome.is_ok());
  ASSERT_EQ(outcome->differ, 1u) << all(*outcome);
  EXPECT_EQ(outcome->mismatches[0].recorded, "");
  EXPECT_EQ(outcome->mismatches[0].recomputed, "target 0.5 reached by trial 0: 0.4");
}

TEST(ReplayLimitsTest, AStopForTimeMustNotComeEarly) {
  CoreHarness h;
  h.use_sampler = true;
  const SweepId sweep = h.create(kLimited);
  const ClientId worker = h.hello_worker("w");
  const auto trial = h.ask(worker, sweep);
  for (int i = 0; i < 11; ++i) {
    h.advance(std::chrono::seconds(10));
    h.report(worker, trial, static_cast<std::uint64_t>(i), {0.9});
  }
  ASSERT_EQ(bodies<StopDecided>(&h.events).size(), 1u);
  auto outcome = replay_of(h, sweep);
  ASSERT_TRUE(outcome.is_ok());
  EXPECT_TRUE(outcome->agrees()) << all(*outcome);
  EXPECT_EQ(outcome->stops, 1u);

  for (Event& event : h.events) {
    if (std::holds_alternative<StopDecided>(event.body)) event.at_us -= 20'000'000;
  }
  outcome = replay_of(h, sweep);
  ASSERT_TRUE(outcome.is_ok());
  EXPECT_EQ(outcome->differ, 1u) << all(*outcome);
}

TEST(ReplayLimitsTest, BudgetAndCancelAreChecked) {
  for (const bool cancelled : {false, true}) {
    CoreHarness h;
    h.use_sampler = true;
    const SweepId sweep = h.create(kLimited);
    const ClientId worker = h.hello_worker("w");
    for (int i = 0; i < 9; ++i) {
      const auto trial = h.ask(worker, sweep);
      if (trial.sweep.empty()) break;
      for (std::uint64_t k = 0; k < 8; ++k) {
        h.advance(std::chrono::seconds(10));
        h.report(worker, trial, k, {0.9});
      }
      if (cancelled && i == 2) {
        h.send(CoreHarness::kCli,
               wire::Control{1, sweep, static_cast<std::uint8_t>(wire::Action::kCancel)});
      }
      h.release(worker, trial, 8);
    }
    const auto stops = bodies<StopDecided>(&h.events);
    ASSERT_EQ(stops.size(), 1u);
    auto outcome = replay_of(h, sweep);
    ASSERT_TRUE(outcome.is_ok());
    EXPECT_TRUE(outcome->agrees()) << all(*outcome);
    stops[0]->message = "for fun";
    outcome = replay_of(h, sweep);
    EXPECT_EQ(outcome->differ, 1u) << all(*outcome);
    stops[0]->reason =
        static_cast<std::uint8_t>(cancelled ? StopReason::kBudget : StopReason::kCancelled);
    outcome = replay_of(h, sweep);
    EXPECT_EQ(outcome->differ, 1u) << all(*outcome);
  }
}

TEST(ReplayLimitsTest, ProgressIsTold) {
  BadDay day(2, spec_of("random", kHyperband));
  day.play(900);
  Replay replay(day.sweep);
  for (const Event& event : day.h.events) replay.add(event);
  for (const auto& report : day.h.points) replay.add(report);
  std::vector<std::size_t> told;
  const std::size_t entries = day.h.events.size() + day.h.points.size();
  ASSERT_TRUE(replay
                  .run([&](std::size_t done, std::size_t size) {
                    EXPECT_EQ(size, entries);
                    told.push_back(done);
                  })
                  .is_ok());
  EXPECT_FALSE(told.empty());
  EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
}

}  // namespace
}  // namespace scopa::core
