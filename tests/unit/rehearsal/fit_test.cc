#include "rehearsal/fit.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/spec/parse.h"

namespace scopa::rehearsal {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

spec::SweepSpec sweep(const std::string& parameters) {
  const auto parsed = spec::parse(
      "method: random\nmetric: {name: loss, goal: minimize}\nparameters:\n" + parameters);
  EXPECT_TRUE(parsed.ok()) << parsed.diagnostics.at(0).message;
  return parsed.spec;
}

constexpr char kKnown[] =
    "  lr: {distribution: log_uniform_values, min: 0.001, max: 0.1}\n"
    "  kind: {values: [a, b]}\n"
    "  depth: {distribution: int_uniform, min: 1, max: 9, when: {kind: b}}\n"
    "  size: {values: [16, 32]}\n"
    "  seed: {value: 3}\n";

Fit fit(const std::string& parameters) { return fit_of(sweep(parameters), sweep(kKnown), "it"); }

TEST(FitTest, ASweepFitsItself) {
  const Fit found = fit(kKnown);
  EXPECT_FALSE(found.misfit);
  EXPECT_THAT(found.remarks, IsEmpty());
}

TEST(FitTest, ConditionalAndConstantOnesMayBeLeftOutAndConstantsAdded) {
  const Fit found =
      fit("  lr: {min: 0.01, max: 0.05}\n  kind: {value: a}\n  size: {value: 16.0}\n  new: {value: "
          "1}\n");
  EXPECT_FALSE(found.misfit) << found.misfit->message;
  EXPECT_THAT(found.remarks, IsEmpty());
}

TEST(FitTest, WhatIsMissingUnknownOrANewCategoryIsRefused) {
  const Fit missing = fit("  kind: {values: [a, b]}\n  size: {values: [16, 32]}\n");
  ASSERT_TRUE(missing.misfit);
  EXPECT_EQ(missing.misfit->path, "parameters.lr");
  EXPECT_THAT(missing.misfit->message, HasSubstr("missing"));
  EXPECT_THAT(missing.misfit->help, HasSubstr("lr: {value: ...}"));
  const Fit unknown = fit(std::string(kKnown) + "  dept: {min: 1, max: 2}\n");
  ASSERT_TRUE(unknown.misfit);
  EXPECT_THAT(unknown.misfit->help, HasSubstr("did you mean `depth`"));
  const Fit category = fit("  lr: {value: 0.01}\n  kind: {values: [a, c]}\n  size: {value: 16}\n");
  ASSERT_TRUE(category.misfit);
  EXPECT_THAT(category.misfit->message, HasSubstr("`c`"));
  const Fit range =
      fit("  lr: {value: 0.01}\n  kind: {value: a}\n  size: {min: 16.0, max: 32.0}\n");
  ASSERT_TRUE(range.misfit);
  EXPECT_THAT(range.misfit->message, HasSubstr("categories"));
}

TEST(FitTest, ARangeBeyondTheKnownOneIsARemark) {
  const Fit found = fit("  lr: {min: 0.01, max: 0.5}\n  kind: {value: a}\n  size: {value: 16}\n");
  EXPECT_FALSE(found.misfit);
  ASSERT_THAT(found.remarks, SizeIs(1));
  EXPECT_THAT(found.remarks[0], HasSubstr("`lr` goes beyond"));
}

}  // namespace
}  // namespace scopa::rehearsal
