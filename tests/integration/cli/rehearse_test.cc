// `scopa rehearse`: on problems, on a sweep that has run, on programs that behave and that do not.
#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

class CliRehearseTest : public CliTest {
 protected:
  CliRehearseTest() {
    write_branin("wide.yaml", "random", "{min: -5.0, max: 10.0}", "{min: 0.0, max: 15.0}");
    write_branin("near.yaml", "random", "{min: 2.9, max: 3.4}", "{min: 2.0, max: 2.6}");
  }
  void write_branin(const std::string& name, const std::string& method, const std::string& x0,
                    const std::string& x1, const std::string& extra = "") {
    write_file(folder_ / name, "method: " + method +
                                   "\nmetric: {name: loss, goal: minimize}\nparameters:\n  x0: " +
                                   x0 + "\n  x1: " + x1 + "\n" + extra);
  }
  static std::vector<std::string> on_branin(std::vector<std::string> args) {
    args.insert(args.begin(), "rehearse");
    for (const char* each : {"--problem", "branin", "--data", SCOPA_PROBLEMS})
      args.emplace_back(each);
    return args;
  }
  /// A shell script as --evaluator: `body` is run for each line, with `line` and its `x` set.
  std::vector<std::string> on_script(const std::string& body, std::vector<std::string> args = {}) {
    args.insert(args.begin(), {"rehearse", "sweep.yaml", "--seeds", "2", "--evaluator",
                               folder_.script("evaluator.sh",
                                              "while read -r line; do\n"
                                              "x=${line##*:}; x=${x%%\\}*}\n" +
                                                  body + "\ndone")});
    return args;
  }
};

const nlohmann::json& measure(const nlohmann::json& document, std::size_t setting,
                              const std::string& key) {
  return document.at("settings").at(setting).at("measures").at(key);
}

TEST_F(CliRehearseTest, TheSameSeedsGiveTheSameOutput) {
  const auto args = on_branin({"wide.yaml", "--trials", "20", "--seeds", "5"});
  const Finished first = scopa(args);
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_EQ(first.out, scopa(args).out);
  const auto shifted =
      on_branin({"wide.yaml", "--trials", "20", "--seeds", "5", "--first-seed", "3"});
  EXPECT_NE(first.out, scopa(shifted).out);
  const auto a = measure(json(args), 0, "best_100").at("by_seed");
  const auto b = measure(json(shifted), 0, "best_100").at("by_seed");
  EXPECT_EQ(a.at(2), b.at(0)) << "a seed means the same wherever it stands";
}

TEST_F(CliRehearseTest, OfTwoSettingsTheBetterOneIsSaidToBeWithItsInterval) {
  const auto document =
      json(on_branin({"--compare", "wide.yaml", "near.yaml", "--trials", "20", "--target", "1.0"}));
  const auto& found = document.at("differences").at(0).at("measures");
  EXPECT_EQ(document.at("differences").at(0).at("against"), "wide.yaml");
  EXPECT_EQ(found.at("best_100").at("verdict"), "better");
  EXPECT_LT(found.at("best_100").at("high"), 0);
  EXPECT_EQ(found.at("best_100").at("count"), 20);
  EXPECT_EQ(measure(document, 1, "target_s").at("count"), 20);
  EXPECT_LT(measure(document, 0, "target_s").at("count"), 20);
  EXPECT_EQ(found.at("device_s").at("verdict"), "same");
  const Finished said = scopa(on_branin({"--compare", "near.yaml", "wide.yaml", "--trials", "20"}));
  EXPECT_THAT(said.out, AllOf(HasSubstr("wide.yaml against near.yaml"), HasSubstr("worse")));
}

TEST_F(CliRehearseTest, ASettingIsTheSameAsItselfAndNotBetter) {
  const auto document =
      json(on_branin({"wide.yaml", "wide.yaml", "--trials", "20", "--target", "1"}));
  EXPECT_EQ(document.at("settings").at(1).at("name"), "wide.yaml (2)");
  for (const auto& [key, found] : document.at("differences").at(0).at("measures").items()) {
    EXPECT_EQ(found.at("verdict"), "same") << key;
    EXPECT_EQ(found.at("mean"), 0) << key;
    EXPECT_EQ(found.at("high"), 0) << key;
  }
}

