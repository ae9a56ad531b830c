// That searches find what they are for, on the synthetic problems of the benchmark. Seeds are
// fixed, so the outcome is the same everywhere; how good they are is measured by
// scripts/bench-search.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "rehearsal/problem.h"
#include "rehearsal/rehearse.h"

namespace scopa::rehearsal {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t kSeedsEach = 24;
constexpr std::uint64_t kTrialsEach = 40;

std::vector<Problem> problems() {
  std::ostringstream text;
  text << std::ifstream(SCOPA_SYNTHETIC_PROBLEMS).rdbuf();
  std::vector<Problem> all;
  const auto list = parse_problems(text.str());
  if (!list) return all;
  for (const std::string& problem : list->problems) {
    auto parsed = Problem::parse(problem, nullptr);
    if (parsed) all.push_back(std::move(*parsed));
  }
  return all;
}

/// What a sweep with these keys found, and where it looked.
struct Found {
  double regret = 0;
  std::string looked;
};

Found search(const Problem& problem, const std::string& keys, std::uint64_t seed) {
  Json spec = Json::parse(problem.config());
  const Json given = Json::parse(keys);
  for (const auto& [key, value] : given.items()) spec[key] = value;
  Rehearsal limits;
  limits.trials_max = kTrialsEach;
  limits.workers = 2;
  const auto objective = [&](const Params& params, std::uint64_t number) -> Result<Training> {
    SCOPA_ASSIGN_OR_RETURN(const double exact, problem.final_value(params));
    Training training;
    training.values = {problem.observed(exact, seed, number)};
    return training;
  };
  const auto trials = rehearse(spec.dump(), seed, objective, limits);
  Found found;
  if (!trials) {
    ADD_FAILURE() << problem.id() << ": " << trials.status().to_string();
    return found;
  }
  double best = 0;
  for (const Rehearsed& trial : *trials) {
    if (trial.trial == 0 || is_better(problem.goal(), trial.value, best)) best = trial.value;
    found.looked += canonical_text(trial.params) + "\n";
  }
  found.regret = problem.normalised_regret(best);
  return found;
}

class SearchQualityTest : public testing::TestWithParam<const char*> {};

TEST_P(SearchQualityTest, FindsMoreThanRandomInMostSeeds) {
  const auto all = problems();
  ASSERT_GE(all.size(), 4U);
  for (const Problem& problem : all) {
    std::uint64_t better = 0;
    for (std::uint64_t seed = 0; seed < kSeedsEach; ++seed) {
      const double ours = search(problem, GetParam(), seed).regret;
      better += ours < search(problem, R"({"method": "random"})", seed + 100).regret ? 1 : 0;
    }
    EXPECT_GE(better, kSeedsEach * 2 / 3) << problem.id();
  }
}

TEST_P(SearchQualityTest, TheSameSeedLooksAtTheSamePlacesAndAnotherElsewhere) {
  for (const Problem& problem : problems()) {
    const std::string looked = search(problem, GetParam(), 3).looked;
    EXPECT_EQ(looked, search(problem, GetParam(), 3).looked) << problem.id();
    EXPECT_NE(looked, search(problem, GetParam(), 4).looked) << problem.id();
  }
}

// Under a sanitizer the process would take minutes, and its code is run by its other tests.
#ifndef SCOPA_SANITIZED
INSTANTIATE_TEST_SUITE_P(Gp, SearchQualityTest, testing::Values(R"({"bayes": {"model": "gp"}})"));
INSTANTIATE_TEST_SUITE_P(Auto, SearchQualityTest, testing::Values(R"({})"));
#endif
INSTANTIATE_TEST_SUITE_P(Tpe, SearchQualityTest, testing::Values(R"({"bayes": {"model": "tpe"}})"));

}  // namespace
}  // namespace scopa::rehearsal
