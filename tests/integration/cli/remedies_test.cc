// Every command line that is printed as a remedy is one that helps: it is typed as it stands, by a
// shell, on a terminal.
#include <gmock/gmock.h>

#include <filesystem>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class CliRemediesTest : public CliTest {
 protected:
  /// `editor` is what changes the file that `scopa edit` opens.
  Finished type(const std::string& line, const std::string& editor = "true") {
    const std::string bin = std::filesystem::path(SCOPA_EXECUTABLE).parent_path();
    return run({"script", "-qec", line, "/dev/null"}, folder_.path(),
               {"PATH=" + bin + ":/usr/bin:/bin", "VISUAL=", "EDITOR=" + editor,
                "SCOPA_URL=", "SCOPA_KEY=", "SCOPA_SERVER_KEY=", "XDG_CONFIG_HOME=/nonexistent",
                "SHELL=/bin/sh", "TERM=dumb", "CUDA_VISIBLE_DEVICES="});
  }
  void expect_to_help(const std::vector<std::string>& lines, const std::string& editor = "true") {
    for (const std::string& line : lines) {
      const Finished done = type(line, editor);
      EXPECT_EQ(done.status, 0) << line << "\n" << done.out << done.err;
    }
  }
  /// What stands within backticks and is a command.
  static std::vector<std::string> quoted(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; (at = text.find('`', at)) != std::string::npos;) {
      const std::size_t end = text.find('`', at + 1);
      if (end == std::string::npos) break;
      const std::string inside = text.substr(at + 1, end - at - 1);
      if (inside.starts_with("scopa ")) lines.push_back(inside);
      at = end + 1;
    }
    return lines;
  }
  static std::vector<std::string> remedies(const std::string& err) {
    const std::size_t help = err.rfind("help: ");
    return help == std::string::npos ? std::vector<std::string>{} : quoted(err.substr(help));
  }
  /// Those below "next" at the end of `scopa run`.
  static std::vector<std::string> next(const std::string& err) {
    std::vector<std::string> lines;
    for (const std::string& line :
         lines_of(err.substr(std::min(err.find("\n  next"), err.size())))) {
      if (line.starts_with("    scopa ")) lines.push_back(line.substr(4, line.find("   ", 4) - 4));
    }
    return lines;
  }
  std::string id() { return json({"show"})["sweep"]["id"]; }
  /// Two configurations, a cap of five.
  void write_small_space() {
    std::string text = sweep_text(5);
    const std::string all = "{distribution: int_uniform, min: 1, max: 1000}";
    write_file(folder_ / "sweep.yaml",
               text.replace(text.find(all), all.size(), "{values: [1, 2]}"));
  }
  const std::string works_ = "echo \"{\\\"score\\\": $x}\" >> \"$SCOPA_METRICS\"\n";
};

TEST_F(CliRemediesTest, OfATrainerThatFails) {
  write_trainer("exit 3\n");
  const Finished failed = scopa({"run", "sweep.yaml"});
  EXPECT_THAT(failed.err, HasSubstr("error[S131]"));
  const auto lines = remedies(failed.err);
  EXPECT_THAT(lines, ElementsAre("scopa run --resume " + id() + " --retry-failed",
                                 StartsWith("scopa logs " + id() + "/")));
  write_trainer(works_);
  expect_to_help(lines);
  EXPECT_EQ(counts("@last")["completed"], 4);
}

TEST_F(CliRemediesTest, OfATrainerThatFailsInAFolderWithAnotherName) {
  write_trainer("exit 3\n");
  const Finished failed = scopa({"run", "sweep.yaml", "--dir", "my store"});
  const auto lines = remedies(failed.err);
  EXPECT_THAT(lines, SizeIs(2));
  const Finished status = scopa({"status", "--dir", "my store"});
  const auto goes_on = quoted(status.out);
  EXPECT_THAT(goes_on, SizeIs(1));
  write_trainer(works_);
  expect_to_help(lines);
  const Finished resumed = scopa({"resume", "@last", "--dir", "my store"});
  EXPECT_THAT(remedies(resumed.err), SizeIs(1));
  expect_to_help(remedies(resumed.err));
}

TEST_F(CliRemediesTest, OfACommandThatIsNotFound) {
  write_trainer("exit 127\n");
  const Finished failed = scopa({"run", "sweep.yaml"});
  const auto lines = remedies(failed.err);
  EXPECT_THAT(lines,
              ElementsAre("scopa edit " + id(), "scopa run --resume " + id() + " --retry-failed",
                          StartsWith("scopa logs ")));
  std::filesystem::rename(folder_ / "train.sh", folder_ / "broken.sh");
  write_trainer(works_);
  std::filesystem::rename(folder_ / "train.sh", folder_ / "good.sh");
  expect_to_help(lines, "sed -i s/train.sh/good.sh/");
  EXPECT_EQ(counts("@last")["completed"], 4);
}

TEST_F(CliRemediesTest, OfAMetricThatTheFileNamesWrong) {
  write_sweep(4, "scoer");
  const Finished failed = scopa({"run", "sweep.yaml"});
  EXPECT_THAT(failed.err, HasSubstr("error[S131]"));
  const auto lines = remedies(failed.err);
  EXPECT_THAT(lines,
              ElementsAre("scopa edit " + id(), "scopa run --resume " + id() + " --retry-failed"));
  expect_to_help(lines, "sed -i s/scoer/score/");
  EXPECT_EQ(json({"status"})["sweep"]["best"].is_null(), false);
}