TEST_F(CliRehearseTest, NumbersOfWorkersAreComparedAsFilesAre) {
  const auto document = json(on_branin({"wide.yaml", "--workers", "1,4", "--trials", "20"}));
  EXPECT_EQ(document.at("settings").at(0).at("workers"), 1);
  EXPECT_EQ(measure(document, 0, "elapsed_s").at("mean"), 20);
  EXPECT_EQ(measure(document, 1, "elapsed_s").at("mean"), 5);
  const auto& found = document.at("differences").at(0).at("measures");
  EXPECT_EQ(found.at("elapsed_s").at("verdict"), "less");
  EXPECT_EQ(found.at("best_100").at("verdict"), "same") << "random search does not learn";
}

TEST_F(CliRehearseTest, ASettingThatCouldNotUseItsTimeIsRemarked) {
  const auto limited = json(on_branin({"wide.yaml", "--trials", "8", "--hours", "0.01"}));
  ASSERT_THAT(limited.at("remarks"), SizeIs(1));
  EXPECT_THAT(limited.at("remarks").at(0), HasSubstr("its 8 trials before the time in 20 of 20"));
  EXPECT_EQ(measure(limited, 0, "best_25").at("mean"), measure(limited, 0, "best_100").at("mean"));
  EXPECT_THAT(json(on_branin({"wide.yaml", "--hours", "0.01"})).at("remarks"), SizeIs(0));
}

TEST_F(CliRehearseTest, ARowForEachSettingAndSeedGoesIntoAFile) {
  EXPECT_EQ(scopa(on_branin({"wide.yaml", "near.yaml", "--trials", "9", "--seeds", "3", "--csv",
                             "runs.csv"}))
                .status,
            0);
  const auto rows = lines_of(read_file(folder_ / "runs.csv"));
  ASSERT_THAT(rows, SizeIs(7));
  EXPECT_THAT(rows[0], StartsWith("setting,workers,seed,best_10,"));
  EXPECT_THAT(rows[4], StartsWith("near.yaml,8,1,"));
}

TEST_F(CliRehearseTest, WhatDoesNotFitTheProblemIsSaidWithItsPlace) {
  auto args = on_branin({"sweep.yaml"});
  auto error = json_error(args, 5);
  EXPECT_EQ(error["code"], "S133");
  EXPECT_EQ(error["file"], "sweep.yaml");
  EXPECT_THAT(error["message"], HasSubstr("metric.name"));
  write_branin("typo.yaml", "random", "{min: 0.0, max: 1.0}", "{min: 0.0, max: 1.0}",
               "  x01: {min: 0.0, max: 1.0}\n");
  error = json_error(on_branin({"typo.yaml", "--trials", "5"}), 5);
  EXPECT_THAT(error["message"], HasSubstr("typo.yaml: parameters.x01"));
  EXPECT_THAT(error["help"], HasSubstr("did you mean"));
  write_branin("beyond.yaml", "random", "{min: 0.0, max: 100.0}", "{min: 0.0, max: 1.0}");
  const Finished beyond = scopa(on_branin({"beyond.yaml", "--trials", "5"}));
  EXPECT_EQ(beyond.status, 0);
  EXPECT_THAT(beyond.err, HasSubstr("`x0` goes beyond what problem branin knows"));
}

