#include "cli/board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/documents/trial_order.h"

namespace scopa::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

wire::TrialInfo trial(std::uint64_t number, TrialState state, double value, double lr) {
  wire::TrialInfo t;
  t.trial = number;
  t.state = static_cast<std::uint8_t>(state);
  t.has_value = true;
  t.value = t.best = value;
  t.values = 3;
  t.last_step = 3;
  t.started_us = 1'000'000;
  t.ended_us = 3'000'000;
  t.running_us = 2'000'000;
  t.params = {{"epochs", Value(std::int64_t{3})}, {"lr", Value(lr)}};
  return t;
}

Snapshot sample() {
  Snapshot s;
  s.sweep.id = "k3v9q2ha";
  s.sweep.name = "fox-1";
  s.sweep.metric = "loss";
  s.sweep.parameters = {"epochs", "lr"};
  s.trials = {trial(0, TrialState::kCompleted, 0.5, 0.123456789),
              trial(1, TrialState::kFailed, 0.1, 0.2), trial(2, TrialState::kPruned, 0.4, 0.3)};
  return s;
}

TEST(BoardTest, InAPipeItIsExactAndSeparatedByTabs) {
  const Snapshot s = sample();
  EXPECT_EQ(board(s, analysis::leaderboard(s.trials, s.goal()), Terminal{}),
            "rank\ttrial\tstate\tvalue\tsteps\tduration_s\tcause\tlr\tepochs\n"
            "1\t2\tpruned\t0.4\t3\t2\t\t0.3\t3\n"
            "2\t0\tcompleted\t0.5\t3\t2\t\t0.123456789\t3\n"
            "\t1\tfailed\t0.1\t3\t2\t\t0.2\t3\n");
}

TEST(BoardTest, OnATerminalNumbersAreShortAndTheMetricIsNamed) {
  const Snapshot s = sample();
  Terminal t;
  t.out_is_tty = true;
  const std::string text = board(s, analysis::leaderboard(s.trials, s.goal()), t);
  EXPECT_THAT(text, StartsWith("  #  trial  state        loss  steps  time     lr  epochs\n"));
  EXPECT_THAT(text, HasSubstr("0.5000      3  2.0s  0.123       3"));
}

TEST(BoardTest, ProgramsReadTheCauseOfAFailureAndEveryMetric) {
  Snapshot s = sample();
  s.trials[1].cause = static_cast<std::uint8_t>(Cause::kOom);
  s.sweep.metrics = {"mb", "loss"};
  s.trials[0].metrics = {{"loss", 0.5, 3, 0.5, 0.7, 3, 1, 3}, {"mb", 12.5, 3, 11, 13, 1, 2, 3}};
  const auto all = analysis::leaderboard(s.trials, s.goal());
  EXPECT_EQ(board(s, all, Terminal{}),
            "rank\ttrial\tstate\tvalue\tsteps\tduration_s\tcause\tlr\tepochs\tmb\n"
            "1\t2\tpruned\t0.4\t3\t2\t\t0.3\t3\t\n"
            "2\t0\tcompleted\t0.5\t3\t2\t\t0.123456789\t3\t12.5\n"
            "\t1\tfailed\t0.1\t3\t2\toom\t0.2\t3\t\n");
}

TEST(BoardTest, AParameterThatOnlyTrialsHaveIsAColumn) {
  Snapshot s = sample();
  s.trials[0].params.push_back({"warmup", Value(std::int64_t{100})});
  const auto all = analysis::leaderboard(s.trials, s.goal());
  EXPECT_THAT(board(s, all, Terminal{}), HasSubstr("\tlr\twarmup\tepochs\n"));
}

TEST(BoardTest, WhereColumnsAreLeftOutItSaysHowToChooseThem) {
  Snapshot s = sample();
  for (auto& t : s.trials) {
    for (int i = 0; i < 12; ++i) {
      t.params.push_back({"parameter_" + std::to_string(i), Value(0.12345 + t.trial)});
    }
  }
  Terminal t;
  t.out_is_tty = true;
  t.columns = 80;
  const auto all = analysis::leaderboard(s.trials, s.goal());
  EXPECT_THAT(board(s, all, t),
              HasSubstr(" more columns: --columns A,B, a wider window or --json"));
}

