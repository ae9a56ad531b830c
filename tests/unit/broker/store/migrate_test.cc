#include "broker/store/migrate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "broker/store/schema.h"
#include "broker/store/verify.h"
#include "store_fixture.h"
#include "tests/support/memory_engine.h"

namespace scopa::store {
namespace {

using ::testing::HasSubstr;

constexpr int kKeys = 5;

std::map<std::string, std::string> contents(const Engine& engine) {
  std::map<std::string, std::string> all;
  for (const Family family : {kProgress, kMeta}) {
    const auto cursor = engine.cursor(family, Engine::Scan::kWhole);
    for (cursor->seek_first(); cursor->valid(); cursor->next()) {
      all[std::string(kFamilyNames[family]) + " " + std::string(cursor->key())] = cursor->value();
    }
  }
  all.erase("meta software");
  return all;
}

/// Version 2: every value of `progress` has moved to a longer key; a batch for each.
Status lengthen_keys(Engine& engine, Batch&) {
  std::map<std::string, std::string> old;
  const auto cursor = engine.cursor(kProgress, Engine::Scan::kWhole);
  for (cursor->seek_first(); cursor->valid(); cursor->next()) {
    if (cursor->key().size() == 1) old.emplace(cursor->key(), cursor->value());
  }
  for (const auto& [key, value] : old) {
    const auto batch = engine.make_batch();
    SCOPA_RETURN_IF_ERROR(batch->put(kProgress, key + key, value));
    SCOPA_RETURN_IF_ERROR(batch->remove(kProgress, key));
    SCOPA_RETURN_IF_ERROR(engine.write(*batch, true));
  }
  return Status::ok();
}

/// Version 3: a total in `meta`, in the same batch as the version.
Status add_total(Engine& engine, Batch& last) {
  std::size_t total = 0;
  const auto cursor = engine.cursor(kProgress, Engine::Scan::kWhole);
  for (cursor->seek_first(); cursor->valid(); cursor->next()) total += cursor->value().size();
  return last.put(kMeta, "total", std::to_string(total));
}

constexpr std::array<Migration, 2> kSteps = {{
    {.from = 1, .is_readable = false, .rewrite = lengthen_keys},
    {.from = 2, .is_readable = true, .rewrite = add_total},
}};

std::unique_ptr<MemoryEngine> open(const std::shared_ptr<MemoryDisk>& disk) {
  auto engine = MemoryEngine::open(disk);
  EXPECT_TRUE(engine) << engine.status().to_string();
  return engine ? std::move(*engine) : nullptr;
}

/// A store of version 1.
std::shared_ptr<MemoryDisk> old_disk(std::uint64_t seed) {
  const auto disk = std::make_shared<MemoryDisk>(seed);
  const auto engine = open(disk);
  const auto batch = engine->make_batch();
  EXPECT_TRUE(batch->put(kMeta, kSchemaKey, "1"));
  for (int i = 0; i < kKeys; ++i) {
    EXPECT_TRUE(batch->put(kProgress, std::to_string(i), std::string(i, 'v')));
  }
  EXPECT_TRUE(engine->write(*batch, true));
  return disk;
}

std::uint64_t version_of(const Engine& engine) {
  return std::stoull((*engine.get(kMeta, kSchemaKey)).value_or("0"));
}

TEST(MigrateTest, EachStepIsTakenInItsTurn) {
  const auto disk = old_disk(1);
  const auto engine = open(disk);
  ASSERT_TRUE(migrate(engine.get(), 1, 3, kSteps));
  const auto now = contents(*engine);
  EXPECT_EQ(now.at("meta schema"), "3");
  EXPECT_EQ(now.at("meta total"), "10");
  EXPECT_EQ(now.at("progress 44"), "vvvv");
  EXPECT_EQ(now.size(), kKeys + 2U);
  EXPECT_THAT(engine->get(kMeta, kSoftwareKey)->value_or(""), HasSubstr("scopa"));
}

TEST(MigrateTest, AFailureAtAnyWriteIsMadeGoodByTheNextStart) {
  const auto whole = old_disk(1);
  const std::uint64_t before = whole->written();
  std::map<std::string, std::string> expected;
  {
    const auto engine = open(whole);
    ASSERT_TRUE(migrate(engine.get(), 1, 3, kSteps));
    expected = contents(*engine);
  }
  const std::uint64_t writes = whole->written() - before;
  ASSERT_EQ(writes, kKeys + 2U);
  for (const auto fault :
       {MemoryDisk::Fault::kWrite, MemoryDisk::Fault::kSync, MemoryDisk::Fault::kFull}) {
    for (std::uint64_t n = 0; n < writes; ++n) {
      for (const bool power : {false, true}) {
        const auto disk = old_disk(n);
        disk->set_fault_after(n, fault);
        {
          const auto engine = open(disk);
          EXPECT_FALSE(migrate(engine.get(), 1, 3, kSteps)) << n;
          power ? disk->lose_power() : disk->kill();
        }
        disk->set_fault(MemoryDisk::Fault::kNone);
        const auto engine = open(disk);
        const Status again = migrate(engine.get(), version_of(*engine), 3, kSteps);
        ASSERT_TRUE(again) << n << ": " << again.to_string();
        EXPECT_EQ(contents(*engine), expected) << n;
      }
    }
  }
}

TEST(MigrateTest, AReaderNeedsNoStepThatItReadsWithout) {
  const auto disk = old_disk(1);
  auto reader = MemoryEngine::open(disk, true);
  ASSERT_TRUE(reader);
  const Status refused = migrate(reader->get(), 1, 3, kSteps);
  EXPECT_EQ(refused.code(), Code::kUnsupported);
  EXPECT_THAT(refused.message(), HasSubstr("schema version 1"));
  EXPECT_TRUE(migrate(reader->get(), 2, 3, kSteps));
  EXPECT_EQ(version_of(**reader), 1U);
}

TEST(MigrateTest, AVersionThatNoStepLeavesIsRefused) {
  const auto engine = open(old_disk(1));
  const Status refused = migrate(engine.get(), 0, 3, kSteps);
  EXPECT_EQ(refused.code(), Code::kUnsupported);
  EXPECT_EQ(version_of(*engine), 1U);
}

TEST(MigrateTest, ThereIsAStepForEveryVersionSoFar) {
  for (std::uint64_t version = 1; version < kSchemaVersion; ++version) {
    EXPECT_EQ(migrations()[version - 1].from, version);
  }
  EXPECT_EQ(migrations().size(), kSchemaVersion - 1);
}

/// A store that scopa 0.1.0 with schema version 1 made.
class VersionOneTest : public testing::Test {
 protected:
  VersionOneTest() {
    std::filesystem::copy(SCOPA_TEST_DATA "/version-1", folder_.path(),
                          std::filesystem::copy_options::recursive);
  }
  const TempFolder folder_;
};

TEST_F(VersionOneTest, IsReadAsItIs) {
  const auto store = open_store(folder_.path(), OpenMode::kReadOnly);
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(events_of(*store).size(), 14U);
  const auto verified = verify_folder(folder_.path());
  ASSERT_TRUE(verified) << verified.status().to_string();
  EXPECT_TRUE(verified->is_sound()) << verified->problems.front().text;
  EXPECT_EQ(verified->schema, 1U);
  EXPECT_EQ(verified->trials, 4U);
  EXPECT_EQ(verified->points, 12U);
}

TEST_F(VersionOneTest, IsOfThisVersionOnceABrokerHasOpenedIt) {
  std::vector<core::Event> before;
  before = events_of(*open_store(folder_.path(), OpenMode::kReadOnly));
  EXPECT_EQ(events_of(*open_store(folder_.path())), before);
  const auto verified = verify_folder(folder_.path());
  ASSERT_TRUE(verified) << verified.status().to_string();
  EXPECT_TRUE(verified->is_sound());
  EXPECT_EQ(verified->schema, kSchemaVersion);
  EXPECT_EQ(events_of(*open_store(folder_.path())), before);
}

}  // namespace
}  // namespace scopa::store
