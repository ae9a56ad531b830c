#include "broker/spec/metric_section.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/spec/spec_testing.h"

namespace scopa::spec {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Parsed with_reduce(const std::string& value) {
  return parse(
      "method: random\nparameters: {a: {value: 1}}\nmetric: {name: loss, reduce: " + value + "}\n");
}

std::string reduced(const std::string& value) {
  const Parsed parsed = with_reduce(value);
  if (!parsed.ok()) return codes(parsed).at(0);
  return to_text(parsed.spec.metric->reduce, parsed.spec.metric->reduce_window);
}

TEST(MetricSectionTest, ReduceIsLastBestOrAMean) {
  EXPECT_EQ(reduced("last"), "last");
  EXPECT_EQ(reduced("best"), "best");
  EXPECT_EQ(reduced("mean(5)"), "mean(5)");
  EXPECT_EQ(reduced("'mean(1)'"), "mean(1)");
  EXPECT_EQ(reduced("mean(1000)"), "mean(1000)");
}

TEST(MetricSectionTest, WithoutReduceTheLastValueCounts) {
  const Parsed parsed =
      parse("method: random\nparameters: {a: {value: 1}}\nmetric: {name: loss}\n");
  EXPECT_EQ(to_text(parsed.spec.metric->reduce, parsed.spec.metric->reduce_window), "last");
}

TEST(MetricSectionTest, AWindowOutsideItsRangeIsRefused) {
  for (const char* value : {"mean(0)", "mean(1001)", "mean(99999999999999999999)"}) {
    EXPECT_EQ(reduced(value), "S013 metric.reduce") << value;
  }
  EXPECT_EQ(with_reduce("mean(0)").diagnostics.at(0).message,
            "`metric.reduce: mean(k)` must be from 1 to 1000");
}

TEST(MetricSectionTest, OtherWordsAreRefusedWithWhatIsMeant) {
  for (const char* value : {"mean", "mean()", "mean(-1)", "mean(5", "mean 5", "mean(5.0)",
                            "average", "min", "final", "median", "5", "[last]", "null"}) {
    const Parsed parsed = with_reduce(value);
    EXPECT_THAT(codes(parsed), ElementsAre("S010 metric.reduce")) << value;
    EXPECT_FALSE(parsed.diagnostics.at(0).help.empty()) << value;
  }
  EXPECT_EQ(with_reduce("mean").diagnostics.at(0).help,
            "write `mean(5)` for the mean of the last 5 values");
  EXPECT_EQ(with_reduce("max").diagnostics.at(0).help,
            "write `best`: the goal says which end is good");
  EXPECT_EQ(with_reduce("lst").diagnostics.at(0).help, "did you mean `last`?");
}

TEST(MetricSectionTest, AMisspeltKeyIsFound) {
  const Parsed parsed =
      parse("method: random\nparameters: {a: {value: 1}}\nmetric: {name: loss, reducer: best}\n");
  EXPECT_THAT(brief(parsed), ElementsAre("S007 metric.reducer 3:22"));
  EXPECT_EQ(parsed.diagnostics.at(0).help, "did you mean `reduce`?");
}

}  // namespace
}  // namespace scopa::spec
