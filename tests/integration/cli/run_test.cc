#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

class CliRunTest : public CliTest {};

TEST_F(CliRunTest, ASweepRunsFromStartToEnd) {
  const Finished done = scopa({"run", "sweep.yaml", "--slots", "2"});
  EXPECT_EQ(done.status, 0) << done.err;
  const auto lines = lines_of(done.out);
  ASSERT_THAT(lines, SizeIs(5));
  EXPECT_EQ(lines[0], "rank\ttrial\tstate\tvalue\tsteps\tduration_s\tcause\tx");
  EXPECT_THAT(lines[1], StartsWith("1\t"));
  EXPECT_THAT(lines[1], HasSubstr("\tcompleted\t"));
  // Nothing of it is running any more, and all of it can be asked for.
  EXPECT_FALSE(std::filesystem::exists(folder_ / ".scopa/endpoint"));
  const auto sweep = json({"status"})["sweep"];
  EXPECT_EQ(sweep["state"], "finished");
  EXPECT_EQ(sweep["name"], "steps");
  EXPECT_EQ(sweep["counts"]["completed"], 4);
  EXPECT_EQ(sweep["best"]["value"], std::stod(json({"best"})["best"][0]["value"].dump()));
}

TEST_F(CliRunTest, TheSummaryIsOneDocumentWithJson) {
  const auto document = json({"run", "sweep.yaml", "--trials", "3", "--name", "renamed"});
  EXPECT_EQ(document["sweep"]["counts"]["completed"], 3);
  EXPECT_EQ(document["sweep"]["name"], "renamed");
  EXPECT_EQ(document["trials"].size(), 3u);
  EXPECT_GE(document["trials"][0]["value"], document["trials"][1]["value"]);
}

TEST_F(CliRunTest, TheSameSeedTriesTheSameConfigurations) {
  const auto params = [this](const std::string& dir, const std::string& seed) {
    auto document = json({"run", "sweep.yaml", "--dir", dir, "--seed", seed});
    std::map<int, nlohmann::json> by_trial;
    for (const auto& t : document["trials"]) by_trial[t["trial"]] = t["params"];
    return by_trial;
  };
  const auto first = params("a", "5");
  EXPECT_EQ(first, params("b", "5"));
  EXPECT_NE(first, params("c", "6"));
}

TEST_F(CliRunTest, AFinishedSweepGoesOnWithAHigherCap) {
  ASSERT_EQ(scopa({"run", "sweep.yaml"}).status, 0);
  const Finished refused = scopa({"run", "--resume", "@last"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(refused.err, HasSubstr("--run-cap"));
  const auto more = json({"run", "--resume", "@last", "--run-cap", "6"});
  EXPECT_EQ(more["sweep"]["counts"]["completed"], 6);
  EXPECT_EQ(json({"ls"})["sweeps"].size(), 1u);
}

TEST_F(CliRunTest, CtrlCLetsRunningTrialsEndAndTheSweepGoesOnLater) {
  write_trainer(
      "echo \"{\\\"score\\\": $x}\" >> \"$SCOPA_METRICS\"\n"
      "touch started\nwhile [ ! -e go ]; do sleep 0.02; done\n");
  Process process = start("run", {"run", "sweep.yaml"});
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(folder_ / "started"); }))
      << process.err();
  process.signal(SIGINT);
  ASSERT_TRUE(eventually([&] { return process.err().find("go on later") != std::string::npos; }))
      << process.err();
  write_file(folder_ / "go", "");
  EXPECT_EQ(process.wait(std::chrono::seconds(30)), 130) << process.err();
  EXPECT_THAT(process.err(), HasSubstr("scopa run --resume"));
  const auto before = counts("@last");
  EXPECT_EQ(before["completed"], 1);
  EXPECT_EQ(before["running"], 0);
  const auto after = json({"run", "--resume", "@last"});
  EXPECT_EQ(after["sweep"]["counts"]["completed"], 4);
}

TEST_F(CliRunTest, CtrlCTwiceGivesTheRunningTrialBack) {
  write_trainer(
      "touch started\nwhile [ ! -e go ]; do sleep 0.02; done\n"
      "echo \"{\\\"score\\\": $x}\" >> \"$SCOPA_METRICS\"\n");
  Process process = start("run", {"run", "sweep.yaml"});
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(folder_ / "started"); }))
      << process.err();
  process.signal(SIGINT);
  ASSERT_TRUE(eventually([&] { return process.err().find("go on later") != std::string::npos; }));
  process.signal_again(SIGINT);
  EXPECT_EQ(process.wait(std::chrono::seconds(60)), 130) << process.err();
  EXPECT_EQ(counts("@last")["running"], 0);
  write_file(folder_ / "go", "");
  const auto after = json({"run", "--resume", "@last"});
  EXPECT_EQ(after["sweep"]["counts"]["completed"], 4);
  EXPECT_EQ(after["trials"].size(), 4u);
}

