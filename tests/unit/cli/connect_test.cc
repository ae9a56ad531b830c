#include "cli/connect.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/temp_folder.h"

namespace scopa::cli {
namespace {

/// What a process of this user is told that connects to the endpoint.
Code told(const std::string& endpoint, uid_t user) {
  const pid_t child = fork();
  if (child == 0) {
    if (setuid(user) != 0) _exit(99);
    Context context;
    context.globals.url = endpoint;
    _exit(static_cast<int>(connect(context, Access::kRead).status().code()));
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status)) << status;
  return static_cast<Code>(WEXITSTATUS(status));
}

TEST(ConnectTest, TheSocketOfAnotherUserIsDeniedAndNotTakenForNobody) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to be another user";
  const TempFolder folder;
  const std::string path = folder / "broker.sock";
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ASSERT_EQ(bind(listening, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  EXPECT_EQ(told("ipc://" + path, 65534), Code::kDenied);
  EXPECT_EQ(told("ipc://" + path, 0), Code::kUnavailable);  // nobody listens
  close(listening);
}

}  // namespace
}  // namespace scopa::cli
