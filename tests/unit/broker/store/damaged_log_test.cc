// What a broker has acknowledged is there when the store is opened again, or the store says that it
// is not, before anything of it is changed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "broker/store/rocks_engine.h"
#include "broker/store/verify.h"
#include "tests/support/temp_folder.h"

namespace scopa::store {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class DamagedLogTest : public testing::Test {
 protected:
  DamagedLogTest() {
    auto engine = open();
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(put(*engine, i));
  }

  std::unique_ptr<RocksEngine> open(bool read_only = false, std::string boot = "a") {
    status_ = Status::ok();
    auto engine = RocksEngine::open(
        {.folder = folder_.path(), .read_only = read_only, .boot = std::move(boot)});
    if (!engine) status_ = engine.status();
    return engine ? std::move(*engine) : nullptr;
  }
  static Status put(Engine& engine, int number, bool sync = true, std::size_t bytes = 100) {
    const auto batch = engine.make_batch();
    SCOPA_RETURN_IF_ERROR(batch->put(kEvents, std::to_string(1000 + number),
                                     std::string(bytes, static_cast<char>('a' + number % 26))));
    return engine.write(*batch, sync);
  }
  static std::size_t count(const Engine& engine) {
    std::size_t keys = 0;
    const auto cursor = engine.cursor(kEvents, Engine::Scan::kWhole);
    for (cursor->seek_first(); cursor->valid(); cursor->next()) ++keys;
    EXPECT_TRUE(cursor->status());
    return keys;
  }
  std::string file(const std::string& name) const { return folder_ / "store/" + name; }
  /// The logs that hold something, the oldest first.
  std::vector<std::string> logs() const {
    std::vector<std::string> paths;
    for (const auto& entry : fs::directory_iterator(folder_ / "store")) {
      if (entry.path().extension() == ".log" && used(entry.path()) > 0)
        paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
  }
  /// Without what is reserved behind its end.
  static std::size_t used(const std::string& path) {
    const std::string bytes = TempFolder::text_of(path);
    const std::size_t last = bytes.find_last_not_of('\0');
    return last == std::string::npos ? 0 : last + 1;
  }
  static void flip(const std::string& path, std::size_t at) {
    std::string bytes = TempFolder::text_of(path);
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    std::ofstream(path, std::ios::binary) << bytes;
  }
  std::map<std::string, std::string> all_files() const {
    std::map<std::string, std::string> files;
    for (const auto& entry : fs::directory_iterator(folder_ / "store")) {
      files[entry.path().filename()] = TempFolder::text_of(entry.path());
    }
    return files;
  }
  /// Nobody opens it, `verify` neither, and it stays as it is.
  void expect_refused(const std::string& where) {
    const auto before = all_files();
    EXPECT_EQ(open(), nullptr) << where;
    EXPECT_EQ(status_.code(), Code::kCorruption) << where << status_.to_string();
    EXPECT_EQ(open(true), nullptr) << where;
    EXPECT_EQ(status_.code(), Code::kCorruption) << where << status_.to_string();
    const auto verified = verify_folder(folder_.path());
    EXPECT_EQ(verified ? Code::kOk : verified.status().code(), Code::kCorruption) << where;
    EXPECT_EQ(all_files(), before) << where;
  }

  const TempFolder folder_;
  Status status_;
};

TEST_F(DamagedLogTest, AFlippedBitIsDamageWhereverInTheLogItIs) {
  ASSERT_EQ(logs().size(), 1U);
  const std::string log = logs().front();
  const std::size_t bytes = used(log);
  for (const std::size_t at : {bytes / 10, bytes / 2, bytes - 50}) {
    flip(log, at);
    expect_refused("at " + std::to_string(at) + ": ");
    flip(log, at);
  }
  const auto engine = open();
  ASSERT_NE(engine, nullptr) << status_.to_string();
  EXPECT_EQ(count(*engine), 100U);
}

TEST_F(DamagedLogTest, TheErrorSaysHowMuchIsLeftAndHowToGoOnWithIt) {
  const std::string log = logs().front();
  fs::resize_file(log, used(log) / 2);
  EXPECT_EQ(open(), nullptr);
  EXPECT_THAT(status_.message(), HasSubstr(" of the 100 writes that were acknowledged"));
  EXPECT_THAT(status_.help(), HasSubstr("remove `" + file("ACKNOWLEDGED") + "`"));
  fs::remove(file("ACKNOWLEDGED"));
  const auto engine = open();
  ASSERT_NE(engine, nullptr) << status_.to_string();
  EXPECT_GT(count(*engine), 30U);
  EXPECT_LT(count(*engine), 60U);
}

TEST_F(DamagedLogTest, ALogThatIsShorterOrEmptyOrGoneIsDamage) {
  const std::string log = logs().front();
  const std::string whole = TempFolder::text_of(log);
  for (const std::size_t bytes : {used(log) - 1, used(log) / 2, std::size_t{0}}) {
    fs::resize_file(log, bytes);
    expect_refused("cut to " + std::to_string(bytes) + ": ");
    std::ofstream(log, std::ios::binary) << whole;
  }
  fs::remove(log);
  expect_refused("gone: ");
}

TEST_F(DamagedLogTest, ALogThatIsGoneBetweenOthersIsDamage) {
  {
    auto engine = open();
    ASSERT_NE(engine, nullptr) << status_.to_string();
    // The first log is kept for this key alone, as its family is not flushed.
    const auto batch = engine->make_batch();
    ASSERT_TRUE(batch->put(kMeta, "key", "v"));
    ASSERT_TRUE(engine->write(*batch, true));
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(put(*engine, 100 + i, true, 1 << 20));
  }
  const std::vector<std::string> all = logs();
  ASSERT_GE(all.size(), 3U);
  fs::remove(all[1]);
  expect_refused("the second of " + std::to_string(all.size()) + ": ");
}

TEST_F(DamagedLogTest, WithoutTheFileThatNamesItTheDatabaseIsNotBegunAnew) {
  fs::remove(file("CURRENT"));
  EXPECT_EQ(open(), nullptr);
  EXPECT_EQ(status_.code(), Code::kCorruption) << status_.to_string();
  for (const std::string& log : logs()) fs::remove(log);
  EXPECT_EQ(open(), nullptr);
  EXPECT_EQ(status_.code(), Code::kCorruption) << status_.to_string();
}

TEST_F(DamagedLogTest, AWriteThatNobodyWasToldOfMayBeTorn) {
  std::string before;
  {
    auto engine = open();
    ASSERT_NE(engine, nullptr);
    ASSERT_TRUE(put(*engine, 100));
    before = TempFolder::text_of(file("ACKNOWLEDGED"));
    ASSERT_TRUE(put(*engine, 101));
  }
  // As if it had died before the last of these was acknowledged, with a part of it on the disk.
  for (const std::size_t cut : {std::size_t{1}, std::size_t{40}}) {
    const TempFolder copy;
    fs::copy(folder_ / "store", copy / "store");
    std::ofstream(copy / "store/ACKNOWLEDGED") << before;
    const std::string torn = copy / "store/" + fs::path(logs().back()).filename().string();
    fs::resize_file(torn, used(torn) - cut);
    auto engine = RocksEngine::open({.folder = copy.path(), .boot = "a"});
    ASSERT_TRUE(engine) << engine.status().to_string();
    EXPECT_EQ(count(**engine), 101U);
  }
}

TEST_F(DamagedLogTest, WhatWasNotSyncedMayGoWithThePowerAndNotBefore) {
  std::size_t synced = 0;
  {
    auto engine = open();
    ASSERT_NE(engine, nullptr);
    ASSERT_TRUE(put(*engine, 100));
    synced = used(logs().back());
    ASSERT_TRUE(put(*engine, 101, false));
  }
  fs::resize_file(logs().back(), synced);
  expect_refused("of this boot: ");
  const auto engine = open(false, "b");
  ASSERT_NE(engine, nullptr) << status_.to_string();
  EXPECT_EQ(count(*engine), 101U);
}

TEST_F(DamagedLogTest, AStoreThatPromisedNothingIsReadUpToTheFirstDamage) {
  fs::remove(file("ACKNOWLEDGED"));
  flip(logs().front(), used(logs().front()) / 2);
  const auto engine = open();
  ASSERT_NE(engine, nullptr) << status_.to_string();
  EXPECT_LT(count(*engine), 60U);
}

TEST_F(DamagedLogTest, ABackupPromisesWhatItHolds) {
  const TempFolder target;
  {
    auto engine = open();
    ASSERT_NE(engine, nullptr);
    for (int i = 100; i < 110; ++i) ASSERT_TRUE(put(*engine, i));
    ASSERT_TRUE(engine->copy_to(target / "store"));
  }
  for (const auto& entry : fs::directory_iterator(target / "store")) {
    const std::string path = entry.path();
    if (entry.path().extension() == ".log" && used(path) > 0) flip(path, used(path) / 2);
  }
  const auto copy = RocksEngine::open({.folder = target.path(), .read_only = true});
  ASSERT_FALSE(copy);
  EXPECT_EQ(copy.status().code(), Code::kCorruption) << copy.status().to_string();
}

}  // namespace
}  // namespace scopa::store
