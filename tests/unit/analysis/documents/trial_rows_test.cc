#include "analysis/documents/trial_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "tests/unit/analysis/trial.h"

namespace scopa::analysis {
namespace {

using ::testing::HasSubstr;

wire::TrialInfo awkward() {
  wire::TrialInfo t = ran(trial(7, TrialState::kFailed, 0.25), 3, 100, 101);
  t.ended_us += 234'567;
  t.running_us += 234'567;
  t.points_dropped = 12;
  t.cause = static_cast<std::uint8_t>(Cause::kOom);
  t.reason = "exit 1: said \"no\",\nthen left";
  t.origin = "sampler";
  t.attempts.resize(2);
  t.attempts[1].worker = "w1";
  t.params = {{"lr", Value(0.1)}, {"state", Value(std::string("a,b"))}};
  return t;
}

/// Header and rows with the usual columns.
std::string csv(const wire::SweepInfo& sweep, const std::vector<wire::TrialInfo>& trials) {
  const TrialSheet sheet(sweep, trials, 0);
  const auto columns = sheet.usual_columns();
  std::string out = csv_header(columns);
  for (const auto& t : trials) out += csv_row(sheet, columns, t);
  return out;
}

constexpr char kOurs[] =
    "trial,state,value,best,steps,duration_s,attempts,worker,reason,started,ended,origin,"
    "replicate_of,mean,runs,spread,points_dropped,cause";

TEST(TrialRowsTest, CsvQuotesWhatNeedsItAndKeepsParameterColumnsApart) {
  wire::SweepInfo sweep;
  sweep.parameters = {"lr", "state", "absent"};
  EXPECT_EQ(
      csv(sweep, {awkward()}),
      std::string(kOurs) +
          ",lr,param.state,absent\n"
          "7,failed,0.25,0.25,3,1.235,2,w1,\"exit 1: said \"\"no\"\",\nthen left\","
          "1970-01-01T00:01:40.000Z,1970-01-01T00:01:41.234Z,sampler,0,,,,12,oom,0.1,\"a,b\",\n");
}

TEST(TrialRowsTest, CsvHasTheLastTheLeastAndTheGreatestOfEveryMetricAndDerivedParameters) {
  wire::SweepInfo sweep;
  sweep.parameters = {"lr"};
  sweep.metrics = {"val/acc", "lr", "never"};
  wire::TrialInfo t = trial(0, TrialState::kCompleted, 0.5);
  t.params = {{"lr", Value(0.1)}, {"warmup", Value(std::int64_t{30})}};
  t.metrics = {{"lr", 0.05, 2, 0.05, 0.1, 2, 1, 2}, {"val/acc", 0.5, 3, 0.25, 0.75, 1, 2, 3}};
  EXPECT_EQ(
      csv(sweep, {t}),
      std::string(kOurs) +
          ",lr,warmup,val/acc,val/acc.min,val/acc.max,metric.lr,lr.min,lr.max,never,never.min,"
          "never.max\n"
          "0,completed,0.5,0.5,0,,0,,,,,,0,,,,0,,0.1,30,0.5,0.25,0.75,0.05,0.05,0.1,,,\n");
}

TEST(TrialRowsTest, ATrialThatNeverRanHasEmptyCells) {
  EXPECT_EQ(csv({}, {trial(0, TrialState::kQueued)}),
            std::string(kOurs) + "\n0,queued,,,,,0,,,,,,0,,,,0,\n");
}

TEST(TrialRowsTest, EveryRunIsARowAndTheFirstOneHasTheMean) {
  EXPECT_EQ(csv({}, {head(3, 0.1, 0.5, 2), replicate(4, 3, 0.9)}),
            std::string(kOurs) +
                "\n3,completed,0.1,0.1,0,,0,,,,,,3,0.5,2,0.25,0,\n"
                "4,completed,0.9,0.9,0,,0,,,,,,3,,,,0,\n");
  const auto json = nlohmann::json::parse(jsonl_row(head(3, 0.1, 0.5, 2), 0));
  EXPECT_EQ(json["replicate_of"], 3);
  EXPECT_EQ(json["mean"], 0.5);
  EXPECT_EQ(json["runs"], 2);
  EXPECT_TRUE(nlohmann::json::parse(jsonl_row(replicate(4, 3, 0.9), 0))["mean"].is_null());
}

TEST(TrialRowsTest, JsonRowsAreValidWhateverTheTexts) {
  wire::TrialInfo t = awkward();
  t.reason = "broken \xff utf-8 \x01";
  t.value = std::numeric_limits<double>::infinity();
  t.params.push_back({"shape", Value(Composite{"[1,2]"})});
  t.metrics = {{"odd \"name\"", std::numeric_limits<double>::quiet_NaN(), 1, 0, 0, 0, 0, 0}};
  const std::string row = jsonl_row(t, 0);
  EXPECT_EQ(row.find('\n'), row.size() - 1);
  const auto json = nlohmann::json::parse(row);
  EXPECT_EQ(json["trial"], 7);
  EXPECT_EQ(json["value"], "inf");
  EXPECT_EQ(json["cause"], "oom");
  EXPECT_EQ(json["params"]["lr"], 0.1);
  EXPECT_EQ(json["params"]["shape"][1], 2);
  EXPECT_EQ(json["metrics"]["odd \"name\""]["last"], "nan");
  EXPECT_TRUE(json["metrics"]["odd \"name\""]["max"].is_null());
}

TEST(TrialRowsTest, AttemptsThatAnAnswerLeftOutAreCounted) {
  wire::TrialInfo t = awkward();
  t.attempts_left_out = 40;
  const auto json = nlohmann::json::parse(jsonl_row(t, 0));
  EXPECT_EQ(json["attempts"], 42);
  EXPECT_EQ(json["points_dropped"], 12);
}

TEST(TrialRowsTest, MissingValuesAreNullInJson) {
  const auto json = nlohmann::json::parse(jsonl_row(trial(0, TrialState::kQueued), 0));
  EXPECT_TRUE(json["value"].is_null());
  EXPECT_TRUE(json["duration_s"].is_null());
  EXPECT_TRUE(json["cause"].is_null());
  EXPECT_TRUE(json["params"].is_object());
}

TEST(TrialRowsTest, ChosenColumnsAreAFlatObject) {
  const wire::SweepInfo sweep;
  const std::vector<wire::TrialInfo> trials = {awkward()};
  const TrialSheet sheet(sweep, trials, 0);
  const auto columns = sheet.choose({"param.state", "trial", "lr", "mean"});
  ASSERT_TRUE(columns);
  EXPECT_EQ(json_row(sheet, *columns, trials[0]),
            R"({"param.state":"a,b","trial":7,"lr":0.1,"mean":null})");
}

}  // namespace
}  // namespace scopa::analysis
