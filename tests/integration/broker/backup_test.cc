#include "broker/store/backup.h"

#include <atomic>
#include <filesystem>
#include <fstream>

#include "broker/store/log_store.h"
#include "broker/store/rocks_engine.h"
#include "broker/store/verify.h"
#include "broker_fixture.h"
#include "tests/support/failing_file_system.h"

namespace scopa::server {
namespace {

namespace fs = std::filesystem;
using store::FailingFileSystem;
using ::testing::HasSubstr;

wire::Backup into(const std::string& folder) {
  wire::Backup backup;
  backup.folder = folder;
  return backup;
}

fs::perms permissions_of(const std::string& path) { return fs::status(path).permissions(); }

TEST(BackupTest, ABackupOfABrokerUnderLoadIsSoundAndHoldsWhatWasAcknowledgedBefore) {
  const TempFolder folder;
  const TempFolder disk;
  const RunningBroker broker(folder.path());
  const auto client = broker.client();
  const SweepId sweep = create_sweep(*client);
  HandWorker worker(broker.tcp(), "w1");
  const wire::Assign trial = worker.ask(sweep);
  std::uint64_t acknowledged = 0;
  for (; acknowledged < 50; ++acknowledged) {
    (void)worker.exchange<wire::Ack>(worker.report(trial, acknowledged, {0.5}));
  }
  std::atomic<bool> done{false};
  std::thread load([&] {
    for (std::uint64_t at = acknowledged; !done; ++at) {
      (void)worker.exchange<wire::Ack>(worker.report(trial, at, {0.5}));
    }
  });
  const auto made = answer<wire::BackedUp>(*client, into(disk / "copy"));
  done = true;
  load.join();
  EXPECT_EQ(made.folder, disk / "copy");
  EXPECT_GT(made.bytes, 0U);
  EXPECT_EQ(permissions_of(disk / "copy"), fs::perms::owner_all);
  EXPECT_EQ(permissions_of(disk / "copy/store"), fs::perms::owner_all);
  const auto verified = store::verify_folder(disk / "copy");
  ASSERT_TRUE(verified) << verified.status().to_string();
  EXPECT_TRUE(verified->is_sound());
  EXPECT_EQ(verified->last_seq, made.last_seq);
  EXPECT_GE(verified->points, acknowledged);
}

TEST(BackupTest, ARestoredBackupIsTheStoreAsItWas) {
  const TempFolder folder;
  const TempFolder disk;
  SweepId sweep;
  {
    const RunningBroker broker(folder.path());
    const auto client = broker.client();
    sweep = create_sweep(*client);
    HandWorker worker(broker.tcp(), "w1");
    const wire::Assign trial = worker.ask(sweep);
    (void)worker.exchange<wire::Ack>(worker.report(trial, 0, {3, 2}));
    (void)answer<wire::BackedUp>(*client, into(disk / "copy"));
    (void)worker.exchange<wire::Ack>(worker.report(trial, 2, {1}));
  }
  const Status restored = store::restore_store(disk / "copy", disk / "new");
  ASSERT_TRUE(restored) << restored.to_string();
  EXPECT_EQ(permissions_of(disk / "new"), fs::perms::owner_all);
  {
    const RunningBroker broker(disk / "new");
    const auto client = broker.client();
    EXPECT_EQ(list_trials(*client, sweep).trials.at(0).value, 2);
    HandWorker worker(broker.tcp(), "w1");
    wire::Assign trial;
    trial.sweep = sweep;
    trial.attempt = 1;
    EXPECT_EQ(worker.exchange<wire::Ack>(worker.report(trial, 2, {9})).to, 3U);
  }
  // The backup is as it was.
  const auto verified = store::verify_folder(disk / "copy");
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->points, 2U);
}

TEST(BackupTest, NothingIsEverReplaced) {
  const TempFolder folder;
  const TempFolder disk;
  const RunningBroker broker(folder.path());
  const auto client = broker.client();
  (void)create_sweep(*client);
  fs::create_directory(disk / "full");
  std::ofstream(disk / "full/file") << "mine";
  EXPECT_EQ(client->request(into(disk / "full"), kPatience).status().code(), Code::kConflict);
  EXPECT_EQ(TempFolder::text_of(disk / "full/file"), "mine");
  EXPECT_EQ(client->request(into("relative"), kPatience).status().code(), Code::kInvalidArgument);
  EXPECT_EQ(client->request(into(disk / "no/such/folder"), kPatience).status().code(),
            Code::kNotFound);
  fs::create_directory(disk / "empty");
  (void)answer<wire::BackedUp>(*client, into(disk / "empty"));
  EXPECT_EQ(client->request(into(disk / "empty"), kPatience).status().code(), Code::kConflict);
  EXPECT_EQ(store::restore_store(disk / "empty", folder.path()).code(), Code::kConflict)
      << "a broker runs there";
  EXPECT_EQ(store::restore_store(disk / "full", disk / "new").code(), Code::kNotFound);
  EXPECT_FALSE(fs::exists(disk / "new"));
}

TEST(BackupTest, WhatAnInterruptedBackupLeftIsReplacedAndAWholeOneIsNamed) {
  const TempFolder folder;
  const TempFolder disk;
  const RunningBroker broker(folder.path());
  const auto client = broker.client();
  (void)create_sweep(*client);
  fs::create_directories(disk / "copy/store.tmp");
  std::ofstream(disk / "copy/store.tmp/000004.sst") << "half of it";
  EXPECT_EQ(answer<wire::BackedUp>(*client, into(disk / "copy")).last_seq, 1U);
  EXPECT_FALSE(fs::exists(disk / "copy/store.tmp"));
  const Status again = client->request(into(disk / "copy"), kPatience).status();
  EXPECT_EQ(again.code(), Code::kConflict);
  EXPECT_THAT(again.message(), HasSubstr("a store or a backup"));
  // Beside anything else it may be somebody's.
  fs::create_directories(disk / "other/store.tmp");
  std::ofstream(disk / "other/file") << "mine";
  EXPECT_EQ(client->request(into(disk / "other"), kPatience).status().code(), Code::kConflict);
  EXPECT_TRUE(fs::exists(disk / "other/store.tmp"));
}

/// A broker that welcomes whoever comes and makes no backup.
class StuckBroker {
 public:
  explicit StuckBroker(bool says_it_is_there) : says_it_is_there_(says_it_is_there) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.set(zmq::sockopt::rcvtimeo, 20);
    socket_.bind("tcp://127.0.0.1:*");
    endpoint_ = socket_.get(zmq::sockopt::last_endpoint);
    thread_ = std::thread([this] { run(); });
  }
  ~StuckBroker() {
    stopping_ = true;
    thread_.join();
  }
  const std::string& endpoint() const { return endpoint_; }
  int asked() const { return asked_; }

