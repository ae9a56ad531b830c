// `scopa try`: one configuration, and nothing is left of it.
#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class CliTryTest : public CliTest {
 protected:
  /// With a folder of the test's own for what passes.
  Finished attempt(const std::vector<std::string>& args) {
    const std::string passing = folder_ / "passing";
    std::filesystem::create_directories(passing);
    std::vector<std::string> command = {"env", "TMPDIR=" + passing, SCOPA_EXECUTABLE, "try"};
    command.insert(command.end(), args.begin(), args.end());
    const Finished done = run(command, folder_.path(), {"CUDA_VISIBLE_DEVICES=", "SCOPA_URL="});
    EXPECT_TRUE(std::filesystem::is_empty(passing)) << "something is left";
    EXPECT_FALSE(std::filesystem::exists(folder_ / ".scopa")) << "a store was made";
    return done;
  }
};

TEST_F(CliTryTest, TheTrainerRunsHereAndWhatCameIsTold) {
  const Finished done = attempt({"sweep.yaml", "--seed", "3"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.err, StartsWith("$ ./train.sh --x="));
  EXPECT_THAT(done.out, StartsWith("trained with "));
  EXPECT_THAT(done.out, AllOf(HasSubstr("  ended     completed"),
                              HasSubstr("  goal      score: 3 "
                                        "values, last "),
                              HasSubstr(" at step 3\n")));
  EXPECT_EQ(attempt({"sweep.yaml", "--seed", "3"}).err, done.err) << "the seed decides";
}

TEST_F(CliTryTest, ValuesCanBeSet) {
  const Finished done = attempt({"sweep.yaml", "--set", "x=77"});
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_EQ(done.err, "$ ./train.sh --x=77\n");
  EXPECT_THAT(done.out, StartsWith("trained with 77\n"));
  EXPECT_EQ(attempt({"sweep.yaml", "--set", "x"}).status, 2);
  EXPECT_EQ(attempt({"sweep.yaml", "--set", "y=1"}).status, 1);
}

TEST_F(CliTryTest, AGoalMetricThatIsNotLoggedIsNoSuccess) {
  write_sweep(4, "scoer");
  const Finished done = attempt({"sweep.yaml"});
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.out, HasSubstr("`scoer` was never logged; what came is score: did you mean "
                                  "`score`?"));
  EXPECT_THAT(done.err, HasSubstr("error[S136]: the trainer ended well, but without a value"));
  const auto document = nlohmann::json::parse(attempt({"sweep.yaml", "--json"}).out);
  EXPECT_EQ(document["ok"], false);
  EXPECT_EQ(document["metrics"][0]["name"], "score");
  EXPECT_EQ(document["metrics"][0]["values"], 3);
  EXPECT_TRUE(document["value"].is_null());
}

TEST_F(CliTryTest, HowATrainerFailedIsTold) {
  write_trainer("echo no data >&2\nexit 3\n");
  const Finished done = attempt({"sweep.yaml"});
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.out, AllOf(HasSubstr("no data\n"), HasSubstr("  ended     failed: exit 3")));
  write_trainer("kill -SEGV $$\n");
  EXPECT_THAT(attempt({"sweep.yaml"}).out, HasSubstr("failed: killed by signal 11"));
  write_sweep(4, "score", "retries: 3\n");
  EXPECT_THAT(attempt({"sweep.yaml"}).out, HasSubstr("  ended     failed: "));
}

TEST_F(CliTryTest, WhatIsNotTakenAndWhatIsNeverReadIsTold) {
  write_trainer(
      "echo 'score is 3' >> \"$SCOPA_METRICS\"\n"
      "echo \"{\\\"score\\\": $x}\" >> \"$SCOPA_METRICS\"\n");
  const Finished lines = attempt({"sweep.yaml"});
  EXPECT_EQ(lines.status, 0) << lines.err;
  EXPECT_THAT(lines.out, HasSubstr("  note      L065"));
  write_file(folder_ / "sdk.yaml",
             "program: " SCOPA_CHECKPOINT_TRAINER
             "\nmethod: random\nrun_cap: 1\nmetric: {name: loss, goal: minimize}\nparameters:\n"
             "  learn_rate: {min: 0.01, max: 0.05}\n  momentum: {value: 0.5}\n"
             "  epochs: {value: 3}\n  epoch_ms: {value: 1}\n");
  const Finished unread = attempt({"sdk.yaml"});
  EXPECT_EQ(unread.status, 0) << unread.err;
  EXPECT_THAT(unread.out, AllOf(HasSubstr("  note      L063"), HasSubstr("`learn_rate`"),
                                HasSubstr("`learning_rate`")));
}

TEST_F(CliTryTest, WhatCannotBeStartedIsAnError) {
  std::filesystem::remove(folder_ / "train.sh");
  const Finished done = attempt({"sweep.yaml"});
  EXPECT_EQ(done.status, 2);
  EXPECT_THAT(done.err, StartsWith("error[S135]"));
}

TEST_F(CliTryTest, ASignalEndsItAndNothingIsLeft) {
  write_trainer("echo begun\nexec sleep 300\n");
  write_file(folder_ / "sweep.yaml", sweep_text(4, "score", "grace: 1s\n"));
  const std::string passing = folder_ / "passing";
  std::filesystem::create_directories(passing);
  Process trying("trying", {"env", "TMPDIR=" + passing, SCOPA_EXECUTABLE, "try", "sweep.yaml"},
                 folder_.path(), {"CUDA_VISIBLE_DEVICES=", "SCOPA_URL="});
  ASSERT_TRUE(eventually([&] { return trying.out() == "begun\n"; })) << trying.err();
  trying.signal(SIGINT);
  EXPECT_EQ(trying.wait(std::chrono::seconds(60)), 130) << trying.err();
  EXPECT_TRUE(std::filesystem::is_empty(passing));
}

}  // namespace
}  // namespace scopa::test
