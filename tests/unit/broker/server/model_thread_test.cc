#include "broker/server/model_thread.h"

#include <gtest/gtest.h>

#include <future>

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

TEST(ModelThreadTest, ASweepThatWasNeverOpenedGetsNoSuggestion) {
  std::promise<core::Suggested> answer;
  ModelThread model([&](core::Suggested suggested) { answer.set_value(std::move(suggested)); });
  std::vector<core::ModelTask> tasks = {core::ModelWanted{"aaaaaaaa", 0, 0}};
  model.add(&tasks);
  EXPECT_FALSE(answer.get_future().get().params);
}

}  // namespace
}  // namespace scopa::server
