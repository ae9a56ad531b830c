#include "tests/bench/search/real/real.h"

#include <gtest/gtest.h>

#include "broker/search/space.h"
#include "broker/spec/parse.h"
#include "cli/ask_tell_config.h"

namespace scopa::bench {
namespace {

using Json = nlohmann::ordered_json;

Result<std::string> spec_text(const Problem& problem) {
  Json init = {{"config", Json::parse(problem.config)}};
  if (!problem.conditions.empty()) init["conditions"] = Json::parse(problem.conditions);
  return cli::ask_tell_spec(init.dump(), 1);
}

Params params_of(const Json& object) {
  Params params;
  for (const auto& [name, value] : object.items()) {
    params.push_back({name, parse_value(value.dump())});
  }
  return params;
}

TEST(RealProblems, TrainTheSameAgainForTheSameTrial) {
  const auto problems = real_suite();
  ASSERT_TRUE(problems) << problems.status().to_string();
  EXPECT_GE(problems->size(), 8U);
  for (const Problem& problem : *problems) {
    const auto text = spec_text(problem);
    ASSERT_TRUE(text) << problem.id;
    const auto parsed = spec::parse(*text);
    ASSERT_TRUE(parsed.ok()) << problem.id;
    const search::Space space(parsed.spec);
    for (std::uint64_t k = 0; k < 3; ++k) {
      const Params params = space.params(space.draw(5, k, 0));
      const auto once = problem.train(params, 3, k);
      const auto again = problem.train(params, 3, k);
      ASSERT_TRUE(once && again) << problem.id;
      EXPECT_EQ(once->values, again->values) << problem.id;
      EXPECT_EQ(once->fails, again->fails) << problem.id;
      EXPECT_TRUE(once->fails || once->values.size() == problem.steps) << problem.id;
      EXPECT_GT(once->step_seconds, 0) << problem.id;
    }
  }
}

TEST(RealProblems, ReachTheirRecordedBest) {
  const auto problems = real_suite();
  ASSERT_TRUE(problems) << problems.status().to_string();
  for (const Problem& problem : *problems) {
    const auto header = table_header(problem.id);
    ASSERT_TRUE(header) << header.status().to_string();
    EXPECT_LT(problem.best, problem.median) << problem.id;
    const auto value = problem.exact(params_of((*header)["at"]));
    ASSERT_TRUE(value) << problem.id;
    EXPECT_LE(problem.regret(*value), 0.02) << problem.id;
  }
}

}  // namespace
}  // namespace scopa::bench
