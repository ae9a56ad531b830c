#include "broker/core/suggestion_replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

using std::chrono::seconds;

std::string spec_of(const std::string& method) {
  return "method: " + method + R"(
metric: {name: loss, goal: minimize}
early_terminate: {type: hyperband, min_iter: 2, eta: 2}
run_cap: 40
seed: 7
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
parameters: {a: {values: [1, 2, 3, 4, 5]}, b: {values: [x, y, z]}}
)";

/// Plays a sweep as a bad day would: out of order, with lost workers, points enqueued by hand and a
/// broker that comes and goes.
class BadDay {
 public:
  BadDay(std::uint64_t seed, const std::string& yaml) : random_(seed) {
    h.use_sampler = true;
    sweep = h.create(yaml);
    for (int i = 0; i < 3; ++i) workers_.push_back(h.hello_worker("w" + std::to_string(i)));
  }

  void play(int steps) {
    for (int i = 0; i < steps; ++i) {
      const std::uint64_t dice = random_() % 40;
      if (dice == 0) {
        h.advance(limits::kLease + seconds(1));
        open_.clear();
      } else if (dice == 1) {
        restart();
      } else if (dice < 15) {
        start();
      } else if (dice < 22) {
        finish();
      } else {
        report();
      }
    }
  }

  CoreHarness h;
  SweepId sweep;

 private:
  struct Open {
    wire::Assign trial;
    std::uint64_t sent = 0;
  };

  ClientId any_worker() { return workers_[random_() % workers_.size()]; }

  void restart() {
    h.restart();
    for (std::size_t i = 0; i < workers_.size(); ++i) {
      workers_[i] = h.hello_worker("w" + std::to_string(i));
    }
  }
  void start() {
    const wire::Assign trial = h.ask(any_worker(), sweep);
    if (!trial.sweep.empty()) return open_.push_back({trial, 0});
    // Three failures at the start may have paused it.
    h.send(CoreHarness::kCli,
           wire::Control{1, sweep, static_cast<std::uint8_t>(wire::Action::kResume), 0, false});
  }
  void report() {
    if (open_.empty()) return;
    Open& each = open_[random_() % open_.size()];
    const double value = static_cast<double>(random_() % 1000) / 1000;
    const auto answers = h.report(any_worker(), each.trial, each.sent, {value});
    if (!answers.empty() && std::holds_alternative<wire::Ack>(answers.front())) ++each.sent;
  }
  void finish() {
    if (open_.empty()) return;
    const std::size_t index = random_() % open_.size();
    if (open_[index].sent == 0) return;
    h.release(any_worker(), open_[index].trial, open_[index].sent, random_() % 5 == 0 ? 1 : 0);
    open_.erase(open_.begin() + static_cast<std::ptrdiff_t>(index));
  }

  std::mt19937_64 random_;
  std::vector<ClientId> workers_;
  std::vector<Open> open_;
};

SuggestionReplay::Outcome replay_of(const BadDay& day) {
  SuggestionReplay replay(day.sweep);
  // Backwards: the order in which a store hands them over is of no meaning.
  for (auto it = day.h.events.rbegin(); it != day.h.events.rend(); ++it) replay.add(*it);
  for (auto it = day.h.points.rbegin(); it != day.h.points.rend(); ++it) replay.add(*it);
  auto outcome = replay.run();
  EXPECT_TRUE(outcome.is_ok()) << outcome.status().to_string();
  return outcome ? *outcome : SuggestionReplay::Outcome{};
}

class SuggestionReplayTest : public testing::TestWithParam<std::string> {};

TEST_P(SuggestionReplayTest, EverySuggestionOfABadDayIsFoundAgainBitForBit) {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    BadDay day(seed, GetParam() == "grid" ? kGrid : spec_of(GetParam()));
    day.play(400);
    const auto outcome = replay_of(day);
    EXPECT_GE(outcome.checked, 10u);
    EXPECT_THAT(outcome.mismatches, testing::IsEmpty());
  }
}

TEST_P(SuggestionReplayTest, TwoSweepsWithTheSameHistoryGetTheSameSuggestions) {
  BadDay a(3, GetParam() == "grid" ? kGrid : spec_of(GetParam()));
  BadDay b(3, GetParam() == "grid" ? kGrid : spec_of(GetParam()));
  a.play(150);
  b.play(150);
  EXPECT_EQ(a.h.events, b.h.events);
}

INSTANTIATE_TEST_SUITE_P(Methods, SuggestionReplayTest, testing::Values("random", "grid", "bayes"),
                         [](const auto& each) { return each.param; });

TEST(SuggestionReplayFaultTest, AnAlteredSuggestionIsFound) {
  BadDay day(5, spec_of("random"));
  day.play(100);
  for (Event& event : day.h.events) {
    if (auto* created = std::get_if<TrialCreated>(&event.body); created && created->trial == 2) {
      created->params[0].value = 0.123;
    }
  }
  const auto outcome = replay_of(day);
  ASSERT_EQ(outcome.mismatches.size(), 1u);
  EXPECT_EQ(outcome.mismatches[0].trial, 2u);
}

TEST(SuggestionReplayFaultTest, ALogWithoutItsBeginningIsRefused) {
  SuggestionReplay replay("aaaaaaaa");
  EXPECT_EQ(replay.run().status().code(), Code::kCorruption);
}

}  // namespace
}  // namespace scopa::core
