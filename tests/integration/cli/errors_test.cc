#include <gmock/gmock.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class CliErrorsTest : public CliTest {};

/// A listening socket on a port of the kernel's choice.
struct TakenPort {
  int fd = -1;
  int port = 0;
  TakenPort() {
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 && listen(fd, 1) == 0 &&
        getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0) {
      port = ntohs(address.sin_port);
    }
  }
  ~TakenPort() { close(fd); }
};

TEST_F(CliErrorsTest, MisuseIsOneLineAndExitCodeTwo) {
  for (const std::vector<std::string>& args : {std::vector<std::string>{"trails"},
                                               {"trials", "--srot", "lr"},
                                               {"worker"},
                                               {"best", "x", "--as", "xml"},
                                               {"trials", "-n", "-4"},
                                               {"run"},
                                               {"run", "sweep.yaml", "--retry-failed"},
                                               {"run", "--resume", "x", "--seed", "3"},
                                               {"ls", "extra"},
                                               {"completion", "tcsh"},
                                               {"logs", "no-number"},
                                               {"enqueue", "x", "novalue"},
                                               {"export", "--csv", "--jsonl"},
                                               {"--json"}}) {
    const Finished done = scopa(args);
    EXPECT_EQ(done.status, 2) << args[0] << ": " << done.err;
    EXPECT_EQ(done.out, "") << args[0];
    EXPECT_LE(lines_of(done.err).size(), 2u) << args[0] << ": " << done.err;
  }
}

TEST_F(CliErrorsTest, MisspeltCommandsAndOptionsAreGuessed) {
  EXPECT_THAT(scopa({"trails"}).err, HasSubstr("did you mean `scopa trials`?"));
  EXPECT_THAT(scopa({"trials", "--srot=lr"}).err, HasSubstr("did you mean `--sort`?"));
}

TEST_F(CliErrorsTest, AWrongSweepFileIsShownWithItsPlace) {
  write_file(folder_ / "bad.yaml",
             "method: random\nmetric: {name: loss, goal: minimize}\nparameters:\n"
             "  lr:\n    distribution: log_uniform_values\n    min: 0\n    max: 1\n");
  for (const char* command : {"run", "create", "check"}) {
    const Finished done = scopa({command, "bad.yaml"});
    EXPECT_EQ(done.status, 5) << command;
    const std::string text = done.out + done.err;
    EXPECT_THAT(text, HasSubstr("error[S")) << command;
    EXPECT_THAT(text, HasSubstr("--> bad.yaml:6:")) << command;
    EXPECT_THAT(text, HasSubstr("^")) << command;
  }
  const auto error = json_error({"create", "bad.yaml"}, 5);
  EXPECT_EQ(error["file"], "bad.yaml");
  EXPECT_EQ(error["line"], 6);
  const auto checked = json({"check", "bad.yaml"}, 5);
  EXPECT_EQ(checked["ok"], false);
  EXPECT_GE(checked["diagnostics"].size(), 1u);
}

TEST_F(CliErrorsTest, AFileThatIsNotThereIsNotFound) {
  for (const char* command : {"run", "create", "check"}) {
    const Finished done = scopa({command, "nowhere.yaml"});
    EXPECT_EQ(done.status, 3) << command;
    EXPECT_THAT(done.err, HasSubstr("cannot read nowhere.yaml: No such file")) << command;
  }
}

TEST_F(CliErrorsTest, WithoutBrokerAndStoreTheRemedyIsNamed) {
  const Finished done = scopa({"ls", "--url", "tcp://127.0.0.1:1"});
  EXPECT_EQ(done.status, 4);
  EXPECT_THAT(done.err, StartsWith("error[S122]: no broker answers at tcp://127.0.0.1:1"));
  EXPECT_THAT(done.err, HasSubstr("scopa broker --listen tcp://127.0.0.1:1"));
  const Finished folder = scopa({"ls", "--dir", "none"});
  EXPECT_EQ(folder.status, 4);
  EXPECT_THAT(folder.err, HasSubstr("`none`"));
  EXPECT_EQ(json_error({"worker", "x", "--url", "tcp://127.0.0.1:1", "--wait", "0"}, 4)["code"],
            "S122");
  EXPECT_EQ(scopa({"ls", "--url", "nonsense"}).status, 1);
}

