#include "analysis/export.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tests/unit/analysis/trial.h"

namespace scopa::analysis {
namespace {

wire::TrialInfo awkward() {
  wire::TrialInfo t = ran(trial(7, TrialState::kFailed, 0.25), 3, 100, 101);
  t.ended_us += 234'567;
  t.running_us += 234'567;
  t.points_dropped = 12;
  t.reason = "exit 1: said \"no\",\nthen left";
  t.origin = "sampler";
  t.attempts.resize(2);
  t.attempts[1].worker = "w1";
  t.params = {{"lr", Value(0.1)}, {"state", Value(std::string("a,b"))}};
  return t;
}

TEST(ExportTest, CsvQuotesWhatNeedsItAndKeepsParameterColumnsApart) {
  const CsvTrials csv({"lr", "state", "absent"});
  EXPECT_EQ(csv.header(),
            "trial,state,value,best,steps,duration_s,attempts,worker,reason,started,ended,origin,"
            "replicate_of,mean,runs,spread,points_dropped,lr,param.state,absent\n");
  EXPECT_EQ(csv.row(awkward(), 0),
            "7,failed,0.25,0.25,3,1.235,2,w1,\"exit 1: said \"\"no\"\",\nthen left\","
            "1970-01-01T00:01:40.000Z,1970-01-01T00:01:41.234Z,sampler,0,,,,12,0.1,\"a,b\",\n");
}

TEST(ExportTest, ATrialThatNeverRanHasEmptyCells) {
  const CsvTrials csv({});
  EXPECT_EQ(csv.row(trial(0, TrialState::kQueued), 5), "0,queued,,,,,0,,,,,,0,,,,0\n");
}

TEST(ExportTest, EveryRunIsARowAndTheFirstOneHasTheMean) {
  const CsvTrials csv({});
  EXPECT_EQ(csv.row(head(3, 0.1, 0.5, 2), 0), "3,completed,0.1,0.1,0,,0,,,,,,3,0.5,2,0.25,0\n");
  EXPECT_EQ(csv.row(replicate(4, 3, 0.9), 0), "4,completed,0.9,0.9,0,,0,,,,,,3,,,,0\n");
  const auto json = nlohmann::json::parse(jsonl_row(head(3, 0.1, 0.5, 2), 0));
  EXPECT_EQ(json["replicate_of"], 3);
  EXPECT_EQ(json["mean"], 0.5);
  EXPECT_EQ(json["runs"], 2);
  EXPECT_TRUE(nlohmann::json::parse(jsonl_row(replicate(4, 3, 0.9), 0))["mean"].is_null());
}

TEST(ExportTest, JsonRowsAreValidWhateverTheTexts) {
  wire::TrialInfo t = awkward();
  t.reason = "broken \xff utf-8 \x01";
  t.value = std::numeric_limits<double>::infinity();
  t.params.push_back({"shape", Value(Composite{"[1,2]"})});
  const std::string row = jsonl_row(t, 0);
  EXPECT_EQ(row.find('\n'), row.size() - 1);
  const auto json = nlohmann::json::parse(row);
  EXPECT_EQ(json["trial"], 7);
  EXPECT_EQ(json["value"], "inf");
  EXPECT_EQ(json["params"]["lr"], 0.1);
  EXPECT_EQ(json["params"]["shape"][1], 2);
}

TEST(ExportTest, AttemptsThatAnAnswerLeftOutAreCounted) {
  wire::TrialInfo t = awkward();
  t.attempts_left_out = 40;
  const auto json = nlohmann::json::parse(jsonl_row(t, 0));
  EXPECT_EQ(json["attempts"], 42);
  EXPECT_EQ(json["points_dropped"], 12);
}

TEST(ExportTest, MissingValuesAreNullInJson) {
  const auto json = nlohmann::json::parse(jsonl_row(trial(0, TrialState::kQueued), 0));
  EXPECT_TRUE(json["value"].is_null());
  EXPECT_TRUE(json["duration_s"].is_null());
  EXPECT_TRUE(json["params"].is_object());
}

TEST(ExportTest, PointsKeepWhatIsNotFinite) {
  PointBlock block;
  block.metrics = {"val/loss", "odd,name"};
  block.metric = {0, 1};
  block.step = {1, -2};
  block.value = {0.5, std::numeric_limits<double>::quiet_NaN()};
  block.time_us = {1'000'000, 2'000'000};
  EXPECT_EQ(csv_points(3, 1, block),
            "3,1,val/loss,1,0.5,1970-01-01T00:00:01.000Z\n"
            "3,1,\"odd,name\",-2,nan,1970-01-01T00:00:02.000Z\n");
  const std::string lines = jsonl_points(3, 1, block);
  const auto second = nlohmann::json::parse(lines.substr(lines.find('\n') + 1));
  EXPECT_EQ(second["value"], "nan");
}

}  // namespace
}  // namespace scopa::analysis
