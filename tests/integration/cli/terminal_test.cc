#include "cli/terminal.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

#include "tests/integration/cli/fixture.h"

namespace scopa::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class CliTerminalTest : public CliTest {
 protected:
  /// `scopa ARGS` on a terminal `columns` wide; what it wrote there.
  std::string on_terminal(int columns, std::vector<std::string> args, int* status) {
    winsize size{};
    size.ws_col = static_cast<unsigned short>(columns);
    size.ws_row = 40;
    args.insert(args.begin(), SCOPA_EXECUTABLE);
    std::vector<char*> argv;
    for (std::string& arg : args) argv.push_back(arg.data());
    argv.push_back(nullptr);
    int master = -1;
    const std::string folder = folder_.path();
    const pid_t pid = forkpty(&master, nullptr, nullptr, &size);
    if (pid == 0) {
      unsetenv("COLUMNS");
      unsetenv("NO_COLOR");
      unsetenv("SCOPA_URL");
      setenv("TERM", "xterm", 1);
      if (chdir(folder.c_str()) == 0) execv(argv[0], argv.data());
      _exit(126);
    }
    std::string out;
    char buffer[4096];
    pollfd readable{master, POLLIN, 0};
    while (poll(&readable, 1, 60'000) == 1) {
      const ssize_t n = read(master, buffer, sizeof buffer);
      if (n <= 0) break;  // EIO: the other side is closed
      out.append(buffer, static_cast<std::size_t>(n));
    }
    close(master);
    int raw = 0;
    waitpid(pid, &raw, 0);
    *status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    return out;
  }
};

TEST_F(CliTerminalTest, ARunShowsALiveLineAndEndsWithWhatToDoNext) {
  int status = -1;
  const std::string out = on_terminal(100, {"run", "sweep.yaml"}, &status);
  EXPECT_EQ(status, 0) << out;
  EXPECT_THAT(out, HasSubstr("\r"));
  EXPECT_THAT(out, HasSubstr("4 of 4 trials ended"));
  EXPECT_THAT(out, HasSubstr("--x="));
  EXPECT_THAT(out, HasSubstr("store"));
  EXPECT_THAT(out, HasSubstr("scopa trials "));
  EXPECT_THAT(out, HasSubstr("--run-cap "));
}

TEST_F(CliTerminalTest, TablesFitTheWindowAndColourCanBeTurnedOff) {
  write_sweep(4, "score",
              "  quite_a_long_parameter_name: {min: 0.0, max: 1.0}\n"
              "  another_long_parameter_name: {min: 0.0, max: 1.0}\n"
              "  one_more_long_parameter_name: {min: 0.0, max: 1.0}\n");
  ASSERT_EQ(scopa({"run", "sweep.yaml"}).status, 0);
  for (const int columns : {60, 80, 120}) {
    for (const char* command : {"trials", "ls"}) {
      int status = -1;
      const std::string out = on_terminal(columns, {command}, &status);
      EXPECT_EQ(status, 0);
      EXPECT_THAT(out, HasSubstr("\x1b["));
      for (std::string line : lines_of(out)) {
        if (!line.empty() && line.back() == '\r') line.pop_back();
        EXPECT_LE(cli::display_width(line), static_cast<std::size_t>(columns)) << line;
      }
    }
  }
  int status = -1;
  EXPECT_THAT(on_terminal(80, {"trials", "--color", "never"}, &status), Not(HasSubstr("\x1b[")));
}

}  // namespace
}  // namespace scopa::test
