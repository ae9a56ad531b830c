#include "broker/server/model_thread.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <thread>
#include <vector>

#include "broker/spec/parse.h"

namespace scopa::server {
namespace {

std::shared_ptr<const spec::SweepSpec> grid_of_two() {
  auto parsed = spec::parse("method: grid\nparameters:\n  x: {values: [1, 2]}\n");
  EXPECT_TRUE(parsed.ok());
  return std::make_shared<const spec::SweepSpec>(std::move(parsed.spec));
}

core::ModelChanged added(std::uint64_t number, std::int64_t x) {
  search::HistoryChange change;
  change.number = TrialNumber{number};
  change.params = {{"x", x}};
  return {"aaaaaaaa", change};
}

TEST(ModelThreadTest, ASuggestionSeesExactlyWhatWasDecidedBeforeIt) {
  std::vector<core::Suggested> answers;
  std::promise<void> all;
  ModelThread model([&](core::Suggested suggested) {
    answers.push_back(std::move(suggested));
    if (answers.size() == 3) all.set_value();
  });
  std::vector<core::ModelTask> tasks = {core::ModelOpened{"aaaaaaaa", grid_of_two(), 1},
                                        core::ModelWanted{"aaaaaaaa", 0, 10},
                                        added(0, 1),
                                        core::ModelWanted{"aaaaaaaa", 1, 11},
                                        added(1, 2),
                                        core::ModelWanted{"aaaaaaaa", 2, 12}};
  model.add(&tasks);
  EXPECT_TRUE(tasks.empty());
  all.get_future().wait();
  EXPECT_EQ(answers[0].params, (Params{{"x", std::int64_t{1}}}));
  EXPECT_EQ(answers[0].snapshot, 10u);
  EXPECT_EQ(answers[1].params, (Params{{"x", std::int64_t{2}}}));
  EXPECT_FALSE(answers[2].params) << "the space is used up";
}

core::ModelChanged ended(std::uint64_t number, std::uint64_t seq) {
  search::HistoryChange change;
  change.kind = search::HistoryChange::Kind::kState;
  change.number = TrialNumber{number};
  change.state = TrialState::kCompleted;
  return {"aaaaaaaa", change, seq};
}

// A model that has answered one ask, in a time that a stand-in clock shows, and knows the trial
// that came of it.
struct Answered {
  std::atomic<std::int64_t> now_us = 0;  // the clock goes on by `step_us` at each look
  std::int64_t step_us;
  std::vector<core::Suggested> answers;
  std::vector<std::thread::id> by;
  ModelThread model;

  explicit Answered(std::chrono::milliseconds step)
      : step_us(std::chrono::microseconds(step).count()),
        model(
            [this](core::Suggested suggested) {
              answers.push_back(std::move(suggested));
              by.push_back(std::this_thread::get_id());
            },
            [this] { return core::Ahead::Time(now_us += step_us); }) {
    add({core::ModelOpened{"aaaaaaaa", grid_of_two(), 1, 1}, core::ModelWanted{"aaaaaaaa", 0, 1}});
    model.wait_until_idle();
    core::ModelChanged trial = added(0, 1);
    trial.seq = 2;
    add({trial, core::ModelNext{"aaaaaaaa", 1}});
    model.wait_until_idle();
  }
  void add(std::vector<core::ModelTask> tasks) { model.add(&tasks); }
};

TEST(ModelThreadTest, WhatWasComputedWhileNobodyAskedIsAnsweredByAdd) {
  Answered asked(std::chrono::milliseconds(0));
  asked.add({ended(0, 3)});
  asked.model.wait_until_idle();
  asked.add({core::ModelWanted{"aaaaaaaa", 1, 4}});
  ASSERT_EQ(asked.answers.size(), 2u);
  EXPECT_EQ(asked.by[1], std::this_thread::get_id());
  EXPECT_EQ(asked.answers[1].computed, core::Computed::kAhead);
  EXPECT_EQ(asked.answers[1].snapshot, 4u);
  EXPECT_EQ(asked.answers[1].params, (Params{{"x", std::int64_t{2}}}));
}

TEST(ModelThreadTest, WhatTakesLongIsAnsweredByWhatAnEndHasOvertaken) {
  Answered asked(std::chrono::milliseconds(60));
  asked.add({ended(0, 3), core::ModelWanted{"aaaaaaaa", 1, 3}});
  ASSERT_EQ(asked.answers.size(), 2u);
  EXPECT_EQ(asked.answers[1].computed, core::Computed::kOvertaken);
  EXPECT_EQ(asked.answers[1].snapshot, 2u) << "before the end";
}

TEST(ModelThreadTest, WhatAnEndHasOvertakenIsElseComputedAnew) {
  Answered asked(std::chrono::milliseconds(0));
  asked.add({ended(0, 3)});
  asked.model.wait_until_idle();
  asked.add({ended(0, 4), core::ModelWanted{"aaaaaaaa", 1, 4}});
  asked.model.wait_until_idle();
  ASSERT_EQ(asked.answers.size(), 2u);
  EXPECT_EQ(asked.answers[1].computed, core::Computed::kWhenWanted);
  EXPECT_EQ(asked.answers[1].snapshot, 4u);
}

TEST(ModelThreadTest, ASweepThatWasNeverOpenedGetsNoSuggestion) {
  std::promise<core::Suggested> answer;
  ModelThread model([&](core::Suggested suggested) { answer.set_value(std::move(suggested)); });
  std::vector<core::ModelTask> tasks = {core::ModelWanted{"aaaaaaaa", 0, 0}};
  model.add(&tasks);
  EXPECT_FALSE(answer.get_future().get().params);
}

}  // namespace
}  // namespace scopa::server
