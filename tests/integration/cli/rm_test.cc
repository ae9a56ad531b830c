// `scopa rm`, on a store folder and beside a broker at work.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class CliRmTest : public CliTest {
 protected:
  void run_sweep(int trials) {
    write_trainer("echo \"{\\\"score\\\": $x, \\\"other\\\": 1}\" >> \"$SCOPA_METRICS\"\n");
    write_sweep(trials);
    ASSERT_EQ(scopa({"run", "sweep.yaml", "--slots", "2"}).status, 0);
  }
  std::string last() { return json({"show", "@last"})["sweep"]["id"]; }
  bool exists(const std::string& path) { return std::filesystem::exists(folder_ / path); }
  /// The leaderboard without what says that something is removed.
  nlohmann::json table() {
    nlohmann::json trials = json({"trials", "-n", "1000"})["trials"];
    for (auto& each : trials) each.erase("removed");
    return trials;
  }
};

TEST_F(CliRmTest, ByDryRunEverythingStays) {
  run_sweep(3);
  const std::string sweep = last();
  const auto told = json({"rm", sweep, "--keep-best", "1", "--dry-run"});
  EXPECT_EQ(told["trials"].size(), 2u);
  EXPECT_EQ(told["folders"].size(), 2u);
  EXPECT_GT(told["bytes"], 0);
  EXPECT_EQ(json({"rm", sweep, "--dry-run"})["folders"].size(), 3u);
  EXPECT_EQ(counts(sweep)["completed"], 3);
  for (const char* trial : {"0", "1", "2"})
    EXPECT_TRUE(exists(".scopa/trials/" + sweep + "/" + trial));
  EXPECT_EQ(json({"show", sweep + "/0"})["trial"]["removed"], false);
}

TEST_F(CliRmTest, OfAllButTheBestThePointsAndFoldersGoAndTheTableStays) {
  run_sweep(5);
  const std::string sweep = last();
  const nlohmann::json before = table();
  const std::string best = std::to_string(before[0]["trial"].get<int>());
  const Finished removed = scopa({"rm", sweep, "--keep-best", "1"});
  EXPECT_EQ(removed.status, 0) << removed.err;
  EXPECT_EQ(lines_of(removed.out).size(), 4u);
  EXPECT_EQ(table(), before);
  EXPECT_TRUE(exists(".scopa/trials/" + sweep + "/" + best));
  const std::string worst = std::to_string(before[4]["trial"].get<int>());
  EXPECT_FALSE(exists(".scopa/trials/" + sweep + "/" + worst));
  EXPECT_THAT(scopa({"show", sweep + "/" + worst}).out, HasSubstr("its points and its folder"));
  EXPECT_THAT(scopa({"show", sweep + "/" + best}).out,
              HasSubstr("/.scopa/trials/" + sweep + "/" + best));
  EXPECT_THAT(scopa({"export", sweep, "--points"}).err, HasSubstr("points of 4 trials"));
  EXPECT_THAT(scopa({"logs", sweep + "/" + worst}).err, HasSubstr("has been removed"));
  EXPECT_EQ(json({"replay", sweep})["equal"], true);
  EXPECT_EQ(scopa({"store", "verify"}).status, 0);
  const Finished again = scopa({"rm", sweep, "--keep-best", "1"});
  EXPECT_EQ(again.status, 0);
  EXPECT_EQ(again.out, "");
  EXPECT_THAT(again.err, HasSubstr("nothing is left"));
  EXPECT_EQ(scopa({"run", "--resume", sweep, "--run-cap", "7"}).status, 0);
  EXPECT_EQ(counts(sweep)["completed"], 7);
}

