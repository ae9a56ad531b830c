#include "broker/search/space.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "broker/search/sampler.h"
#include "tests/unit/broker/search/specs.h"

namespace scopa::search {
namespace {

using spec::DistributionKind;
using spec::Method;
using testing::choice;
using testing::constant;
using ::testing::HasSubstr;
using testing::integer;
using testing::sweep;
using testing::uniform;
using testing::when;

const Value kSgd = std::string("sgd");
const Value kAdam = std::string("adam");

spec::SweepSpec conditional(Method method = Method::kRandom) {
  return sweep(method, {when(integer("nesterov", 0, 1), "momentum", {std::int64_t{9}}),
                        when(integer("momentum", 1, 9), "optimizer", {kSgd}),
                        choice("optimizer", {kSgd, kAdam}), integer("layers", 1, 3),
                        constant("data", std::string("mnist"))});
}

TEST(SpaceTest, InactiveParametersAreAbsent) {
  const Space space(conditional());
  std::set<std::string> seen;
  for (std::uint64_t number = 0; number < 3000; ++number) {
    const Params params = space.params(space.draw(1, number, 0));
    const Value* momentum = find_param(params, "momentum");
    EXPECT_EQ(momentum != nullptr, *find_param(params, "optimizer") == kSgd);
    EXPECT_EQ(find_param(params, "nesterov") != nullptr,
              momentum != nullptr && *momentum == Value(std::int64_t{9}));
    EXPECT_EQ(*find_param(params, "data"), Value(std::string("mnist")));
    seen.insert(canonical_text(params));
  }
  EXPECT_EQ(seen.size(), 33U);
}

TEST(SpaceTest, NextVisitsEachConfigurationOnce) {
  const Space space(conditional());
  std::set<std::string> seen;
  Point point = space.first();
  std::size_t steps = 0;
  do {
    seen.insert(canonical_text(space.params(point)));
    ++steps;
  } while (space.next(&point));
  EXPECT_EQ(steps, seen.size());
  EXPECT_EQ(steps, 33U);  // layers 3 x (adam 1 + sgd (8 + 2))
  EXPECT_EQ(space_size(conditional()), 33U);
}

TEST(SpaceTest, LocateIsTheInverseOfParams) {
  auto spec = conditional();
  spec.parameters.push_back(uniform("lr", 0, 1));
  const Space space(spec);
  for (std::uint64_t number = 0; number < 50; ++number) {
    const Params params = space.params(space.draw(1, number, 0));
    EXPECT_EQ(space.params(space.locate(params)), params);
  }
}

TEST(SpaceTest, SizeKnowsInfinityAndOverflow) {
  EXPECT_EQ(space_size(sweep(Method::kRandom, {uniform("x", 0, 1)})), std::nullopt);
  EXPECT_EQ(space_size(sweep(Method::kRandom, {constant("x", 1.0)})), 1U);
  std::vector<spec::Parameter> many;
  for (int i = 0; i < 30; ++i) many.push_back(integer("p" + std::to_string(i), 1, 1000));
  EXPECT_EQ(space_size(sweep(Method::kRandom, many)), std::nullopt);
  // A continuous parameter that can never be active does not matter.
  EXPECT_EQ(space_size(sweep(Method::kRandom,
                             {choice("a", {kAdam}), when(uniform("x", 0, 1), "a", {kSgd})})),
            1U);
}

TEST(SpaceTest, SizeOfAGridIsTheGrids) {
  const auto q = testing::range("x", DistributionKind::kQUniform, 0, 10, 2, true);
  EXPECT_EQ(space_size(sweep(Method::kGrid, {q})), 5U);
  EXPECT_EQ(space_size(sweep(Method::kRandom, {q})), 6U);
}

TEST(CompleteTest, KeepsWhatIsGivenAndDrawsTheRest) {
  const auto spec = conditional();
  const auto params = complete(spec, {{"layers", 2.0}}, 7, 3);
  ASSERT_TRUE(params) << params.status().to_string();
  EXPECT_EQ(*find_param(*params, "layers"), Value(std::int64_t{2}));
  EXPECT_NE(find_param(*params, "optimizer"), nullptr);
  EXPECT_EQ(*params, *complete(spec, {{"layers", std::int64_t{2}}}, 7, 3));
}

TEST(CompleteTest, ParentsAreDrawnSoThatAGivenChildIsActive) {
  for (std::uint64_t number = 0; number < 50; ++number) {
    const auto params = complete(conditional(), {{"nesterov", std::int64_t{1}}}, 7, number);
    ASSERT_TRUE(params) << params.status().to_string();
    EXPECT_EQ(*find_param(*params, "momentum"), Value(std::int64_t{9}));
    EXPECT_EQ(*find_param(*params, "optimizer"), kSgd);
  }
}

TEST(CompleteTest, ErrorsNameTheParameterAndTheRemedy) {
  const auto error = [](const Params& chosen) {
    const Status status = complete(conditional(), chosen, 1, 1).status();
    EXPECT_EQ(status.code(), Code::kInvalidArgument);
    return status.to_string();
  };
  EXPECT_THAT(error({{"layer", std::int64_t{2}}}), HasSubstr("did you mean `layers`?"));
  EXPECT_THAT(error({{"layers", std::int64_t{7}}}),
              HasSubstr("`layers`: 7 is not an integer between 1 and 3"));
  EXPECT_THAT(error({{"layers", std::int64_t{1}}, {"layers", std::int64_t{2}}}),
              HasSubstr("given twice"));
  EXPECT_THAT(error({{"optimizer", kAdam}, {"momentum", std::int64_t{5}}}),
              HasSubstr("it is used only when `optimizer` is \"sgd\""));
  EXPECT_THAT(error({{"data", std::string("cifar")}}), HasSubstr("is not \"mnist\""));
}

}  // namespace
}  // namespace scopa::search
