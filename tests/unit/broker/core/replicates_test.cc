#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "broker/core/naming.h"
#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string sweep_with_replicates(const std::string& keys) {
  return "method: random\nmetric: {name: loss, goal: minimize}\nseed: 7\n"
         "parameters: {x: {min: 0, max: 1000000}}\n" +
         keys;
}

class ReplicatesTest : public testing::Test {
 protected:
  void complete(const wire::Assign& trial, double value) {
    h.report(worker, trial, 0, {value});
    h.release(worker, trial, 1);
  }
  wire::Error create_error(const std::string& yaml) {
    return h.error_of(
        CoreHarness::kCli,
        wire::Create{.request = 1, .token = "t", .file_name = "s.yaml", .spec = yaml});
  }
  SweepState control(const SweepId& sweep, wire::Action action, std::uint64_t cap = 0) {
    return static_cast<SweepState>(
        h.ask_for<wire::Done>(
             CoreHarness::kCli,
             wire::Control{1, sweep, static_cast<std::uint8_t>(action), cap, false})
            .state);
  }
  /// The last state of a trial that the model was told, and how many trials it knows.
  search::TrialRecord known(std::uint64_t trial) {
    search::History history;
    for (const auto& task : h.model_log) {
      if (const auto* changed = std::get_if<ModelChanged>(&task)) history.apply(changed->change);
    }
    return trial < history.trials().size() ? history.trials()[trial] : search::TrialRecord{};
  }

  CoreHarness h;
  ClientId worker = h.hello_worker("w1");
};

// ---- initial ------------------------------------------------------------------------------------

TEST_F(ReplicatesTest, InitialPointsComeFirstAndInTheirOrder) {
  const SweepId sweep = h.create(sweep_with_replicates("initial: [{x: 5}, {x: 3}]\nrun_cap: 3\n"));
  const wire::Assign first = h.ask(worker, sweep);
  const wire::Assign second = h.ask(worker, sweep);
  EXPECT_EQ(first.params, (Params{{"x", std::int64_t{5}}}));
  EXPECT_EQ(second.params, (Params{{"x", std::int64_t{3}}}));
  EXPECT_EQ(h.trial(sweep, 0).origin, "initial");
  complete(h.ask(worker, sweep), 0.5);
  EXPECT_EQ(h.trial(sweep, 2).origin, "sampler");
  EXPECT_TRUE(h.ask(worker, sweep).sweep.empty()) << "they count for run_cap";
}

TEST_F(ReplicatesTest, WhatAnInitialPointLeavesOutIsDrawn) {
  const SweepId sweep = h.create(
      "method: random\nmetric: {name: loss}\nseed: 7\n"
      "parameters: {x: {min: 0, max: 1000000}, y: {values: [a, b]}}\ninitial: [{y: b}]\n");
  const wire::Assign trial = h.ask(worker, sweep);
  ASSERT_EQ(trial.params.size(), 2u);
  EXPECT_EQ(trial.params[1], (Param{"y", std::string("b")}));
}

TEST_F(ReplicatesTest, ACapBelowTheInitialPointsTakesTheFirstOnes) {
  const SweepId sweep =
      h.create(sweep_with_replicates("initial: [{x: 5}, {x: 3}, {x: 4}]\nrun_cap: 2\n"));
  EXPECT_EQ(h.info(sweep).counts.queued, 2u);
}

TEST_F(ReplicatesTest, TheSameInitialPointTwiceIsRefusedAndNamed) {
  const auto error = create_error(sweep_with_replicates("initial: [{x: 5}, {x: 3}, {x: 5}]\n"));
  EXPECT_EQ(error.code, static_cast<std::int32_t>(Code::kInvalidArgument));
  EXPECT_THAT(error.message, HasSubstr("initial[2]"));
  EXPECT_THAT(error.message, HasSubstr("initial[0]"));
  EXPECT_TRUE(h.core->sweeps().empty());
  EXPECT_TRUE(h.events.empty());
}

TEST_F(ReplicatesTest, AnInitialPointThatCannotBeIsRefusedAndNamed) {
  const auto error = create_error(
      "method: random\nmetric: {name: loss}\nparameters:\n"
      "  optimizer: {values: [sgd, adam]}\n"
      "  momentum: {min: 0.0, max: 0.9, when: {optimizer: sgd}}\n"
      "initial: [{optimizer: sgd}, {optimizer: adam, momentum: 0.5}]\n");
  EXPECT_EQ(error.code, static_cast<std::int32_t>(Code::kInvalidArgument));
  EXPECT_THAT(error.message, HasSubstr("initial[1]"));
  EXPECT_TRUE(h.core->sweeps().empty());
}

