// Another user of the machine at a broker without keys.
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "broker_fixture.h"

namespace scopa::server {
namespace {

/// Whether a process of this user gets an answer at the endpoint.
bool is_served(const std::string& endpoint, uid_t user) {
  const pid_t child = fork();
  if (child == 0) {
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
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) < 2) << status;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(OtherUserTest, AnAbstractSocketIsForItsOwnUser) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root, to be another user";
  const TempFolder folder;
  BrokerOptions options;
  options.folder = folder.path();
  options.listen = {"ipc://@scopa-test-" + std::to_string(getpid())};
  auto broker = Broker::open(options);
  ASSERT_TRUE(broker) << broker.status().to_string();
  std::thread thread([&broker] { EXPECT_TRUE((*broker)->run()); });
  EXPECT_TRUE(is_served(options.listen.front(), geteuid()));
  EXPECT_FALSE(is_served(options.listen.front(), 65534));
  (*broker)->stop();
  thread.join();
}

}  // namespace
}  // namespace scopa::server
