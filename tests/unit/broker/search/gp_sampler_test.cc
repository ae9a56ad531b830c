#include "broker/search/gp_sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include "broker/search/random_sampler.h"
#include "tests/unit/broker/search/specs.h"

namespace scopa::search {
namespace {

using spec::Method;
using testing::add;
using testing::choice;
using testing::end;
using testing::integer;
using testing::report;
using testing::sweep;
using testing::uniform;
using testing::when;

const Value kPlain = std::string("plain");
const Value kCurved = std::string("curved");

double at(const Params& params, const char* name) {
  double x = std::nan("");
  if (const Value* value = find_param(params, name)) as_number(*value, &x);
  return x;
}

// The best of both branches is at curved, a = 0.8, layers = 3: 0.
spec::SweepSpec two_branches() {
  return sweep(Method::kBayes,
               {choice("kind", {kPlain, kCurved}), when(uniform("a", 0, 1), "kind", {kCurved}),
                uniform("b", 0, 1), integer("layers", 1, 8)});
}
double loss_of(const Params& params) {
  const double layers = at(params, "layers");
  const bool curved = *find_param(params, "kind") == kCurved;
  const double branch = curved ? std::pow(at(params, "a") - 0.8, 2) : 0.3;
  return branch + 0.02 * std::pow(layers - 3, 2) + 0.1 * std::pow(at(params, "b") - 1, 2);
}

History history_of(const spec::SweepSpec& spec, std::uint64_t trials) {
  RandomSampler random(spec, 9);
  History history;
  for (std::uint64_t n = 0; n < trials; ++n) {
    const Params params = *random.suggest(history, n);
    const auto trial = add(&history, params);
    if (n % 7 == 5) continue;  // it runs
    const bool fails = n % 11 == 3;
    end(&history, trial, fails ? TrialState::kFailed : TrialState::kCompleted,
        fails ? std::optional<double>() : loss_of(params));
  }
  return history;
}

double best_of(Sampler* sampler, std::uint64_t trials) {
  History history;
  double best = std::numeric_limits<double>::infinity();
  for (std::uint64_t n = 0; n < trials; ++n) {
    const Params params = *sampler->suggest(history, n);
    end(&history, add(&history, params), TrialState::kCompleted, loss_of(params));
    best = std::min(best, loss_of(params));
  }
  return best;
}

TEST(GpSamplerTest, FindsInThirtyTrialsWhatRandomSearchDoesNotFindInThreeHundred) {
  const auto spec = two_branches();
  int wins = 0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    GpSampler process(spec, seed);
    RandomSampler random(spec, seed);
    wins += best_of(&process, 30) < best_of(&random, 300) ? 1 : 0;
  }
  EXPECT_EQ(wins, 5);
}

TEST(GpSamplerTest, ReachesAnOptimumOnTheBound) {
  GpSampler sampler(two_branches(), 2);
  EXPECT_LT(best_of(&sampler, 40), 1e-3);
}

TEST(GpSamplerTest, DependsOnSeedNumberAndHistoryOnly) {
  const auto spec = two_branches();
  const History history = history_of(spec, 40);
  GpSampler used(spec, 5);
  used.suggest({}, 0);
  used.suggest(history_of(spec, 17), 20);
  for (std::uint64_t n = 40; n < 43; ++n) used.suggest(history, n);
  GpSampler fresh(spec, 5);
  const std::string first = to_json(*fresh.suggest(history, 40));
  EXPECT_EQ(to_json(*used.suggest(history, 40)), first);
  EXPECT_EQ(to_json(*fresh.suggest(history, 40)), first);
}

TEST(GpSamplerTest, AnExplainedSuggestionIsTheSuggestion) {
  const auto spec = two_branches();
  for (const std::uint64_t trials : {2U, 30U}) {
    const History history = history_of(spec, trials);
    GpSampler sampler(spec, 5);
    Why why;
    const std::uint64_t number = trials + 1;  // TPE answers every third where little is explained
    const auto explained = sampler.explain(history, number, &why);
    EXPECT_EQ(to_json(*explained), to_json(*GpSampler(spec, 5).suggest(history, number)));
    EXPECT_EQ(why.sampler, "gp");
    EXPECT_EQ(why.startup, 4U);
    EXPECT_EQ(why.how, trials < 4 ? Why::How::kStratified : Why::How::kModel);
    EXPECT_EQ(why.learned.empty(), trials < 4);
    EXPECT_FALSE(why.numbers.empty());
    EXPECT_FALSE(why.rule.empty());
    EXPECT_FALSE(why.parameters.empty());
  }
}

TEST(GpSamplerTest, UsesUpAFiniteSpaceExactly) {
  const auto spec =
      sweep(Method::kBayes, {choice("kind", {kPlain, kCurved}),
                             when(integer("m", 1, 12), "kind", {kPlain}), integer("layers", 1, 3)});
  GpSampler sampler(spec, 1);
  History history;
  std::set<std::string> seen;
  for (std::uint64_t n = 0; n < 39; ++n) {
    const auto params = sampler.suggest(history, n);
    ASSERT_TRUE(params) << n;
    EXPECT_TRUE(seen.insert(canonical_text(*params)).second);
    end(&history, add(&history, *params), TrialState::kCompleted, at(*params, "layers"));
  }
  EXPECT_EQ(sampler.suggest(history, 39), std::nullopt);
}

TEST(GpSamplerTest, PendingTrialsPushWorkersApart) {
  const auto spec = sweep(Method::kBayes, {uniform("a", 0, 1)});
  GpSampler sampler(spec, 1);
  History history;
  for (const double a : {0.05, 0.3, 0.7, 0.95, 0.15, 0.85}) {
    end(&history, add(&history, {{"a", a}}), TrialState::kCompleted, std::cos(9 * a));
  }
  const Params first = *sampler.suggest(history, 7);
  add(&history, first);
  EXPECT_GT(std::abs(at(*sampler.suggest(history, 7), "a") - at(first, "a")), 0.02);
}

double smooth_loss(const Params& params) {
  return std::pow(at(params, "a") - 0.4, 2) + 2 * std::pow(at(params, "b") - 0.6, 2) +
         std::pow(at(params, "c") - 0.3, 2);
}
spec::SweepSpec three_numbers() {
  return sweep(Method::kBayes, {uniform("a", 0, 1), uniform("b", 0, 1), uniform("c", 0, 1)});
}
/// `loss` at random places.
History seen(const spec::SweepSpec& spec, std::uint64_t trials,
             const std::function<double(const Params&, std::uint64_t)>& loss) {
  RandomSampler random(spec, 9);
  History history;
  for (std::uint64_t n = 0; n < trials; ++n) {
    const Params params = *random.suggest(history, n);
    end(&history, add(&history, params), TrialState::kCompleted, loss(params, n));
  }
  return history;
}

TEST(GpSamplerTest, NoneOfEightOpenTrialsIsNearlyTheSameAsAnother) {
  const auto spec = three_numbers();
  History history =
      seen(spec, 30, [](const Params& params, std::uint64_t) { return smooth_loss(params); });
  GpSampler sampler(spec, 1);
  std::vector<Params> open;
  for (std::uint64_t n = 30; n < 38; ++n) {
    const Params params = *sampler.suggest(history, n);
    for (const Params& other : open) {
      double apart = 0;
      for (const char* name : {"a", "b", "c"}) {
        apart = std::max(apart, std::abs(at(params, name) - at(other, name)));
      }
      EXPECT_GT(apart, 0.05) << to_json(params) << " beside " << to_json(other);
    }
    add(&history, params);
    open.push_back(params);
  }
}

TEST(GpSamplerTest, CrashesByChanceDoNotKeepItFromTheBest) {
  const auto spec = three_numbers();
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    GpSampler sampler(spec, seed);
    History history;
    double best = 1;
    for (std::uint64_t n = 0; n < 50; ++n) {
      const Params params = *sampler.suggest(history, n);
      const TrialNumber trial = add(&history, params);
      if (n % 5 == seed) {
        end(&history, trial, TrialState::kFailed, std::nullopt);
        continue;
      }
      best = std::min(best, smooth_loss(params));
      end(&history, trial, TrialState::kCompleted, smooth_loss(params));
    }
    EXPECT_LT(best, 1e-3) << "seed " << seed;
  }
}

