#include "broker/search/tpe_sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include "broker/search/random_sampler.h"
#include "tests/unit/broker/search/specs.h"

namespace scopa::search {
namespace {

using spec::DistributionKind;
using spec::Method;
using testing::add;
using testing::choice;
using testing::end;
using testing::integer;
using testing::range;
using testing::report;
using testing::sweep;
using testing::uniform;
using testing::when;

using Objective = std::function<double(const Params&)>;

double number(const Params& params, const char* name) {
  double x = std::nan("");
  if (const Value* value = find_param(params, name)) as_number(*value, &x);
  return x;
}

double best_of(Sampler* sampler, const Objective& objective, std::uint64_t trials) {
  History history;
  double best = std::numeric_limits<double>::infinity();
  for (std::uint64_t n = 0; n < trials; ++n) {
    const Params params = sampler->suggest(history, n).value_or(Params{});
    const double value = objective(params);
    end(&history, add(&history, params), TrialState::kCompleted, value);
    best = std::min(best, value);
  }
  return best;
}

// Of 60.
int wins_over_random(const spec::SweepSpec& spec, const Objective& objective) {
  int wins = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    TpeSampler tpe(spec, seed);
    RandomSampler random(spec, seed);
    wins += best_of(&tpe, objective, 50) < best_of(&random, objective, 50) ? 1 : 0;
  }
  return wins;
}

spec::SweepSpec branin_spec() {
  return sweep(Method::kBayes, {uniform("x", -5, 10), uniform("y", 0, 15)});
}

double branin(const Params& p) {
  const double x = number(p, "x");
  const double y = number(p, "y");
  const double a = y - 5.1 / (4 * M_PI * M_PI) * x * x + 5 / M_PI * x - 6;
  return a * a + 10 * (1 - 1 / (8 * M_PI)) * std::cos(x) + 10;
}

const Value kSgdValue = std::string("sgd");
const Value kAdamValue = std::string("adam");

// Like a training: a learning rate in log space, whose best differs by optimizer; momentum for one
// of them only; a number of layers; a width in steps.
spec::SweepSpec training_spec() {
  return sweep(Method::kBayes,
               {choice("opt", {kAdamValue, kSgdValue}),
                range("lr", DistributionKind::kLogUniformValues, 1e-5, 1),
                when(uniform("momentum", 0, 1), "opt", {kSgdValue}), integer("layers", 1, 8),
                range("width", DistributionKind::kQLogUniformValues, 16, 1024, 16, true)});
}

double training(const Params& p) {
  const bool sgd = *find_param(p, "opt") == kSgdValue;
  const double lr = std::log10(number(p, "lr")) - (sgd ? -1 : -3);
  const double momentum = sgd ? 2 * std::abs(number(p, "momentum") - 0.9) : 0.3;
  const double layers = 0.1 * std::abs(number(p, "layers") - 4);
  return lr * lr + momentum + layers + 0.1 * std::abs(std::log2(number(p, "width") / 256));
}

TEST(TpeSamplerTest, BeatsRandomOnAQuadratic) {
  const auto spec =
      sweep(Method::kBayes, {uniform("a", 0, 1), uniform("b", 0, 1), uniform("c", 0, 1)});
  EXPECT_GE(wins_over_random(spec,
                             [](const Params& p) {
                               return std::pow(number(p, "a") - 0.3, 2) +
                                      std::pow(number(p, "b") - 0.8, 2) +
                                      std::pow(number(p, "c") - 0.1, 2);
                             }),
            50);
}

TEST(TpeSamplerTest, BeatsRandomOnBranin) {
  EXPECT_GE(wins_over_random(branin_spec(), branin), 50);
}

TEST(TpeSamplerTest, BeatsRandomOnAConditionalSpace) {
  EXPECT_GE(wins_over_random(training_spec(), training), 50);
}

History some_history(std::uint64_t trials) {
  History history;
  RandomSampler random(training_spec(), 99);
  for (std::uint64_t n = 0; n < trials; ++n) {
    const auto trial = add(&history, *random.suggest(history, n));
    const double value = training(history.trials()[n].params);
    for (std::int64_t step = 0; step < 10 && (n % 3 != 1 || step < 4); ++step) {
      report(&history, trial, {{step, value + 1.0 / static_cast<double>(step + 1)}});
    }
    const TrialState states[] = {TrialState::kCompleted, TrialState::kPruned,
                                 TrialState::kCompleted, TrialState::kCompleted,
                                 TrialState::kRunning,   TrialState::kFailed};
    end(&history, trial, states[n % 6], value + 0.1);
  }
  return history;
}

TEST(TpeSamplerTest, DependsOnSeedNumberAndHistoryOnly) {
  const History history = some_history(80);
  TpeSampler used(training_spec(), 5);
  used.suggest({}, 0);
  used.suggest(some_history(33), 40);
  for (std::uint64_t n = 80; n < 85; ++n) used.suggest(history, n);
  TpeSampler fresh(training_spec(), 5);
  EXPECT_EQ(to_json(*used.suggest(history, 80)), to_json(*fresh.suggest(history, 80)));
  EXPECT_NE(to_json(*fresh.suggest(history, 81)), to_json(*fresh.suggest(history, 80)));
  EXPECT_NE(to_json(*TpeSampler(training_spec(), 6).suggest(history, 80)),
            to_json(*fresh.suggest(history, 80)));
}

// The same on every machine, compiler and level of optimisation; a change of these lines makes the
// suggestions of recorded sweeps impossible to recompute.
TEST(TpeSamplerTest, IsFrozen) {
  TpeSampler sampler(training_spec(), 5);
  EXPECT_EQ(to_json(*sampler.suggest({}, 0)),
            R"({"opt":"adam","lr":0.0008795435187617691,"layers":2,"width":64})");
  EXPECT_EQ(
      to_json(*sampler.suggest(some_history(80), 80)),
      R"({"opt":"sgd","lr":0.06647399271328444,"momentum":0.9774981470056473,"layers":6,"width":32})");
}

TEST(TpeSamplerTest, FirstSuggestionsAreStratified) {
  TpeSampler sampler(sweep(Method::kBayes, {uniform("a", 0, 1), uniform("b", 0, 1)}), 3);
  std::set<int> a;
  std::set<int> b;
  for (std::uint64_t n = 0; n < 8; ++n) {
    const auto params = sampler.suggest({}, n);
    a.insert(static_cast<int>(number(*params, "a") * 8));
    b.insert(static_cast<int>(number(*params, "b") * 8));
  }
  EXPECT_EQ(a.size(), 8U);
  EXPECT_EQ(b.size(), 8U);
}

TEST(TpeSamplerTest, UsesUpAFiniteSpaceExactly) {
  const auto spec = sweep(Method::kBayes,
                          {choice("opt", {kSgdValue, kAdamValue}),
                           when(integer("m", 1, 20), "opt", {kSgdValue}), integer("layers", 1, 5)});
  TpeSampler sampler(spec, 1);
  History history;
  std::set<std::string> seen;
  for (std::uint64_t n = 0; n < 105; ++n) {
    const auto params = sampler.suggest(history, n);
    ASSERT_TRUE(params);
    EXPECT_TRUE(seen.insert(canonical_text(*params)).second);
    end(&history, add(&history, *params), TrialState::kCompleted, number(*params, "layers"));
  }
  EXPECT_EQ(sampler.suggest(history, 105), std::nullopt);
}

TEST(TpeSamplerTest, PendingTrialsPushWorkersApart) {
  const auto spec = sweep(Method::kBayes, {uniform("a", 0, 1)});
  TpeSampler sampler(spec, 1);
  History history;
  for (std::uint64_t n = 0; n < 20; ++n) {
    const double a = (static_cast<double>(n) + 0.5) / 20;
    end(&history, add(&history, {{"a", a}}), TrialState::kCompleted, std::pow(a - 0.5, 2));
  }
  const auto spread = [&](bool pending) {
    History h = history;
    double low = 1;
    double high = 0;
    for (std::uint64_t n = 20; n < 28; ++n) {
      const auto params = sampler.suggest(h, n);
      low = std::min(low, number(*params, "a"));
      high = std::max(high, number(*params, "a"));
      if (pending) add(&h, *params);
    }
    return high - low;
  };
  EXPECT_GT(spread(true), 1.5 * spread(false));
}

TEST(TpeSamplerTest, KeepsAwayFromWhereTrialsFail) {
  const auto spec = sweep(Method::kBayes, {uniform("a", 0, 1)});
  TpeSampler sampler(spec, 1);
  History history;
  int failures = 0;
  for (std::uint64_t n = 0; n < 60; ++n) {
    const auto params = sampler.suggest(history, n);
    const bool fails = number(*params, "a") < 0.5;
    if (n >= 20) failures += fails ? 1 : 0;
    end(&history, add(&history, *params), fails ? TrialState::kFailed : TrialState::kCompleted,
        fails ? std::optional<double>() : std::abs(number(*params, "a") - 0.7));
  }
  EXPECT_LT(failures, 8);  // 20 were it random
}

TEST(TpeSamplerTest, SurvivesWhateverTheHistoryHolds) {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  constexpr double kHuge = std::numeric_limits<double>::max();
  for (const std::vector<double>& values :
       {std::vector<double>{kNan}, {1}, {kHuge, -kHuge}, {1, kNan, 1e-300, -1e300}}) {
    TpeSampler sampler(training_spec(), 1);
    History history;
    for (std::uint64_t n = 0; n < 40; ++n) {
      auto params = sampler.suggest(history, n);
      ASSERT_TRUE(params);
      // Trials from elsewhere: strange values, names and gaps.
      if (n % 7 == 3) params = Params{{"lr", std::string("big")}, {"other", 1.0}, {"layers", 99.0}};
      end(&history, add(&history, *params), TrialState::kCompleted, values[n % values.size()]);
    }
  }
}

TEST(TpeSamplerTest, OfVeryManyTrialsTheNewestAndAnEvenChoiceOfTheOlderSpeak) {
  const auto spec = sweep(Method::kBayes, {uniform("a", 0, 1)});
  TpeSampler sampler(spec, 1);
  RandomSampler random(spec, 2);
  History history;
  constexpr std::uint64_t kMany = 5000;
  for (std::uint64_t n = 0; n < kMany; ++n) {
    const Params params = random.suggest(history, n).value_or(Params{});
    end(&history, add(&history, params), TrialState::kCompleted,
        std::abs(number(params, "a") - 0.3));
  }
  Why why;
  const auto params = sampler.explain(history, kMany, &why);
  ASSERT_TRUE(params);
  EXPECT_NEAR(number(*params, "a"), 0.3, 0.05);
  std::set<std::uint64_t> others;
  for (const Why::Member& member : why.bad) others.insert(member.trial);
  ASSERT_EQ(others.size(), TpeSampler::kOthersMax);
  constexpr std::size_t kHalf = TpeSampler::kOthersMax / 2;
  std::size_t newest = 0;
  std::size_t last = 0;
  for (const std::uint64_t trial : others) {
    newest += trial >= kMany - kHalf - 100 ? 1 : 0;
    EXPECT_LT(trial - last, 20U) << "no gap among the older";
    last = trial;
  }
  EXPECT_GE(newest, kHalf);
}

// Of 80 trials 20 are good: ten around 0.2, and ten around 0.8 that are a little worse.
TEST(TpeSamplerTest, TheBestOfTheGoodTrialsAttractMost) {
  const auto spec = sweep(Method::kBayes, {uniform("x", 0, 1)});
  History history;
  for (int k = 0; k < 10; ++k) {
    const double beside = 0.002 * k;
    end(&history, add(&history, {{"x", 0.2 + beside}}), TrialState::kCompleted, 0.1 + beside);
    end(&history, add(&history, {{"x", 0.8 + beside}}), TrialState::kCompleted, 0.2 + beside);
  }
  for (int k = 0; k < 60; ++k) {
    end(&history, add(&history, {{"x", (k + 0.5) / 60}}), TrialState::kCompleted, 1.0);
  }
  TpeSettings alike;
  alike.good_decay = 0;
  TpeSampler by_rank(spec, 1);
  TpeSampler all_alike(spec, 1, alike);
  int near_best = 0;
  int near_best_alike = 0;
  for (std::uint64_t n = 80; n < 180; ++n) {
    near_best += number(*by_rank.suggest(history, n), "x") < 0.5 ? 1 : 0;
    near_best_alike += number(*all_alike.suggest(history, n), "x") < 0.5 ? 1 : 0;
  }
  EXPECT_GT(near_best, 80) << "of 100";
  EXPECT_LT(near_best_alike, 80) << "of 100";
}

TEST(TpeSamplerTest, SmallCapsStartEarlier) {
  auto spec = sweep(Method::kBayes, {uniform("a", 0, 1)});
  spec.run_cap = 16;
  TpeSampler sampler(spec, 1);
  History history;
  for (const double a : {0.1, 0.4, 0.7, 0.95}) {
    end(&history, add(&history, {{"a", a}}), TrialState::kCompleted, a);
  }
  int low = 0;
  for (std::uint64_t n = 4; n < 44; ++n) {
    low += number(*sampler.suggest(history, n), "a") < 0.4 ? 1 : 0;
  }
  EXPECT_GT(low, 28);  // 16 were it random
}

}  // namespace
}  // namespace scopa::search
