// Curves of millions of values: what stays in memory has a bound, and a restart changes nothing.
#include <gtest/gtest.h>

#include "broker/core/log_walk.h"
#include "broker/core/replay.h"
#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

constexpr char kLongCurveSweep[] = R"(
method: random
metric: {name: loss, goal: minimize, reduce: mean(3)}
parameters: {x: {min: 0, max: 1000000}}
)";
constexpr std::int64_t kAllKept = 1 << 20;
constexpr std::int64_t kMore = 5000;

/// The value at a step.
double value_at(std::int64_t step) { return 1e6 / static_cast<double>(step + 1); }

class LongCurveTest : public testing::Test {
 protected:
  void log(const wire::Assign& of, std::int64_t begin, std::int64_t end,
           std::int64_t resumed = -1) {
    std::uint64_t from = h.trial(of.sweep, of.trial).attempts.at(of.attempt - 1).points;
    for (std::int64_t step = begin; step < end;) {
      std::vector<double> values;
      for (const std::int64_t start = step; step < end && step < start + 4000; ++step) {
        values.push_back(value_at(step));
      }
      const std::uint64_t to = from + values.size();
      h.send(worker,
             wire::Report{of.sweep, of.trial, of.attempt, from, to,
                          block_of("loss", step - static_cast<std::int64_t>(values.size()), values),
                          resumed});
      from = to;
    }
  }
  void leave(const wire::Assign& of) {
    wire::Release release;
    release.sweep = of.sweep;
    release.trial = of.trial;
    release.attempt = of.attempt;
    release.to = h.trial(of.sweep, of.trial).attempts.at(of.attempt - 1).points;
    release.requeue = true;
    release.cause = static_cast<std::uint8_t>(Cause::kPreempted);
    h.send(worker, release);
  }
  wire::TrialInfo info() { return h.trial(sweep, 0); }
  std::vector<search::CurvePoint> model_curve() {
    search::History history;
    for (const ModelTask& task : h.model_log) {
      if (const auto* changed = std::get_if<ModelChanged>(&task)) history.apply(changed->change);
    }
    return history.trials().at(0).curve;
  }
  /// How many values of the trial are in memory when the log has been walked in its order.
  std::size_t values_in_memory() {
    SweepLog log(sweep);
    for (const Event& event : h.events) log.add(event);
    for (const PointsAppended& each : h.points) log.add(each);
    auto walk = LogWalk::begin(&log);
    EXPECT_TRUE(walk) << walk.status().to_string();
    while (walk->next_seq() != 0) EXPECT_TRUE(walk->step());
    const Trial& trial = *walk->sweep().find(0);
    std::size_t values = trial.curve.size();
    for (const Attempt& each : trial.attempts) values += each.own.size();
    return values;
  }

  CoreHarness h;
  ClientId worker = h.hello_worker("w1");
  SweepId sweep = h.create(kLongCurveSweep);
  wire::Assign first = h.ask(worker, sweep);
};

TEST_F(LongCurveTest, AllValuesCountAndOfTheLaterOnesFewStay) {
  log(first, 0, kAllKept + kMore);
  const std::int64_t last = kAllKept + kMore - 1;
  EXPECT_EQ(info().values, static_cast<std::uint64_t>(kAllKept + kMore));
  EXPECT_EQ(info().last_step, last);
  EXPECT_DOUBLE_EQ(info().value, (value_at(last - 2) + value_at(last - 1) + value_at(last)) / 3);
  EXPECT_DOUBLE_EQ(info().best, value_at(last));
  constexpr std::size_t kStay = kAllKept + kMore / 1024 + 1;
  EXPECT_LE(values_in_memory(), kStay + 3);
  EXPECT_EQ(model_curve().size(), kStay);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(LongCurveTest, TheModelIsToldTheSameAfterARestart) {
  log(first, 0, kAllKept + kMore);
  const auto before = model_curve();
  h.restart();
  h.model_log.clear();
  worker = h.hello_worker("w1");
  (void)h.ask(worker, sweep);  // opens the model
  EXPECT_EQ(model_curve(), before);
  log(first, kAllKept + kMore, kAllKept + 2 * kMore);
  const auto live = model_curve();
  EXPECT_EQ(live.size(), static_cast<std::size_t>(kAllKept + 2 * kMore / 1024 + 1));
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(LongCurveTest, WhoGoesOnFromALongCurveHasTheSameLiveAndAfterARestart) {
  log(first, 0, kAllKept + kMore);
  h.send(worker, wire::Checkpoint{sweep, 0, 1, kAllKept + kMore / 2, "/c"});
  leave(first);
  const wire::Assign second = h.ask(worker, sweep);
  ASSERT_EQ(second.attempt, 2u);
  log(second, second.resume_step + 1, second.resume_step + 11, second.resume_step);
  EXPECT_EQ(info().last_step, second.resume_step + 10);
  EXPECT_EQ(info().values, static_cast<std::uint64_t>(kAllKept + kMore / 2 / 1024 + 1 + 10))
      << "of those before it the ones that stay";
  EXPECT_EQ(h.difference_after_replay(sweep), "");
  const auto before = model_curve();
  h.restart();
  h.model_log.clear();
  worker = h.hello_worker("w1");
  (void)h.ask(worker, sweep);
  EXPECT_EQ(model_curve(), before);
}

}  // namespace
}  // namespace scopa::core
