#include <gmock/gmock.h>

#include <set>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

/// What the looking commands print, about one finished sweep of four trials.
class CliOutputTest : public CliTest {
 protected:
  void SetUp() override { ASSERT_EQ(scopa({"run", "sweep.yaml"}).status, 0); }
};

TEST_F(CliOutputTest, EveryCommandPrintsOneDocumentWithJson) {
  EXPECT_EQ(json({"ls"})["sweeps"].size(), 1u);
  EXPECT_EQ(json({"status"})["sweep"]["name"], "steps");
  EXPECT_EQ(json({"trials"})["trials"].size(), 4u);
  EXPECT_EQ(json({"trials", "-n", "2"})["trials"].size(), 2u);
  EXPECT_EQ(json({"best", "-k", "2"})["best"].size(), 2u);
  EXPECT_EQ(json({"show"})["sweep"]["name"], "steps");
  EXPECT_EQ(json({"show", "--spec"})["spec"], sweep_text(4));
  EXPECT_EQ(json({"show", "@last/0"})["metrics"]["score"].size(), 3u);
  EXPECT_THAT(json({"logs", "@last/0"})["text"].get<std::string>(), HasSubstr("trained with"));
  EXPECT_EQ(json({"export"})["trials"].size(), 4u);
  EXPECT_EQ(json({"export", "--points"})["points"].size(), 12u);
  EXPECT_EQ(json({"check", "sweep.yaml"})["ok"], true);
  EXPECT_EQ(json({"schema"})["schema"]["type"], "object");
  EXPECT_EQ(json({"version"})["protocol"], 1);
  EXPECT_EQ(json({"completion", "bash"})["shell"], "bash");
  EXPECT_EQ(json({"create", "sweep.yaml"})["name"], "steps");
  EXPECT_EQ(json({"enqueue", "@last", "x=5"})["params"]["x"], 5);
  EXPECT_EQ(json({"pause", "@last"})["state"], "paused");
  EXPECT_EQ(json({"resume", "@last"})["state"], "running");
  EXPECT_EQ(json({"stop", "@last"})["state"], "finished");
  EXPECT_EQ(json({"cancel", "@last"})["state"], "cancelled");
}

TEST_F(CliOutputTest, EveryCommandHasHelpWithExamples) {
  const Finished overview = scopa({"--help"});
  EXPECT_EQ(overview.status, 0);
  for (const char* command :
       {"run",      "broker", "create", "worker",     "check",   "ls",        "status",   "trials",
        "best",     "show",   "logs",   "export",     "pause",   "resume",    "stop",     "cancel",
        "enqueue",  "backup", "retry",  "restore",    "store",   "schema",    "ask-tell", "explain",
        "rehearse", "replay", "keygen", "quarantine", "version", "completion"}) {
    EXPECT_THAT(overview.out, HasSubstr(std::string("\n  ") + command + " "));
    const Finished help = scopa({command, "--help"});
    EXPECT_EQ(help.status, 0) << command;
    EXPECT_EQ(help.err, "") << command;
    EXPECT_THAT(help.out, HasSubstr("\nUsage\n")) << command;
    EXPECT_THAT(help.out, HasSubstr("\nExamples\n")) << command;
    EXPECT_THAT(help.out, HasSubstr("--json")) << command;
  }
}

TEST_F(CliOutputTest, TheSchemaIsTheSameInAFileAndOnStdout) {
  const Finished printed = scopa({"schema"});
  EXPECT_EQ(printed.status, 0);
  EXPECT_EQ(scopa({"schema", "-o", "sweep.schema.json"}).status, 0);
  EXPECT_EQ(read_file(folder_ / "sweep.schema.json"), printed.out);
  EXPECT_EQ(nlohmann::json::parse(printed.out)["required"].size(), 2u);
  EXPECT_EQ(scopa({"schema", "-o", "no/such/folder"}).status, 1);
}

TEST_F(CliOutputTest, LsHasTheNewestFirstAndSaysHowManyThereAre) {
  std::vector<std::string> ids;
  for (const char* project : {"vision", "audio", "vision"}) {
    write_sweep(1, "score", std::string("project: ") + project + "\n");
    const Finished made = scopa({"create", "sweep.yaml"});
    ASSERT_EQ(made.status, 0) << made.err;
    ids.push_back(lines_of(made.out).at(0));
  }
  const auto all = json({"ls"});
  EXPECT_EQ(all["total"], 4);
  ASSERT_EQ(all["sweeps"].size(), 4u);
  EXPECT_EQ(all["sweeps"][0]["id"], ids[2]);
  EXPECT_EQ(all["sweeps"][2]["id"], ids[0]);
  const auto newest = json({"ls", "-n", "2"});
  EXPECT_EQ(newest["total"], 4);
  ASSERT_EQ(newest["sweeps"].size(), 2u);
  EXPECT_EQ(newest["sweeps"][1]["id"], ids[1]);
  const auto vision = json({"ls", "--project", "vision"});
  EXPECT_EQ(vision["total"], 2);
  ASSERT_EQ(vision["sweeps"].size(), 2u);
  EXPECT_EQ(vision["sweeps"][0]["project"], "vision");
  EXPECT_EQ(json({"ls", "-n", "0"})["sweeps"].size(), 0u);
  const auto lines = lines_of(scopa({"ls"}).out);
  ASSERT_THAT(lines, SizeIs(5));
  EXPECT_THAT(lines[1], StartsWith(ids[2] + "\t"));
  EXPECT_EQ(json({"replay", "--all"})["sweeps"].size(), 4u);
  EXPECT_EQ(json({"status", "@last"})["sweep"]["id"], ids[2]) << "as before";
}

