// Clients that do not read, do not speak, ask too much, or come in thousands. What they cost is
// measured on a real broker process, and others must not notice them.

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <sstream>
#include <zmq.hpp>

#include "sdk/base/limits.h"
#include "tests/integration/broker/broker_fixture.h"
#include "tests/integration/support/process.h"
#include "tests/integration/support/tcp_proxy.h"

namespace scopa::test {
namespace {

using namespace std::chrono_literals;
using server::HandWorker;
using server::Peer;
using server::RunningBroker;

/// Sanitizers keep memory that was freed, so what a process has there says nothing of it.
#ifdef SCOPA_SANITIZED
constexpr bool kMemoryTells = false;
#else
constexpr bool kMemoryTells = true;
#endif

/// The most memory that a process has had, in MiB; 0 where that does not tell.
std::size_t peak_mib(pid_t pid) {
  if (!kMemoryTells) return 0;
  std::istringstream lines(read_file("/proc/" + std::to_string(pid) + "/status"));
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::stoul(line.substr(6)) / 1024;
  }
  return 0;
}

std::size_t open_files(pid_t pid) {
  std::size_t count = 0;
  std::error_code error;
  for (const auto& file :
       std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/fd", error)) {
    count += file.path().empty() ? 0 : 1;
  }
  return count;
}

/// A TCP connection without ZeroMQ on this side.
class RawPeer {
 public:
  explicit RawPeer(const std::string& endpoint) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port =
        htons(static_cast<std::uint16_t>(std::stoul(endpoint.substr(endpoint.rfind(':') + 1))));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    is_connected_ = connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawPeer() { close(fd_); }
  RawPeer(const RawPeer&) = delete;
  RawPeer& operator=(const RawPeer&) = delete;

  bool is_connected() const { return is_connected_; }
  bool send(const std::string& bytes) const {
    return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  /// ZMTP 3.0 as a DEALER, mechanism NULL.
  bool greet() const {
    std::string greeting(64, '\0');
    greeting[0] = '\xff';
    greeting[9] = '\x7f';
    greeting[10] = 3;
    greeting.replace(12, 4, "NULL");
    const std::string name = "Socket-Type", type = "DEALER";
    std::string ready = std::string("\x05READY", 6) + static_cast<char>(name.size()) + name +
                        std::string(3, '\0') + static_cast<char>(type.size()) + type;
    ready = std::string("\x04", 1) + static_cast<char>(ready.size()) + ready;
    return send(greeting) && send(ready);
  }
  /// Whether the other side has closed.
  bool is_closed() const {
    char room[4096];
    ssize_t got = 0;
    while ((got = recv(fd_, room, sizeof room, MSG_DONTWAIT)) > 0) {
    }
    return got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK);
  }

 private:
  int fd_;
  bool is_connected_ = false;
};

/// A broker as a process, with a sweep whose file takes nearly a megabyte to tell.
class SlowClientTest : public testing::Test {
 protected:
  static constexpr std::size_t kSpecBytes = 900 << 10;
  /// What a broker may have in memory: itself, 256 MiB of queues, a few rounds of answers.
  static constexpr std::size_t kPeakMib = 600;

  void SetUp() override {
    broker.emplace("broker",
                   std::vector<std::string>{SCOPA_EXECUTABLE, "broker", "--dir", folder / "store",
                                            "--listen", "tcp://127.0.0.1:*"},
                   folder.path());
    ASSERT_TRUE(eventually([&] { return !endpoint_lines().empty(); }, 60s)) << broker->err();
    std::istringstream(endpoint_lines()) >> tcp;
    auto connected = session::Client::connect(tcp, server::kPatience);
    ASSERT_TRUE(connected) << connected.status().to_string();
    client = std::move(*connected);
    std::string spec = server::kSpec;
    while (spec.size() < kSpecBytes) spec += "# " + std::string(78, 'x') + "\n";
    sweep = server::create_sweep(*client, spec);
  }
  std::string endpoint_lines() const { return read_file(folder / "store/endpoint"); }

  wire::GetSweep large_question(std::uint64_t request) const {
    wire::GetSweep get;
    get.request = request;
    get.sweep = sweep;
    get.with_spec = true;
    return get;
  }
  static wire::Hello client_hello() {
    wire::Hello hello;
    hello.role = "client";
    return hello;
  }
  /// Others are served.
  void expect_service() {
    EXPECT_EQ(server::get_sweep(*client, sweep).sweep.id, sweep);
    HandWorker worker(tcp, "honest-" + std::to_string(++workers_));
    wire::Heartbeat heartbeat;
    heartbeat.request = 7;
    EXPECT_EQ(worker.exchange<wire::HeartbeatReply>(heartbeat).request, 7u);
  }

  TempFolder folder;
  std::optional<Process> broker;
  std::string tcp;
  std::unique_ptr<session::Client> client;
  SweepId sweep;

