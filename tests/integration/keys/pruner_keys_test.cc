// The pruners under their own names, with real processes: trials come one after the other, and only
// the third is worse than what came before. A pruner judges at the last rung that the points in
// hand have passed; on a slow machine that may be a later one than the first.
#include <gmock/gmock.h>

#include "tests/integration/keys/fixture.h"

namespace scopa::test {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;

class PrunerKeysTest : public KeysTest {
 protected:
  Json third(const Swept& swept) {
    EXPECT_THAT(swept.states(), ElementsAre("completed", "completed", "pruned")) << swept.err;
    if (swept.trials.size() != 3) return {};
    EXPECT_LT(swept.trials[2].at("last_step"), 60);
    return swept.trials[2];
  }
};

TEST_F(PrunerKeysTest, AshaStopsWhatIsNotInTheBestThirdOfARung) {
  const Swept swept = sweep("asha");
  EXPECT_THAT(third(swept).at("stop").at("rung"), AnyOf(2, 6, 18));
  EXPECT_EQ(swept.sweep.at("pruner"), "asha");
  EXPECT_EQ(swept.sweep.at("rungs"), Json({2, 6, 18}));
}

TEST_F(PrunerKeysTest, MedianStopsTheWorseHalf) {
  const Swept swept = sweep("median");
  EXPECT_THAT(third(swept).at("stop").at("rung"), Ge(2));
  EXPECT_EQ(swept.sweep.at("pruner"), "median");
}

TEST_F(PrunerKeysTest, PercentileStopsWhatIsBehindItsShare) {
  const Swept swept = sweep("percentile");
  EXPECT_THAT(third(swept).at("stop").at("rung"), Ge(2));
  EXPECT_EQ(swept.sweep.at("pruner"), "percentile");
}

TEST_F(PrunerKeysTest, PredictiveStopsWhatWillNotBeTheBest) {
  const Swept swept = sweep("predictive");
  ASSERT_EQ(swept.trials.size(), 5u) << swept.err;
  EXPECT_EQ(swept.trials[4].at("state"), "pruned");
  EXPECT_LT(swept.trials[4].at("last_step"), 60);
  EXPECT_EQ(swept.trials[4].at("stop").at("threshold"), 0.1);
  EXPECT_EQ(swept.sweep.at("pruner"), "predictive");
}

TEST_F(PrunerKeysTest, PredictiveLetsTheBetterHalfGoOnAtTheStart) {
  const Swept swept = sweep("predictive_start");
  EXPECT_THAT(swept.states(), ElementsAre("completed", "completed", "completed", "pruned"))
      << swept.err;
  ASSERT_EQ(swept.trials.size(), 4u);
  EXPECT_LT(swept.trials[3].at("last_step"), 60);
  EXPECT_THAT(swept.trials[3].at("stop").at("rung"), Ge(8)) << "a ninth of 60";
}

TEST_F(PrunerKeysTest, ThresholdStopsWhatLeavesItsBounds) {
  const Swept swept = sweep("threshold");
  EXPECT_EQ(third(swept).at("stop").at("threshold"), 0.85);
  EXPECT_EQ(swept.sweep.at("pruner"), "threshold");
}

TEST_F(PrunerKeysTest, PatientWaitsBeforeItLetsTheWrappedOneStop) {
  const Swept swept = sweep("patient");
  EXPECT_GE(third(swept).at("last_step"), 8) << "patience would be at an end before its warmup is";
  EXPECT_EQ(swept.sweep.at("pruner"), "patient");
}

}  // namespace
}  // namespace scopa::test