// ---- replicates ---------------------------------------------------------------------------------

TEST_F(ReplicatesTest, AConfigurationThatCompletesIsRunAgainBeforeAnythingNew) {
  const SweepId sweep = h.create(sweep_with_replicates("replicates: 3\nrun_cap: 2\n"));
  const wire::Assign head = h.ask(worker, sweep);
  complete(head, 0.4);
  const wire::Assign second = h.ask(worker, sweep);
  const wire::Assign third = h.ask(worker, sweep);
  EXPECT_EQ(second.params, head.params);
  EXPECT_EQ(third.params, head.params);
  EXPECT_EQ(head.replicate, 0u);
  EXPECT_EQ(second.replicate, 1u);
  EXPECT_EQ(third.replicate, 2u);
  complete(second, 0.5);
  complete(third, 0.6);
  const auto info = h.trial(sweep, head.trial);
  EXPECT_EQ(info.value, 0.4);
  EXPECT_EQ(info.mean_count, 3u);
  EXPECT_DOUBLE_EQ(info.mean, 0.5);
  EXPECT_NEAR(info.spread, 0.1, 1e-12);
  EXPECT_EQ(h.trial(sweep, second.trial).replicate_of, head.trial);
  EXPECT_EQ(h.trial(sweep, second.trial).mean_count, 0u);
  EXPECT_EQ(h.info(sweep).configurations, 1u);
  EXPECT_DOUBLE_EQ(h.info(sweep).best_value, 0.5);
  EXPECT_EQ(h.ask(worker, sweep).trial, 3u) << "the cap counts configurations";
}

TEST_F(ReplicatesTest, ASweepEndsOnlyWhenTheReplicatesHaveEnded) {
  const SweepId sweep = h.create(sweep_with_replicates("replicates: 2\nrun_cap: 1\n"));
  complete(h.ask(worker, sweep), 0.4);
  EXPECT_EQ(h.info(sweep).state, static_cast<std::uint8_t>(SweepState::kRunning));
  complete(h.ask(worker, sweep), 0.5);
  EXPECT_EQ(h.info(sweep).state, static_cast<std::uint8_t>(SweepState::kFinished));
}

TEST_F(ReplicatesTest, WhatFailsOrIsPrunedOrHasNoValueIsNotRepeated) {
  const SweepId sweep = h.create(sweep_with_replicates("replicates: 2\n"));
  const wire::Assign failed = h.ask(worker, sweep);
  h.report(worker, failed, 0, {0.5});
  h.release(worker, failed, 1, 1);
  const wire::Assign pruned = h.ask(worker, sweep);
  h.report(worker, pruned, 0, {0.5, std::nan("")});
  h.release(worker, pruned, 2);
  h.release(worker, h.ask(worker, sweep), 0);
  EXPECT_EQ(h.info(sweep).counts.queued, 0u);
  EXPECT_EQ(h.info(sweep).counts.total(), 3u);
}

TEST_F(ReplicatesTest, RunsOfAllConfigurationsShareTheirSeeds) {
  const SweepId sweep = h.create(sweep_with_replicates("replicates: 2\n"));
  const wire::Assign a = h.ask(worker, sweep);
  const wire::Assign b = h.ask(worker, sweep);
  complete(a, 0.4);
  const wire::Assign a1 = h.ask(worker, sweep);
  EXPECT_EQ(a.seed, b.seed);
  EXPECT_EQ(a.seed, trial_seed(7, 0));
  EXPECT_EQ(a1.seed, trial_seed(7, 1));
  const SweepId plain = h.create(sweep_with_replicates(""), "plain");
  EXPECT_NE(h.ask(worker, plain).seed, h.ask(worker, plain).seed);
}

TEST_F(ReplicatesTest, AFailedReplicateLeavesTheMeanToTheOthers) {
  const SweepId sweep = h.create(sweep_with_replicates("replicates: 3\n"));
  complete(h.ask(worker, sweep), 0.4);
  const wire::Assign bad = h.ask(worker, sweep);
  h.report(worker, bad, 0, {100});
  h.release(worker, bad, 1, 1);
  complete(h.ask(worker, sweep), 0.6);
  EXPECT_EQ(h.trial(sweep, 0).mean_count, 2u);
  EXPECT_DOUBLE_EQ(h.trial(sweep, 0).mean, 0.5);
}

