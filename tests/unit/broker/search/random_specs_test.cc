// Properties that hold for every sweep file, on files made at random. A failure prints its seed and
// the file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "broker/search/sampler.h"
#include "broker/spec/parse.h"
#include "tests/support/effort.h"
#include "tests/unit/broker/search/random_spec.h"
#include "tests/unit/broker/search/specs.h"

namespace scopa::search {
namespace {

using testing::count_by_listing;
using testing::fault_of;
using testing::SpecGenerator;

spec::SweepSpec parsed(const std::string& text) {
  const auto result = spec::parse(text);
  for (const auto& d : result.diagnostics) {
    if (d.severity == spec::Severity::kError) {
      ADD_FAILURE() << d.code << ' ' << d.path << ' ' << d.line << ':' << d.column << ' '
                    << d.message;
    }
  }
  return result.spec;
}

// A generated condition may rest on a single value and never hold, which is refused.
bool is_refused_condition(const std::string& text) {
  const auto result = spec::parse(text);
  return std::any_of(result.diagnostics.begin(), result.diagnostics.end(), [](const auto& d) {
    return d.code == "S026" || d.message.find("is never") != std::string::npos;
  });
}

struct Outcome {
  std::size_t specs = 0, suggestions = 0, conditional = 0, constrained = 0, derived = 0,
              used_up = 0;
};

// Asks for up to `asks` configurations while trials run, end, fail; checks each.
void check_suggestions(const std::string& text, const spec::SweepSpec& spec, SpecGenerator* random,
                       std::size_t asks, Outcome* outcome) {
  const auto sampler = make_sampler(spec, 11);
  History history;
  std::set<std::string> seen;
  bool ended = false;
  for (std::uint64_t number = 0; number < asks && !ended; ++number) {
    const auto params = sampler->suggest(history, number);
    ended = !params;
    if (ended) break;
    ++outcome->suggestions;
    ASSERT_EQ(fault_of(spec, *params), "") << to_json(*params) << '\n' << text;
    ASSERT_TRUE(seen.insert(canonical_text(*params)).second) << to_json(*params) << '\n' << text;
    const TrialNumber trial = testing::add(&history, *params);
    const std::size_t fate = random->below(10);
    if (fate < 7) {
      testing::end(&history, trial, TrialState::kCompleted,
                   static_cast<double>(random->below(1000)) / 1000);
    } else if (fate == 7) {
      testing::end(&history, trial, TrialState::kFailed, std::nullopt);
    }
    if (const auto again = complete(spec, *params, 5, number); true) {
      ASSERT_TRUE(again) << again.status().to_string() << to_json(*params) << '\n' << text;
      ASSERT_EQ(canonical_text(*again), canonical_text(*params)) << text;
    }
  }
  outcome->used_up += ended ? 1 : 0;
  if (const auto count = count_by_listing(spec, 3000)) {
    EXPECT_EQ(space_size(spec), count) << text;
    EXPECT_EQ(check_searchable(spec, 3).is_ok(), *count > 0) << text;
    EXPECT_EQ(seen.size(), std::min<std::uint64_t>(*count, asks)) << text;
  }
}

Outcome check_method(const std::string& method, std::uint64_t seeds, std::size_t asks,
                     spec::BayesModel model = spec::BayesModel::kTpe) {
  Outcome outcome;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SpecGenerator random(seed);
    const std::string text = random.text(method, seed % 3 == 0);
    if (is_refused_condition(text)) continue;
    spec::SweepSpec spec = parsed(text);
    spec.bayes_model = model;
    if (::testing::Test::HasFailure()) {
      ADD_FAILURE() << text;
      return outcome;
    }
    ++outcome.specs;
    outcome.derived += spec.derived.empty() ? 0 : 1;
    outcome.constrained += spec.constraints.empty() ? 0 : 1;
    outcome.conditional +=
        std::any_of(spec.parameters.begin(), spec.parameters.end(),
                    [](auto& p) { return !p.when.empty() || !p.predicates.empty(); })
            ? 1
            : 0;
    check_suggestions(text, spec, &random, asks, &outcome);
    if (::testing::Test::HasFailure()) return outcome;
  }
  // The generator has to reach what is tested here.
  EXPECT_GT(outcome.specs, seeds * 7 / 10);
  EXPECT_GT(outcome.derived, seeds / 10);
  EXPECT_GT(outcome.constrained, seeds / 5);
  EXPECT_GT(outcome.conditional, seeds / 5);
  EXPECT_GE(outcome.used_up, seeds / 20);
  EXPECT_GT(outcome.suggestions, seeds);
  return outcome;
}

TEST(RandomSpecsTest, RandomSearchGivesOnlyWhatTheFileAllowsAndNothingTwice) {
  check_method("random", effort(std::uint64_t{300}), 40);
}

TEST(RandomSpecsTest, TheGridIsEveryAdmissibleConfigurationOnce) {
  check_method("grid", effort(std::uint64_t{300}), 400);
}

TEST(RandomSpecsTest, TheModelSuggestsOnlyWhatTheFileAllowsAndNothingTwice) {
  check_method("bayes", effort(std::uint64_t{120}), 30);
}

TEST(RandomSpecsTest, TheProcessSuggestsOnlyWhatTheFileAllowsAndNothingTwice) {
  check_method("bayes", effort(std::uint64_t{120}), 30, spec::BayesModel::kGp);
}

TEST(RandomSpecsTest, ABrokenFileIsToldWhereAndNeverCrashes) {
  std::size_t broken = 0;
  for (std::uint64_t seed = 1; seed <= effort(std::uint64_t{4000}); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SpecGenerator random(seed);
    constexpr const char* kMethods[] = {"random", "grid", "bayes"};
    const std::string text = random.mutated(random.text(kMethods[seed % 3], seed % 2 == 0));
    const auto result = spec::parse(text);
    for (const auto& d : result.diagnostics) {
      ASSERT_FALSE(d.message.empty()) << text;
      ASSERT_FALSE(spec::render(d, "sweep.yaml", text, false).empty()) << text;
      if (d.severity != spec::Severity::kError) continue;
      ASSERT_TRUE(!d.path.empty() || d.line > 0) << d.message << '\n' << text;
    }
    if (!result.ok()) {
      ++broken;
      continue;
    }
    const auto sampler = make_sampler(result.spec, seed);
    if (const auto params = sampler->suggest({}, 0)) {
      ASSERT_EQ(fault_of(result.spec, *params), "") << to_json(*params) << '\n' << text;
    }
  }
  EXPECT_GT(broken, effort(2000U));
}

}  // namespace
}  // namespace scopa::search