// `timeout` sends each signal to the program and once more to its group.
TEST_F(CliRunTest, TwoSigtermsAtOnceAreOneNotice) {
  write_trainer("touch started\nwhile [ ! -e go ]; do sleep 0.02; done\n");
  Process process = start("run", {"run", "sweep.yaml"});
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(folder_ / "started"); }))
      << process.err();
  process.signal(SIGTERM);
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(std::chrono::seconds(60)), 143) << process.err();
  EXPECT_THAT(process.err(), HasSubstr("running trials save a checkpoint, if they can"));
  EXPECT_THAT(process.err(), testing::Not(HasSubstr("running trials go back")));
}

TEST_F(CliRunTest, SigtermGivesTheRunningTrialBackAsPreempted) {
  write_trainer(
      "touch started\nwhile [ ! -e go ]; do sleep 0.02; done\n"
      "echo \"{\\\"score\\\": $x}\" >> \"$SCOPA_METRICS\"\n");
  Process process = start("run", {"run", "sweep.yaml"});
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(folder_ / "started"); }))
      << process.err();
  process.signal(SIGTERM);
  EXPECT_EQ(process.wait(std::chrono::seconds(60)), 143) << process.err();
  EXPECT_THAT(process.err(), HasSubstr("go on later"));
  EXPECT_EQ(counts("@last")["queued"], 1);
  write_file(folder_ / "go", "");
  const auto after = json({"run", "--resume", "@last"});
  EXPECT_EQ(after["sweep"]["counts"]["completed"], 4);
}

TEST_F(CliRunTest, AFolderTooDeepForASocketWorksAllTheSame) {
  const std::string deep = std::string(60, 'd') + "/" + std::string(60, 'e');
  const auto document = json({"run", "sweep.yaml", "--dir", deep});
  EXPECT_EQ(document["sweep"]["counts"]["completed"], 4);
}

TEST_F(CliRunTest, ASecondBrokerInTheFolderIsRefused) {
  write_trainer("touch started\nwhile [ ! -e go ]; do sleep 0.02; done\n");
  Process process = start("run", {"run", "sweep.yaml"});
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(folder_ / "started"); }));
  const Finished second = scopa({"run", "sweep.yaml"});
  EXPECT_EQ(second.status, 1);
  EXPECT_THAT(second.err, StartsWith("error[S123]"));
  EXPECT_THAT(second.err, HasSubstr(std::to_string(process.pid())));
  // Others can look on meanwhile.
  EXPECT_EQ(counts("@last")["running"], 1);
  write_file(folder_ / "go", "");
  process.wait(std::chrono::seconds(30));
}

TEST_F(CliRunTest, PrunedTrialsShowWhatWasSavedAndWhy) {
  write_trainer(
      "step=1\nwhile [ $step -le 9 ]; do\n"
      "  echo \"{\\\"step\\\": $step, \\\"score\\\": $x}\" >> \"$SCOPA_METRICS\"\n"
      "  step=$((step + 1)); sleep 0.05\ndone\n");
  write_sweep(12, "score", "early_terminate: {type: hyperband, min_iter: 1, eta: 3}\n");
  const auto document = json({"run", "sweep.yaml", "--slots", "2"});
  const auto& counts = document["sweep"]["counts"];
  EXPECT_EQ(counts["completed"].get<int>() + counts["pruned"].get<int>(), 12);
  ASSERT_GT(counts["pruned"], 0);
  ASSERT_FALSE(document["pruning"].is_null());
  EXPECT_EQ(document["pruning"]["trials"], counts["pruned"]);
  for (const auto& t : document["trials"]) {
    if (t["state"] != "pruned") continue;
    const std::string name = "@last/" + std::to_string(t["trial"].get<int>());
    EXPECT_THAT(scopa({"show", name}).out, HasSubstr("stopped at rung"));
    EXPECT_LE(t["stop"]["value"], t["stop"]["threshold"]);
    break;
  }
}

}  // namespace
}  // namespace scopa::test
