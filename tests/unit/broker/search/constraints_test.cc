// Spaces whose parameters, values and limits rest on expressions.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "broker/search/sampler.h"
#include "broker/search/space.h"
#include "broker/spec/parse.h"
#include "tests/unit/broker/search/specs.h"

namespace scopa::search {
namespace {

using testing::add;
using ::testing::ElementsAre;
using testing::end;
using ::testing::HasSubstr;

spec::SweepSpec parsed(const std::string& method, const std::string& rest) {
  const auto result = spec::parse("method: " + method + "\nmetric: {name: loss}\n" + rest);
  for (const auto& d : result.diagnostics) ADD_FAILURE() << d.path << ": " << d.message;
  return result.spec;
}

std::vector<std::string> all_suggestions(const spec::SweepSpec& spec, std::size_t max) {
  const auto sampler = make_sampler(spec, 7);
  History history;
  std::vector<std::string> texts;
  while (texts.size() < max) {
    const auto params = sampler->suggest(history, texts.size());
    if (!params) break;
    end(&history, add(&history, *params), TrialState::kCompleted,
        static_cast<double>(texts.size() % 7));
    texts.push_back(to_json(*params));
  }
  EXPECT_EQ(std::set(texts.begin(), texts.end()).size(), texts.size());
  return texts;
}

std::int64_t integer(const Params& params, std::string_view name) {
  return std::get<std::int64_t>(*find_param(params, name));
}

TEST(GridConstraintTest, LeavesOutWhatViolatesOneAndKeepsTheOrder) {
  const auto spec = parsed("grid",
                           "parameters: {a: {values: [1, 2, 3]}, b: {values: [1, 2, 3]}}\n"
                           "constraints: [a + b <= 4, a != b]\n");
  EXPECT_THAT(all_suggestions(spec, 100), ElementsAre(R"({"a":1,"b":2})", R"({"a":1,"b":3})",
                                                      R"({"a":2,"b":1})", R"({"a":3,"b":1})"));
  EXPECT_EQ(space_size(spec), 4U);
}

TEST(GridConstraintTest, PredicatesTakeParametersOutOfTheProduct) {
  const auto spec = parsed("grid",
                           "parameters:\n"
                           "  a: {values: [1, 2, 3]}\n"
                           "  b: {values: [1, 2]}\n"
                           "  c: {values: [x, y], when: a * b > 4}\n"
                           "  d: {values: [1, 2], when: sum == 2}\n"
                           "  sum: {expr: a + b}\n");
  const auto texts = all_suggestions(spec, 100);
  EXPECT_EQ(texts.size(), 8U);  // (1,1) twice with d, (3,2) twice with c, four others
  EXPECT_EQ(texts.front(), R"({"a":1,"b":1,"d":1,"sum":2})");
  EXPECT_EQ(texts.back(), R"({"a":3,"b":2,"c":"y","sum":5})");
  EXPECT_EQ(space_size(spec), 8U);
}

TEST(GridConstraintTest, AConstraintOnTheFirstParametersLeavesWholeBranchesOut) {
  std::string parameters = "parameters:\n";
  for (int i = 0; i < 12; ++i) {
    parameters += "  p" + std::to_string(10 + i) + ": {min: 0, max: 99}\n";
  }
  const auto spec = parsed("grid", parameters + "constraints: [p10 >= 99, p11 >= 50]\n");
  const auto texts = all_suggestions(spec, 2);
  ASSERT_EQ(texts.size(), 2U);
  EXPECT_THAT(texts[0], HasSubstr(R"("p10":99,"p11":50)"));
}

TEST(RandomConstraintTest, UsesUpExactlyWhatIsAdmissible) {
  const std::string space =
      "parameters: {a: {min: 1, max: 30}, b: {min: 1, max: 30}, c: {values: [x, y]}}\n"
      "constraints: [a * b == 36]\n";
  for (const char* method : {"random", "bayes", "grid"}) {
    const auto spec = parsed(method, space);
    EXPECT_EQ(all_suggestions(spec, 1000).size(), 14U) << method;  // 7 factorisations, twice
    EXPECT_EQ(space_size(spec), 14U) << method;
  }
}

TEST(RandomConstraintTest, ContinuousSpacesAreSampledInside) {
  const auto spec = parsed("random",
                           "parameters: {x: {min: 0.0, max: 1.0}, y: {min: 0.0, max: 1.0}}\n"
                           "constraints: [x + y < 0.1]\n");
  const auto sampler = make_sampler(spec, 3);
  for (std::uint64_t number = 0; number < 200; ++number) {
    const auto params = sampler->suggest({}, number);
    ASSERT_TRUE(params);
    EXPECT_LT(std::get<double>((*params)[0].value) + std::get<double>((*params)[1].value), 0.1);
  }
  EXPECT_EQ(space_size(spec), std::nullopt);
  EXPECT_TRUE(check_searchable(spec, 3));
}

TEST(TpeConstraintTest, SuggestsOnlyWhatIsAdmissibleThroughout) {
  const auto spec = parsed("bayes",
                           "parameters:\n"
                           "  x: {min: 0.0, max: 1.0}\n"
                           "  y: {min: 0.0, max: 1.0}\n"
                           "  z: {min: 1, max: 9, when: x > y}\n"
                           "constraints: [x + y > 1, z < 8]\n");
  const auto sampler = make_sampler(spec, 3);
  History history;
  for (std::uint64_t number = 0; number < 80; ++number) {
    const auto params = sampler->suggest(history, number);
    ASSERT_TRUE(params);
    const double x = std::get<double>(*find_param(*params, "x"));
    const double y = std::get<double>(*find_param(*params, "y"));
    EXPECT_GT(x + y, 1);
    EXPECT_EQ(find_param(*params, "z") != nullptr, x > y);
    if (x > y) {
      EXPECT_LT(integer(*params, "z"), 8);
    }
    end(&history, add(&history, *params), TrialState::kCompleted, x * x + y);
  }
}

TEST(ConstraintTest, OneThatMentionsAnAbsentParameterDoesNotBind) {
  const auto spec = parsed("grid",
                           "parameters:\n"
                           "  opt: {values: [adam, sgd]}\n"
                           "  m: {values: [1, 2, 3], when: opt == sgd}\n"
                           "  twice: {expr: m * 2}\n"
                           "constraints: [m > 1, twice < 6]\n");
  EXPECT_THAT(all_suggestions(spec, 10),
              ElementsAre(R"({"opt":"adam"})", R"({"opt":"sgd","m":2,"twice":4})"));
  EXPECT_EQ(space_size(spec), 2U);
}

TEST(DerivedTest, StandsBehindTheSearchedAndIsAbsentWithoutAValue) {
  const auto spec = parsed("grid",
                           "parameters:\n"
                           "  half: {expr: b / a}\n"
                           "  a: {values: [0, 2]}\n"
                           "  b: {values: [3]}\n"
                           "  late: {expr: half + 1, when: a > 0}\n");
  EXPECT_THAT(all_suggestions(spec, 10),
              ElementsAre(R"({"a":0,"b":3})", R"({"a":2,"b":3,"half":1.5,"late":2.5})"));
  const Space space(spec);
  const Point point = space.locate({{"a", std::int64_t{2}}, {"b", std::int64_t{3}}, {"half", 1.5}});
  EXPECT_EQ(space.params(point).size(), 4U);
}

TEST(CompleteConstraintTest, DrawsTheRestSoThatAllHolds) {
  const auto spec = parsed("random",
                           "parameters:\n"
                           "  a: {min: 1, max: 100}\n"
                           "  b: {min: 1, max: 100}\n"
                           "  c: {min: 0.0, max: 1.0, when: a > 90}\n"
                           "  sum: {expr: a + b}\n"
                           "constraints: [a * b <= 300]\n");
  for (std::uint64_t number = 0; number < 30; ++number) {
    const auto params = complete(spec, {{"b", std::int64_t{3}}, {"c", 0.5}}, 1, number);
    ASSERT_TRUE(params) << params.status().to_string();
    EXPECT_GT(integer(*params, "a"), 90);
    EXPECT_LE(integer(*params, "a") * 3, 300);
    EXPECT_EQ(integer(*params, "sum"), integer(*params, "a") + 3);
  }
  const auto given = complete(spec, {{"a", 2.0}, {"b", 3.0}, {"sum", 5.0}}, 1, 0);
  ASSERT_TRUE(given) << given.status().to_string();
  EXPECT_EQ(to_json(*given), R"({"a":2,"b":3,"sum":5})");
  const auto by_sum = complete(spec, {{"a", 2.0}, {"sum", 9.0}}, 1, 0);
  ASSERT_TRUE(by_sum) << by_sum.status().to_string();
  EXPECT_EQ(integer(*by_sum, "b"), 7);
}

TEST(CompleteConstraintTest, RefusalsNameTheRule) {
  const auto spec = parsed("random",
                           "parameters:\n"
                           "  a: {min: 1, max: 9}\n"
                           "  b: {min: 1, max: 9}\n"
                           "  c: {value: 1, when: a > b}\n"
                           "  sum: {expr: a + b}\n"
                           "constraints: [sum <= 10]\n");
  const auto error = [&](const Params& chosen) {
    return complete(spec, chosen, 1, 0).status().to_string();
  };
  EXPECT_EQ(error({{"a", 9.0}, {"b", 9.0}}),
            "invalid argument: the constraint `sum <= 10` is violated");
  EXPECT_THAT(error({{"a", 2.0}, {"b", 3.0}, {"c", 1.0}}),
              HasSubstr("`c` is not active with these values; help: it is used only when `a > b`"));
  EXPECT_THAT(error({{"a", 2.0}, {"b", 3.0}, {"sum", 6.0}}),
              HasSubstr("`sum` is derived: here it is 5, not 6.0"));
  EXPECT_THAT(error({{"a", 1.0}, {"c", 1.0}}), HasSubstr("all other values that were drawn"));
  EXPECT_THAT(error({{"summ", 1.0}}), HasSubstr("no parameter `summ`"));
}

// The value that was given decides, not what its quantile gives back.
TEST(CompleteConstraintTest, GivenRealsAreTakenToTheirLastBit) {
  const auto spec = parsed("random",
                           "parameters:\n"
                           "  lr: {distribution: log_uniform_values, min: 1e-5, max: 1e-1}\n"
                           "  m: {value: 1, when: lr == 0.007}\n"
                           "  ten: {expr: lr * 10}\n"
                           "constraints: [lr <= 0.007]\n");
  const auto params = complete(spec, {{"lr", 0.007}}, 1, 0);
  ASSERT_TRUE(params) << params.status().to_string();
  EXPECT_EQ(to_json(*params), R"({"lr":0.007,"m":1,"ten":0.07})");
}

TEST(SearchableTest, ConstraintsThatNothingSatisfiesAreRefused) {
  for (const char* method : {"random", "bayes", "grid"}) {
    const auto spec = parsed(method,
                             "parameters: {a: {min: 1, max: 9}, b: {min: 1, max: 9}}\n"
                             "constraints: [a > 5, a * b > 90]\n");
    const Status status = check_searchable(spec, 1);
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    EXPECT_THAT(status.to_string(),
                HasSubstr("no configuration satisfies the constraints: none of 20,000 draws did"));
    EXPECT_THAT(status.help(), HasSubstr("the tightest is `a * b > 90`: alone it holds in 0"));
    EXPECT_EQ(space_size(spec), 0U);
    EXPECT_TRUE(all_suggestions(spec, 10).empty());
  }
  // What draws cannot find, the walk over a finite space does.
  const auto rare = parsed("random",
                           "parameters: {a: {min: 1, max: 900}, b: {min: 1, max: 900}}\n"
                           "constraints: [a * b == 810000]\n");
  EXPECT_TRUE(check_searchable(rare, 1));
  EXPECT_EQ(all_suggestions(rare, 10).size(), 1U);
}

TEST(SearchableTest, AWrongInitialPointIsNamed) {
  auto spec = parsed("random",
                     "parameters: {a: {min: 1, max: 9}, b: {min: 1, max: 9}}\n"
                     "constraints: [a < b]\n");
  spec.initial = {{{"a", std::int64_t{1}}}, {{"a", std::int64_t{5}}, {"b", std::int64_t{5}}}};
  EXPECT_EQ(initial_points(spec, 1).status().message(),
            "initial[1]: the constraint `a < b` is violated");
  spec.initial.pop_back();
  EXPECT_TRUE(initial_points(spec, 1));
}

TEST(SpaceCountTest, OnlyWhatExpressionsTieTogetherIsWalked) {
  std::string parameters = "parameters:\n  a: {min: 1, max: 10}\n  b: {min: 1, max: 10}\n";
  for (int i = 0; i < 8; ++i) parameters += "  p" + std::to_string(i) + ": {min: 1, max: 100}\n";
  const auto spec = parsed("random", parameters + "constraints: [a < b]\n");
  EXPECT_EQ(space_size(spec), 45U * 10'000'000'000'000'000U);
  // Too many combinations to look at each.
  EXPECT_EQ(space_size(parsed("random", parameters + "constraints: [p0 + p1 + p2 + p3 > 4]\n")),
            std::nullopt);
}

}  // namespace
}  // namespace scopa::search
