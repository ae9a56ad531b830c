// What every sampler owes to whoever asks why.
#include "broker/search/why.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "broker/search/sampler.h"
#include "broker/spec/parse.h"
#include "tests/unit/broker/search/specs.h"

namespace scopa::search {
namespace {

spec::SweepSpec spec_from(const std::string& yaml) {
  spec::Parsed spec_from = spec::parse(yaml);
  EXPECT_TRUE(spec_from.ok());
  return std::move(spec_from.spec);
}

struct Case {
  const char* name;
  const char* yaml;
};

constexpr Case kCases[] = {
    {"random", R"(
method: random
metric: {name: loss, goal: minimize}
parameters: {a: {min: 0.0, max: 1.0}, b: {values: [x, y]}, k: {value: 3}}
)"},
    {"randomUsedUp", R"(
method: random
metric: {name: loss, goal: minimize}
parameters: {a: {values: [1, 2, 3, 4, 5, 6, 7, 8]}, b: {values: [x, y, z]}}
)"},
    {"grid", R"(
method: grid
metric: {name: loss, goal: minimize}
parameters: {a: {values: [1, 2, 3, 4]}, b: {values: [x, y, z]}, k: {value: 3}}
)"},
    {"bayes", R"(
method: bayes
bayes: {model: tpe}
metric: {name: loss, goal: maximize}
parameters:
  lr: {distribution: log_uniform_values, min: 1.0e-5, max: 1.0}
  layers: {min: 1, max: 6}
  opt: {values: [sgd, adam]}
  momentum: {distribution: uniform, min: 0.0, max: 0.99, when: {opt: sgd}}
)"},
    {"bayesProcess", R"(
method: bayes
bayes: {model: gp}
metric: {name: loss, goal: maximize}
parameters:
  lr: {distribution: log_uniform_values, min: 1.0e-5, max: 1.0}
  opt: {values: [sgd, adam]}
  momentum: {distribution: uniform, min: 0.0, max: 0.99, when: {opt: sgd}}
)"},
    {"bayesConstrained", R"(
method: bayes
bayes: {model: tpe}
metric: {name: loss, goal: minimize}
run_cap: 40
parameters: {a: {min: 0.0, max: 1.0}, b: {min: 0.0, max: 1.0}}
constraints: ["a + b < 1"]
)"},
    {"bayesUsedUp", R"(
method: bayes
bayes: {model: tpe}
metric: {name: loss, goal: minimize}
parameters: {a: {values: [1, 2, 3, 4, 5]}, b: {values: [1, 2, 3, 4]}}
)"},
};

class WhyTest : public ::testing::TestWithParam<Case> {
 protected:
  WhyTest() : spec(spec_from(GetParam().yaml)) {}

  // Some end with a value, some fail, some still run.
  void follow(const Params& params, std::uint64_t number) {
    const auto trial = testing::add(&history, params);
    if (number % 7 == 5) return;
    if (number % 11 == 3) return testing::end(&history, trial, TrialState::kFailed, {});
    const double value = std::cos(static_cast<double>(number) * 1.7);
    testing::report(&history, trial, {{1, value + 1}, {2, value}});
    testing::end(&history, trial, number % 5 == 4 ? TrialState::kPruned : TrialState::kCompleted,
                 value);
  }

  static void expect_model(const Why& why, const Params& suggested) {
    EXPECT_GE(why.ended, why.startup);
    if (why.sampler == "gp") {
      EXPECT_FALSE(why.learned.empty());
      return;
    }
    EXPECT_FALSE(why.good.empty());
    ASSERT_LT(why.winner, why.candidates.size());
    const Why::Candidate& winner = why.candidates[why.winner];
    EXPECT_EQ(winner.params, suggested);
    EXPECT_FALSE(winner.is_known);
    EXPECT_EQ(winner.score, winner.log_good - winner.log_bad);
    for (std::size_t i = 0; i < why.candidates.size(); ++i) {
      if (i > 0) {
        EXPECT_LE(why.candidates[i].score, why.candidates[i - 1].score);
      }
      if (i < why.winner) {
        EXPECT_TRUE(why.candidates[i].is_known);
      }
    }
    for (const Why::Parameter& parameter : why.parameters) {
      EXPECT_TRUE(std::isfinite(parameter.log_good.value()));
      EXPECT_TRUE(std::isfinite(parameter.log_bad.value()));
    }
    if (why.parameters.size() == 1) {
      EXPECT_EQ(*why.parameters[0].log_good, winner.log_good);
    }
  }