TEST_F(CliRehearseTest, WhatIsNotThereOrMisusedIsSaid) {
  const auto error = json_error(
      {"rehearse", "wide.yaml", "--problem", "brannin", "--data", SCOPA_PROBLEMS, "--trials", "5"},
      3);
  EXPECT_EQ(error["code"], "S120");
  EXPECT_THAT(error["help"], HasSubstr("`branin`"));
  EXPECT_EQ(json_error({"rehearse", "wide.yaml", "--problem", "branin", "--data", "nowhere",
                        "--trials", "5"},
                       3)["code"],
            "S120");
  EXPECT_EQ(json_error({"rehearse", "wide.yaml", "--problem", "branin", "--data", folder_.path(),
                        "--trials", "5"},
                       3)["code"],
            "S120");
  EXPECT_EQ(json_error(on_branin({"none.yaml"}), 3)["code"], "S120");
  for (const std::vector<std::string>& wrong : std::vector<std::vector<std::string>>{
           {"rehearse", "wide.yaml", "--trials", "5"},
           {"rehearse", "wide.yaml", "--problem", "branin", "--trials", "5"},
           {"rehearse", "wide.yaml", "--problem", "branin", "--from", "@last"},
           on_branin({"wide.yaml"}),
           on_branin({"wide.yaml", "--hours", "0"}),
           on_branin({"wide.yaml", "--hours", "two"}),
           on_branin({"wide.yaml", "--trials", "5", "--workers", "8,x"}),
           on_branin({"wide.yaml", "--trials", "5", "--seeds", "0"}),
           on_branin({"wide.yaml", "--trials", "5", "--target", "low"}),
           on_branin({"wide.yaml", "--trials", "5", "--compare"})}) {
    EXPECT_EQ(json_error(wrong, 2)["code"], "S102") << wrong.back();
  }
}

TEST_F(CliRehearseTest, ASweepThatHasRunIsAnObjective) {
  ASSERT_EQ(scopa({"run", "sweep.yaml", "--slots", "1"}).status, 0);
  const double best = json({"best"}).at("best").at(0).at("value");
  const std::vector<std::string> args = {"rehearse", "sweep.yaml", "--from",  "@last",
                                         "--trials", "12",         "--seeds", "4"};
  const auto document = json(args);
  EXPECT_EQ(document.at("objective").at("kind"), "sweep");
  for (const auto& value : measure(document, 0, "best_100").at("by_seed")) EXPECT_LE(value, best);
  EXPECT_GT(measure(document, 0, "device_s").at("mean"), 0);
  // The sweep itself, with its own seed, finds what it found.
  const auto again = json({"rehearse", "sweep.yaml", "--from", "@last", "--first-seed", "7",
                           "--seeds", "1", "--workers", "1"});
  EXPECT_EQ(measure(again, 0, "best_100").at("mean"), best);
  EXPECT_EQ(measure(again, 0, "steps").at("mean"), 12);
  const Finished said = scopa(args);
  EXPECT_THAT(said.err, HasSubstr("nothing better than"));
  EXPECT_EQ(json_error({"rehearse", "sweep.yaml", "--from", "nothing"}, 3)["code"], "S120");
  write_sweep(4, "loss");
  EXPECT_EQ(json_error({"rehearse", "sweep.yaml", "--from", "@last"}, 5)["code"], "S133");
}

TEST_F(CliRehearseTest, AnEvaluatorIsAskedOnceForEachConfiguration) {
  write_file(
      folder_ / "sweep.yaml",
      "method: grid\nmetric: {name: score, goal: maximize}\nparameters: {x: {values: [1, 2, 3]}}\n"
      "early_terminate: {type: threshold, lower: 1.5}\n");
  const auto document =
      json(on_script("echo \"$line\" >> asked\n"
                     "echo \"{\\\"values\\\":[$x,$x.5],\\\"step_seconds\\\":2}\""));
  EXPECT_EQ(measure(document, 0, "best_100").at("mean"), 3.5);
  EXPECT_EQ(measure(document, 0, "pruned").at("mean"), 1);
  EXPECT_EQ(document.at("settings").at(0).at("pruning").at(0).at("step"), 1);
  EXPECT_EQ(measure(document, 0, "elapsed_s").at("mean"), 4);
  const auto asked = lines_of(read_file(folder_ / "asked"));
  ASSERT_THAT(asked, SizeIs(3));
  EXPECT_EQ(asked[0], R"({"trial":0,"params":{"x":1}})");
}

