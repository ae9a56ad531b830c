// `scopa check`, `scopa init`, and what `create` and `run` say before they begin.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstring>
#include <utility>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr char kWasteful[] =
    "program: ./train.sh\n"
    "command: [\"${program}\", \"${args}\"]\n"
    "method: random\n"
    "seed: 3\n"
    "metric: {name: score, goal: maximize}\n"
    "run_cap: 9\n"
    "parameters:\n"
    "  lr: {min: 0.0001, max: 1.0}\n"
    "  x: {values: [5]}\n"
    "early_terminate: {type: hyperband, min_iter: 2}\n";

/// Paths in a text without the slashes and dots that a path may have more than it needs.
std::string plain(std::string text) {
  for (const auto& [more, less] : {std::pair{"//", "/"}, {"/./", "/"}, {"/ ", " "}}) {
    for (std::size_t at = 0; (at = text.find(more)) != std::string::npos;) {
      text.replace(at, std::strlen(more), less);
    }
  }
  return text;
}

class CliCheckTest : public CliTest {
 protected:
  void write(const std::string& text) { write_file(folder_ / "sweep.yaml", text); }
  std::string write_executable(const std::string& name, const std::string& text,
                               mode_t mode = 0755) {
    write_file(folder_ / name, text);
    EXPECT_EQ(chmod((folder_ / name).c_str(), mode), 0);
    return folder_ / name;
  }
  /// The warning that `check` has of a program, as one text; empty without one.
  std::string said_of(const std::string& program, const std::string& command = "") {
    write("program: " + program +
          "\ncommand: " + (command.empty() ? "['${program}', '${args}']" : command) +
          "\nmethod: random\nmetric: {name: score, goal: maximize}\nrun_cap: 1\n"
          "parameters: {x: {min: 1, max: 1000}}\n");
    const auto document = json({"check", "sweep.yaml"});
    for (const auto& d : document["diagnostics"]) {
      if (d["code"] == "L085") {
        return d["message"].get<std::string>() + "\n" + d["help"].get<std::string>();
      }
    }
    return {};
  }
};

