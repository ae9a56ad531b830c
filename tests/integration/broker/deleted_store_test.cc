// A store folder that somebody deletes under a running broker.
#include <filesystem>

#include "broker_fixture.h"

namespace scopa::server {
namespace {

using ::testing::HasSubstr;

wire::BrokerInfo about(session::Client& client) {
  return answer<wire::BrokerInfo>(client, wire::GetBroker{});
}

class DeletedStoreTest : public testing::TestWithParam<const char*> {};

TEST_P(DeletedStoreTest, NothingIsAcknowledgedAnyMoreAndTheBrokerEndsWithAnError) {
  const TempFolder folder;
  RunningBroker broker(folder.path());
  const auto client = broker.client();
  const SweepId sweep = create_sweep(*client);
  std::filesystem::remove_all(folder.path() + GetParam());
  wire::Control pause;
  pause.sweep = sweep;
  EXPECT_EQ(client->request(pause, kPatience).status().code(), Code::kUnavailable);
  EXPECT_THAT(about(*client).trouble, HasSubstr("deleted, moved or replaced"));
  EXPECT_EQ(get_sweep(*client, sweep).sweep.state, static_cast<std::uint8_t>(SweepState::kRunning));
  EXPECT_EQ(broker.stop().code(), Code::kResource);
  std::filesystem::create_directories(folder.path());
}

INSTANTIATE_TEST_SUITE_P(What, DeletedStoreTest, testing::Values("", "/store"),
                         [](const auto& which) { return *which.param == 0 ? "All" : "Store"; });

TEST(DeletedStoreTest, OneThatIsIdleNoticesIt) {
  const TempFolder folder;
  RunningBroker broker(folder.path());
  const auto client = broker.client();
  EXPECT_EQ(about(*client).trouble, "");
  std::filesystem::remove_all(folder / "store");
  while (about(*client).trouble.empty()) std::this_thread::yield();
  EXPECT_FALSE(std::filesystem::exists(folder / "store"));
}

TEST(DeletedStoreTest, OneThatIsStoppedBeforeItNoticesEndsWithAnError) {
  const TempFolder folder;
  RunningBroker broker(folder.path());
  std::filesystem::remove_all(folder / "store");
  EXPECT_EQ(broker.stop().code(), Code::kResource);
}

}  // namespace
}  // namespace scopa::server
