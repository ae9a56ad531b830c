// `scopa edit`, on a store folder and beside a broker at work.
#include <gmock/gmock.h>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

using ::testing::HasSubstr;

class CliEditTest : public CliTest {
 protected:
  void write_new(const std::string& text) { write_file(folder_ / "new.yaml", text); }
};

TEST_F(CliEditTest, AMetricThatWasNamedWrongIsMendedAndNoTrialIsLost) {
  write_trainer("echo \"{\\\"val_score\\\": $x}\" >> \"$SCOPA_METRICS\"\n");
  write_sweep(4);
  const Finished paused = scopa({"run", "sweep.yaml", "--slots", "1"});
  EXPECT_NE(paused.status, 0);
  EXPECT_THAT(paused.err, HasSubstr("scopa edit"));
  write_new(sweep_text(4, "val_score"));
  const Finished edited = scopa({"edit", "@last", "new.yaml"});
  EXPECT_EQ(edited.status, 0) << edited.err;
  const auto trials = json({"trials"})["trials"];
  ASSERT_EQ(trials.size(), 3u);
  for (const auto& trial : trials) EXPECT_EQ(trial["value"], trial["params"]["x"]);
  const Finished goes_on = scopa({"run", "--resume", "@last", "--slots", "1"});
  EXPECT_EQ(goes_on.status, 0) << goes_on.err;
  EXPECT_EQ(counts("@last")["completed"], 4);
  EXPECT_EQ(scopa({"replay", "@last"}).status, 0);
}

TEST_F(CliEditTest, ABrokerAtWorkReadsItsPointsAnew) {
  start_broker();
  write_trainer("echo \"{\\\"score\\\": $x, \\\"other\\\": 5}\" >> \"$SCOPA_METRICS\"\n");
  write_sweep(3);
  const std::string sweep = lines_of(scopa({"create", "sweep.yaml", "--url", url()}).out).at(0);
  EXPECT_EQ(scopa({"worker", sweep, "--url", url(), "--gpus", "none"}).status, 0);
  write_new(sweep_text(5, "other"));
  ASSERT_EQ(scopa({"edit", sweep, "new.yaml", "--url", url()}).status, 0);
  EXPECT_EQ(json({"status", sweep, "--url", url()})["sweep"]["metric"], "other");
  const nlohmann::json trials = json({"trials", sweep, "--url", url()});
  for (const auto& trial : trials["trials"]) {
    EXPECT_EQ(trial["value"], 5);
  }
  EXPECT_EQ(scopa({"resume", sweep, "--url", url()}).status, 0);
  EXPECT_EQ(scopa({"worker", sweep, "--url", url(), "--gpus", "none"}).status, 0);
  EXPECT_EQ(json({"status", sweep, "--url", url()})["sweep"]["counts"]["completed"], 5);
  EXPECT_EQ(scopa({"replay", sweep, "--url", url()}).status, 0);
  stop_broker();
  start_broker();
  EXPECT_EQ(json({"status", sweep, "--url", url()})["sweep"]["counts"]["completed"], 5);
}

TEST_F(CliEditTest, WhatIsSearchedStaysAndTheErrorNamesIt) {
  write_sweep(2);
  ASSERT_EQ(scopa({"run", "sweep.yaml", "--slots", "1"}).status, 0);
  std::string text = sweep_text(2);
  text.replace(text.find("1000"), 4, "2000");
  write_new(text);
  const auto error = json_error({"edit", "@last", "new.yaml"}, 1);
  EXPECT_THAT(error.dump(), HasSubstr("parameters.x"));
  write_new("method: random\n");
  EXPECT_THAT(scopa({"edit", "@last", "new.yaml"}).err, HasSubstr("parameters"));
  write_new(sweep_text(2));
  EXPECT_THAT(scopa({"edit", "@last", "new.yaml"}).err, HasSubstr("nothing has changed"));
}

}  // namespace
}  // namespace scopa::test
