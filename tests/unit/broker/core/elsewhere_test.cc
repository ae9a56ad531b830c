// What was lost in one place goes preferably to another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

constexpr char kThreeTrialSweep[] = R"(
method: random
metric: {name: loss, goal: minimize}
parameters: {x: {min: 0, max: 1000000}}
run_cap: 3
retries: 1
)";

class ElsewhereTest : public testing::Test {
 protected:
  void lose(ClientId worker, const wire::Assign& trial, Cause cause) {
    wire::Release release;
    release.sweep = trial.sweep;
    release.trial = trial.trial;
    release.attempt = trial.attempt;
    release.exit_code = 1;
    release.requeue = cause == Cause::kPreempted;
    release.cause = static_cast<std::uint8_t>(cause);
    h.send(worker, release);
  }
  wire::NoWork no_work(ClientId worker, const SweepId& sweep) {
    return h.ask_for<wire::NoWork>(
        worker, wire::Ask{.request = ++requests_, .sweep = sweep, .device = "cpu"});
  }

  CoreHarness h;
  ClientId here = h.hello_worker("w1", "here");
  ClientId there = h.hello_worker("w2", "there");
  std::uint64_t requests_ = 1000;
};

TEST_F(ElsewhereTest, ALostTrialGoesToAnotherHostThatIsAtWorkAndItsOwnGetsANewOne) {
  for (const Cause cause : {Cause::kNode, Cause::kPreempted, Cause::kOom}) {
    const SweepId sweep = h.create(kThreeTrialSweep, "t" + std::to_string(static_cast<int>(cause)));
    const wire::Assign lost = h.ask(here, sweep);
    h.ask(there, sweep);
    lose(here, lost, cause);
    EXPECT_EQ(h.ask(here, sweep).trial, 2U) << name_of(cause);
    const wire::Assign again = h.ask(there, sweep);
    EXPECT_EQ(again.trial, lost.trial) << name_of(cause);
    EXPECT_EQ(again.attempt, 2U);
  }
}

TEST_F(ElsewhereTest, ItWaitsForAnotherHostOnlySoLong) {
  const SweepId sweep = h.create(kThreeTrialSweep);
  const wire::Assign lost = h.ask(here, sweep);
  const wire::Assign other = h.ask(there, sweep);
  h.ask(here, sweep);
  lose(here, lost, Cause::kNode);
  EXPECT_FALSE(no_work(here, sweep).finished) << "the run cap is used up, but the trial waits";
  const auto step = std::chrono::seconds(10);
  for (auto waited = step; waited < limits::kElsewhereWait; waited += step) {
    h.advance(step);
    h.send(there, wire::Heartbeat{1, {wire::attempt_of(other)}});
    EXPECT_EQ(no_work(here, sweep).request, requests_);
  }
  h.advance(step);
  EXPECT_EQ(h.ask(here, sweep).trial, lost.trial);
}

TEST_F(ElsewhereTest, WhereNobodyElseIsAtWorkItStaysAtOnce) {
  const SweepId sweep = h.create(kThreeTrialSweep);
  lose(here, h.ask(here, sweep), Cause::kNode);
  EXPECT_EQ(h.ask(here, sweep).trial, 0U);
}

TEST_F(ElsewhereTest, OnOneHostItGoesToAnotherWorker) {
  const ClientId beside = h.hello_worker("w3", "here");
  const SweepId sweep = h.create(kThreeTrialSweep);
  const wire::Assign lost = h.ask(here, sweep);
  h.ask(beside, sweep);
  lose(here, lost, Cause::kCrash);
  EXPECT_EQ(h.ask(here, sweep).trial, 2U);
  EXPECT_EQ(h.ask(beside, sweep).trial, lost.trial);
}

TEST_F(ElsewhereTest, AWorkerThatHasLeftIsNobodyToWaitFor) {
  const SweepId sweep = h.create(kThreeTrialSweep);
  const wire::Assign lost = h.ask(here, sweep);
  lose(there, h.ask(there, sweep), Cause::kPreempted);
  lose(here, lost, Cause::kNode);
  EXPECT_EQ(h.ask(here, sweep).trial, lost.trial);
}

TEST_F(ElsewhereTest, ARestartedBrokerPrefersTheSame) {
  const SweepId sweep = h.create(kThreeTrialSweep);
  const wire::Assign lost = h.ask(here, sweep);
  h.ask(there, sweep);
  lose(here, lost, Cause::kNode);
  h.restart();
  here = h.hello_worker("w1", "here");
  there = h.hello_worker("w2", "there");
  EXPECT_EQ(h.ask(here, sweep).trial, 2U);
  EXPECT_EQ(h.ask(there, sweep).trial, lost.trial);
}

TEST_F(ElsewhereTest, ASlotThatWaitsForASuggestionGetsWhatItMayRun) {
  h.answer_model = false;
  const SweepId sweep = h.create(kThreeTrialSweep);
  h.send(here, wire::Ask{.request = 1, .sweep = sweep, .device = "cpu"});
  h.send(there, wire::Ask{.request = 1, .sweep = sweep, .device = "cpu"});
  h.answer_model = true;
  const auto suggest = [&](std::int64_t x) {
    Turn turn;
    const auto wanted = std::get<ModelWanted>(h.model_log.back());
    h.core->suggested({sweep, wanted.suggestion, wanted.snapshot, Params{{"x", x}}}, h.now, &turn);
    return turn;
  };
  EXPECT_EQ(std::get<wire::Assign>(suggest(7).outgoing.at(0).message).trial, 0U);
}

}  // namespace
}  // namespace scopa::core