TEST_F(ReplicatesTest, TheModelSeesOneTrialWithTheMean) {
  const SweepId sweep = h.create(sweep_with_replicates("replicates: 2\n"));
  complete(h.ask(worker, sweep), 0.4);
  const wire::Assign second = h.ask(worker, sweep);
  complete(second, 0.6);
  h.ask(worker, sweep);
  const auto head = known(0);
  EXPECT_EQ(head.state, TrialState::kCompleted);
  EXPECT_DOUBLE_EQ(*head.value, 0.5);
  EXPECT_EQ(head.replicates, 2u);
  EXPECT_NEAR(head.spread, 0.2 / std::sqrt(2), 1e-12);
  EXPECT_TRUE(known(second.trial).params.empty());
}

TEST_F(ReplicatesTest, AReplicateThatIsTriedAgainLeavesTheMeanUntilItCompletes) {
  const SweepId sweep = h.create(sweep_with_replicates("replicates: 2\nrun_cap: 2\n"));
  complete(h.ask(worker, sweep), 0.5);
  complete(h.ask(worker, sweep), 1.0);
  EXPECT_EQ(known(0).value, 0.75);
  wire::Retry retry;
  retry.request = 9;
  retry.sweep = sweep;
  retry.trials = {1};
  EXPECT_EQ(h.ask_for<wire::Retried>(CoreHarness::kCli, retry).trials.size(), 1U);
  EXPECT_EQ(known(0).value, 0.5);
  EXPECT_EQ(known(0).replicates, 1U) << "as a broker that is started now would tell the model";
  complete(h.ask(worker, sweep), 2.0);
  EXPECT_EQ(known(0).value, 1.25);
}

TEST_F(ReplicatesTest, APrunerComparesAndStopsFirstRunsOnly) {
  const SweepId sweep = h.create(sweep_with_replicates(
      "replicates: 6\nearly_terminate: {type: hyperband, min_iter: 1, eta: 2}\n"));
  complete(h.ask(worker, sweep), 0.5);
  for (const double value : {0.1, 0.1, 0.1, 0.1, 0.9}) {
    const wire::Assign run = h.ask(worker, sweep);
    EXPECT_EQ(h.report(worker, run, 0, {value}).size(), 1u) << "an ack and no stop";
    h.release(worker, run, 1);
  }
  // The better half of the first runs; with the others it would be far behind.
  EXPECT_EQ(h.report(worker, h.ask(worker, sweep), 0, {0.4}).size(), 1u);
  EXPECT_EQ(h.info(sweep).counts.pruned, 0u);
}

TEST_F(ReplicatesTest, AStoppedSweepGetsItsReplicatesWhenItGoesOn) {
  const SweepId sweep = h.create(sweep_with_replicates("replicates: 2\nrun_cap: 1\n"));
  const wire::Assign head = h.ask(worker, sweep);
  control(sweep, wire::Action::kStop);
  complete(head, 0.4);
  EXPECT_EQ(h.info(sweep).state, static_cast<std::uint8_t>(SweepState::kFinished));
  EXPECT_EQ(h.info(sweep).counts.queued, 0u);
  EXPECT_EQ(control(sweep, wire::Action::kResume), SweepState::kRunning);
  EXPECT_EQ(h.ask(worker, sweep).replicate, 1u);
}

TEST_F(ReplicatesTest, ACancelledSweepCancelsItsReplicates) {
  const SweepId sweep = h.create(sweep_with_replicates("replicates: 3\n"));
  complete(h.ask(worker, sweep), 0.4);
  control(sweep, wire::Action::kCancel);
  EXPECT_EQ(h.info(sweep).counts.cancelled, 2u);
}

TEST_F(ReplicatesTest, EnqueuedConfigurationsAreRepeatedToo) {
  const SweepId sweep = h.create(sweep_with_replicates("replicates: 2\nrun_cap: 3\n"));
  h.send(CoreHarness::kCli,
         wire::Enqueue{
             .request = 1, .token = "e", .sweep = sweep, .params = {{"x", std::int64_t{9}}}});
  complete(h.ask(worker, sweep), 0.4);
  EXPECT_EQ(h.ask(worker, sweep).replicate, 1u);
}

}  // namespace
}  // namespace scopa::core