  const spec::SweepSpec spec;
  History history;
};

TEST_P(WhyTest, TheExplanationIsTheComputationItself) {
  const auto sampler = make_sampler(spec, 5);
  const auto asked = make_sampler(spec, 5);
  bool used_up = false;
  std::uint64_t models = 0;
  // The process takes its time under a sanitizer.
  const std::uint64_t count = spec.bayes_model == spec::BayesModel::kGp ? 20 : 50;
  for (std::uint64_t number = 0; number < count && !used_up; ++number) {
    SCOPED_TRACE("suggestion " + std::to_string(number));
    const auto suggested = sampler->suggest(history, number);
    Why why;
    const auto explained = asked->explain(history, number, &why);
    ASSERT_EQ(suggested, explained);
    Why fresh;
    ASSERT_EQ(make_sampler(spec, 5)->explain(history, number, &fresh), explained);
    EXPECT_EQ(fresh.rule, why.rule);
    EXPECT_EQ(fresh.draws, why.draws);
    used_up = !suggested;
    if (used_up) break;
    EXPECT_FALSE(why.sampler.empty());
    EXPECT_FALSE(why.rule.empty());
    EXPECT_EQ(why.number, number);
    EXPECT_EQ(why.seen.total(), history.trials().size());
    for (const Why::Parameter& parameter : why.parameters) {
      const Value* value = find_param(*suggested, parameter.name);
      ASSERT_NE(value, nullptr) << parameter.name;
      EXPECT_EQ(*value, parameter.value);
    }
    EXPECT_FALSE(why.parameters.empty());
    if (why.how == Why::How::kGrid) {
      EXPECT_TRUE(why.numbers.empty());
      EXPECT_EQ(why.covered, number);
    } else {
      EXPECT_FALSE(why.numbers.empty());
      EXPECT_EQ(why.seed, 5U);
    }
    if (why.how == Why::How::kStratified) {
      EXPECT_LT(why.ended, why.startup);
      for (const Why::Parameter& parameter : why.parameters) {
        EXPECT_LT(parameter.stratum.value(), why.strata);
      }
    }
    if (why.how == Why::How::kModel) {
      ++models;
      expect_model(why, *suggested);
    }
    follow(*suggested, number);
  }
  EXPECT_EQ(models > 0, spec.method == spec::Method::kBayes);
  const std::string name = GetParam().name;
  EXPECT_EQ(used_up, name == "grid" || name.ends_with("UsedUp"));
}

void expect_members(const std::vector<Why::Member>& members, const History& history, Goal goal) {
  bool after_observed = false;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Why::Member& each = members[i];
    EXPECT_EQ(each.state, history.trials().at(each.trial).state);
    after_observed |= each.as != Why::As::kObserved;
    EXPECT_EQ(each.as != Why::As::kObserved, after_observed) << "those with a value come first";
    if (i > 0 && !after_observed) {
      EXPECT_FALSE(is_better(goal, each.value, members[i - 1].value));
    }
    if (each.as == Why::As::kObserved && each.state == TrialState::kCompleted) {
      EXPECT_EQ(each.value, history.trials().at(each.trial).value);
    }
  }
}

TEST_P(WhyTest, AnswersDoNotDependOnBeingAsked) {
  const auto sampler = make_sampler(spec, 9);
  const auto plain = make_sampler(spec, 9);
  for (std::uint64_t number = 0; number < 25; ++number) {
    Why why;
    (void)sampler->explain(history, number, &why);
    const auto again = sampler->suggest(history, number);
    ASSERT_EQ(again, plain->suggest(history, number));
    if (!again) break;
    if (!why.good.empty()) {
      expect_members(why.good, history, spec.metric->goal);
      expect_members(why.bad, history, spec.metric->goal);
      // The best of the others is no better than the worst of the good.
      if (!why.bad.empty() && why.bad[0].as == Why::As::kObserved) {
        EXPECT_FALSE(is_better(spec.metric->goal, why.bad[0].value, why.good.back().value));
      }
    }
    follow(*again, number);
  }
}

INSTANTIATE_TEST_SUITE_P(Samplers, WhyTest, ::testing::ValuesIn(kCases),
                         [](const auto& each) { return std::string(each.param.name); });

}  // namespace
}  // namespace scopa::search