/// How the suggestions 32 to 37 came about, in words that tell them apart.
std::vector<std::string> looks(const History& history, const spec::SweepSpec& spec) {
  GpSampler sampler(spec, 3);
  std::vector<std::string> all;
  for (std::uint64_t n = 32; n < 38; ++n) {
    Why why;
    EXPECT_TRUE(sampler.explain(history, n, &why));
    const auto says = [&](const char* words) { return why.rule.find(words) != std::string::npos; };
    all.push_back(why.sampler == "tpe"           ? "tpe"
                  : says("around the best")      ? "around"
                  : says("away from the bounds") ? "inside"
                  : says("of the whole space")   ? "everywhere"
                                                 : why.rule);
  }
  return all;
}

TEST(GpSamplerTest, WhatCanBePredictedIsSearchedInsideTooAndElseAroundTheBestOrByTpe) {
  const auto spec = three_numbers();
  const auto smooth =
      seen(spec, 30, [](const Params& params, std::uint64_t) { return smooth_loss(params); });
  EXPECT_EQ(looks(smooth, spec),
            (std::vector<std::string>{"inside", "around", "inside", "around", "inside", "around"}));
  const auto noise = seen(spec, 30, [](const Params&, std::uint64_t n) {
    return Stream(1, n, hash_name("noise")).unit();
  });
  EXPECT_EQ(looks(noise, spec),
            (std::vector<std::string>{"around", "tpe", "around", "around", "tpe", "around"}));
}

