#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "broker/store/keys.h"
#include "broker/store/rocks.h"
#include "store_fixture.h"

namespace scopa::store {
namespace {

using ::testing::HasSubstr;

/// Changes one key behind the store's back.
void put_raw(const std::string& folder, Family family, const std::string& key,
             const std::string& value) {
  auto database = open_database(folder + "/store", false);
  ASSERT_TRUE(database) << database.status().to_string();
  ASSERT_TRUE(
      database->db->Put(rocksdb::WriteOptions(), database->family[family], key, value).ok());
}

TEST(StoreOpenTest, ASecondBrokerIsRefusedAndToldWhoIsInTheWay) {
  const TempFolder folder;
  const auto first = open_store(folder.path());
  const auto second = Store::open(folder.path(), OpenMode::kReadWrite);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.status().code(), Code::kConflict);
  EXPECT_THAT(second.status().message(), HasSubstr("process " + std::to_string(getpid())));
  EXPECT_THAT(second.status().help(), HasSubstr("--dir"));
}

TEST(StoreOpenTest, TheLockEndsWithTheStore) {
  const TempFolder folder;
  open_store(folder.path()).reset();
  EXPECT_NE(open_store(folder.path()), nullptr);
}

TEST(StoreOpenTest, ANewerSchemaIsRefusedWithBothVersions) {
  const TempFolder folder;
  open_store(folder.path()).reset();
  put_raw(folder.path(), kMeta, "schema", "4");
  put_raw(folder.path(), kMeta, "software", "scopa 9.9");
  for (const OpenMode mode : {OpenMode::kReadWrite, OpenMode::kReadOnly}) {
    const auto store = Store::open(folder.path(), mode);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.status().code(), Code::kUnsupported);
    EXPECT_THAT(store.status().message(), HasSubstr("schema version 4 (made by scopa 9.9)"));
    EXPECT_THAT(store.status().message(), HasSubstr("versions up to 3"));
  }
}

TEST(StoreOpenTest, ANewerStoreMayHaveFamiliesThatWeDoNotKnow) {
  const TempFolder folder;
  open_store(folder.path()).reset();
  put_raw(folder.path(), kMeta, "schema", "4");
  {
    auto database = open_database(folder.path() + "/store", false);
    ASSERT_TRUE(database);
    rocksdb::ColumnFamilyHandle* handle = nullptr;
    ASSERT_TRUE(database->db->CreateColumnFamily({}, "future", &handle).ok());
    database->handles.push_back(handle);
  }
  const auto store = Store::open(folder.path(), OpenMode::kReadWrite);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.status().code(), Code::kUnsupported) << store.status().to_string();
}

TEST(StoreOpenTest, AnUnreadableSchemaIsCorruption) {
  const TempFolder folder;
  open_store(folder.path()).reset();
  put_raw(folder.path(), kMeta, "schema", "1x");
  const auto store = Store::open(folder.path(), OpenMode::kReadWrite);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.status().code(), Code::kCorruption);
}

TEST(StoreOpenTest, ReadingWhatIsNotThereIsNotFound) {
  const TempFolder folder;
  const auto store = Store::open(folder / "none", OpenMode::kReadOnly);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.status().code(), Code::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(folder / "none"));
}

TEST(StoreOpenTest, AFolderThatCannotBeMadeIsAResourceError) {
  const TempFolder folder;
  std::ofstream(folder / "file") << "x";
  const auto store = Store::open(folder / "file", OpenMode::kReadWrite);
  ASSERT_FALSE(store);
  EXPECT_EQ(store.status().code(), Code::kResource);
}

TEST(StoreOpenTest, DamagedEventsAreCorruption) {
  const TempFolder folder;
  open_store(folder.path()).reset();
  std::string key;
  event_key("aaaaaaaa", 7, &key);
  put_raw(folder.path(), kEvents, key, "rubbish");
  const auto store = open_store(folder.path());
  const Status status = store->each_event([](const core::Event&) { return Status::ok(); });
  EXPECT_EQ(status.code(), Code::kCorruption);
  EXPECT_THAT(status.message(), HasSubstr("event 7 of sweep `aaaaaaaa`"));
}

TEST(StoreOpenTest, KeysAndValuesOfAWrongLengthAreCorruption) {
  const TempFolder folder;
  const wire::AttemptRef attempt{.sweep = "aaaaaaaa", .trial = 1, .attempt = 1};
  open_store(folder.path()).reset();
  std::string key;
  put_raw(folder.path(), kEvents, "short", "");
  series_key(attempt, 0, &key);
  put_raw(folder.path(), kSeries, key, "tooshort");
  {
    const auto store = open_store(folder.path());
    EXPECT_EQ(store->each_event([](const auto&) { return Status::ok(); }).code(),
              Code::kCorruption);
    EXPECT_EQ(store->each_points([](const auto&) { return Status::ok(); }).code(),
              Code::kCorruption);
  }
  attempt_key(attempt, &key);
  put_raw(folder.path(), kProgress, key, "123");
  EXPECT_EQ(Store::open(folder.path(), OpenMode::kReadWrite).status().code(), Code::kCorruption);
  EXPECT_EQ(open_store(folder.path(), OpenMode::kReadOnly)->progress(attempt).status().code(),
            Code::kCorruption);
}

TEST(StoreOpenTest, ReadingEndsBehindTheLastNumberThatThereCanBe) {
  const TempFolder folder;
  open_store(folder.path()).reset();
  std::string key;
  event_key("aaaaaaaa", UINT64_MAX, &key);
  put_raw(folder.path(), kEvents, key, "");
  const auto store = open_store(folder.path());
  EXPECT_EQ(store->each_event([](const auto&) { return Status::ok(); }).code(), Code::kCorruption);
}

}  // namespace
}  // namespace scopa::store