TEST_F(CliOutputTest, TrialsInAPipeAreAllAndExact) {
  const auto lines = lines_of(scopa({"trials"}).out);
  ASSERT_THAT(lines, SizeIs(5));
  EXPECT_EQ(lines[0], "rank\ttrial\tstate\tvalue\tsteps\tduration_s\tcause\tx");
  double previous = 1e9;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto t = json({"trials"})["trials"][i - 1];
    EXPECT_LE(t["value"], previous);
    previous = t["value"];
  }
}

TEST_F(CliOutputTest, TrialsAreFilteredAndSorted) {
  EXPECT_THAT(lines_of(scopa({"trials", "--state", "failed,pruned"}).out), SizeIs(1));
  const auto sorted = json({"trials", "--sort", "trial"})["trials"];
  for (int i = 0; i < 4; ++i) EXPECT_EQ(sorted[i]["trial"], i);
  const auto reversed = json({"trials", "--sort=-trial"})["trials"];
  for (int i = 0; i < 4; ++i) EXPECT_EQ(reversed[i]["trial"], 3 - i);
  EXPECT_EQ(scopa({"trials", "--sort", "nothing"}).status, 2);
  EXPECT_EQ(scopa({"trials", "--state", "nothing"}).status, 2);
}

TEST_F(CliOutputTest, TheBestConfigurationComesInFourForms) {
  const auto best = json({"best"})["best"][0];
  const std::string x = best["params"]["x"].dump();
  EXPECT_EQ(scopa({"best"}).out, "--x=" + x + "\n");
  EXPECT_EQ(scopa({"best", "--as", "json"}).out, "{\"x\":" + x + "}\n");
  EXPECT_EQ(scopa({"best", "--as", "yaml"}).out, "x: " + x + "\n");
  EXPECT_EQ(scopa({"best", "--as", "env"}).out, "export x=" + x + "\n");
}

TEST_F(CliOutputTest, ExportWritesWholeFilesOrNone) {
  EXPECT_EQ(scopa({"export", "-o", "out.csv"}).status, 0);
  const auto rows = lines_of(read_file(folder_ / "out.csv"));
  ASSERT_THAT(rows, SizeIs(5));
  EXPECT_THAT(rows[0], StartsWith("trial,state,value,best,steps,duration_s,"));
  EXPECT_EQ(scopa({"export", "-o", "nowhere/out.csv"}).status, 1);
  EXPECT_EQ(scopa({"export", "steps2", "-o", "none.csv"}).status, 3);
  EXPECT_EQ(read_file(folder_ / "none.csv"), "");
  for (const std::string& line : lines_of(scopa({"export", "--jsonl"}).out)) {
    EXPECT_FALSE(nlohmann::json::parse(line, nullptr, false).is_discarded()) << line;
  }
  EXPECT_THAT(lines_of(scopa({"export", "--points", "--csv"}).out), SizeIs(13));
}

TEST_F(CliOutputTest, AReaderThatLeavesEarlyIsNoError) {
  const Finished done =
      run({"bash", "-c",
           "set -o pipefail; for i in $(seq 2000); do echo; done | \"$0\" completion bash | head "
           "-1; echo ${PIPESTATUS[1]} >&2",
           SCOPA_EXECUTABLE},
          folder_.path());
  EXPECT_THAT(lines_of(done.out), SizeIs(1));
  for (const std::string& line : lines_of(done.err)) {
    EXPECT_TRUE(line == "0" || line == "141") << done.err;
  }
}

TEST_F(CliOutputTest, AFullDiskIsAFailure) {
  const Finished done =
      run({"bash", "-c", "\"$0\" trials > /dev/full", SCOPA_EXECUTABLE}, folder_.path());
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.err, HasSubstr("stdout could not be written"));
}

TEST_F(CliOutputTest, TalkIsOnStderrAndQuietSilencesIt) {
  ASSERT_EQ(scopa({"create", "sweep.yaml"}).status, 0);
  const Finished loud = scopa({"enqueue", "@last", "x=3"});
  EXPECT_THAT(lines_of(loud.out), SizeIs(1));
  EXPECT_THAT(loud.err, HasSubstr("next in line"));
  const Finished quiet = scopa({"enqueue", "@last", "x=4", "-q"});
  EXPECT_THAT(lines_of(quiet.out), SizeIs(1));
  EXPECT_EQ(quiet.err, "");
}

TEST_F(CliOutputTest, CompletionScriptsAreValidShell) {
  const Finished checked =
      run({"bash", "-c", "\"$0\" completion bash | bash -n", SCOPA_EXECUTABLE}, folder_.path());
  EXPECT_EQ(checked.status, 0) << checked.err;
  const Finished words =
      run({"bash", "-c",
           "eval \"$(\"$0\" completion bash)\"; COMP_WORDS=(scopa tri); COMP_CWORD=1; _scopa; "
           "echo ${COMPREPLY[@]}; COMP_WORDS=(scopa trials --so); COMP_CWORD=2; _scopa; "
           "echo ${COMPREPLY[@]}",
           SCOPA_EXECUTABLE},
          folder_.path());
  EXPECT_THAT(lines_of(words.out), ElementsAre("trials", "--sort"));
}

}  // namespace
}  // namespace scopa::test
