#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

using std::chrono::seconds;

constexpr char kRandom[] = R"(
method: random
metric: {name: loss, goal: minimize}
parameters:
  x: {min: 0, max: 1000000}
run_cap: 3
)";

TEST(AssigningTest, AnAskGetsATrialOfItsOwn) {
  CoreHarness h;
  const SweepId sweep = h.create(kRandom);
  const ClientId worker = h.hello_worker("w1");
  const wire::Assign first = h.ask(worker, sweep);
  const wire::Assign second = h.ask(worker, sweep);
  EXPECT_EQ(first.trial, 0u);
  EXPECT_EQ(first.attempt, 1u);
  EXPECT_EQ(second.trial, 1u);
  EXPECT_NE(canonical_text(first.params), canonical_text(second.params));
  EXPECT_NE(first.seed, second.seed);
}

TEST(AssigningTest, OneWorkerCannotTakeAllPlacesOfThoseThatWait) {
  CoreHarness h;
  h.answer_model = false;
  const SweepId sweep = h.create(kRandom);
  const ClientId greedy = h.hello_worker("greedy");
  for (std::uint64_t i = 1; i <= limits::kSlotsMax; ++i) {
    EXPECT_TRUE(h.send(greedy, wire::Ask{.request = i, .sweep = sweep}).empty());
  }
  const wire::Ask one_more{.request = limits::kSlotsMax + 1, .sweep = sweep};
  EXPECT_EQ(h.error_of(greedy, one_more).code, static_cast<std::int32_t>(Code::kUnavailable));
  const wire::Ask repeated{.request = 1, .sweep = sweep};
  EXPECT_TRUE(h.send(greedy, repeated).empty()) << "it waits already";
  EXPECT_TRUE(h.send(h.hello_worker("other"), wire::Ask{.request = 1, .sweep = sweep}).empty());
}

TEST(AssigningTest, AnAskThatIsRepeatedGetsTheSameTrial) {
  CoreHarness h;
  const SweepId sweep = h.create(kRandom);
  const ClientId worker = h.hello_worker("w1");
  const wire::Ask ask{.request = 7, .sweep = sweep};
  const auto first = h.ask_for<wire::Assign>(worker, ask);
  const ClientId reconnected = h.hello_worker("w1");
  const auto again = h.ask_for<wire::Assign>(reconnected, ask);
  EXPECT_EQ(again, first);
  EXPECT_EQ(h.info(sweep).counts.total(), 1u);
}

TEST(AssigningTest, TheRunCapIsNeverExceeded) {
  CoreHarness h;
  const SweepId sweep = h.create(kRandom);
  const ClientId worker = h.hello_worker("w1");
  for (int i = 0; i < 3; ++i) h.ask(worker, sweep);
  const auto none = h.ask_for<wire::NoWork>(worker, wire::Ask{.request = 50, .sweep = sweep});
  EXPECT_FALSE(none.finished);
  EXPECT_GT(none.retry_after_ms, 0);
  EXPECT_EQ(none.reason, "run cap 3 is reached, 3 still running");
  EXPECT_EQ(h.info(sweep).counts.total(), 3u);
}

TEST(AssigningTest, TheSweepFinishesWhenItsLastTrialEnds) {
  CoreHarness h;
  const SweepId sweep = h.create(kRandom);
  const ClientId worker = h.hello_worker("w1");
  for (int i = 0; i < 3; ++i) {
    const wire::Assign trial = h.ask(worker, sweep);
    h.report(worker, trial, 0, {0.5});
    h.release(worker, trial, 1);
  }
  EXPECT_EQ(h.info(sweep).state, static_cast<std::uint8_t>(SweepState::kFinished));
  EXPECT_TRUE(h.ask_for<wire::NoWork>(worker, wire::Ask{.request = 50, .sweep = sweep}).finished);
}

TEST(AssigningTest, ASpaceThatIsUsedUpEndsTheSweepAndSaysSo) {
  CoreHarness h;
  h.space_size = 1;
  const SweepId sweep = h.create(kRandom);
  const ClientId worker = h.hello_worker("w1");
  const wire::Assign trial = h.ask(worker, sweep);
  h.report(worker, trial, 0, {0.5});
  h.release(worker, trial, 1);
  EXPECT_TRUE(h.ask_for<wire::NoWork>(worker, wire::Ask{.request = 50, .sweep = sweep}).finished);
  EXPECT_THAT(h.info(sweep).reason, testing::HasSubstr("all 1 configurations"));
}