 private:
  void run() {
    while (!stopping_) {
      zmq::message_t id, frame;
      if (!socket_.recv(id) || !socket_.recv(frame)) continue;
      const auto message = wire::decode(frame.to_string_view());
      if (!message) continue;
      std::string answer;
      if (std::holds_alternative<wire::Hello>(*message)) answer = wire::encode(wire::Welcome{});
      if (std::holds_alternative<wire::GetBroker>(*message)) {
        ++asked_;
        if (says_it_is_there_) answer = wire::encode(wire::BrokerInfo{});
      }
      if (answer.empty()) continue;
      (void)socket_.send(id, zmq::send_flags::sndmore);
      (void)socket_.send(zmq::buffer(answer), zmq::send_flags::none);
    }
  }

  const bool says_it_is_there_;
  zmq::context_t context_;
  zmq::socket_t socket_{context_, zmq::socket_type::router};
  std::string endpoint_;
  std::atomic<bool> stopping_{false};
  std::atomic<int> asked_{0};
  std::thread thread_;
};

TEST(BackupTest, ABrokerThatIsGoneMeanwhileIsNotedAndOneThatIsBusyIsWaitedFor) {
  using std::chrono::milliseconds;
  for (const bool is_there : {false, true}) {
    const StuckBroker broker(is_there);
    auto client = session::Client::connect(broker.endpoint(), kPatience, nullptr,
                                           session::Client::Absent::kWait, milliseconds(600));
    ASSERT_TRUE(client) << client.status().to_string();
    const auto made = (*client)->request(into("/copy"), milliseconds(is_there ? 3000 : 3'600'000));
    EXPECT_EQ(made.status().code(), is_there ? Code::kDeadlineExceeded : Code::kUnavailable)
        << made.status().to_string();
    EXPECT_GT(broker.asked(), 1);
  }
}

TEST(BackupTest, AFolderWithoutABrokerIsBackedUpAsWell) {
  const TempFolder folder;
  const TempFolder disk;
  {
    const RunningBroker broker(folder.path());
    (void)create_sweep(*broker.client());
  }
  auto offline = Offline::open(folder.path(), store::OpenMode::kReadWrite);
  ASSERT_TRUE(offline) << offline.status().to_string();
  const auto made = (*offline)->request(into(disk / "copy"));
  ASSERT_TRUE(made) << made.status().to_string();
  EXPECT_EQ(std::get<wire::BackedUp>(*made).last_seq, 1U);
}

/// Whatever operation of a backup fails, it is a clean error, nothing of it is left, and the broker
/// goes on.
class FailingBackupTest : public testing::TestWithParam<FailingFileSystem::Fault> {};

TEST_P(FailingBackupTest, LeavesNothingBehind) {
  const TempFolder folder;
  const TempFolder place;
  const auto disk = std::make_shared<FailingFileSystem>();
  auto engine = store::RocksEngine::open({.folder = folder.path(), .file_system = disk});
  ASSERT_TRUE(engine) << engine.status().to_string();
  auto opened = store::LogStore::open(std::move(*engine), store::Durability::kPower, 1);
  ASSERT_TRUE(opened);
  store::Store& store = **opened;
  std::uint64_t seq = 0;
  const auto commit = [&] {
    core::Event event{++seq, 1, "aaaaaaaa", core::Noticed{.text = "text"}};
    return store.commit(std::span(&event, 1), {});
  };
  ASSERT_TRUE(commit());
  int failures = 0;
  for (std::uint64_t n = 1;; ++n) {
    disk->set_fault_at(n, GetParam());
    const Status made = store.backup(place / "copy");
    const bool was_hit = disk->fault_is_set();
    disk->set_fault(FailingFileSystem::Fault::kNone);
    ASSERT_TRUE(commit()) << "after operation " << n;
    if (made) {
      if (!was_hit) break;
      fs::remove_all(place / "copy");
      continue;
    }
    ++failures;
    EXPECT_EQ(made.code(), Code::kResource) << n << ": " << made.to_string();
    EXPECT_FALSE(fs::exists(place / "copy")) << n;
  }
  EXPECT_GT(failures, 1);
}

INSTANTIATE_TEST_SUITE_P(Faults, FailingBackupTest,
                         testing::Values(FailingFileSystem::Fault::kWrite,
                                         FailingFileSystem::Fault::kSync,
                                         FailingFileSystem::Fault::kFull));

}  // namespace
}  // namespace scopa::server
