// What strangers may ask, in which order it is answered, and which request an error is about.
#include "broker_fixture.h"

namespace scopa::server {
namespace {

std::string large_spec() {
  std::string spec = "method: random\nparameters:\n  p: {values: [0";
  for (int i = 1; i < 100'000; ++i) spec += "," + std::to_string(i);
  return spec + "]}\n";
}

TEST(RequestsTest, SweepFilesAreReadWhileOthersAreServed) {
  constexpr std::size_t kFiles = 6;
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  const auto client = broker.client();
  Peer peer(broker.ipc());
  (void)peer.exchange<wire::Welcome>(wire::Hello{.role = "client"});
  wire::Create create;
  create.spec = large_spec();
  for (std::uint64_t i = 1; i <= kFiles; ++i) {
    create.request = i;
    create.token = "token " + std::to_string(i);
    peer.send(create);
  }
  // Answered first, though it comes last.
  wire::ListSweeps list;
  list.request = kFiles + 1;
  EXPECT_EQ(peer.exchange<wire::Sweeps>(list).request, kFiles + 1);
  EXPECT_LT(answer<wire::Sweeps>(*client, wire::ListSweeps{}).sweeps.size(), kFiles);
  for (std::uint64_t i = 1; i <= kFiles; ++i) EXPECT_EQ(peer.expect<wire::Created>().request, i);
  EXPECT_EQ(answer<wire::Sweeps>(*client, wire::ListSweeps{}).sweeps.size(), kFiles);
}

TEST(RequestsTest, NewTextsOfASweepFileAreReadWhileOthersAreServed) {
  constexpr std::uint64_t kEdits = 6;
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  const auto client = broker.client();
  Peer peer(broker.ipc());
  (void)peer.exchange<wire::Welcome>(wire::Hello{.role = "client"});
  wire::Create create;
  create.token = "token";
  create.spec = large_spec();
  wire::Edit edit;
  edit.sweep = peer.exchange<wire::Created>(create).sweep;
  for (edit.request = 1; edit.request <= kEdits; ++edit.request) {
    edit.spec = create.spec + "grace: " + std::to_string(edit.request) + "s\n";
    peer.send(edit);
  }
  wire::GetSweep get;
  get.sweep = edit.sweep;
  get.with_spec = true;
  const std::string last = edit.spec;
  EXPECT_NE(answer<wire::SweepReply>(*client, get).spec, last) << "answered before the last one";
  for (std::uint64_t i = 1; i <= kEdits; ++i) EXPECT_EQ(peer.expect<wire::Done>().request, i);
  EXPECT_EQ(answer<wire::SweepReply>(*client, get).spec, last);
}

TEST(RequestsTest, ACreateThatIsSentTwiceMakesOneSweep) {
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  Peer peer(broker.ipc());
  (void)peer.exchange<wire::Welcome>(wire::Hello{.role = "client"});
  wire::Create create;
  create.token = "token";
  create.spec = kSpec;
  for (int i = 0; i < 2; ++i) peer.send(create);
  const SweepId first = peer.expect<wire::Created>().sweep;
  EXPECT_EQ(peer.expect<wire::Created>().sweep, first);
  EXPECT_EQ(peer.exchange<wire::Created>(create).sweep, first);
}

TEST(RequestsTest, AFileThatIsNoneIsAnsweredWithWhatIsWrong) {
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  Peer peer(broker.ipc());
  wire::Create create;
  create.request = 7;
  create.token = "token";
  create.spec = "method: none of them\n";
  EXPECT_EQ(peer.exchange<wire::Error>(create).code, static_cast<int>(Code::kHelloRequired));
  (void)peer.exchange<wire::Welcome>(wire::Hello{.role = "client"});
  const auto error = peer.exchange<wire::Error>(create);
  EXPECT_EQ(error.request, 7U);
  EXPECT_EQ(error.code, static_cast<int>(Code::kInvalidArgument));
}

TEST(RequestsTest, ABackupBeforeHelloIsAskedForHello) {
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  Peer peer(broker.ipc());
  wire::Backup backup;
  backup.request = 3;
  backup.folder = "relative";
  auto error = peer.exchange<wire::Error>(backup);
  EXPECT_EQ(error.code, static_cast<int>(Code::kHelloRequired));
  EXPECT_EQ(error.request, 3U);
  (void)peer.exchange<wire::Welcome>(wire::Hello{.role = "client"});
  error = peer.exchange<wire::Error>(backup);
  EXPECT_EQ(error.code, static_cast<int>(Code::kInvalidArgument));
}

TEST(RequestsTest, AnErrorNamesTheRequestThatCouldNotBeRead) {
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  Peer peer(broker.ipc());
  wire::Create create;
  create.request = 7;
  create.spec = std::string(limits::kSpecBytesMax + 1, ' ');
  EXPECT_EQ(peer.exchange<wire::Error>(create).request, 7U);
  peer.send_raw(
      {"\x82\xa4type\xa6"
       "future\xa7request\x09"});
  const auto unknown = peer.expect<wire::Error>();
  EXPECT_EQ(unknown.request, 9U);
  EXPECT_EQ(unknown.code, static_cast<int>(Code::kUnsupported));
  peer.send_raw(
      {"\x82\xa4type\xa6"
       "future\xa7request\xa1x"});
  EXPECT_EQ(peer.expect<wire::Error>().request, 0U);
}

}  // namespace
}  // namespace scopa::server
