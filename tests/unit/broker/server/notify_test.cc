#include "broker/server/notify.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <string>

#include "tests/support/temp_folder.h"

namespace scopa::server {
namespace {

class NotifyTest : public ::testing::Test {
 protected:
  NotifyTest() : socket_(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const std::string path = folder_ / "notify";
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~NotifyTest() override {
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    close(socket_);
  }
  std::string received() {
    std::array<char, 256> text{};
    const ssize_t size = recv(socket_, text.data(), text.size(), MSG_DONTWAIT);
    return size < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(size));
  }

  TempFolder folder_;
  int socket_;
};

TEST_F(NotifyTest, SystemdIsTold) {
  notify::ready();
  EXPECT_EQ(received(), "READY=1");
  notify::alive();
  EXPECT_EQ(received(), "WATCHDOG=1");
  notify::status("cannot write to the store");
  EXPECT_EQ(received(), "STATUS=cannot write to the store");
  notify::stopping();
  EXPECT_EQ(received(), "STOPPING=1");
}

TEST_F(NotifyTest, TheWatchdogIsFedTwiceAsOftenAsItAsks) {
  EXPECT_FALSE(notify::watchdog_interval());
  setenv("WATCHDOG_USEC", "3000000", 1);
  setenv("WATCHDOG_PID", std::to_string(getpid()).c_str(), 1);
  EXPECT_EQ(notify::watchdog_interval(), std::chrono::microseconds(1'500'000));
}

TEST_F(NotifyTest, WithoutSystemdNothingHappens) {
  unsetenv("NOTIFY_SOCKET");
  notify::ready();
  EXPECT_EQ(received(), "");
}

}  // namespace
}  // namespace scopa::server
