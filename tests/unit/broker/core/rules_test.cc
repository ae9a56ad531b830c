// tests: broker/core/checker.h, Core::State::use_present_rules
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "broker/core/explain.h"
#include "broker/core/replay.h"
#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

constexpr char kSpec[] =
    "method: random\nmetric: {name: loss, goal: minimize}\nrun_cap: 4\nmax_steps: 100\n"
    "parameters: {x: {min: 0, max: 1000000}}\n";

/// A sweep that a build with other rules has begun: its suggestions are none of this one's.
class RulesTest : public testing::Test {
 protected:
  RulesTest() {
    sweep = h.create(kSpec);
    run_one();
    run_one();
    auto* created = std::get_if<SweepCreated>(&h.events.front().body);
    created->rules = 1;
    h.restart();
    h.use_sampler = true;
    worker = h.hello_worker("w2");
  }
  void run_one() {
    const wire::Assign trial = h.ask(worker, sweep);
    h.report(worker, trial, 0, {0.5, 0.4});
    h.release(worker, trial, 2);
  }
  template <class T>
  T with_log() {
    T reader(sweep);
    for (const Event& event : h.events) reader.add(event);
    for (const PointsAppended& report : h.points) reader.add(report);
    return reader;
  }

  CoreHarness h;
  SweepId sweep;
  ClientId worker = h.hello_worker("w1");
};

TEST_F(RulesTest, TheFirstEntryOfAnotherBuildSaysByWhichRulesItDecides) {
  EXPECT_EQ(h.info(sweep).rules, 1u);
  const std::size_t before = h.events.size();
  run_one();
  EXPECT_EQ(h.info(sweep).rules, kRules);
  ASSERT_GT(h.events.size(), before);
  ASSERT_TRUE(std::holds_alternative<RulesChanged>(h.events[before].body));
  const auto changes = std::count_if(h.events.begin(), h.events.end(), [](const Event& event) {
    return std::holds_alternative<RulesChanged>(event.body);
  });
  EXPECT_EQ(changes, 1) << "once, not at each decision";
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(RulesTest, TheRulesChangeBeforeThePointsThatLeadToAStop) {
  CoreHarness other;
  const SweepId id = other.create(kSpec);
  const ClientId client = other.hello_worker("w1");
  const wire::Assign trial = other.ask(client, id);
  other.report(client, trial, 0, {0.5});
  std::get<SweepCreated>(other.events.front().body).rules = 1;
  other.restart();
  const ClientId again = other.hello_worker("w1");
  other.report(again, trial, 1, {NAN});
  const auto changed = std::find_if(
      other.events.begin(), other.events.end(),
      [](const Event& event) { return std::holds_alternative<RulesChanged>(event.body); });
  ASSERT_NE(changed, other.events.end());
  EXPECT_LT(changed->seq, other.points.back().seq);
  Replay replay(id);
  for (const Event& event : other.events) replay.add(event);
  for (const PointsAppended& report : other.points) replay.add(report);
  const auto outcome = replay.run();
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->agrees());
  EXPECT_EQ(outcome->stops, 1u);
  EXPECT_EQ(outcome->not_recomputed, 1u) << "the suggestion";
}

TEST_F(RulesTest, WhatOtherRulesDecidedIsCountedAndNotCompared) {
  run_one();
  const auto outcome = with_log<Replay>().run();
  ASSERT_TRUE(outcome) << outcome.status().to_string();
  EXPECT_TRUE(outcome->agrees());
  EXPECT_EQ(outcome->not_recomputed, 2u);
  EXPECT_EQ(outcome->other_rules, 1u);
  EXPECT_EQ(outcome->suggestions, 1u);
}

TEST_F(RulesTest, ExplainSaysOfAnOldTrialThatItIsNotRecomputed) {
  run_one();
  const auto old = with_log<Explain>().run(1);
  ASSERT_TRUE(old);
  EXPECT_TRUE(old->agrees());
  EXPECT_EQ(old->not_recomputed, 1u);
  EXPECT_FALSE(old->why.has_value());
  const auto fresh = with_log<Explain>().run(2);
  ASSERT_TRUE(fresh);
  EXPECT_EQ(fresh->not_recomputed, 0u);
  EXPECT_TRUE(fresh->why.has_value());
}

}  // namespace
}  // namespace scopa::core
