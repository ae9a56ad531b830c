#include "analysis/documents/where.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "tests/unit/analysis/trial.h"

namespace scopa::analysis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class WhereTest : public testing::Test {
 protected:
  WhereTest() {
    sweep.metric = "val_acc";
    sweep.goal = static_cast<std::uint8_t>(Goal::kMaximize);
    sweep.parameters = {"lr", "optimizer", "state-dim", "seed"};
    sweep.metrics = {"val_acc", "val/loss", "lr"};
    trials = {ran(trial(0, TrialState::kCompleted, 0.9), 3, 10, 20),
              ran(trial(1, TrialState::kPruned, 0.7), 3, 10, 12), trial(2, TrialState::kFailed),
              trial(3, TrialState::kQueued)};
    const char* const optimizers[] = {"sgd", "adam", "sgd", "adam"};
    for (std::size_t i = 0; i < 4; ++i) {
      trials[i].params = {{"lr", Value(0.001 * static_cast<double>(i + 1))},
                          {"optimizer", Value(std::string(optimizers[i]))},
                          {"state-dim", Value(static_cast<std::int64_t>(i))}};
    }
    trials[0].metrics = {{"lr", 99, 3, 0, 99, 1, 3, 3},
                         {"val/loss", 0.5, 3, 0.4, 2, 2, 1, 3},
                         {"val_acc", 0.9, 3, 0.1, 0.9, 1, 3, 3}};
    trials[1].metrics = {{"val/loss", std::numeric_limits<double>::quiet_NaN(), 3, 0.8, 3, 2, 1, 2},
                         {"val_acc", 0.7, 3, 0.1, 0.7, 1, 3, 3}};
    trials[2].cause = static_cast<std::uint8_t>(Cause::kOom);
  }
  std::vector<std::uint64_t> which(const std::string& text) {
    const TrialSheet sheet(sweep, trials, 0);
    const auto where = Where::compile(text, sheet);
    EXPECT_TRUE(where) << where.status().to_string();
    std::vector<std::uint64_t> numbers;
    for (const auto& t : trials) {
      if (where && where->holds(t)) numbers.push_back(t.trial);
    }
    return numbers;
  }
  std::string refusal(const std::string& text) {
    const auto where = Where::compile(text, TrialSheet(sweep, trials, 0));
    return where ? "taken" : where.status().to_string();
  }

  wire::SweepInfo sweep;
  std::vector<wire::TrialInfo> trials;
};

TEST_F(WhereTest, ParametersMetricsAndOurOwnFieldsMeet) {
  EXPECT_THAT(which("lr < 2.5e-3 and val_acc > 0.8"), ElementsAre(0));
  EXPECT_THAT(which("val_acc > 0.5"), ElementsAre(0, 1));
  EXPECT_THAT(which("state == failed or state == queued"), ElementsAre(2, 3));
  EXPECT_THAT(which("state in [pruned, completed]"), ElementsAre(0, 1));
  EXPECT_THAT(which("cause == oom"), ElementsAre(2));
  EXPECT_THAT(which("duration > 5"), ElementsAre(0));
  EXPECT_THAT(which("trial % 2 == 1"), ElementsAre(1, 3));
  EXPECT_THAT(which("value >= 0.7 and not optimizer == sgd"), ElementsAre(1));
  EXPECT_THAT(which("rank == 1"), ElementsAre(0));
}

TEST_F(WhereTest, ANameWithSignsStandsInBackticks) {
  EXPECT_THAT(which("`val/loss` < 1"), ElementsAre(0));
  EXPECT_THAT(which("`val/loss.min` < 1"), ElementsAre(0, 1));
  EXPECT_THAT(which("`state-dim` == 2"), ElementsAre(2));
  EXPECT_THAT(refusal("val/loss < 1"), HasSubstr("a name with `/` stands in backticks"));
  EXPECT_THAT(refusal("state-dim < 1"), HasSubstr("`state`"));
}

TEST_F(WhereTest, AParameterComesBeforeAMetricOfTheSameName) {
  EXPECT_THAT(which("lr < 1"), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(which("metric.lr == 99"), ElementsAre(0));
}

TEST_F(WhereTest, WhatATrialHasNotComparesFalse) {
  EXPECT_THAT(which("val_acc < 1"), ElementsAre(0, 1));
  EXPECT_THAT(which("`val/loss` != 7"), ElementsAre(0)) << "NaN is no value";
  EXPECT_THAT(which("not val_acc < 1"), ElementsAre(2, 3));
  EXPECT_THAT(which("seed == 1"), IsEmpty());
}

TEST_F(WhereTest, AMistakeIsShownAtItsPlace) {
  EXPECT_THAT(refusal("lr < 1 and vall_acc > 2"),
              testing::AllOf(HasSubstr("character 12"), HasSubstr("there is no column `vall_acc`"),
                             HasSubstr("did you mean `val_acc`?")));
  EXPECT_THAT(refusal("state == faild"), HasSubstr("`faild`"));
  EXPECT_THAT(refusal("state == \"faild\""), HasSubstr("states are queued, running"));
  EXPECT_THAT(refusal("optimizer"), HasSubstr("not true or false"));
  EXPECT_THAT(refusal("lr && val_acc"), HasSubstr("write `and`"));
  EXPECT_THAT(refusal(""), testing::Not(HasSubstr("taken")));
}

}  // namespace
}  // namespace scopa::analysis
