// Configurations with which trials fail: none is proposed again, and the model keeps away from
// where they are.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <optional>
#include <set>

#include "broker/search/sampler.h"
#include "tests/unit/broker/search/specs.h"

namespace scopa::search {
namespace {

using spec::Method;
using testing::add;
using testing::choice;
using testing::end;
using testing::integer;
using testing::sweep;
using testing::uniform;

constexpr std::uint64_t kSeeds = 20;
constexpr std::uint64_t kTrials = 80;
constexpr std::uint64_t kLate = 30;  // from here on the model has seen something

double number(const Params& params, const std::string& name) {
  double value = std::nan("");
  as_number(*find_param(params, name), &value);
  return value;
}

/// Memory does not suffice for large x.
bool is_out_of_memory(const Params& params) { return number(params, "x") > 0.5; }

/// The best is at x = `best`, or anywhere for a negative one.
double loss(const Params& params, double best) {
  const double of_x = best < 0 ? 0 : std::pow(number(params, "x") - best, 2);
  return of_x + std::pow(number(params, "y") - 0.3, 2);
}

struct Result {
  double late_failures = 0;  // share
  double best = 1e9;
};

Result run(Method method, spec::BayesModel model, std::uint64_t seed, double best,
           bool blameless = false) {
  auto spec = sweep(method, {uniform("x", 0, 1), uniform("y", 0, 1)});
  spec.bayes_model = model;
  const auto sampler = make_sampler(spec, seed);
  History history;
  Result result;
  for (std::uint64_t n = 0; n < kTrials; ++n) {
    const auto params = sampler->suggest(history, n);
    const TrialNumber trial = add(&history, *params);
    if (!is_out_of_memory(*params)) {
      result.best = std::min(result.best, loss(*params, best));
      end(&history, trial, TrialState::kCompleted, loss(*params, best));
      continue;
    }
    if (n >= kLate) result.late_failures += 1.0 / static_cast<double>(kTrials - kLate);
    HistoryChange failed;
    failed.kind = HistoryChange::Kind::kState;
    failed.number = trial;
    failed.state = TrialState::kFailed;
    failed.blameless = blameless;
    history.apply(failed);
  }
  return result;
}

struct Comparison {
  double model = 0;   ///< share of the late suggestions that fail, over all seeds
  double random = 0;  ///< of random ones
  int wins = 0;       ///< seeds in which the model's best value is the better one
};

Comparison compare(spec::BayesModel by, double best) {
  Comparison result;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const Result model = run(Method::kBayes, by, seed, best);
    const Result random = run(Method::kRandom, by, seed, best);
    result.model += model.late_failures / kSeeds;
    result.random += random.late_failures / kSeeds;
    result.wins += model.best < random.best ? 1 : 0;
  }
  return result;
}

/// A model, and which part of the failures of a random search it may have where it can know better.
struct Model {
  spec::BayesModel by;
  double most;
};
class InfeasibleTest : public ::testing::TestWithParam<Model> {};
// Under a sanitizer the process would take minutes, and its code is run by its other tests.
#ifndef SCOPA_SANITIZED
INSTANTIATE_TEST_SUITE_P(Gp, InfeasibleTest, ::testing::Values(Model{spec::BayesModel::kGp, 0.4}));
#endif
INSTANTIATE_TEST_SUITE_P(Tpe, InfeasibleTest,
                         ::testing::Values(Model{spec::BayesModel::kTpe, 0.25}));

constexpr double kNowhere = -1;
constexpr int kMostWins = kSeeds * 3 / 4;

TEST_P(InfeasibleTest, WhereNothingButFailuresTellsTheModelKeepsAwayFromThem) {
  const Comparison found = compare(GetParam().by, kNowhere);
  EXPECT_NEAR(found.random, 0.5, 0.1);
  EXPECT_LT(found.model, GetParam().most * found.random);
  EXPECT_GE(found.wins, kMostWins);
}

TEST_P(InfeasibleTest, WhereTheBestIsFarFromTheFailuresTheModelKeepsAway) {
  const Comparison found = compare(GetParam().by, 0.25);
  EXPECT_LT(found.model, GetParam().most * found.random);
  EXPECT_GE(found.wins, kMostWins);
}

TEST_P(InfeasibleTest, WhereTheBestIsAtTheirBorderItStillFailsLessOftenAndFindsBetterValues) {
  const Comparison beside = compare(GetParam().by, 0.45);
  EXPECT_LT(beside.model, 0.7 * beside.random);
  EXPECT_GE(beside.wins, kMostWins);
  const Comparison beyond = compare(GetParam().by, 0.6);
  EXPECT_LT(beyond.model, beyond.random);
  EXPECT_GE(beyond.wins, kMostWins);
}

TEST_P(InfeasibleTest, WhatMachinesLostDoesNotKeepTheModelAway) {
  double blamed = 0, blameless = 0;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    blamed += run(Method::kBayes, GetParam().by, seed, kNowhere).late_failures / kSeeds;
    blameless += run(Method::kBayes, GetParam().by, seed, kNowhere, true).late_failures / kSeeds;
  }
  EXPECT_GT(blameless, blamed / GetParam().most);
}

TEST(FailedConfigurationTest, NoSamplerProposesAConfigurationAgainThatHasFailed) {
  for (const Method method : {Method::kBayes, Method::kRandom, Method::kGrid}) {
    const auto spec = sweep(
        method,
        {choice("a", {Value(std::string("p")), Value(std::string("q"))}), integer("n", 1, 20)});
    const auto sampler = make_sampler(spec, 3);
    History history;
    std::set<std::string> seen;
    for (std::uint64_t n = 0; n < 40; ++n) {
      const auto params = sampler->suggest(history, n);
      ASSERT_TRUE(params);
      EXPECT_TRUE(seen.insert(canonical_text(*params)).second);
      end(&history, add(&history, *params), TrialState::kFailed, std::nullopt);
    }
    EXPECT_EQ(sampler->suggest(history, 40), std::nullopt);
  }
}

}  // namespace
}  // namespace scopa::search
