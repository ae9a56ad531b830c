#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>
#include <random>

#include "broker_fixture.h"

namespace scopa::server {
namespace {

using ::testing::HasSubstr;

Status open_on(const TempFolder& folder, const std::string& endpoint, bool insecure = false) {
  BrokerOptions options;
  options.folder = folder.path();
  options.listen = {endpoint};
  options.insecure = insecure;
  return Broker::open(options).status();
}

TEST(BrokerBadInputTest, GarbageFramesAreAnsweredAndServiceGoesOn) {
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  Peer peer(broker.tcp());
  std::mt19937_64 random(11);
  for (int i = 0; i < 300; ++i) {
    std::string bytes(random() % 200, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    peer.send_raw({bytes});
    const auto error = peer.expect<wire::Error>();
    EXPECT_EQ(error.code, static_cast<std::int32_t>(Code::kInvalidArgument));
  }
  peer.send_raw({"one", "frame", "too many"});
  EXPECT_THAT(peer.expect<wire::Error>().message, HasSubstr("single frame"));
  peer.send_raw({""});
  (void)peer.expect<wire::Error>();
  peer.send_raw(
      {"\x81\xa4type\xa6"
       "future"});
  EXPECT_EQ(peer.expect<wire::Error>().code, static_cast<std::int32_t>(Code::kUnsupported));
  EXPECT_EQ(create_sweep(*broker.client()).size(), 8u);
}

TEST(BrokerBadInputTest, MutatedMessagesNeverEndTheBroker) {
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  const auto client = broker.client();
  HandWorker worker(broker.tcp(), "w1");
  const wire::Assign trial = worker.ask(create_sweep(*client));
  wire::Release release;
  release.sweep = trial.sweep;
  const std::vector<wire::Message> seeds = {worker.report(trial, 0, {1, 2, 3}), release,
                                            wire::Heartbeat{}, wire::Ask{}, wire::Hello{}};
  Peer peer(broker.ipc());
  std::mt19937_64 random(12);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = wire::encode(seeds[random() % seeds.size()]);
    for (int n = 0; n < 3; ++n) bytes[random() % bytes.size()] = static_cast<char>(random());
    peer.send_raw({bytes});
  }
  EXPECT_EQ(worker.exchange<wire::Ack>(worker.report(trial, 0, {1})).to, 1u);
  EXPECT_EQ(get_sweep(*client, trial.sweep).sweep.counts.running, 1u);
}

TEST(BrokerBadInputTest, APeerThatIsNoZeroMqIsIgnored) {
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  const int raw = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = broker.ipc().substr(6);
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(connect(raw, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  const std::string http = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  EXPECT_EQ(write(raw, http.data(), http.size()), static_cast<ssize_t>(http.size()));
  close(raw);
  EXPECT_EQ(create_sweep(*broker.client()).size(), 8u);
}

TEST(BrokerBadInputTest, APortInUseIsAConflictWithARemedy) {
  const TempFolder first, second;
  const RunningBroker broker(first.path());
  const Status status = open_on(second, broker.tcp());
  EXPECT_EQ(status.code(), Code::kConflict) << status.to_string();
  EXPECT_THAT(status.message(), HasSubstr("in use"));
  EXPECT_THAT(status.help(), HasSubstr("ss -ltnp"));
}

TEST(BrokerBadInputTest, ASocketOfALivingBrokerIsNotTakenOver) {
  const TempFolder first, second;
  const RunningBroker broker(first.path());
  EXPECT_EQ(open_on(second, broker.ipc()).code(), Code::kConflict);
  EXPECT_EQ(create_sweep(*broker.client()).size(), 8u);
}

TEST(BrokerBadInputTest, ASocketThatADeadBrokerLeftIsReplaced) {
  const TempFolder folder;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  (folder / "broker.sock").copy(address.sun_path, sizeof address.sun_path - 1);
  const int raw = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(raw, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  close(raw);
  const RunningBroker broker(folder.path());
  EXPECT_EQ(create_sweep(*broker.client()).size(), 8u);
}

TEST(BrokerBadInputTest, AFileInTheSocketsPlaceIsKept) {
  const TempFolder folder;
  std::ofstream(folder / "broker.sock") << "precious";
  EXPECT_EQ(open_on(folder, "ipc://" + (folder / "broker.sock")).code(), Code::kConflict);
  EXPECT_TRUE(std::filesystem::exists(folder / "broker.sock"));
}

TEST(BrokerBadInputTest, BeyondLoopbackNeedsInsecure) {
  const TempFolder folder;
  const Status status = open_on(folder, "tcp://0.0.0.0:*");
  EXPECT_EQ(status.code(), Code::kInvalidArgument);
  EXPECT_THAT(status.help(), HasSubstr("--insecure"));
  EXPECT_TRUE(open_on(folder, "tcp://0.0.0.0:*", true));
}

TEST(BrokerBadInputTest, ASecondBrokerOnTheFolderIsRefused) {
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  const Status status = open_on(folder, "tcp://127.0.0.1:*");
  EXPECT_EQ(status.code(), Code::kConflict);
  EXPECT_THAT(status.message(), HasSubstr(std::to_string(getpid())));
  EXPECT_TRUE(std::filesystem::exists(folder / "endpoint")) << "it is still the first one's";
}

}  // namespace
}  // namespace scopa::server
