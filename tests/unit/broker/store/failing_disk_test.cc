// RocksDB on a disk that fails: at each operation in turn, of whatever kind.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/store/rocks_engine.h"
#include "tests/support/failing_file_system.h"
#include "tests/support/temp_folder.h"

namespace scopa::store {
namespace {

using Fault = FailingFileSystem::Fault;

/// A store whose keys are numbers from 0 on, and what was promised of them.
class NumberedStore {
 public:
  explicit NumberedStore(bool sync) : sync_(sync) {}

  Status open() {
    engine_.reset();
    auto opened = RocksEngine::open({.folder = folder_.path(), .file_system = disk_});
    if (!opened) return opened.status();
    engine_ = std::move(*opened);
    return Status::ok();
  }
  void close() { engine_.reset(); }
  /// Writes the next number; it is promised when that succeeds.
  Status write(std::size_t value_bytes = 100) {
    const auto batch = engine_->make_batch();
    SCOPA_RETURN_IF_ERROR(batch->put(kEvents, key(next_), std::string(value_bytes, 'v')));
    SCOPA_RETURN_IF_ERROR(batch->put(kProgress, "last", key(next_)));
    tried_ = next_ + 1;
    SCOPA_RETURN_IF_ERROR(engine_->write(*batch, sync_));
    promised_ = ++next_;
    return Status::ok();
  }

  /// All that was promised is there, and no more than one number that was not, whole: that one may
  /// have come back.
  void check(const std::string& where) {
    std::vector<std::string> keys;
    const auto cursor = engine_->cursor(kEvents, Engine::Scan::kWhole);
    for (cursor->seek_first(); cursor->valid(); cursor->next()) keys.emplace_back(cursor->key());
    ASSERT_TRUE(cursor->status()) << where << cursor->status().to_string();
    ASSERT_GE(keys.size(), promised_) << where << "a promise is broken";
    ASSERT_LE(keys.size(), std::max(promised_, tried_)) << where;
    for (std::size_t i = 0; i < keys.size(); ++i) ASSERT_EQ(keys[i], key(i)) << where;
    const auto last = engine_->get(kProgress, "last");
    ASSERT_TRUE(last) << where << last.status().to_string();
    EXPECT_EQ(last->value_or(""), keys.empty() ? "" : keys.back()) << where;
    next_ = promised_ = keys.size();
  }

  FailingFileSystem& disk() { return *disk_; }
  RocksEngine& engine() { return *engine_; }
  bool is_open() const { return engine_ != nullptr; }
  std::size_t promised() const { return promised_; }

 private:
  static std::string key(std::size_t number) {
    std::string text = std::to_string(number);
    return std::string(8 - text.size(), '0') + text;
  }