TEST(BoardTest, ChosenColumnsStandAsTheyWereNamed) {
  Snapshot s = sample();
  const analysis::TrialSheet sheet(s.sweep, s.trials, s.now_us);
  const auto columns = sheet.choose({"lr", "duration", "trial", "cause"});
  ASSERT_TRUE(columns);
  const auto all = analysis::leaderboard(s.trials, s.goal());
  EXPECT_EQ(board_of(sheet, *columns, all, Terminal{}),
            "lr\tduration_s\ttrial\tcause\n"
            "0.3\t2\t2\t\n0.123456789\t2\t0\t\n0.2\t2\t1\t\n");
  Terminal t;
  t.out_is_tty = true;
  EXPECT_EQ(board_of(sheet, *columns, all, t),
            "      lr  duration_s  trial  cause\n"
            "     0.3        2.0s      2  -\n"
            "  0.1235        2.0s      0  -\n"
            "     0.2        2.0s      1  -\n");
}

TEST(BoardTest, WhoLostPointsIsMarkedForPeopleAndCountedForPrograms) {
  Snapshot s = sample();
  s.sweep.points_dropped = s.trials[0].points_dropped = 1500;
  const auto all = analysis::leaderboard(s.trials, s.goal());
  EXPECT_EQ(board(s, all, Terminal{}),
            "rank\ttrial\tstate\tvalue\tsteps\tduration_s\tcause\tpoints_dropped\tlr\tepochs\n"
            "1\t2\tpruned\t0.4\t3\t2\t\t0\t0.3\t3\n"
            "2\t0\tcompleted\t0.5\t3\t2\t\t1500\t0.123456789\t3\n"
            "\t1\tfailed\t0.1\t3\t2\t\t0\t0.2\t3\n");
  Terminal t;
  t.out_is_tty = true;
  EXPECT_THAT(board(s, all, t), HasSubstr("0.5000     3!  2.0s  0.123       3"));
}

TEST(BoardTest, AConfigurationWithReplicatesIsOneRow) {
  Snapshot s = sample();
  s.sweep.replicates = 3;
  s.trials[0].mean = 0.45;
  s.trials[0].mean_count = 2;
  s.trials[0].spread = 0.07071;
  s.trials[2].mean_count = 1;
  s.trials.push_back(trial(3, TrialState::kCompleted, 0.3, 0.123456789));
  s.trials[3].replicate = 1;
  const auto all = analysis::leaderboard(s.trials, s.goal());
  EXPECT_EQ(board(s, all, Terminal{}),
            "rank\ttrial\tstate\tvalue\tsteps\tduration_s\tcause\truns\tspread\tlr\tepochs\n"
            "1\t2\tpruned\t0.4\t3\t2\t\t1\t\t0.3\t3\n"
            "2\t0\tcompleted\t0.45\t3\t2\t\t2\t0.07071\t0.123456789\t3\n"
            "\t1\tfailed\t0.1\t3\t2\t\t\t\t0.2\t3\n");
  Terminal t;
  t.out_is_tty = true;
  t.columns = 200;
  EXPECT_THAT(board(s, all, t), HasSubstr("0.4500 ± 0.0707 (2)"));
}

TEST(BoardTest, WithReplicatesTheCapCountsConfigurations) {
  wire::SweepInfo s;
  s.replicates = 3;
  s.run_cap = 30;
  s.configurations = 12;
  s.counts.completed = 14;
  s.counts.running = 2;
  EXPECT_EQ(counts_text(s),
            "12 of 30 configurations begun, 14 runs ended: 14 completed, 2 running");
}

TEST(BoardTest, RanksAreThoseOfTheWholeSweepHoweverItIsSorted) {
  const Snapshot s = sample();
  const analysis::TrialSheet sheet(s.sweep, s.trials, s.now_us);
  const auto by_number = analysis::sorted_by(sheet, "trial");
  ASSERT_TRUE(by_number);
  EXPECT_THAT(board(s, *by_number, Terminal{}), HasSubstr("\n2\t0\tcompleted"));
}

TEST(BoardTest, OfALongOutputTheLastLineTellsMost) {
  const Reason reason = split_reason("exit 1: loading: data\nNo module named 'timm'\n");
  EXPECT_EQ(reason.what, "exit 1");
  EXPECT_EQ(reason.output, "loading: data\nNo module named 'timm'");
  EXPECT_EQ(reason.in_a_line(), "exit 1: No module named 'timm'");
  EXPECT_EQ(split_reason("exit 3").in_a_line(), "exit 3");
  EXPECT_EQ(split_reason("").in_a_line(), "");
}

TEST(BoardTest, CountsNameOnlyWhatThereIs) {
  wire::SweepInfo s;
  s.run_cap = 30;
  s.counts.completed = 11;
  s.counts.pruned = 7;
  s.counts.running = 2;
  EXPECT_EQ(counts_text(s), "18 of 30 trials ended: 11 completed, 7 pruned, 2 running");
  EXPECT_EQ(counts_text(wire::SweepInfo{}), "0 trials ended");
}

}  // namespace
}  // namespace scopa::cli
