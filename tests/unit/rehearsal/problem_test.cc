#include "rehearsal/problem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

namespace scopa::rehearsal {
namespace {

using ::testing::HasSubstr;
using Json = nlohmann::ordered_json;

const std::filesystem::path kData = SCOPA_BENCHDATA;

std::string read_data(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(kData / name, std::ios::binary).rdbuf();
  return text.str();
}

Params params_of(const Json& json) {
  Params params;
  for (const auto& [name, value] : json.items()) {
    params.push_back(
        {name, value.is_string() ? Value(value.get<std::string>()) : parse_value(value.dump())});
  }
  return params;
}

constexpr char kBranin[] =
    R"({"id":"branin","kind":"synthetic","function":"branin","steps":1,"noise_sd":0.5,"config":{)"
    R"("method":"bayes","metric":{"name":"loss","goal":"minimize"},"parameters":{"x0":{"min":-5.0,)"
    R"("max":10.0},"x1":{"min":0.0,"max":15.0}}},"norm":{"median":35.0,"best":0.4}})";

TEST(ProblemTest, ASyntheticProblemNeedsNoData) {
  const auto problem = Problem::parse(kBranin, nullptr);
  ASSERT_TRUE(problem) << problem.status().to_string();
  const auto run = problem->run({{"x1", 2.275}, {"x0", M_PI}});
  ASSERT_TRUE(run) << run.status().to_string();
  EXPECT_NEAR(run->values.at(0), 0.397887, 1e-6);
  EXPECT_NEAR(problem->normalised_regret(0.4), 0, 1e-12);
  EXPECT_NEAR(problem->normalised_regret(35), 1, 1e-12);
  EXPECT_NE(problem->observed(1, 2, 3), 1);
  EXPECT_EQ(problem->observed(1, 2, 3), problem->observed(1, 2, 3));
  EXPECT_EQ(problem->run({{"x0", 1.0}}).status().code(), Code::kInvalidArgument);
}

TEST(ProblemTest, WhatIsWrongIsSaid) {
  EXPECT_THAT(Problem::parse("[]", nullptr).status().message(), HasSubstr("no JSON object"));
  EXPECT_THAT(Problem::parse("{}", nullptr).status().message(), HasSubstr("id"));
  Json json = Json::parse(kBranin);
  json.erase("function");
  EXPECT_THAT(Problem::parse(json.dump(), nullptr).status().message(), HasSubstr("either"));
  json["network"] = "lcbench";
  EXPECT_THAT(Problem::parse(json.dump(), nullptr).status().message(), HasSubstr("is missing"));
}

TEST(NetworkTest, WhatIsWrongIsSaid) {
  EXPECT_THAT(Network::parse("3", "").status().message(), HasSubstr("no JSON object"));
  EXPECT_THAT(Network::parse("{}", "").status().message(), HasSubstr("tensors"));
  const std::string outside =
      R"({"tensors":[{"name":"embedding.0","shape":[4,2],"offset":99}],"batchnorm_epsilon":1e-5,)"
      R"("inputs":{"categorical":[{"name":"c","encoding":{}}],"continuous":[]}})";
  EXPECT_THAT(Network::parse(outside, std::string(400, '\0')).status().message(),
              HasSubstr("lies outside of the weights"));
}

class TestVectors : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(kData / "testvectors_dev.json")) {
      GTEST_SKIP() << "no " << kData << ": the data that peers were measured on";
    }
  }

  std::shared_ptr<const Network> network(const std::string& name) {
    auto& found = networks_[name];
    if (found) return found;
    auto read = Network::parse(read_data(name + ".json"), read_data(name + ".f32"));
    EXPECT_TRUE(read) << read.status().to_string();
    if (read) found = std::make_shared<const Network>(std::move(*read));
    return found;
  }

 private:
  std::map<std::string, std::shared_ptr<const Network>> networks_;
};

TEST_F(TestVectors, EveryOutputIsTheRecordedOneToAHundredThousandth) {
  const auto list = parse_problems(read_data("problems_dev.json"));
  ASSERT_TRUE(list) << list.status().to_string();
  std::map<std::string, std::string> network_of, text_of;
  for (std::size_t i = 0; i < list->problems.size(); ++i) {
    const std::string id = Json::parse(list->problems[i]).at("id");
    network_of[id] = list->network_of[i];
    text_of[id] = list->problems[i];
  }
  std::size_t compared = 0;
  const Json data = Json::parse(read_data("testvectors_dev.json"));
  for (const Json& vector : data.at("vectors")) {
    const std::string id = vector.at("problem");
    for (const auto& [output, expected] : vector.at("outputs").items()) {
      double value = 0;
      if (vector.contains("inputs")) {
        const auto values =
            network(network_of.at(id))->evaluate({params_of(vector.at("inputs"))}, output);
        ASSERT_TRUE(values) << values.status().to_string();
        value = values->front();
      } else {
        const auto problem = Problem::parse(text_of.at(id), nullptr);
        ASSERT_TRUE(problem) << problem.status().to_string();
        const auto run = problem->run(params_of(vector.at("params")));
        ASSERT_TRUE(run) << run.status().to_string();
        value = run->values.front();
      }
      const double wanted = expected.get<double>();
      EXPECT_NEAR(value, wanted, 1e-5 * std::max(std::abs(wanted), 1e-9)) << id << " " << output;
      ++compared;
    }
  }
  EXPECT_GT(compared, 600u);
}

TEST_F(TestVectors, ACurveHasAllItsStepsAmongThemTheRecordedOneAndATime) {
  const auto list = parse_problems(read_data("problems_dev.json"));
  ASSERT_TRUE(list);
  const Json vector = Json::parse(read_data("testvectors_dev.json")).at("vectors").at(0);
  const Json first = Json::parse(list->problems.at(0));
  ASSERT_EQ(first.at("id"), vector.at("problem"));
  const auto problem = Problem::parse(first.dump(), network(list->network_of.at(0)));
  ASSERT_TRUE(problem) << problem.status().to_string();
  Params params;
  for (const Param& each : params_of(vector.at("inputs"))) {
    if (each.name != "epoch" && each.name != "OpenML_task_id") params.push_back(each);
  }
  const auto run = problem->run(params);
  ASSERT_TRUE(run) << run.status().to_string();
  ASSERT_EQ(run->values.size(), 52u);
  EXPECT_NEAR(run->values.at(vector.at("inputs").at("epoch").get<std::size_t>() - 1),
              vector.at("outputs").at("val_accuracy").get<double>(), 1e-3);
  EXPECT_GE(run->step_seconds, 1.0 / 52);
  EXPECT_NEAR(problem->mean_full_seconds(), 141.8, 0.1);
}

}  // namespace
}  // namespace scopa::rehearsal
