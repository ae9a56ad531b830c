#include "cli/json.h"

#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>

namespace scopa::cli {
namespace {

TEST(JsonTest, ATrialIsValidJsonWithWordsForStatesAndNullForWhatIsMissing) {
  wire::TrialInfo t;
  t.trial = 3;
  t.state = static_cast<std::uint8_t>(TrialState::kRunning);
  t.started_us = 1'000'000;
  t.params = {{"a \"b\"", Value(std::string("c\nd"))}, {"lr", Value(0.1)}};
  t.running_us = 2'500'000;
  t.points_dropped = 7;
  t.attempts_left_out = 3;
  t.metrics = {{"acc", std::numeric_limits<double>::quiet_NaN(), 4, 0.5, 0.75, 1, 2, 3},
               {"never", std::numeric_limits<double>::infinity(), 1, 0, 0, 0, 0, 0}};
  t.attempts.resize(2);
  t.attempts[0].started_us = 2'000'000;
  t.attempts[0].points_dropped = 7;
  t.attempts[1].forced = static_cast<std::uint8_t>(wire::Forced::kKill);
  t.attempts[1].folder = "/work/.scopa/trials/k3v9q2ha/3";
  const auto json = nlohmann::json::parse(json_of(t, 3'500'000));
  EXPECT_EQ(json["trial"], 3);
  EXPECT_EQ(json["state"], "running");
  EXPECT_TRUE(json["value"].is_null());
  EXPECT_TRUE(json["stop"].is_null());
  EXPECT_EQ(json["metrics"]["acc"]["last"], "nan");
  EXPECT_EQ(json["metrics"]["acc"]["max"], 0.75);
  EXPECT_EQ(json["metrics"]["acc"]["max_step"], 2);
  EXPECT_TRUE(json["metrics"]["never"]["min"].is_null());
  EXPECT_EQ(json["duration_s"], 2.5);
  EXPECT_EQ(json["started"], "1970-01-01T00:00:01.000Z");
  EXPECT_TRUE(json["ended"].is_null());
  EXPECT_EQ(json["params"]["a \"b\""], "c\nd");
  ASSERT_EQ(json["attempts"].size(), 2u);
  EXPECT_EQ(json["attempts"][0]["duration_s"], 1.5);
  EXPECT_EQ(json["attempts"][0]["points_dropped"], 7);
  EXPECT_TRUE(json["attempts"][0]["checkpoint_step"].is_null());
  EXPECT_TRUE(json["attempts"][0]["forced"].is_null());
  EXPECT_TRUE(json["attempts"][0]["folder"].is_null());
  EXPECT_EQ(json["attempts"][1]["forced"], "sigkill");
  EXPECT_EQ(json["attempts"][1]["folder"], "/work/.scopa/trials/k3v9q2ha/3");
  EXPECT_EQ(json["attempts_left_out"], 3);
  EXPECT_EQ(json["points_dropped"], 7);
}

TEST(JsonTest, ASweepIsValidJson) {
  wire::SweepInfo s;
  s.id = "k3v9q2ha";
  s.has_best = true;
  s.best_trial = 4;
  s.best_value = std::numeric_limits<double>::infinity();
  s.metrics = {"val/loss", "x\"y"};
  s.rungs = {1, 3, 9};
  s.reduce = "mean(3)";
  s.device_us = 1'500'000;
  s.device_budget_us = 3'600'000'000;
  s.project = "vision";
  s.points_dropped = 5;
  const auto json = nlohmann::json::parse(json_of(s));
  EXPECT_EQ(json["best"]["trial"], 4);
  EXPECT_EQ(json["best"]["value"], "inf");
  EXPECT_TRUE(json["run_cap"].is_null());
  EXPECT_EQ(json["goal"], "minimize");
  EXPECT_EQ(json["metrics"][1], "x\"y");
  EXPECT_EQ(json["rungs"][2], 9);
  EXPECT_EQ(json["reduce"], "mean(3)");
  EXPECT_EQ(json["device_s"], 1.5);
  EXPECT_EQ(json["project"], "vision");
  EXPECT_EQ(json["points_dropped"], 5);
  EXPECT_EQ(json["device_budget_s"], 3600);
  EXPECT_TRUE(json["wall_budget_s"].is_null());
}

TEST(JsonTest, DocumentsSayTheirSchemaVersionFirst) {
  EXPECT_EQ(json_document({{"ok", "true"}}), "{\"schema_version\":1,\"ok\":true}\n");
  EXPECT_EQ(json_array({}), "[]");
  EXPECT_EQ(json_texts({"a", "b"}), "[\"a\",\"b\"]");
}

}  // namespace
}  // namespace scopa::cli
