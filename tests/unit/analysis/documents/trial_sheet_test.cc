#include "analysis/documents/trial_sheet.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/analysis/trial.h"

namespace scopa::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class TrialSheetTest : public testing::Test {
 protected:
  TrialSheetTest() {
    sweep.metric = "val/acc";
    sweep.goal = static_cast<std::uint8_t>(Goal::kMaximize);
    sweep.parameters = {"lr", "rank"};
    sweep.metrics = {"val/acc", "loss"};
    trials = {trial(0, TrialState::kCompleted, 0.5), trial(1, TrialState::kCompleted, 0.75)};
    trials[0].params = {{"lr", Value(0.1)}, {"rank", Value(std::int64_t{8})}};
    trials[1].params = {{"lr", Value(0.2)}, {"derived", Value(std::int64_t{3})}};
    trials[0].metrics = {{"val/acc", 0.5, 7, 0.25, 0.625, 1, 4, 7}};
  }
  std::string text(const std::string& name, std::size_t which = 0) {
    const TrialSheet sheet(sweep, trials, 0);
    const auto column = sheet.find(name);
    return column ? cell_text(sheet.value(*column, trials[which])) : column.status().to_string();
  }

  wire::SweepInfo sweep;
  std::vector<wire::TrialInfo> trials;
};

TEST_F(TrialSheetTest, EveryPartOfAMetricHasAName) {
  EXPECT_EQ(text("val/acc"), "0.5");
  EXPECT_EQ(text("val/acc.last"), "0.5");
  EXPECT_EQ(text("metric.val/acc"), "0.5");
  EXPECT_EQ(text("val/acc.step"), "7");
  EXPECT_EQ(text("val/acc.min"), "0.25");
  EXPECT_EQ(text("val/acc.max"), "0.625");
  EXPECT_EQ(text("val/acc.min_step"), "1");
  EXPECT_EQ(text("val/acc.max_step"), "4");
  EXPECT_EQ(text("val/acc.values"), "7");
  EXPECT_EQ(text("loss"), "") << "it never logged that";
  EXPECT_EQ(text("loss.max"), "");
}

TEST_F(TrialSheetTest, NamesThatCollideAreToldApart) {
  EXPECT_EQ(text("rank"), "2");
  EXPECT_EQ(text("rank", 1), "1");
  EXPECT_EQ(text("param.rank"), "8");
  EXPECT_EQ(text("param.lr"), "0.1");
}

TEST_F(TrialSheetTest, DerivedParametersAreColumnsThoughNoSearchHasThem) {
  const TrialSheet sheet(sweep, trials, 0);
  EXPECT_THAT(sheet.parameters(), ElementsAre("lr", "rank", "derived"));
  EXPECT_EQ(text("derived", 0), "");
  EXPECT_EQ(text("derived", 1), "3");
}

TEST_F(TrialSheetTest, TheGoalIsNoOtherMetric) {
  EXPECT_THAT(TrialSheet(sweep, trials, 0).other_metrics(), ElementsAre("loss"));
}

TEST_F(TrialSheetTest, AnUnknownNameGetsASuggestionOrTheWholeList) {
  EXPECT_THAT(text("val/ac"), HasSubstr("did you mean `val/acc`?"));
  EXPECT_THAT(text("derivd"), HasSubstr("did you mean `derived`?"));
  EXPECT_THAT(text("zzzzzzzz"), HasSubstr("columns are trial, state, value"));
  EXPECT_THAT(text("zzzzzzzz"), HasSubstr("loss"));
}

}  // namespace
}  // namespace scopa::analysis
