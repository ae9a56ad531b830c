// A store that the build of commit 6f17628 made (tests/integration/old_store/make_store): it
// decided by rules 1, and wrote trials down as pruned that diverged.
#include <gmock/gmock.h>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CliOlderRulesTest : public CliTest {
 protected:
  CliOlderRulesTest() {
    const Finished unpacked = run({"tar", "-xJf", SCOPA_OLDER_STORE}, folder_.path());
    EXPECT_EQ(unpacked.status, 0) << unpacked.err;
  }
};

TEST_F(CliOlderRulesTest, NothingIsCalledDifferentAndWhatIsNotRecomputedIsCounted) {
  EXPECT_EQ(scopa({"store", "verify"}).status, 0);
  const Finished replayed = scopa({"replay", "--all"});
  EXPECT_EQ(replayed.status, 0) << replayed.out << replayed.err;
  EXPECT_THAT(replayed.out, AllOf(HasSubstr("made by rules 1: "), HasSubstr("not recomputed"),
                                  Not(HasSubstr("differ"))));
  const auto document = json({"replay", "--all"});
  EXPECT_EQ(document["equal"], true);
  ASSERT_EQ(document["sweeps"].size(), 6u);
  for (const auto& sweep : document["sweeps"]) {
    EXPECT_EQ(sweep["checked"]["suggestions"], 0) << sweep["name"];
    EXPECT_GE(sweep["not_recomputed"], 4) << sweep["name"];
  }
}

TEST_F(CliOlderRulesTest, ATrialThatDivergedIsShownSoAndIsNeverBest) {
  const auto status = json({"status", "random"});
  EXPECT_GT(status["sweep"]["counts"]["diverged"], 0);
  EXPECT_EQ(status["sweep"]["counts"]["pruned"], 0);
  const auto trials = json({"trials", "random"})["trials"];
  for (const auto& trial : trials) {
    const double x = trial["params"]["x"];
    EXPECT_EQ(trial["state"], x > 0.8 ? "diverged" : "completed") << x;
  }
  EXPECT_LE(json({"best", "random"})["trials"][0]["params"]["x"], 0.8);
  EXPECT_THAT(scopa({"status", "random"}).out, Not(HasSubstr("saved")));
}

TEST_F(CliOlderRulesTest, AnOldSweepGoesOnAndTheLogSaysByWhichRules) {
  const Finished goes_on =
      scopa({"run", "--resume", "unfinished", "--run-cap", "10", "--slots", "1"});
  EXPECT_EQ(goes_on.status, 0) << goes_on.err;
  const auto replayed = json({"replay", "unfinished"})["sweeps"][0];
  EXPECT_EQ(replayed["equal"], true);
  EXPECT_EQ(replayed["checked"]["suggestions"], 4);
  EXPECT_GE(replayed["not_recomputed"], 6);
  EXPECT_EQ(scopa({"explain", "unfinished/8"}).status, 0);
  const Finished old = scopa({"explain", "unfinished/2"});
  EXPECT_EQ(old.status, 0);
  EXPECT_THAT(old.out, HasSubstr("made by rules 1"));
}

}  // namespace
}  // namespace scopa::test