 private:
  int workers_ = 0;
};

TEST_F(SlowClientTest, AClientThatNeverReadsItsAnswersDoesNotFillTheBrokersMemory) {
  zmq::context_t context;
  std::vector<zmq::socket_t> mutes;
  for (int i = 0; i < 4; ++i) {
    mutes.emplace_back(context, zmq::socket_type::dealer);
    mutes.back().set(zmq::sockopt::linger, 0);
    mutes.back().set(zmq::sockopt::rcvhwm, 1);
    mutes.back().connect(tcp);
    mutes.back().send(zmq::buffer(wire::encode(client_hello())), zmq::send_flags::none);
  }
  // Two gigabytes of answers and more, if they were all kept.
  constexpr std::uint64_t kQuestions = 2500;
  for (std::uint64_t i = 1; i <= kQuestions; ++i) {
    const std::string frame = wire::encode(large_question(i));
    for (zmq::socket_t& mute : mutes) {
      mute.send(zmq::buffer(frame), zmq::send_flags::dontwait);
    }
    if (i % 100 == 0) expect_service();
  }
  expect_service();
  EXPECT_LT(peak_mib(broker->pid()), kPeakMib);
}

TEST_F(SlowClientTest, AWorkerIsAnsweredBeforeAFloodOfQuestions) {
  // What a connection asks fits its queue of answers: none is closed for not having read in time.
  constexpr std::uint64_t kConnections = 8, kQuestions = 15;
  static_assert(kQuestions * (kSpecBytes + (16 << 10)) < limits::kSendQueueBytes);
  zmq::context_t context;
  std::vector<zmq::socket_t> flood;
  std::uint64_t answered = 0;
  const auto count_answers = [&] {
    zmq::message_t frame;
    for (zmq::socket_t& socket : flood) {
      while (socket.recv(frame, zmq::recv_flags::dontwait)) answered += frame.size() > 1000 ? 1 : 0;
    }
    return answered;
  };
  for (std::uint64_t i = 0; i < kConnections; ++i) {
    flood.emplace_back(context, zmq::socket_type::dealer);
    flood.back().set(zmq::sockopt::linger, 0);
    flood.back().set(zmq::sockopt::rcvhwm, 0);
    flood.back().connect(tcp);
    flood.back().send(zmq::buffer(wire::encode(client_hello())), zmq::send_flags::none);
    zmq::message_t welcome;
    ASSERT_TRUE(flood.back().recv(welcome));
  }
  HandWorker worker(tcp, "honest");
  // All of it waits before the broker sees any of it.
  broker->signal(SIGSTOP);
  for (zmq::socket_t& socket : flood) {
    for (std::uint64_t i = 1; i <= kQuestions; ++i) {
      socket.send(zmq::buffer(wire::encode(large_question(i))), zmq::send_flags::none);
    }
  }
  wire::Heartbeat heartbeat;
  heartbeat.request = 5;
  worker.send(heartbeat);
  broker->signal(SIGCONT);
  EXPECT_EQ(worker.expect<wire::HeartbeatReply>().request, 5u);
  const std::uint64_t before_the_worker = count_answers();
  EXPECT_LT(before_the_worker, kConnections * kQuestions / 2);
  EXPECT_TRUE(eventually([&] { return count_answers() == kConnections * kQuestions; }, 60s))
      << answered << ": each is answered all the same";
  EXPECT_LT(peak_mib(broker->pid()), kPeakMib);
}

TEST_F(SlowClientTest, WorkersThatSayHelloUnderEverNewNamesAreForgotten) {
  zmq::context_t context;
  zmq::socket_t peer(context, zmq::socket_type::dealer);
  peer.set(zmq::sockopt::linger, 0);
  peer.set(zmq::sockopt::rcvtimeo, 60'000);
  peer.connect(tcp);
  const std::size_t before = peak_mib(broker->pid());
  constexpr int kBatch = 500, kBatches = 400;
  for (int batch = 0; batch < kBatches; ++batch) {
    for (int i = 0; i < kBatch; ++i) {
      wire::Hello hello;
      hello.role = "worker";
      hello.worker = std::to_string(batch * kBatch + i) + std::string(240, 'w');
      hello.host = std::string(250, 'h');
      peer.send(zmq::buffer(wire::encode(hello)), zmq::send_flags::none);
    }
    zmq::message_t answer;
    for (int i = 0; i < kBatch; ++i) ASSERT_TRUE(peer.recv(answer));
  }
  // Two hundred thousand names and hosts of 500 bytes; a fifth of them may be remembered.
  EXPECT_LT(peak_mib(broker->pid()), before + 80);
}

TEST_F(SlowClientTest, HalfAFrameAndThousandsOfConnectionsThatComeAndGoCostNothingThatStays) {
  constexpr std::size_t kHalves = 50;
  const std::size_t before = open_files(broker->pid());
  std::vector<std::unique_ptr<RawPeer>> halves;
  for (std::size_t i = 0; i < kHalves; ++i) {
    halves.push_back(std::make_unique<RawPeer>(tcp));
    ASSERT_TRUE(halves.back()->is_connected());
    ASSERT_TRUE(halves.back()->greet());
    // A frame of 4 MiB is announced, a little of it comes, then nothing.
    ASSERT_TRUE(
        halves.back()->send(std::string("\x02\0\0\0\0\0\x3f\xff\xff", 9) + std::string(1000, 'x')));
  }
  for (int i = 0; i < 3000; ++i) {
    const RawPeer visitor(tcp);
    if (i % 3 == 1) (void)visitor.send(std::string(10, '\xff'));
    if (i % 3 == 2) (void)visitor.greet();
    if (i % 500 == 0) expect_service();
  }
  EXPECT_TRUE(eventually([&] { return open_files(broker->pid()) < before + kHalves + 20; }, 60s))
      << open_files(broker->pid()) << " of " << before;
  // Those that have gone are not counted as connected.
  std::uint32_t clients = 0;
  EXPECT_TRUE(eventually(
      [&] {
        const auto reply = client->request(wire::GetBroker{});
        const auto* info = reply ? std::get_if<wire::BrokerInfo>(&*reply) : nullptr;
        clients = info == nullptr ? 0 : info->clients;
        return clients >= 1 && clients <= kHalves + 10;
      },
      60s))
      << clients;
  expect_service();
  EXPECT_LT(peak_mib(broker->pid()), kPeakMib);
}

// ---- in this process, with shorter patience -----------------------------------------------------

server::BrokerOptions impatient() {
  server::BrokerOptions options;
  options.connections.first_word = 300ms;
  options.connections.silence = 1500ms;
  return options;
}

TEST(SilentClientTest, ConnectionsThatNeverSayAWordAreClosedAndOthersStay) {
  const TempFolder folder;
  const RunningBroker broker(folder.path(), impatient());
  std::vector<std::unique_ptr<RawPeer>> silent;
  for (int i = 0; i < 200; ++i) {
    silent.push_back(std::make_unique<RawPeer>(broker.tcp()));
    ASSERT_TRUE(silent.back()->greet());
  }
  Peer honest(broker.tcp());
  wire::Hello hello;
  hello.role = "client";
  const std::string id = honest.exchange<wire::Welcome>(hello).broker;
  EXPECT_TRUE(eventually(
      [&] {
        // It speaks all the while.
        (void)honest.exchange<wire::Sweeps>(wire::ListSweeps{.request = 1});
        return std::all_of(silent.begin(), silent.end(),
                           [](const auto& peer) { return peer->is_closed(); });
      },
      60s));
  // On the same connection: a new one would have to say hello again.
  EXPECT_EQ(honest.exchange<wire::Sweeps>(wire::ListSweeps{.request = 2}).request, 2u);
}

TEST(SilentClientTest, AConnectionThatFellSilentIsClosedAndItsClientComesBackByItself) {
  const TempFolder folder;
  const RunningBroker broker(folder.path(), impatient());
  TcpProxy proxy(broker.ipc());
  Peer peer(proxy.endpoint());
  wire::Hello hello;
  hello.role = "client";
  (void)peer.exchange<wire::Welcome>(hello);
  EXPECT_EQ(proxy.accepted(), 1u);
  EXPECT_TRUE(eventually([&] { return proxy.accepted() > 1; }, 60s)) << "dialled anew";
  (void)peer.exchange<wire::Welcome>(hello);
}

TEST(SilentClientTest, TheBrokersEndOfAHalfOpenConnectionIsClosed) {
  const TempFolder folder;
  const RunningBroker broker(folder.path(), impatient());
  TcpProxy proxy(broker.ipc());
  Peer peer(proxy.endpoint());
  wire::Hello hello;
  hello.role = "client";
  (void)peer.exchange<wire::Welcome>(hello);
  proxy.forget_connections();
  EXPECT_EQ(proxy.forgotten_open(), 1u);
  EXPECT_TRUE(eventually([&] { return proxy.forgotten_open() == 0; }, 60s));
}

TEST(SilentClientTest, OfMoreConnectionsThanThereMayBeTheSilentOnesAreClosed) {
  const TempFolder folder;
  server::BrokerOptions options;
  options.connections.connections = 20;
  const RunningBroker broker(folder.path(), options);
  HandWorker worker(broker.tcp(), "honest");
  std::vector<std::unique_ptr<RawPeer>> crowd;
  for (int i = 0; i < 100; ++i) {
    crowd.push_back(std::make_unique<RawPeer>(broker.tcp()));
    ASSERT_TRUE(crowd.back()->greet());
  }
  const auto closed = [&] {
    return std::count_if(crowd.begin(), crowd.end(),
                         [](const auto& peer) { return peer->is_closed(); });
  };
  EXPECT_TRUE(eventually([&] { return closed() >= 80; }, 60s)) << closed();
  wire::Heartbeat heartbeat;
  heartbeat.request = 3;
  EXPECT_EQ(worker.exchange<wire::HeartbeatReply>(heartbeat).request, 3u);
}

}  // namespace
}  // namespace scopa::test
