// What trainers get on their command lines, and that `scopa best` gives the same again, in a real
// shell.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CliBestTest : public CliTest {
 protected:
  CliBestTest() {
    // Writes down its arguments one a line, of a file its text, and without arguments SCOPA_PARAMS.
    write_file(folder_ / "show.sh",
               "#!/bin/sh\n"
               "for a; do\n"
               "  case $a in\n"
               "    *.json | *.yaml) cat \"${a#*=}\" ;;\n"
               "    *) printf '[%s]\\n' \"$a\" ;;\n"
               "  esac\n"
               "done >> \"${OUT:-trial.txt}\"\n"
               "[ $# -gt 0 ] || echo \"$SCOPA_PARAMS\" >> \"${OUT:-trial.txt}\"\n"
               "[ -z \"$SCOPA_METRICS\" ] || echo '{\"loss\": 1}' >> \"$SCOPA_METRICS\"\n");
    EXPECT_EQ(chmod((folder_ / "show.sh").c_str(), 0755), 0);
  }

  /// What the program is given in a trial of this sweep.
  std::vector<std::string> in_the_trial(const std::string& command, const std::string& parameters,
                                        const std::string& program = "./show.sh") {
    std::filesystem::remove(folder_ / "trial.txt");
    write_file(folder_ / "sweep.yaml", "program: " + program + "\n" + command +
                                           "method: grid\nmetric: {name: loss}\nparameters:\n" +
                                           parameters);
    const Finished done = scopa({"run", "sweep.yaml"});
    EXPECT_EQ(done.status, 0) << done.err;
    said_ = done.err;
    return lines_of(read_file(folder_ / "trial.txt"));
  }
  std::string said_;  // by `scopa run` on stderr

  /// What it is given by a line of a shell.
  std::vector<std::string> in_a_shell(const std::string& line) {
    std::filesystem::remove(folder_ / "again.txt");
    const std::string bin = std::filesystem::path(SCOPA_EXECUTABLE).parent_path();
    const Finished done =
        run({"sh", "-c", line}, folder_.path(),
            {"SCOPA_URL=", "SCOPA_KEY=", "SCOPA_SERVER_KEY=", "OUT=again.txt",
             "XDG_CONFIG_HOME=/nonexistent",
             "SCOPA_METRICS=", "SCOPA_PARAMS=", "PATH=" + bin + ":" + std::getenv("PATH")});
    EXPECT_EQ(done.status, 0) << line << "\n" << done.err;
    return lines_of(read_file(folder_ / "again.txt"));
  }
};

const std::string kHard =
    "  layers: {values: [[64, 32]]}\n  note: {value: two words}\n  quote: {value: \"it's\"}\n"
    "  star: {value: \"* $HOME `x` \\\\ ;\"}\n  empty: {value: \"\"}\n";

TEST_F(CliBestTest, TheDocumentedLinesGiveTheTrialsArguments) {
  const auto trial = in_the_trial("", kHard);
  ASSERT_THAT(trial, ElementsAre("[--layers=[64,32]]", "[--note=two words]", "[--quote=it's]",
                                 "[--star=* $HOME `x` \\ ;]", "[--empty=]"));
  EXPECT_EQ(in_a_shell("eval \"./show.sh $(scopa best)\""), trial);
  EXPECT_EQ(in_a_shell("scopa best --as args0 | xargs -0 ./show.sh"), trial);
  EXPECT_EQ(in_a_shell("eval \"$(scopa best --as command)\""), trial);
}