TEST_F(CliRemediesTest, OfAProgramThatIsNotThere) {
  start_broker();
  const std::string sweep = lines_of(scopa({"create", "sweep.yaml"}).out).at(0);
  std::filesystem::rename(folder_ / "train.sh", folder_ / "moved.sh");
  const Finished refused = scopa({"worker", sweep});
  EXPECT_EQ(refused.status, 2);
  EXPECT_THAT(refused.err, StartsWith("error[S135]: no trial can be started here: there is no "
                                      "program `./train.sh` in "));
  EXPECT_EQ(json({"trials", sweep})["total"], 0) << "it took none";
  const auto lines = remedies(refused.err);
  EXPECT_THAT(lines, ElementsAre("scopa edit " + sweep));
  expect_to_help(lines, "sed -i s/train.sh/moved.sh/");
  EXPECT_EQ(scopa({"worker", sweep}).status, 0);
  EXPECT_EQ(counts(sweep)["completed"], 4);
  stop_broker();
}

TEST_F(CliRemediesTest, OfAResumedSweepWhoseProgramIsNotThere) {
  ASSERT_EQ(scopa({"run", "sweep.yaml", "-q"}).status, 0);
  std::filesystem::remove(folder_ / "train.sh");
  const Finished refused = scopa({"run", "--resume", "@last", "--run-cap", "9"});
  EXPECT_EQ(refused.status, 2);
  EXPECT_EQ(json({"show"})["sweep"]["run_cap"], 4) << "nothing was changed";
  EXPECT_EQ(state("@last"), "finished");
}

TEST_F(CliRemediesTest, OfARunThatIsFinished) {
  const Finished done = scopa({"run", "sweep.yaml"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.err, HasSubstr("  finished  run cap 4 reached\n"));
  const auto lines = next(done.err);
  EXPECT_THAT(lines, SizeIs(4));
  EXPECT_EQ(lines.back(), "scopa run --resume " + id() + " --run-cap 14");
  expect_to_help(lines);
  EXPECT_EQ(counts("@last")["completed"], 14);
  const Finished refused = scopa({"resume", "@last"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(remedies(refused.err), SizeIs(1));
  expect_to_help(remedies(refused.err));
  EXPECT_EQ(state("@last"), "running");
}

TEST_F(CliRemediesTest, OfEnqueueOnASweepThatHasReachedItsCap) {
  ASSERT_EQ(scopa({"run", "sweep.yaml", "-q"}).status, 0);
  const Finished refused = scopa({"enqueue", "@last", "x=7"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(remedies(refused.err), SizeIs(1));
  expect_to_help(remedies(refused.err));
  EXPECT_EQ(scopa({"enqueue", "@last", "x=7"}).status, 0);
}

TEST_F(CliRemediesTest, OfEnqueueOnASweepThatWasStopped) {
  start_broker();
  const std::string sweep = lines_of(scopa({"create", "sweep.yaml"}).out).at(0);
  ASSERT_EQ(scopa({"stop", sweep}).status, 0);
  const Finished refused = scopa({"enqueue", sweep, "x=7"});
  EXPECT_EQ(refused.status, 1);
  EXPECT_THAT(remedies(refused.err), SizeIs(1));
  expect_to_help(remedies(refused.err));
  EXPECT_EQ(scopa({"enqueue", sweep, "x=7"}).status, 0);
  stop_broker();
}

TEST_F(CliRemediesTest, OfASpaceThatIsUsedUp) {
  write_small_space();
  const Finished done = scopa({"run", "sweep.yaml"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.err, HasSubstr("  finished  all 2 configurations of the space are used up\n"));
  EXPECT_THAT(done.err, Not(HasSubstr("--run-cap")));
  expect_to_help(next(done.err));
  EXPECT_EQ(json({"show"})["sweep"]["space_used_up"], true);
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"resume", "@last", "--run-cap", "22"},
        {"run", "--resume", "@last", "--run-cap", "22"},
        {"resume", "@last"}}) {
    const Finished refused = scopa(args);
    EXPECT_EQ(refused.status, 1) << args[0];
    EXPECT_THAT(refused.err, HasSubstr("error[S123]")) << args[0];
    EXPECT_THAT(refused.err, HasSubstr("its space holds no other configuration")) << args[0];
  }
  EXPECT_EQ(json({"show"})["sweep"]["run_cap"], 5) << "it was not raised in vain";
  const Finished more = scopa({"enqueue", "@last", "x=2"});
  EXPECT_EQ(more.status, 0) << more.err;
  EXPECT_THAT(quoted(more.err), ElementsAre("scopa run --resume " + id()));
  expect_to_help(quoted(more.err));
  EXPECT_EQ(counts("@last")["completed"], 3);
  EXPECT_EQ(state("@last"), "finished");
}

TEST_F(CliRemediesTest, OfACapThatIsTheWholeSpace) {
  write_small_space();
  const Finished done = scopa({"run", "sweep.yaml", "--run-cap", "2"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.err, HasSubstr("  finished  run cap 2 reached\n"));
  EXPECT_THAT(done.err, Not(HasSubstr("more trial")));
  EXPECT_THAT(next(done.err), Not(IsEmpty()));
  EXPECT_THAT(scopa({"resume", "@last", "--run-cap", "9"}).err,
              HasSubstr("its space holds no other configuration"));
}

}  // namespace
}  // namespace scopa::test