TEST_F(CliRehearseTest, AnEvaluatorMaySayThatATrainingFails) {
  const auto document = json(on_script("echo '{\"error\":\"out of memory\"}'"));
  EXPECT_EQ(measure(document, 0, "failed").at("mean"), 4);
  EXPECT_EQ(measure(document, 0, "best_100").at("count"), 0);
}

TEST_F(CliRehearseTest, AnEvaluatorThatDiesTalksNonsenseOrHangsIsAnErrorInTime) {
  const auto died = json_error(on_script("exit 3"), 1);
  EXPECT_EQ(died["code"], "S134");
  EXPECT_THAT(died["message"], HasSubstr("it ended (exit 3)"));
  const auto nonsense = json_error(on_script("echo hello"), 1);
  EXPECT_THAT(nonsense["message"], AllOf(HasSubstr("no JSON object"), HasSubstr("`hello`")));
  EXPECT_THAT(nonsense["help"], HasSubstr("step_seconds"));
  EXPECT_THAT(json_error(on_script("echo '{\"values\":[1,2]}'"), 1)["message"],
              HasSubstr("step_seconds"));
  EXPECT_THAT(json_error(on_script("echo '{\"values\":[\"x\"],\"step_seconds\":1}'"), 1)["message"],
              HasSubstr("no number"));
  EXPECT_THAT(json_error(on_script("sleep 60", {"--answer-within", "0.3"}), 1)["message"],
              HasSubstr("no answer within"));
  const Finished none = scopa({"rehearse", "sweep.yaml", "--evaluator", "./not-there"});
  EXPECT_EQ(none.status, 1);
  EXPECT_THAT(none.err, AllOf(HasSubstr("S134"), HasSubstr("exit 127")));
}

TEST_F(CliRehearseTest, CtrlCEndsItAndItsEvaluator) {
  auto args = on_script("echo $$ > pid; sleep 60");
  Process process = start("rehearsal", args);
  ASSERT_TRUE(eventually([&] { return !lines_of(read_file(folder_ / "pid")).empty(); }));
  process.signal(SIGINT);
  EXPECT_EQ(process.wait(std::chrono::seconds(20)), 130) << process.err();
  EXPECT_THAT(process.err(), HasSubstr("interrupted"));
  const int pid = std::stoi(read_file(folder_ / "pid"));
  EXPECT_TRUE(eventually([&] { return kill(pid, 0) != 0; }));
}

TEST_F(CliRehearseTest, ASurrogateOfRealTrainingsShowsWherePruningStops) {
  if (!std::filesystem::exists(std::string(SCOPA_BENCHDATA) + "/problems_dev.json")) {
    GTEST_SKIP() << "no " << SCOPA_BENCHDATA << ": the data that peers were measured on";
  }
  write_file(folder_ / "mlp.yaml",
             "method: random\nmetric: {name: val_accuracy, goal: maximize}\nmax_steps: 52\n"
             "early_terminate: {type: asha, min_resource: 3, eta: 3}\nparameters:\n"
             "  batch_size: {distribution: q_log_uniform_values, q: 1, min: 16, max: 512}\n"
             "  learning_rate: {distribution: log_uniform_values, min: 1e-4, max: 0.1}\n"
             "  momentum: {min: 0.1, max: 0.99}\n  weight_decay: {min: 1e-5, max: 0.1}\n"
             "  num_layers: {value: 3}\n  max_units: {value: 256}\n  max_dropout: {value: 0.2}\n");
  const auto document = json({"rehearse", "mlp.yaml", "--problem", "lcbench-34539", "--data",
                              SCOPA_BENCHDATA, "--trials", "20", "--seeds", "2"});
  EXPECT_GT(measure(document, 0, "best_100").at("mean"), 90);
  EXPECT_GT(measure(document, 0, "pruned").at("mean"), 3);
  EXPECT_GT(measure(document, 0, "saved").at("mean"), 0.2);
  EXPECT_GE(document.at("settings").at(0).at("pruning").at(0).at("step"), 3);
}

}  // namespace
}  // namespace scopa::test