TEST(AssigningTest, WaitingAsksAreServedInTheirOrderWhenTheModelAnswers) {
  CoreHarness h;
  h.answer_model = false;
  const SweepId sweep = h.create(kRandom);
  const ClientId a = h.hello_worker("a");
  const ClientId b = h.hello_worker("b");
  EXPECT_TRUE(h.send(a, wire::Ask{.request = 1, .sweep = sweep}).empty());
  EXPECT_TRUE(h.send(b, wire::Ask{.request = 1, .sweep = sweep}).empty());
  ASSERT_TRUE(std::holds_alternative<ModelWanted>(h.model_log.back()));
  EXPECT_EQ(
      std::count_if(h.model_log.begin(), h.model_log.end(),
                    [](const ModelTask& t) { return std::holds_alternative<ModelWanted>(t); }),
      1)
      << "the second suggestion must see the first one's trial";
  Turn turn;
  const auto wanted = std::get<ModelWanted>(h.model_log.back());
  h.core->suggested({sweep, wanted.suggestion, wanted.snapshot, Params{{"x", std::int64_t{1}}}},
                    h.now, &turn);
  ASSERT_EQ(turn.outgoing.size(), 1u);
  EXPECT_EQ(turn.outgoing[0].to, a);
  EXPECT_TRUE(std::holds_alternative<wire::Assign>(turn.outgoing[0].message));
  EXPECT_TRUE(std::holds_alternative<ModelWanted>(turn.model.back()));
}

TEST(AssigningTest, ASuggestionThatWasEnqueuedMeanwhileIsNotHandedOutTwice) {
  CoreHarness h;
  h.answer_model = false;
  const SweepId sweep = h.create(kRandom);
  const ClientId worker = h.hello_worker("a");
  h.send(worker, wire::Ask{.request = 1, .sweep = sweep});
  h.send(worker, wire::Ask{.request = 2, .sweep = sweep});
  const auto wanted = std::get<ModelWanted>(h.model_log.back());
  h.send(CoreHarness::kCli,
         wire::Enqueue{.request = 9, .sweep = sweep, .params = {{"x", std::int64_t{1}}}});
  Turn turn;
  h.core->suggested({sweep, wanted.suggestion, wanted.snapshot, Params{{"x", std::int64_t{1}}}},
                    h.now, &turn);
  EXPECT_TRUE(turn.events.empty());
  EXPECT_TRUE(std::holds_alternative<ModelWanted>(turn.model.back()));
}

TEST(AssigningTest, AnEnqueuedConfigurationIsTriedFirst) {
  CoreHarness h;
  const SweepId sweep = h.create(kRandom);
  const auto enqueued = h.ask_for<wire::Enqueued>(
      CoreHarness::kCli,
      wire::Enqueue{
          .request = 1, .token = "t", .sweep = sweep, .params = {{"x", std::int64_t{77}}}});
  const wire::Assign trial = h.ask(h.hello_worker("w"), sweep);
  EXPECT_EQ(trial.trial, enqueued.trial);
  EXPECT_EQ(*find_param(trial.params, "x"), Value(std::int64_t{77}));
  EXPECT_EQ(h.trial(sweep, trial.trial).origin, "enqueued");
}

TEST(AssigningTest, AnEnqueueThatIsRepeatedMakesOneTrial) {
  CoreHarness h;
  const SweepId sweep = h.create(kRandom);
  const wire::Enqueue enqueue{
      .request = 1, .token = "t", .sweep = sweep, .params = {{"x", std::int64_t{77}}}};
  const auto first = h.ask_for<wire::Enqueued>(CoreHarness::kCli, enqueue);
  EXPECT_EQ(h.ask_for<wire::Enqueued>(CoreHarness::kCli, enqueue), first);
  EXPECT_EQ(h.info(sweep).counts.total(), 1u);
}

TEST(AssigningTest, WithoutHelloNothingIsAnsweredButTheDemandForIt) {
  CoreHarness h;
  const SweepId sweep = h.create(kRandom);
  const auto error = h.error_of(ClientId{999}, wire::Ask{.request = 5, .sweep = sweep});
  EXPECT_EQ(error.code, static_cast<std::int32_t>(Code::kHelloRequired));
  EXPECT_EQ(error.request, 5u);
}

TEST(AssigningTest, AClientMayNotAskForTrials) {
  CoreHarness h;
  const SweepId sweep = h.create(kRandom);
  const auto error = h.error_of(CoreHarness::kCli, wire::Ask{.request = 5, .sweep = sweep});
  EXPECT_EQ(error.code, static_cast<std::int32_t>(Code::kInvalidArgument));
}

TEST(AssigningTest, AnUnknownSweepIsRefusedWithTheNearestName) {
  CoreHarness h;
  h.create(std::string(kRandom) + "name: fashion\n");
  const auto error = h.error_of(h.hello_worker("w"), wire::Ask{.request = 5, .sweep = "fashon"});
  EXPECT_EQ(error.code, static_cast<std::int32_t>(Code::kNotFound));
  EXPECT_THAT(error.help, testing::HasSubstr("did you mean `fashion`?"));
}

TEST(AssigningTest, AStrangersProtocolVersionIsRefused) {
  CoreHarness h;
  const auto error =
      h.error_of(ClientId{5}, wire::Hello{.version_min = 99, .version_max = 100, .role = "client"});
  EXPECT_EQ(error.code, static_cast<std::int32_t>(Code::kUnsupported));
}

}  // namespace
}  // namespace scopa::core