TEST_F(CliBestTest, TheCommandCallsTheProgramAsTheSweepDoes) {
  const std::string flags =
      "  amp: {value: true}\n  off: {value: false}\n  opt: {parameters: {lr: {value: 1e-5}}}\n";
  for (const std::string macro :
       {"${args_no_boolean_flags}", "${args_override_hydra}", "${args_append_hydra}",
        "${args_no_equals}", "${args_no_hyphens}", "${args_spread}", "${args:python}",
        "${args_json}", "${args_nested_json}", "--config=${args_json_file}",
        "--config=${args_nested_json_file}", "${args_nested_yaml_file}"}) {
    const auto trial = in_the_trial(
        "command: [\"${env}\", \"A=b c\", \"${program}\", \"${envvar:HOME}\", \"" + macro + "\"]\n",
        flags + kHard);
    ASSERT_GT(trial.size(), 1u) << macro;
    EXPECT_EQ(in_a_shell("eval \"$(scopa best --as command)\""), trial) << macro;
  }
}

TEST_F(CliBestTest, WhatNoMacroPassesOnStandsInTheEnvironment) {
  const auto trial = in_the_trial("command: [\"${program}\"]\n", "  lr: {value: 1e-5}\n");
  ASSERT_THAT(trial, ElementsAre(R"({"lr":1.0e-05})"));
  EXPECT_EQ(in_a_shell("eval \"$(scopa best --as command)\""), trial);
}

// Spellings that YAML 1.1, YAML 1.2, JSON, C and Python read as numbers; integers where all values
// are.
TEST_F(CliBestTest, NumbersReachTheTrainerAsNumbers) {
  EXPECT_THAT(
      in_the_trial(
          "",
          "  lr: {values: [0.0005]}\n  wd: {value: 0.0001}\n  steps: {value: 100000.0}\n"
          "  eps: {value: 1e-8}\n  ok: {value: 0.00025}\n  list: {value: [1e-8, 5e-4]}\n"
          "  batch: {values: [16.0]}\n  q: {distribution: q_uniform, min: 4.0, max: 8, q: 4.0}\n"
          "  tenth: {distribution: q_uniform, min: 0.3, max: 0.35, q: 0.1}\n"),
      ElementsAre("[--lr=0.0005]", "[--wd=0.0001]", "[--steps=100000.0]", "[--eps=1.0e-08]",
                  "[--ok=0.00025]", "[--list=[1.0e-08,0.0005]]", "[--batch=16]", "[--q=4]",
                  "[--tenth=0.3]"));
  EXPECT_THAT(scopa({"best", "--as", "yaml"}).out, HasSubstr("eps: 1.0e-08\n"));
  EXPECT_THAT(scopa({"export", "--jsonl"}).out, HasSubstr("\"eps\":1.0e-08"));
  EXPECT_THAT(scopa({"export"}).out, HasSubstr(",1.0e-08,"));
  EXPECT_THAT(scopa({"trials", "--json"}).out, HasSubstr("\"eps\":1.0e-08"));
}

TEST_F(CliBestTest, APythonProgramGetsPythonsWords) {
  std::filesystem::rename(folder_ / "show.sh", folder_ / "show.py");
  const std::string parameters = "  amp: {value: true}\n  none: {value: null}\n";
  const std::string command = "command: [sh, \"${program}\", \"${args}\"]\n";
  const auto trial = in_the_trial(command, parameters, "show.py");
  EXPECT_THAT(trial, ElementsAre("[--amp=True]", "[--none=None]"));
  EXPECT_THAT(said_, HasSubstr("    --amp=True --none=None\n"));
  EXPECT_EQ(in_a_shell("eval \"sh show.py $(scopa best)\""), trial);
  EXPECT_EQ(in_a_shell("eval \"$(scopa best --as command)\""), trial);
  EXPECT_EQ(scopa({"best", "--as", "json"}).out, "{\"amp\":true,\"none\":null}\n");
  EXPECT_THAT(
      in_the_trial("command: [sh, \"${program}\", \"${args:json}\"]\n", parameters, "show.py"),
      ElementsAre("[--amp=true]", "[--none=null]"));
}

TEST_F(CliBestTest, SeveralConfigurationsHaveNoFormWithNuls) {
  in_the_trial("", kHard);
  const Finished done = scopa({"best", "--as", "args0", "-k", "2"});
  EXPECT_EQ(done.status, 2);
  EXPECT_EQ(done.out, "");
}

}  // namespace
}  // namespace scopa::test