TEST_F(CliCheckTest, WhatIsValidButWastefulIsShownLikeACompilersWarning) {
  write(kWasteful);
  const Finished done = scopa({"check", "sweep.yaml"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.err, "");
  EXPECT_THAT(
      done.out,
      StartsWith("warning[L001]: `lr` is uniform over 4 decades: 90 % of its values are "
                 "above 0.1\n"
                 "  --> sweep.yaml:8:3\n"
                 " 8 |   lr: {min: 0.0001, max: 1.0}\n"
                 "   |   ^\n"
                 "help: write `lr: {distribution: log_uniform_values, min: 1e-4, max: 1}`"));
  EXPECT_THAT(done.out, HasSubstr("advice[L007]: `x` has one value"));
  EXPECT_THAT(done.out, HasSubstr("\nsweep.yaml: ok, with 1 warning, 1 advice\n"));
}

TEST_F(CliCheckTest, ThePlanHasSpaceTrialsRungsAndTheFirstFive) {
  write(kWasteful);
  const std::string out = scopa({"check", "sweep.yaml"}).out;
  const std::string plan = out.substr(out.find("\n  search"));
  EXPECT_THAT(plan, HasSubstr("random over 1 parameter (1 more fixed), maximize score\n"));
  EXPECT_THAT(plan, HasSubstr("space      infinite (1 continuous parameter)\n"));
  EXPECT_THAT(plan, HasSubstr("trials     9 (`run_cap`)\n"));
  EXPECT_THAT(
      plan, HasSubstr("of 9 trials 4 go on after 2 values, 2 after 6, 1 after\n             18\n"));
  EXPECT_THAT(lines_of(plan.substr(plan.find("#\tlr"))), SizeIs(6));
}

TEST_F(CliCheckTest, StrictExitsWithFiveForAnyFindingAndZeroForNone) {
  write(kWasteful);
  EXPECT_EQ(scopa({"check", "--strict", "sweep.yaml"}).status, 5);
  write("method: random\nmetric: {name: score, goal: maximize}\nparameters: {x: {values: [5]}}\n");
  EXPECT_EQ(scopa({"check", "--strict", "sweep.yaml"}).status, 5) << "advice counts, too";
  write(sweep_text(4));
  EXPECT_EQ(scopa({"check", "--strict", "sweep.yaml"}).status, 0);
}

TEST_F(CliCheckTest, JsonHasTheFindingsAndThePlan) {
  write(kWasteful);
  const auto document = json({"check", "sweep.yaml"});
  EXPECT_EQ(document["ok"], true);
  ASSERT_THAT(document["diagnostics"], SizeIs(2));
  const auto& first = document["diagnostics"][0];
  EXPECT_EQ(first["code"], "L001");
  EXPECT_EQ(first["severity"], "warning");
  EXPECT_EQ(first["path"], "parameters.lr.distribution");
  EXPECT_EQ(first["line"], 8);
  EXPECT_EQ(document["diagnostics"][1]["severity"], "advice");
  const auto& plan = document["plan"];
  EXPECT_EQ(plan["size"], nullptr);
  EXPECT_EQ(plan["trials"], 9);
  EXPECT_EQ(plan["seed"], 3);
  EXPECT_EQ(plan["rungs"][0]["at"], 2);
  EXPECT_EQ(plan["rungs"][0]["survivors"], 4);
  EXPECT_THAT(plan["first"], SizeIs(5));
}

TEST_F(CliCheckTest, WhatIsShownFirstIsWhatTheSweepTries) {
  write(sweep_text(4));
  const auto plan = json({"check", "sweep.yaml"})["plan"];
  const auto trials = json({"run", "sweep.yaml"})["trials"];
  ASSERT_THAT(trials, SizeIs(4));
  for (const auto& trial : trials) {
    EXPECT_EQ(trial["params"], plan["first"][trial["trial"].get<std::size_t>()]);
  }
}

TEST_F(CliCheckTest, AProgramThatCouldNotBeStartedHereIsAWarning) {
  EXPECT_EQ(said_of("./train.sh"), "");
  EXPECT_THAT(said_of("./trainr.sh"), HasSubstr("there is no program `./trainr.sh` in "));
  EXPECT_THAT(said_of("train.sh"),
              AllOf(HasSubstr("there is no program `train.sh` in PATH; the one in "),
                    HasSubstr("write `./train.sh`")));
  const std::string closed = write_executable("closed.sh", "#!/bin/sh\n", 0644);
  EXPECT_THAT(said_of("./closed.sh"), HasSubstr("may not be executed; try `chmod +x`"));
  write_executable("bare.sh", "echo 1\n");
  EXPECT_THAT(said_of("./bare.sh"),
              HasSubstr("is no program: a script begins with a line such as"));
  write_executable("crlf.sh", "#!/bin/sh\r\necho 1\r\n");
  EXPECT_THAT(said_of("./crlf.sh"),
              AllOf(HasSubstr("names an interpreter or loader that is not there"),
                    HasSubstr("CR LF"), HasSubstr("sed -i 's/\\r$//'")));
  write_executable("other.sh", "#! /no/such/interpreter -x\n");
  EXPECT_THAT(said_of("./other.sh"), HasSubstr("not there, /no/such/interpreter"));
  EXPECT_THAT(said_of("train.py", "[env, A=1, sh, '${program}']"),
              HasSubstr("there is no file `train.py` in "));
  EXPECT_EQ(said_of("./closed.sh", "[sh, '${program}', '${args}']"), "")
      << "an interpreter only reads it";
  EXPECT_THAT(said_of("./train.sh", "[no-such-program, '${program}']"),
              HasSubstr("there is no program `no-such-program` in PATH"));
}

// `check` looks at files, the worker starts a process: both must say the same of one file. The
// first trial breaks the program, so that the second one meets it.
TEST_F(CliCheckTest, WhatItSaysOfAProgramIsWhatTheWorkerSays) {
  for (const char* damage :
       {"rm p.sh", "chmod a-x p.sh", "sed -i 1d p.sh", "sed -i 's/$/\\r/' p.sh"}) {
    write_executable("p.sh", "#!/bin/sh\necho '{\"score\": 1}' >> \"$SCOPA_METRICS\"\ncd '" +
                                 folder_.path() + "' && " + damage + "\n");
    EXPECT_EQ(said_of("./p.sh"), "") << damage;
    std::string text = read_file(folder_ / "sweep.yaml");
    write(text.replace(text.find("run_cap: 1"), 10, "run_cap: 2"));
    (void)scopa({"run", "sweep.yaml", "-q", "--slots", "1"});
    const auto reason = json({"show", "@last/1"})["trial"]["reason"].get<std::string>();
    const std::string said = said_of("./p.sh");
    const std::string words =
        said.substr(0, std::min(said.find(": its lines end"), said.find('\n')));
    ASSERT_FALSE(words.empty()) << damage;
    EXPECT_THAT(plain(reason), HasSubstr(plain(words))) << damage;
    const Finished refused = scopa({"run", "sweep.yaml"});
    EXPECT_EQ(refused.status, 2) << damage;
    EXPECT_THAT(refused.err, HasSubstr(words)) << damage;
  }
}

TEST_F(CliCheckTest, TheCommandLineOfATrialAndWhatTheFileIsForAreShown) {
  write("project: fashion\ndescription: how wide\n" + sweep_text(2));
  const std::string out = scopa({"check", "sweep.yaml"}).out;
  EXPECT_THAT(out, HasSubstr("\n  project    fashion\n  about      how wide\n  search"));
  EXPECT_THAT(out, HasSubstr("\n  runs       ./train.sh --x="));
  const auto plan = json({"check", "sweep.yaml"})["plan"];
  EXPECT_THAT(plan["command"], ElementsAre("./train.sh", "--x=" + plan["first"][0]["x"].dump()));
  write(
      "method: random\nmetric: {name: a}\nparameters: {x: {min: 1, max: 9}}\n"
      "command: [sh, -c, 'train ${param:x} ${envvar:NOT_SET_HERE}']\n");
  EXPECT_THAT(scopa({"check", "sweep.yaml"}).out, HasSubstr(" ${envvar:NOT_SET_HERE}'\n"));
  write("method: random\nmetric: {name: a}\nparameters: {x: {min: 1, max: 9}}\n");
  const auto nothing = json({"check", "sweep.yaml"});
  EXPECT_EQ(nothing["plan"]["command"], nullptr);
  EXPECT_EQ(nothing["diagnostics"][0]["code"], "L085");
  EXPECT_EQ(nothing["diagnostics"][0]["severity"], "advice");
}

TEST_F(CliCheckTest, AWandbFileWithKeysOfItsOwnersIsTaken) {
  write("sweep_count: 3\n.rates: &rates {min: 1, max: 4}\n" + sweep_text(2) + "  y: *rates\n");
  const Finished checked = scopa({"check", "sweep.yaml"});
  EXPECT_EQ(checked.status, 0);
  EXPECT_THAT(checked.out, StartsWith("warning[S007]: `sweep_count` is not a key of a sweep file: "
                                      "ignored\n  --> sweep.yaml:1:1\n"));
  const Finished done = scopa({"run", "sweep.yaml"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.err, HasSubstr("warning[S007]"));
}

TEST_F(CliCheckTest, AParameterInACommandReachesTheTrainer) {
  write_trainer("echo \"got $1\"; echo '{\"step\": 1, \"score\": 1}' >> \"$SCOPA_METRICS\"\n");
  EXPECT_EQ(said_of("./train.sh", "['${program}', 'x:${param:x}']"), "");
  ASSERT_EQ(scopa({"run", "sweep.yaml"}).status, 0);
  const auto x = json({"trials", "@last"})["trials"][0]["params"]["x"];
  EXPECT_THAT(scopa({"logs", "@last/0"}).out, HasSubstr("got x:" + x.dump() + "\n"));
}

TEST_F(CliCheckTest, AnErrorHasNoPlan) {
  write("method: random\nparameters: {}\n");
  const auto document = json({"check", "sweep.yaml"}, 5);
  EXPECT_EQ(document["ok"], false);
  EXPECT_EQ(document["plan"], nullptr);
  write(
      "method: random\nmetric: {name: a}\nparameters: {x: {values: [1, 2]}}\n"
      "constraints: [x > 2]\n");
  const Finished done = scopa({"check", "sweep.yaml"});
  EXPECT_EQ(done.status, 5);
  EXPECT_THAT(done.out, AllOf(HasSubstr("error[L041]"), HasSubstr("x > 2")));
  EXPECT_THAT(done.out, Not(HasSubstr("search")));
}

TEST_F(CliCheckTest, CreateAndRunWarnAndNameTheRungsBeforeTheyBegin) {
  write(kWasteful);
  for (const char* command : {"run", "create"}) {
    const Finished done = scopa({command, "sweep.yaml"});
    EXPECT_EQ(done.status, 0) << done.err;
    EXPECT_THAT(done.err, StartsWith("warning[L001] sweep.yaml:8: `lr` is uniform over 4 decades"));
    EXPECT_THAT(done.err, HasSubstr("\n  help: write `lr: {distribution: log_uniform_values"));
    EXPECT_THAT(done.err, HasSubstr("\npruning by hyperband: of 9 trials 4 go on after 2 values"));
    EXPECT_THAT(done.err, Not(HasSubstr("L007"))) << "advice is for check";
  }
  EXPECT_EQ(scopa({"create", "sweep.yaml", "-q"}).err, "");
  EXPECT_THAT(scopa({"create", "sweep.yaml", "--run-cap", "30"}).err,
              HasSubstr("of 30 trials 11 go on"));
}

TEST_F(CliCheckTest, EveryPresetPassesTheStrictCheckAndIsNotReplaced) {
  write_executable("train", "#!/bin/sh\n");
  for (const char* preset : {"scratch", "finetune"}) {
    const std::string file = std::string(preset) + ".yaml";
    ASSERT_EQ(scopa({"init", "--preset", preset, "-o", file}).status, 0);
    const Finished checked = scopa({"check", "--strict", file});
    EXPECT_EQ(checked.status, 0) << checked.out;
    EXPECT_THAT(checked.out, StartsWith(file + ": ok\n"));
    const std::string before = read_file(folder_ / file);
    EXPECT_THAT(before, HasSubstr("#"));
    const Finished again = scopa({"init", "-o", file});
    EXPECT_EQ(again.status, 1);
    EXPECT_THAT(again.err, AllOf(HasSubstr("is there already"), HasSubstr("--force")));
    EXPECT_EQ(read_file(folder_ / file), before);
  }
  EXPECT_EQ(scopa({"init", "--force", "-o", "finetune.yaml", "-q"}).status, 0);
  EXPECT_EQ(read_file(folder_ / "finetune.yaml"), read_file(folder_ / "scratch.yaml"));
}

TEST_F(CliCheckTest, WithoutAPresetInitTakesScratchAndSaysSo) {
  const Finished done = scopa({"init", "-o", "-"});
  EXPECT_EQ(done.status, 0);
  EXPECT_THAT(done.err, AllOf(HasSubstr("preset `scratch`"), HasSubstr("--preset finetune")));
  EXPECT_EQ(done.out, scopa({"init", "--preset", "scratch", "-o", "-"}).out);
  EXPECT_EQ(scopa({"init", "--preset", "big"}).status, 2);
  EXPECT_EQ(scopa({"init", "--preset", "scratch", "--from-wandb", "sweep.yaml"}).status, 2);
}

TEST_F(CliCheckTest, AWandbFileIsKeptAndExplained) {
  const std::string wandb =
      "program: train.py\nentity: me\nmethod: bayes\n"
      "metric:\n  name: val_acc\n  goal: maximize\n"
      "parameters:\n  lr:   # tuned by hand so far\n    min: 0.0001\n    max: 0.1\n"
      "early_terminate:\n  type: hyperband\n  min_iter: 3\n";
  write_file(folder_ / "wandb.yaml", wandb);
  ASSERT_EQ(scopa({"init", "--from-wandb", "wandb.yaml", "-o", "ours.yaml"}).status, 0);
  const std::string text = read_file(folder_ / "ours.yaml");
  EXPECT_THAT(text, ::testing::EndsWith("\n\n" + wandb)) << "the file itself is unchanged";
  EXPECT_THAT(text, HasSubstr("#   entity            ignored\n"));
  EXPECT_THAT(text, HasSubstr("#   method            a Gaussian process, as W&B's"));
  EXPECT_THAT(text, HasSubstr("`from scopa import wandb`"));
  EXPECT_THAT(text, AllOf(HasSubstr("$SCOPA_PARAMS"), HasSubstr("$SCOPA_METRICS")));
  EXPECT_THAT(text, HasSubstr("#   early_terminate   W&B's Hyperband, decision for decision\n"));
  EXPECT_THAT(text, HasSubstr("# max_steps: 50 "));
  EXPECT_THAT(text, HasSubstr("L001 parameters.lr.distribution: `lr` is uniform over 3 decades"));
  EXPECT_EQ(json({"check", "ours.yaml"})["plan"]["first"],
            json({"check", "wandb.yaml"})["plan"]["first"]);

  // What it suggests is valid: with every suggestion taken, the file still parses.
  std::string taken;
  bool suggested = false;
  for (std::string line : lines_of(text)) {
    if (line.rfind("# What Scopa can do", 0) == 0) suggested = true;
    if (line == "#") suggested = false;
    if (suggested && line.find(": ") != std::string::npos && line.rfind("# What", 0) != 0) {
      line.erase(0, 2);
    }
    taken += line + "\n";
  }
  write_file(folder_ / "taken.yaml", taken);
  const auto checked = json({"check", "taken.yaml"});
  EXPECT_EQ(checked["plan"]["replicates"], 3);
  EXPECT_EQ(checked["plan"]["trials"], 30);
  write_file(folder_ / "bad.yaml", "method: bayes\n");
  EXPECT_EQ(scopa({"init", "--from-wandb", "bad.yaml", "-o", "-"}).status, 5);
}

}  // namespace
}  // namespace scopa::test
