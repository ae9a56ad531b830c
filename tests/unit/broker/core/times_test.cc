// How long trials have run, and how many points their trainers could not write.
#include <gtest/gtest.h>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

using namespace std::chrono_literals;

constexpr char kTimedSweep[] = R"(
method: random
metric: {name: loss, goal: minimize}
parameters: {x: {min: 0, max: 1000000}}
)";

std::int64_t us(std::chrono::microseconds time) { return time.count(); }

class TimesTest : public testing::Test {
 protected:
  void leave(const wire::Assign& of, bool requeue, std::uint64_t dropped = 0,
             std::int64_t resumed = -1) {
    wire::Release release;
    release.sweep = of.sweep;
    release.trial = of.trial;
    release.attempt = of.attempt;
    release.to = h.trial(of.sweep, of.trial).attempts.at(of.attempt - 1).points;
    release.requeue = requeue;
    release.cause = static_cast<std::uint8_t>(requeue ? Cause::kPreempted : Cause::kNone);
    release.points_dropped = dropped;
    release.resumed = resumed;
    h.send(worker, release);
  }
  wire::TrialInfo info() { return h.trial(sweep, 0); }

  CoreHarness h;
  ClientId worker = h.hello_worker("w1");
  SweepId sweep = h.create(kTimedSweep);
};

TEST_F(TimesTest, ATrialsTimeIsThatOfItsAttemptsAndStandsStillInTheQueue) {
  const wire::Assign first = h.ask(worker, sweep);
  h.now += 10s;
  EXPECT_EQ(info().running_us, us(10s)) << "it runs";
  leave(first, true);
  h.now += 1h;
  EXPECT_EQ(info().running_us, us(10s)) << "it waits";
  const wire::Assign second = h.ask(worker, sweep);
  ASSERT_EQ(second.attempt, 2u);
  h.now += 7s;
  EXPECT_EQ(info().running_us, us(17s));
  h.report(worker, second, 0, {1});
  leave(second, false);
  h.now += 1h;
  EXPECT_EQ(info().running_us, us(17s)) << "it has ended";
  EXPECT_EQ(h.info(sweep).device_us, us(17s)) << "as the sweep counts it";
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(TimesTest, AClockThatWasSetBackTakesNothingAway) {
  const wire::Assign first = h.ask(worker, sweep);
  h.now += 10s;
  leave(first, true);
  const wire::Assign second = h.ask(worker, sweep);
  h.now -= 1h;
  EXPECT_EQ(info().running_us, us(10s));
  leave(second, true);
  EXPECT_EQ(info().running_us, us(10s));
  EXPECT_GE(h.info(sweep).device_us, 0);
  EXPECT_GE(h.info(sweep).wall_us, 0);
}

TEST_F(TimesTest, PointsThatTrainersCouldNotWriteAreTold) {
  const wire::Assign first = h.ask(worker, sweep);
  h.report(worker, first, 0, {3, 2});
  leave(first, true, 5);
  EXPECT_EQ(info().attempts.at(0).points_dropped, 5u);
  EXPECT_EQ(info().points_dropped, 5u);
  const wire::Assign second = h.ask(worker, sweep);
  h.report(worker, second, 0, {3, 2});
  EXPECT_EQ(info().points_dropped, 0u) << "it began anew: those are of no curve that counts";
  leave(second, false, 7);
  EXPECT_EQ(info().points_dropped, 7u);
  EXPECT_EQ(h.info(sweep).points_dropped, 12u) << "of all attempts";
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(TimesTest, PointsThatWereLostBeforeACheckpointAreOfTheCurveThatGoesOn) {
  const wire::Assign first = h.ask(worker, sweep);
  h.report(worker, first, 0, {3, 2});
  h.send(worker, wire::Checkpoint{sweep, 0, 1, 1, "/c"});
  leave(first, true, 5);
  const wire::Assign second = h.ask(worker, sweep);
  leave(second, false, 7, 1);
  EXPECT_EQ(info().points_dropped, 12u);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(TimesTest, WhatALateAttemptLostIsCountedOnce) {
  const wire::Assign first = h.ask(worker, sweep);
  h.lose_leases();
  const ClientId other = h.hello_worker("w2");
  ASSERT_EQ(h.ask(other, sweep).attempt, 2u);
  leave(first, false, 9);
  leave(first, false, 9);
  EXPECT_EQ(info().attempts.at(0).points_dropped, 9u);
  EXPECT_EQ(h.info(sweep).points_dropped, 9u);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

}  // namespace
}  // namespace scopa::core