TEST(GpSamplerTest, ABestThatLiesOnBoundsSendsItToTheBounds) {
  const auto spec = three_numbers();
  auto history = seen(spec, 29, [](const Params& params, std::uint64_t) {
    return at(params, "a") + at(params, "b") + at(params, "c");
  });
  EXPECT_EQ(looks(history, spec)[0], "inside") << "nothing has been seen on a bound";
  const Params best = {{"a", 0.0}, {"b", 0.3}, {"c", 0.0}};
  end(&history, add(&history, best), TrialState::kCompleted, 0.3 - 1);
  EXPECT_EQ(looks(history, spec), (std::vector<std::string>{"around", "everywhere", "everywhere",
                                                            "everywhere", "around", "everywhere"}));
}

TEST(GpSamplerTest, SurvivesWhateverTheHistoryHolds) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kHuge = std::numeric_limits<double>::max();
  for (const std::vector<double>& values :
       {std::vector<double>{kNan}, {1}, {kHuge, -kHuge}, {1, kNan, 1e-300, -1e300}}) {
    GpSampler sampler(two_branches(), 1);
    History history;
    for (std::uint64_t n = 0; n < 30; ++n) {
      auto params = sampler.suggest(history, n);
      ASSERT_TRUE(params);
      for (const Param& param : *params) {
        double x = 0;
        ASSERT_TRUE(!as_number(param.value, &x) || std::isfinite(x));
      }
      if (n % 7 == 3) params = Params{{"b", std::string("big")}, {"other", 1.0}, {"layers", 99.0}};
      end(&history, add(&history, *params), TrialState::kCompleted, values[n % values.size()]);
    }
  }
}

TEST(GpSamplerTest, ThePriorsThatHaveNoBoundsGiveFiniteValues) {
  auto normal = uniform("x", 0, 1);
  normal.distribution.kind = spec::DistributionKind::kNormal;
  normal.distribution.mu = 0;
  normal.distribution.sigma = 1;
  GpSampler sampler(sweep(Method::kBayes, {normal}), 1);
  History history;
  for (std::uint64_t n = 0; n < 15; ++n) {
    const auto params = sampler.suggest(history, n);
    ASSERT_LT(std::abs(at(*params, "x")), 8) << "it is drawn to the end of the prior";
    end(&history, add(&history, *params), TrialState::kCompleted, -at(*params, "x"));
  }
}

TEST(GpSamplerTest, BeyondItsLimitTheOtherModelTakesOver) {
  const auto spec = two_branches();
  const History history = history_of(spec, 30);
  GpSettings few;
  few.belief.trials_max = 10;
  GpSampler sampler(spec, 5, few);
  EXPECT_EQ(to_json(*sampler.suggest(history, 30)),
            to_json(*TpeSampler(spec, 5).suggest(history, 30)));
}

// Curves of six values that fall to the loss; three of four trials are stopped or run after some.
History partial_history(const spec::SweepSpec& spec, std::uint64_t trials) {
  RandomSampler random(spec, 9);
  History history;
  for (std::uint64_t n = 0; n < trials; ++n) {
    const Params params = *random.suggest(history, n);
    const auto trial = add(&history, params);
    const bool whole = n % 4 == 0;
    std::vector<CurvePoint> curve;
    for (std::int64_t step = 1; step <= (whole ? 6 : 1 + static_cast<std::int64_t>(n % 3));
         ++step) {
      curve.push_back({step, loss_of(params) + 1.0 / static_cast<double>(step)});
    }
    const double last = curve.back().value;
    report(&history, trial, std::move(curve));
    const auto state = whole         ? TrialState::kCompleted
                       : n % 10 == 7 ? TrialState::kRunning
                                     : TrialState::kPruned;
    end(&history, trial, state,
        state == TrialState::kRunning ? std::optional<double>() : std::optional<double>(last));
  }
  return history;
}

TEST(GpSamplerTest, WithCurvesThatHaveNoEndItDependsOnTheHistoryOnlyToo) {
  const auto spec = two_branches();
  const History history = partial_history(spec, 60);
  GpSampler used(spec, 5);
  for (const std::uint64_t n : {20U, 37U, 59U}) used.suggest(partial_history(spec, n), n);
  EXPECT_EQ(to_json(*used.suggest(history, 60)), to_json(*GpSampler(spec, 5).suggest(history, 60)));
}

TEST(GpSamplerTest, StoppedTrialsDoNotBringItToItsLimit) {
  const auto spec = two_branches();
  GpSettings few;
  few.belief.trials_max = 20;
  Why why;
  GpSampler(spec, 5, few).explain(partial_history(spec, 60), 60, &why);
  EXPECT_EQ(why.sampler, "gp");
  EXPECT_EQ(why.learned.size(), 20U);
  GpSampler(spec, 5, few).explain(partial_history(spec, 100), 100, &why);
  EXPECT_EQ(why.sampler, "tpe") << "25 of the 100 came to their end";
}

}  // namespace
}  // namespace scopa::search