TEST_F(CliErrorsTest, AnUnknownSweepIsGuessed) {
  ASSERT_EQ(scopa({"run", "sweep.yaml"}).status, 0);
  for (const std::vector<std::string>& args : {std::vector<std::string>{"trials", "step"},
                                               {"best", "step"},
                                               {"show", "step"},
                                               {"status", "step"},
                                               {"export", "step"},
                                               {"pause", "step"},
                                               {"enqueue", "step", "x=1"},
                                               {"logs", "step/0"},
                                               {"run", "--resume", "step"}}) {
    const Finished done = scopa(args);
    EXPECT_EQ(done.status, 3) << args[0] << done.err;
    EXPECT_THAT(done.err, StartsWith("error[S120]")) << args[0];
    EXPECT_THAT(done.err, HasSubstr("did you mean `steps`?")) << args[0];
  }
  EXPECT_EQ(scopa({"show", "steps/99"}).status, 3);
}

TEST_F(CliErrorsTest, APortInUseIsNamed) {
  const TakenPort taken;
  const std::string endpoint = "tcp://127.0.0.1:" + std::to_string(taken.port);
  const Finished done = scopa({"broker", "--listen", endpoint});
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.err, StartsWith("error[S123]"));
  EXPECT_THAT(done.err, HasSubstr(std::to_string(taken.port)));
  EXPECT_THAT(done.err, HasSubstr("help: "));
}

TEST_F(CliErrorsTest, ListeningBeyondThisMachineNeedsToBeMeant) {
  const Finished done = scopa({"broker", "--listen", "tcp://0.0.0.0:*"});
  EXPECT_NE(done.status, 0);
  EXPECT_THAT(done.err, HasSubstr("--insecure"));
}

TEST_F(CliErrorsTest, AStoreInUseNamesItsOwner) {
  start_broker();
  const Finished done = scopa({"broker", "--listen", "tcp://127.0.0.1:*"});
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.err, StartsWith("error[S123]"));
}

TEST_F(CliErrorsTest, ATrainerThatFailsPausesTheSweepWithItsLastWords) {
  write_trainer("echo 'No module named timm' >&2\nexit 3\n");
  const Finished done = scopa({"run", "sweep.yaml"});
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.err, HasSubstr("error[S131]"));
  EXPECT_THAT(done.err, HasSubstr("exit 3"));
  EXPECT_THAT(done.err, HasSubstr("No module named timm"));
  EXPECT_THAT(done.err, HasSubstr("--retry-failed"));
  EXPECT_EQ(state("@last"), "paused");
  EXPECT_THAT(scopa({"logs", "@last/0"}).out, HasSubstr("No module named timm"));
  // The remedy that it names works.
  write_trainer("echo \"{\\\"score\\\": $x}\" >> \"$SCOPA_METRICS\"\n");
  const auto after = json({"run", "--resume", "@last", "--retry-failed"});
  EXPECT_EQ(after["sweep"]["counts"]["completed"], 4);
  EXPECT_EQ(after["sweep"]["counts"]["failed"], 0);
}

TEST_F(CliErrorsTest, ATrainerThatIsNotThereIsNamed) {
  write_file(folder_ / "sweep.yaml",
             sweep_text(4).replace(sweep_text(4).find("./train.sh"), 10, "./nobody"));
  const Finished done = scopa({"run", "sweep.yaml"});
  EXPECT_EQ(done.status, 2);
  EXPECT_THAT(done.err, StartsWith("error[S135]: no trial can be started here: there is no program "
                                   "`./nobody` in "));
  EXPECT_THAT(scopa({"ls"}).err, HasSubstr("S122")) << "no sweep was made";
}

TEST_F(CliErrorsTest, AMetricThatNeverComesNamesThoseThatCame) {
  write_sweep(4, "scoer");
  const Finished done = scopa({"run", "sweep.yaml"});
  EXPECT_EQ(done.status, 1);
  EXPECT_THAT(done.err, HasSubstr("scoer"));
  EXPECT_THAT(done.err, HasSubstr("score"));
  const auto sweep = json({"show"})["sweep"];
  ASSERT_THAT(sweep["notices"], Not(SizeIs(0)));
  EXPECT_THAT(sweep["notices"][0].get<std::string>(), HasSubstr("did you mean `score`?"));
  const Finished best = scopa({"best"});
  EXPECT_EQ(best.status, 3);
  EXPECT_THAT(best.err, HasSubstr("scoer"));
}

}  // namespace
}  // namespace scopa::test
