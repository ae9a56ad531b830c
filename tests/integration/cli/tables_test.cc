// All that trials logged and are, through every command that lists them.
#include <gmock/gmock.h>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

/// A finished sweep of four trials that log a goal and the model's size; the last one runs out of
/// memory, and a parameter follows from another.
class CliTablesTest : public CliTest {
 protected:
  void SetUp() override {
    write_trainer(
        "[ $x = 400 ] && { echo 'CUDA out of memory' >&2; exit 1; }\n"
        "for step in 1 2 3; do\n"
        "  echo \"{\\\"step\\\": $step, \\\"score\\\": $((x + step % 3)), \\\"size/mb\\\": $((x * "
        "2 "
        "- step))}\" >> \"$SCOPA_METRICS\"\n"
        "done\n");
    write_file(folder_ / "sweep.yaml",
               "name: steps\nprogram: ./train.sh\nmethod: grid\nretries: 0\n"
               "command: [\"${program}\", \"${args}\"]\n"
               "metric: {name: score, goal: maximize}\nparameters:\n"
               "  x: {values: [100, 200, 300, 400]}\n  y: {expr: \"2 * x\"}\n");
    ASSERT_EQ(scopa({"run", "sweep.yaml"}).status, 0);
  }
};

TEST_F(CliTablesTest, EveryDocumentHasEveryMetricDerivedParametersAndTheCause) {
  const auto trials = json({"trials", "--sort", "trial"})["trials"];
  ASSERT_THAT(trials, SizeIs(4));
  EXPECT_EQ(trials[0]["metrics"]["score"]["last"], 100);
  EXPECT_EQ(trials[0]["metrics"]["score"]["max"], 102);
  EXPECT_EQ(trials[0]["metrics"]["score"]["max_step"], 2);
  EXPECT_EQ(trials[0]["metrics"]["size/mb"]["last"], 197);
  EXPECT_EQ(trials[0]["metrics"]["size/mb"]["values"], 3);
  EXPECT_EQ(trials[0]["params"]["y"], 200);
  EXPECT_EQ(trials[3]["cause"], "oom");
  EXPECT_EQ(trials[3]["attempts"].size(), 1u);
  EXPECT_EQ(trials[3]["metrics"].size(), 0u);

  const auto shown = json({"show", "@last/1"});
  EXPECT_EQ(shown["trial"]["metrics"]["size/mb"]["min"], 397);
  EXPECT_THAT(shown["metrics"]["score"], SizeIs(3)) << "the curves stand where they stood";

  const auto best = json({"best"})["best"][0];
  EXPECT_EQ(best["rank"], 1);
  EXPECT_EQ(best["trial"], 2);
  EXPECT_EQ(best["best"], 302);
  EXPECT_EQ(best["params"]["y"], 600);
  EXPECT_EQ(best["metrics"]["size/mb"]["last"], 597);
  EXPECT_TRUE(best["duration_s"].is_number());

  const auto csv = lines_of(scopa({"export", "--csv"}).out);
  ASSERT_THAT(csv, SizeIs(5));
  EXPECT_THAT(csv[0], HasSubstr(",points_dropped,cause,x,y,score,score.min,score.max,size/mb,"
                                "size/mb.min,size/mb.max"));
  EXPECT_THAT(csv[1], ::testing::EndsWith(",0,,100,200,100,100,102,197,197,199"));
  EXPECT_THAT(csv[4], ::testing::EndsWith(",0,oom,400,800,,,,,,"));
  const auto line = nlohmann::json::parse(
      lines_of(scopa({"export", "--jsonl", "--where", "x == 300"}).out).at(0));
  EXPECT_EQ(line["metrics"]["size/mb"]["last"], 597);
  EXPECT_EQ(line["attempts"], 1);
}

TEST_F(CliTablesTest, APipeHasNothingForWhatIsMissingAndTheCauseInAColumn) {
  const auto lines = lines_of(scopa({"trials"}).out);
  ASSERT_THAT(lines, SizeIs(5));
  EXPECT_EQ(lines[0], "rank\ttrial\tstate\tvalue\tsteps\tduration_s\tcause\tx\ty\tsize/mb");
  EXPECT_THAT(lines[1], ::testing::EndsWith("\t\t300\t600\t597"));
  EXPECT_THAT(lines[4], ::testing::StartsWith("\t3\tfailed\t\t\t"));
  EXPECT_THAT(lines[4], ::testing::EndsWith("\toom\t400\t800\t"));
}

TEST_F(CliTablesTest, WhereAndColumnsChoose) {
  const std::vector<std::string> choice = {"--where",   "x < 400 and `size/mb` > 300",
                                           "--columns", "trial,y,size/mb.max",
                                           "--sort",    "-size/mb"};
  const auto with = [&](std::vector<std::string> command) {
    command.insert(command.end(), choice.begin(), choice.end());
    return command;
  };
  EXPECT_EQ(scopa(with({"trials"})).out, "trial\ty\tsize/mb.max\n2\t600\t599\n1\t400\t399\n");
  EXPECT_EQ(scopa(with({"export"})).out, "trial,y,size/mb.max\n2,600,599\n1,400,399\n");
  EXPECT_EQ(scopa(with({"export", "--jsonl"})).out,
            "{\"trial\":2,\"y\":600,\"size/mb.max\":599}\n"
            "{\"trial\":1,\"y\":400,\"size/mb.max\":399}\n");
  const auto trials = json(with({"trials"}));
  EXPECT_EQ(trials["trials"][1], (nlohmann::json{{"trial", 1}, {"y", 400}, {"size/mb.max", 399}}));
  EXPECT_EQ(trials["total"], 4);
  EXPECT_EQ(scopa({"trials", "--where", "state == failed and cause == oom", "-c", "trial"}).out,
            "trial\n3\n");
}

TEST_F(CliTablesTest, AMistakeInAChoiceIsAUsageErrorWithARemedy) {
  EXPECT_THAT(json_error({"trials", "--columns", "trial,scor"}, 2)["help"],
              "did you mean `score`?");
  EXPECT_THAT(json_error({"trials", "--sort", "scor"}, 2)["help"],
              "did you mean `score`?");
  const auto error = json_error({"export", "--where", "x < 2 and scor > 1"}, 2);
  EXPECT_THAT(error["message"], HasSubstr("there is no column `scor`"));
  EXPECT_THAT(error["message"], HasSubstr("character 11"));
  EXPECT_EQ(scopa({"export", "--points", "--columns", "trial"}).status, 2);
}

TEST_F(CliTablesTest, RungsInDocumentsAreThoseThatTrialsReach) {
  write_sweep(2, "score", "early_terminate: {type: hyperband, min_iter: 2}\n");
  write_trainer(
      "for step in 1 2 3; do echo \"{\\\"step\\\": $step, \\\"score\\\": $x}\" >> "
      "\"$SCOPA_METRICS\"; done\n");
  ASSERT_EQ(scopa({"run", "sweep.yaml"}).status, 0);
  EXPECT_EQ(json({"show"})["sweep"]["rungs"], nlohmann::json({2, 6}));
  EXPECT_EQ(json({"ls"})["sweeps"][0]["rungs"], nlohmann::json({2, 6}));
}

}  // namespace
}  // namespace scopa::test
