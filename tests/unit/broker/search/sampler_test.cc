#include "broker/search/sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "tests/unit/broker/search/specs.h"

namespace scopa::search {
namespace {

using spec::DistributionKind;
using spec::Method;
using testing::add;
using testing::choice;
using testing::constant;
using ::testing::ElementsAre;
using testing::integer;
using testing::sweep;
using testing::uniform;
using testing::when;

std::vector<std::string> all_suggestions(Sampler* sampler, History* history, std::size_t max) {
  std::vector<std::string> texts;
  for (std::uint64_t number = 0; texts.size() < max; ++number) {
    const auto params = sampler->suggest(*history, number);
    if (!params) break;
    add(history, *params);
    texts.push_back(to_json(*params));
  }
  return texts;
}

Value text(const char* s) { return std::string(s); }

TEST(RandomSamplerTest, UsesUpAFiniteSpaceExactly) {
  const auto spec = sweep(Method::kRandom, {choice("opt", {text("sgd"), text("adam")}),
                                            when(integer("momentum", 1, 20), "opt", {text("sgd")}),
                                            integer("layers", 1, 5)});
  const auto sampler = make_sampler(spec, 1);
  History history;
  const auto texts = all_suggestions(sampler.get(), &history, 1000);
  EXPECT_EQ(texts.size(), 105U);
  EXPECT_EQ(std::set(texts.begin(), texts.end()).size(), 105U);
  EXPECT_EQ(sampler->suggest(history, 5000), std::nullopt);
}

TEST(RandomSamplerTest, FindsWhatAlmostNeverComes) {
  spec::Distribution d;
  d.kind = DistributionKind::kCategoricalWithWeights;
  d.values = {text("usual"), text("rare")};
  d.probabilities = {1 - 1e-9, 1e-9};
  const auto spec = sweep(Method::kRandom, {testing::parameter("x", d)});
  const auto sampler = make_sampler(spec, 1);
  History history;
  EXPECT_THAT(all_suggestions(sampler.get(), &history, 10),
              ElementsAre(R"({"x":"usual"})", R"({"x":"rare"})"));
  // With a continuous child there is no end.
  auto open = sweep(Method::kRandom,
                    {testing::parameter("x", d), when(uniform("y", 0, 1), "x", {text("rare")})});
  const auto endless = make_sampler(open, 1);
  History other;
  const auto texts = all_suggestions(endless.get(), &other, 50);
  EXPECT_EQ(std::set(texts.begin(), texts.end()).size(), 50U);
}

TEST(RandomSamplerTest, DependsOnSeedNumberAndHistoryOnly) {
  const auto spec = sweep(Method::kRandom, {uniform("a", 0, 1), integer("b", 1, 9)});
  const auto one = make_sampler(spec, 5);
  const History empty;
  const auto first = one->suggest(empty, 0);
  for (std::uint64_t number = 1; number < 20; ++number) one->suggest(empty, number);
  EXPECT_EQ(one->suggest(empty, 0), first);
  EXPECT_EQ(make_sampler(spec, 5)->suggest(empty, 0), first);
  EXPECT_NE(make_sampler(spec, 6)->suggest(empty, 0), first);
  EXPECT_NE(one->suggest(empty, 1), first);
}

// A parameter keeps its values when others come or go.
TEST(RandomSamplerTest, ParametersAreDrawnIndependently) {
  const auto small = make_sampler(sweep(Method::kRandom, {uniform("a", 0, 1)}), 5);
  const auto large =
      make_sampler(sweep(Method::kRandom, {integer("b", 1, 9), uniform("a", 0, 1)}), 5);
  EXPECT_EQ(*find_param(*small->suggest({}, 3), "a"), *find_param(*large->suggest({}, 3), "a"));
}

TEST(GridSamplerTest, TwoHundredPointsExactlyOnce) {
  const auto spec = sweep(Method::kGrid, {integer("a", 1, 10), integer("b", 1, 5),
                                          choice("c", {1.5, text("x"), true, Value()})});
  const auto sampler = make_sampler(spec, 1);
  History history;
  const auto texts = all_suggestions(sampler.get(), &history, 1000);
  EXPECT_EQ(texts.size(), 200U);
  EXPECT_EQ(std::set(texts.begin(), texts.end()).size(), 200U);
  EXPECT_EQ(space_size(spec), 200U);
}

TEST(GridSamplerTest, NameOrderLastFastestAndConstantsAlong) {
  const auto spec = sweep(Method::kGrid, {choice("b", {std::int64_t{1}, std::int64_t{2}}),
                                          constant("k", 0.5), choice("a", {text("x"), text("y")})});
  const auto sampler = make_sampler(spec, 1);
  History history;
  EXPECT_THAT(all_suggestions(sampler.get(), &history, 10),
              ElementsAre(R"({"b":1,"k":0.5,"a":"x"})", R"({"b":2,"k":0.5,"a":"x"})",
                          R"({"b":1,"k":0.5,"a":"y"})", R"({"b":2,"k":0.5,"a":"y"})"));
}

TEST(GridSamplerTest, InactiveParametersTakeNoPartInTheProduct) {
  const auto spec = sweep(Method::kGrid, {choice("opt", {text("adam"), text("sgd")}),
                                          when(integer("momentum", 1, 3), "opt", {text("sgd")})});
  const auto sampler = make_sampler(spec, 1);
  History history;
  EXPECT_THAT(all_suggestions(sampler.get(), &history, 10),
              ElementsAre(R"({"opt":"adam"})", R"({"opt":"sgd","momentum":1})",
                          R"({"opt":"sgd","momentum":2})", R"({"opt":"sgd","momentum":3})"));
}

TEST(GridSamplerTest, TriedPointsAreSkippedWhereverTheyComeFrom) {
  const auto spec = sweep(Method::kGrid, {integer("a", 1, 5), constant("k", text("new"))});
  const auto sampler = make_sampler(spec, 1);
  History history;
  add(&history, {{"a", 2.0}, {"k", text("old")}});
  const auto number = add(&history, {{"a", std::int64_t{4}}, {"k", text("new")}});
  testing::end(&history, number, TrialState::kFailed, {});
  EXPECT_THAT(all_suggestions(sampler.get(), &history, 10),
              ElementsAre(R"({"a":1,"k":"new"})", R"({"a":3,"k":"new"})", R"({"a":5,"k":"new"})"));
}

// Earlier versions counted 0.1 + 0.1 + 0.1 in binary.
TEST(GridSamplerTest, ATrialWithBinaryNoiseCoversItsPoint) {
  spec::SweepSpec spec = testing::sweep(
      spec::Method::kGrid, {testing::range("x", spec::DistributionKind::kQUniform, 0, 1, 0.1)});
  const auto sampler = make_sampler(spec, 1);
  History history;
  for (int k = 0; k < 10; ++k) testing::add(&history, {{"x", 0.0 + k * 0.1}});
  EXPECT_FALSE(sampler->suggest(history, 10).has_value());
}

TEST(GridSamplerTest, AnswersDoNotDependOnEarlierCalls) {
  const auto spec = sweep(Method::kGrid, {integer("a", 1, 5)});
  const auto used = make_sampler(spec, 1);
  History full;
  all_suggestions(used.get(), &full, 10);
  EXPECT_EQ(used->suggest(full, 9), std::nullopt);
  History other;
  add(&other, {{"a", std::int64_t{1}}});
  EXPECT_EQ(used->suggest(other, 9), make_sampler(spec, 1)->suggest(other, 9));
  EXPECT_EQ(to_json(*used->suggest({}, 9)), R"({"a":1})");
}

TEST(HistoryTest, KeepsWhatIsFiniteAndForgetsARestartedCurve) {
  History history;
  const auto number = add(&history, {{"a", 1.0}});
  testing::report(&history, number, {{1, 0.5}, {2, std::nan("")}, {3, 0.25}});
  EXPECT_THAT(history.trials()[0].curve, ElementsAre(CurvePoint{1, 0.5}, CurvePoint{3, 0.25}));
  testing::end(&history, number, TrialState::kFailed, std::nan(""));
  EXPECT_EQ(history.trials()[0].value, std::nullopt);
  const auto before = history.digests()[0];
  HistoryChange restart;
  restart.kind = HistoryChange::Kind::kRestart;
  history.apply(restart);
  EXPECT_TRUE(history.trials()[0].curve.empty());
  EXPECT_NE(history.digests()[0], before);
  restart.number = TrialNumber{77};
  history.apply(restart);  // of a trial that was never added
  EXPECT_EQ(history.trials().size(), 1U);
  EXPECT_TRUE(history.contains(R"({"a":1})"));
}

}  // namespace
}  // namespace scopa::search