  const bool sync_;
  const TempFolder folder_;
  const std::shared_ptr<FailingFileSystem> disk_ = std::make_shared<FailingFileSystem>();
  std::unique_ptr<RocksEngine> engine_;
  std::size_t next_ = 0;
  std::size_t promised_ = 0;
  std::size_t tried_ = 0;
};

/// Opens a new store, writes, closes, opens it again (which flushes what the log has), writes. Ends
/// at the first failure. What was promised must be there after every step.
Status live(NumberedStore& store) {
  for (int run = 0; run < 2; ++run) {
    SCOPA_RETURN_IF_ERROR(store.open());
    for (int i = 0; i < 3; ++i) SCOPA_RETURN_IF_ERROR(store.write());
    if (run == 0) store.close();
  }
  return Status::ok();
}

std::string name_of(Fault fault) {
  return fault == Fault::kWrite ? "write" : fault == Fault::kSync ? "sync" : "full";
}

class FailingDiskTest : public testing::TestWithParam<Fault> {
 protected:
  /// How many operations of a life can be hit.
  std::uint64_t operations() const {
    NumberedStore store(true);
    store.disk().set_fault_at(UINT64_MAX, GetParam());
    EXPECT_TRUE(live(store));
    return store.disk().operations();
  }
};

TEST_P(FailingDiskTest, WhateverOperationFailsNothingPromisedIsLostOnceTheDiskWorks) {
  const std::uint64_t all = operations();
  ASSERT_GT(all, 20U);
  std::uint64_t failed = 0;
  for (std::uint64_t n = 1; n <= all; ++n) {
    const std::string where = name_of(GetParam()) + " " + std::to_string(n) + ": ";
    NumberedStore store(true);
    store.disk().set_fault_at(n, GetParam());
    const Status lived = live(store);
    if (store.disk().hits() == 0) break;  // fewer operations are of this kind
    failed += lived ? 0 : 1;
    if (!lived) {
      EXPECT_TRUE(lived.code() == Code::kResource || lived.code() == Code::kUnavailable ||
                  lived.code() == Code::kCorruption)
          << where << lived.to_string();
      EXPECT_FALSE(lived.message().empty()) << where;
    }
    if (store.is_open() && !lived) {
      // As the broker does it: not while the disk fails, then at once.
      EXPECT_FALSE(store.write()) << where;
      EXPECT_FALSE(store.engine().reopen()) << where;
      EXPECT_FALSE(store.engine().probe()) << where;
      store.check(where + "while it fails ");
      store.disk().set_fault(Fault::kNone);
      const Status reopened = store.engine().reopen();
      ASSERT_TRUE(reopened) << where << reopened.to_string();
    } else {
      store.disk().set_fault(Fault::kNone);
      const Status opened = store.open();
      ASSERT_TRUE(opened) << where << opened.to_string();
    }
    store.check(where);
    ASSERT_TRUE(store.write()) << where;
    // And that is not lost with the power either, whether or not the process had time to close.
    if (n % 3 == 0) store.disk().set_fault(Fault::kWrite);
    store.close();
    store.disk().set_fault(Fault::kNone);
    (void)store.disk().lose_power(n % 2 == 0 ? 0 : n);
    const Status opened = store.open();
    ASSERT_TRUE(opened) << where << opened.to_string();
    store.check(where + "without power ");
  }
  EXPECT_GT(failed, 5U);
}

TEST_P(FailingDiskTest, AFlushThatFailsInTheBackgroundLosesNothing) {
  NumberedStore store(false);
  ASSERT_TRUE(store.open());
  store.disk().set_fault(GetParam());
  Status wrote = Status::ok();
  // More than the memory tables hold: without syncs nothing is noticed before they are flushed.
  for (int i = 0; i < 200 && wrote; ++i) wrote = store.write(1 << 20);
  EXPECT_FALSE(wrote);
  store.disk().set_fault(Fault::kNone);
  const Status reopened = store.engine().reopen();
  ASSERT_TRUE(reopened) << reopened.to_string();
  store.check("flush: ");
  EXPECT_TRUE(store.write());
}

INSTANTIATE_TEST_SUITE_P(Faults, FailingDiskTest,
                         testing::Values(Fault::kWrite, Fault::kSync, Fault::kFull),
                         [](const auto& which) { return name_of(which.param); });

TEST(PowerLossTest, WhatWasSyncedIsThereAndWhatWasNotIsGoneFromTheEndOn) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const std::string where = "seed " + std::to_string(seed) + ": ";
    NumberedStore store(true);
    ASSERT_TRUE(store.open());
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(store.write());
    store.close();
    (void)store.disk().lose_power(seed);
    ASSERT_TRUE(store.open()) << where;
    EXPECT_EQ(store.promised(), 5U);
    store.check(where);
  }
}

TEST(PowerLossTest, WithoutSyncsTheLastWritesMayGoAndLeaveNoHole) {
  const TempFolder folder;
  auto disk = std::make_shared<FailingFileSystem>();
  const auto put = [](Engine& engine, const std::string& key) {
    const auto batch = engine.make_batch();
    SCOPA_RETURN_IF_ERROR(batch->put(kMeta, key, "v"));
    return engine.write(*batch, false);
  };
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    {
      auto engine = RocksEngine::open(
          {.folder = folder.path(), .file_system = disk, .boot = std::to_string(seed)});
      ASSERT_TRUE(engine) << engine.status().to_string();
      for (const char* key : {"a", "b", "c"}) {
        ASSERT_TRUE(put(**engine, std::to_string(seed) + key));
      }
    }
    (void)disk->lose_power(seed);
    auto engine = RocksEngine::open(
        {.folder = folder.path(), .file_system = disk, .boot = std::to_string(seed + 1)});
    ASSERT_TRUE(engine) << engine.status().to_string();
    bool gone = false;
    for (const char* key : {"a", "b", "c"}) {
      const auto found = (*engine)->get(kMeta, std::to_string(seed) + key);
      ASSERT_TRUE(found);
      EXPECT_FALSE(gone && *found) << "seed " << seed << ": a hole before " << key;
      gone = gone || !*found;
    }
  }
}

TEST(SlowDiskTest, ASlowSyncIsWaitedFor) {
  NumberedStore store(true);
  ASSERT_TRUE(store.open());
  store.disk().set_sync_time(std::chrono::milliseconds(50));
  const auto before = std::chrono::steady_clock::now();
  ASSERT_TRUE(store.write());
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(50));
}

}  // namespace
}  // namespace scopa::store