TEST_F(CliRmTest, OfTrialsThatAreNamedInAnyWay) {
  run_sweep(5);
  const std::string sweep = last();
  EXPECT_EQ(scopa({"rm", sweep + "/0"}).status, 0);
  EXPECT_EQ(scopa({"rm", sweep + "/1", sweep + "/2"}).status, 0);
  EXPECT_EQ(scopa({"rm", sweep, "3"}).status, 0);
  for (int trial = 0; trial < 5; ++trial) {
    EXPECT_EQ(json({"show", sweep + "/" + std::to_string(trial)})["trial"]["removed"], trial < 4);
  }
  const Finished two = scopa({"rm", sweep + "/0", "other/1"});
  EXPECT_EQ(two.status, 2);
  EXPECT_THAT(two.err, HasSubstr("two sweeps"));
  EXPECT_EQ(scopa({"rm", sweep, "x"}).status, 2);
  EXPECT_EQ(scopa({"rm", sweep, "1", "--keep-best", "1"}).status, 2);
  EXPECT_EQ(scopa({"rm", sweep, "1", "--force"}).status, 2);
  EXPECT_EQ(scopa({"rm", sweep, "99"}).status, 3);
}

TEST_F(CliRmTest, OfASweepNothingIsLeft) {
  run_sweep(3);
  const std::string sweep = last();
  const Finished removed = scopa({"rm", sweep});
  EXPECT_EQ(removed.status, 0) << removed.err;
  EXPECT_EQ(removed.out, sweep + "\tremoved\n");
  EXPECT_FALSE(exists(".scopa/trials/" + sweep));
  EXPECT_EQ(json({"ls"})["total"], 0);
  EXPECT_THAT(scopa({"show", sweep}).err, HasSubstr("has been removed"));
  const auto verified = json({"store", "verify"});
  EXPECT_EQ(verified["removed"], 1);
  EXPECT_EQ(verified["sweeps"], 0);
  EXPECT_EQ(scopa({"run", "sweep.yaml"}).status, 0);
  EXPECT_NE(last(), sweep);
}

TEST_F(CliRmTest, WhatAnInterruptedRemovalLeftGoesTheSecondTime) {
  run_sweep(2);
  const std::string sweep = last();
  ASSERT_EQ(scopa({"rm", sweep}).status, 0);
  std::filesystem::create_directories(folder_ / ".scopa/trials/" + sweep + "/1");
  const Finished again = scopa({"rm", sweep});
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_EQ(again.out, sweep + "\tremoved before\n");
  EXPECT_FALSE(exists(".scopa/trials/" + sweep));
  EXPECT_EQ(scopa({"rm", "nonesuch"}).status, 3);
}

TEST_F(CliRmTest, ASweepAtWorkTakesForceAndItsTrainerIsEnded) {
  start_broker();
  write_trainer(
      "echo \"{\\\"score\\\": $x}\" >> \"$SCOPA_METRICS\"\n"
      "while [ ! -e go ]; do sleep 0.02; done\n");
  write_sweep(2, "score", "grace: 1s\n");
  const std::string sweep = lines_of(scopa({"create", "sweep.yaml"}).out).at(0);
  Process worker = start("worker", {"worker", sweep, "--gpus", "none"});
  ASSERT_TRUE(eventually([&] { return counts(sweep)["running"] == 1; })) << worker.err();
  const Finished refused = scopa({"rm", sweep});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("is running"), HasSubstr("--force")));
  const Finished removed = scopa({"rm", sweep, "--force"});
  EXPECT_EQ(removed.status, 0) << removed.err;
  EXPECT_NE(worker.wait(std::chrono::seconds(60)), -1) << worker.err();
  EXPECT_THAT(scopa({"ls"}).out, Not(HasSubstr(sweep)));
  stop_broker();
  start_broker();
  EXPECT_THAT(scopa({"show", sweep}).err, HasSubstr("has been removed"));
  EXPECT_EQ(scopa({"create", "sweep.yaml"}).status, 0);
  stop_broker();
  EXPECT_EQ(scopa({"store", "verify"}).status, 0);
}

TEST_F(CliRmTest, BestTellsFolderAndCheckpoint) {
  run_sweep(2);
  const auto best = json({"best"})["best"][0];
  EXPECT_THAT(best["folder"]["path"].get<std::string>(), HasSubstr("/.scopa/trials/"));
  EXPECT_TRUE(best["checkpoint"].is_null());
}

}  // namespace
}  // namespace scopa::test
