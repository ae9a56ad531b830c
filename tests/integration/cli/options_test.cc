// Options that cannot mean what they say.
#include <gmock/gmock.h>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class CliOptionsTest : public CliTest {
 protected:
  /// What a misused command line says; it must have been refused as one.
  std::string refused(const std::vector<std::string>& args) {
    const Finished done = scopa(args);
    EXPECT_EQ(done.status, 2) << args[0] << ": " << done.out << done.err;
    EXPECT_THAT(done.err, StartsWith("error[S102]: ")) << args[0];
    return done.err;
  }
};

TEST_F(CliOptionsTest, ZeroIsNeverTakenForNotGiven) {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"run", "sweep.yaml", "--run-cap", "0"},
        {"run", "sweep.yaml", "--trials", "0"},
        {"run", "sweep.yaml", "--slots", "0"},
        {"run", "sweep.yaml", "--seed", "0"},
        {"create", "sweep.yaml", "--run-cap", "0"},
        {"create", "sweep.yaml", "--seed=0"},
        {"worker", "x", "--count", "0"},
        {"worker", "x", "-n", "0"},
        {"worker", "x", "--slots", "0"},
        {"resume", "x", "--run-cap", "0"},
        {"best", "x", "-k", "0"},
        {"broker", "--lease", "0"},
        {"rehearse", "sweep.yaml", "--seeds", "0"},
        {"rehearse", "sweep.yaml", "--first-seed", "0"},
        {"rehearse", "sweep.yaml", "--trials", "0"}}) {
    EXPECT_THAT(refused(args), HasSubstr("`0` must be 1 or more")) << args[0] << " " << args[2];
  }
}

TEST_F(CliOptionsTest, NumbersBeyondTheRangeAreSaidToBeSo) {
  EXPECT_THAT(refused({"run", "sweep.yaml", "--seed", "-1"}), HasSubstr("must be 1 or more"));
  EXPECT_THAT(refused({"worker", "x", "--count", "-1"}), HasSubstr("must be 1 or more"));
  EXPECT_THAT(refused({"trials", "-n", "-1"}), HasSubstr("must be 0 or more"));
  EXPECT_THAT(refused({"run", "sweep.yaml", "--run-cap", "99999999999999999999"}),
              HasSubstr("too large: at most 10000000"));
  EXPECT_THAT(refused({"run", "sweep.yaml", "--slots", "257"}), HasSubstr("at most 256"));
  EXPECT_THAT(refused({"ls", "-n", "1.5"}), HasSubstr("`1.5` is not a whole number"));
}

TEST_F(CliOptionsTest, NoneOfTheTrialsIsAHeaderAlone) {
  ASSERT_EQ(scopa({"run", "sweep.yaml", "-q"}).status, 0);
  EXPECT_THAT(lines_of(scopa({"trials", "-n", "0"}).out), SizeIs(1));
  EXPECT_THAT(lines_of(scopa({"trials", "-n", "0", "--csv"}).out), SizeIs(1));
  const auto document = json({"trials", "-n", "0"});
  EXPECT_EQ(document["trials"].size(), 0u);
  EXPECT_EQ(document["total"], 4);
  EXPECT_THAT(lines_of(scopa({"ls", "-n", "0"}).out), SizeIs(1));
}

TEST_F(CliOptionsTest, AnUnknownOptionIsNamedBeforeItsValue) {
  EXPECT_THAT(refused({"run", "sweep.yaml", "--count", "5"}),
              HasSubstr("unknown option `--count`; did you mean `--run-cap`?"));
  EXPECT_THAT(refused({"create", "sweep.yaml", "--projcet", "x"}),
              HasSubstr("unknown option `--projcet`; did you mean `--project`?"));
  EXPECT_THAT(refused({"create", "sweep.yaml", "--program", "./t"}),
              HasSubstr("unknown option `--program`"));
  EXPECT_THAT(refused({"run", "--slosts=2", "sweep.yaml"}),
              HasSubstr("unknown option `--slosts`; did you mean `--slots`?"));
  EXPECT_THAT(refused({"worker", "x", "--jobs", "4"}), HasSubstr("did you mean `--slots`?"));
  EXPECT_THAT(refused({"ls", "extra"}), HasSubstr("unexpected argument `extra`"));
}

TEST_F(CliOptionsTest, HelpIsACommandToo) {
  const Finished all = scopa({"help"});
  EXPECT_EQ(all.status, 0) << all.err;
  EXPECT_EQ(all.out, scopa({"--help"}).out);
  const Finished one = scopa({"help", "run"});
  EXPECT_EQ(one.status, 0) << one.err;
  EXPECT_EQ(one.out, scopa({"run", "--help"}).out);
  EXPECT_THAT(refused({"help", "rnu"}), HasSubstr("did you mean `scopa help run`?"));
}

}  // namespace
}  // namespace scopa::test
