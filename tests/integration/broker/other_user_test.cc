// Another user of the machine at a broker without keys.
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "broker_fixture.h"

namespace scopa::server {
namespace {

/// A process of another user. It is made before the broker has threads, which a forked process may
/// not have more of, and waits until it is asked.
class Visitor {
 public:
  Visitor(const std::string& endpoint, uid_t user) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    child_ = fork();
    if (child_ == 0) {
      close(ends[1]);
      visit(endpoint, user, ends[0]);
    }
    close(ends[0]);
    go_ = ends[1];
  }

  /// Whether it gets an answer. Ask once.
  bool is_served() {
    EXPECT_EQ(write(go_, "", 1), 1);
    close(go_);
    int status = 0;
    waitpid(child_, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) < 2) << status;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
  }

 private:
  [[noreturn]] static void visit(const std::string& endpoint, uid_t user, int wait_for) {
    char nothing = 0;
    while (read(wait_for, &nothing, 1) == -1 && errno == EINTR) {
    }
    if (setuid(user) != 0) _exit(2);
    zmq::context_t context;
    zmq::socket_t socket(context, zmq::socket_type::dealer);
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::rcvtimeo, 2000);
    socket.connect(endpoint);
    (void)socket.send(zmq::buffer(wire::encode(wire::Hello{.role = "client"})),
                      zmq::send_flags::none);
    zmq::message_t frame;
    _exit(socket.recv(frame) ? 0 : 1);
  }

  pid_t child_ = -1;
  int go_ = -1;
};

TEST(OtherUserTest, AnAbstractSocketIsForItsOwnUser) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to be another user";
  const TempFolder folder;
  BrokerOptions options;
  options.folder = folder.path();
  options.listen = {"ipc://@scopa-test-" + std::to_string(getpid())};
  Visitor stranger(options.listen.front(), 65534);
  Visitor own(options.listen.front(), geteuid());
  auto broker = Broker::open(options);
  ASSERT_TRUE(broker) << broker.status().to_string();
  std::thread thread([&broker] { EXPECT_TRUE((*broker)->run()); });
  EXPECT_TRUE(own.is_served());
  EXPECT_FALSE(stranger.is_served());
  (*broker)->stop();
  thread.join();
}

}  // namespace
}  // namespace scopa::server
