// Attempts whose worker has fallen silent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

using std::chrono::seconds;

constexpr char kSuspectSweep[] = R"(
method: random
metric: {name: loss, goal: minimize}
parameters: {x: {min: 0, max: 1000000}}
)";

class SuspectsTest : public testing::Test {
 protected:
  bool is_suspect() { return h.trial(sweep, 0).attempts.at(0).suspect; }
  TrialState state() { return static_cast<TrialState>(h.trial(sweep, 0).state); }
  template <class T>
  std::size_t count() const {
    std::size_t n = 0;
    for (const Event& event : h.events) n += std::holds_alternative<T>(event.body) ? 1 : 0;
    return n;
  }

  CoreHarness h;
  ClientId worker = h.hello_worker("w1");
  SweepId sweep = h.create(kSuspectSweep);
  wire::Assign trial = h.ask(worker, sweep);
};

TEST_F(SuspectsTest, ALeaseThatRunsOutMakesTheAttemptSuspectAndNothingElse) {
  h.advance(limits::kLease);
  EXPECT_TRUE(is_suspect());
  EXPECT_EQ(state(), TrialState::kRunning);
  EXPECT_NE(h.ask(h.hello_worker("w2"), sweep).trial, 0U) << "nobody else gets it yet";
}

TEST_F(SuspectsTest, AnyWordOfTheWorkerEndsTheSuspicion) {
  h.report(worker, trial, 0, {0.5});
  const std::vector<wire::Message> words = {
      wire::Heartbeat{.running = {wire::attempt_of(trial)}},
      wire::Report{sweep, 0, 1, 1, 2, block_of("loss", 1, {0.4})},
      wire::Report{sweep, 0, 1, 0, 1, block_of("loss", 0, {0.5})},  // a duplicate
      wire::Adopt{.request = 9, .sweep = sweep, .trial = 0, .attempt = 1},
  };
  for (const wire::Message& word : words) {
    h.advance(limits::kLease);
    ASSERT_TRUE(is_suspect());
    h.send(worker, word);
    EXPECT_FALSE(is_suspect()) << wire::type_of(word);
  }
  EXPECT_EQ(count<AttemptHeld>(), words.size());
  EXPECT_EQ(state(), TrialState::kRunning);
  EXPECT_EQ(h.trial(sweep, 0).values, 2U);
}

TEST_F(SuspectsTest, ARepeatedAskEndsTheSuspicionToo) {
  wire::Ask ask{.request = trial.request, .sweep = sweep, .device = "cpu"};
  h.advance(limits::kLease);
  EXPECT_EQ(h.ask_for<wire::Assign>(worker, ask).attempt, 1U);
  EXPECT_FALSE(is_suspect());
}

TEST_F(SuspectsTest, WordsThatDoNotNameTheAttemptDoNot) {
  h.advance(limits::kLease);
  h.send(worker, wire::Heartbeat{});
  EXPECT_TRUE(is_suspect());
}

TEST_F(SuspectsTest, AReleaseOfASuspectIsItsEnd) {
  h.report(worker, trial, 0, {0.5});
  h.advance(limits::kLease);
  EXPECT_EQ(h.release(worker, trial, 1).state, static_cast<std::uint8_t>(TrialState::kCompleted));
  EXPECT_FALSE(is_suspect());
}

TEST_F(SuspectsTest, AfterTheGraceTheTrialGoesBackToTheQueue) {
  h.advance(limits::kLease);
  h.advance(limits::kSuspectGrace - seconds(1));
  EXPECT_EQ(state(), TrialState::kRunning);
  h.advance(seconds(1));
  EXPECT_EQ(state(), TrialState::kQueued);
  const wire::AttemptInfo attempt = h.trial(sweep, 0).attempts.at(0);
  EXPECT_FALSE(attempt.suspect);
  EXPECT_EQ(attempt.cause, static_cast<std::uint8_t>(Cause::kNode));
  EXPECT_THAT(attempt.ended, testing::HasSubstr("no word from worker w1 (retry 1 of 2 elsewhere)"));
}

TEST_F(SuspectsTest, AHeldAttemptHasAWholeLeaseAgain) {
  h.advance(limits::kLease);
  h.send(worker, wire::Heartbeat{.running = {wire::attempt_of(trial)}});
  h.advance(limits::kLease - seconds(1));
  EXPECT_FALSE(is_suspect());
  h.advance(seconds(1));
  EXPECT_TRUE(is_suspect());
}

TEST_F(SuspectsTest, ARestartedBrokerGivesSuspectsAnotherLease) {
  h.advance(limits::kLease);
  h.restart();
  EXPECT_TRUE(is_suspect());
  h.advance(limits::kLease - seconds(1));
  EXPECT_EQ(state(), TrialState::kRunning);
  h.advance(seconds(1));
  EXPECT_EQ(state(), TrialState::kQueued);
}

TEST_F(SuspectsTest, AStopThatWasDecidedEndsASilentAttempt) {
  h.send(CoreHarness::kCli,
         wire::Control{1, sweep, static_cast<std::uint8_t>(wire::Action::kCancel)});
  h.lose_leases();
  EXPECT_EQ(state(), TrialState::kCancelled);
}

TEST_F(SuspectsTest, AShortLeaseHasAShortGrace) {
  CoreHarness quick;
  quick.core = std::make_unique<Core>(Options{.lease = std::chrono::milliseconds(20)});
  quick.send(CoreHarness::kCli, wire::Hello{.role = "client"});
  const SweepId id = quick.create(kSuspectSweep);
  quick.ask(quick.hello_worker("w"), id);
  quick.advance(std::chrono::milliseconds(20));
  quick.advance(std::chrono::milliseconds(20));
  EXPECT_EQ(quick.trial(id, 0).state, static_cast<std::uint8_t>(TrialState::kQueued));
}

}  // namespace
}  // namespace scopa::core
