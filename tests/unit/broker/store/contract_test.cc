#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <vector>

#include "engines.h"

namespace scopa::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// What every engine must do.
template <class EnginePlace>
class EngineContractTest : public ::testing::Test {
 protected:
  Status put(Engine& engine, const std::string& key, const std::string& value = "v") {
    const auto batch = engine.make_batch();
    SCOPA_RETURN_IF_ERROR(batch->put(kMeta, key, value));
    return engine.write(*batch, true);
  }
  std::vector<std::string> keys(const Engine& engine, Family family = kMeta) {
    const auto cursor = engine.cursor(family, Engine::Scan::kWhole);
    std::vector<std::string> all;
    for (cursor->seek_first(); cursor->valid(); cursor->next()) all.emplace_back(cursor->key());
    EXPECT_TRUE(cursor->status()) << cursor->status().to_string();
    return all;
  }

  EnginePlace place_;
};

TYPED_TEST_SUITE(EngineContractTest, Engines, EngineNames);

TYPED_TEST(EngineContractTest, KeysSortAsUnsignedBytes) {
  const auto engine = this->place_.engine();
  const std::string high = "\xff", zero = std::string("a\0", 2);
  for (const std::string& key : {high, std::string("b"), zero, std::string("a")}) {
    ASSERT_TRUE(this->put(*engine, key));
  }
  EXPECT_THAT(this->keys(*engine), ElementsAre("a", zero, "b", high));
}

TYPED_TEST(EngineContractTest, FamiliesAreApartAndABatchCanWriteToAll) {
  const auto engine = this->place_.engine();
  const auto batch = engine->make_batch();
  for (const Family family : {kEvents, kSeries, kProgress, kMeta}) {
    ASSERT_TRUE(batch->put(family, "key", kFamilyNames[family]));
  }
  ASSERT_TRUE(engine->write(*batch, false));
  for (const Family family : {kEvents, kSeries, kProgress, kMeta}) {
    const auto value = engine->get(family, "key");
    ASSERT_TRUE(value);
    EXPECT_EQ(*value, kFamilyNames[family]);
  }
}

TYPED_TEST(EngineContractTest, AValueIsItsPartsAndTheLastPutCounts) {
  const auto engine = this->place_.engine();
  const auto batch = engine->make_batch();
  const std::vector<std::string_view> parts = {"one ", "", "two"};
  ASSERT_TRUE(batch->put(kMeta, "key", "before"));
  ASSERT_TRUE(batch->put(kMeta, "key", parts));
  ASSERT_TRUE(engine->write(*batch, true));
  EXPECT_EQ(**engine->get(kMeta, "key"), "one two");
  EXPECT_FALSE(*engine->get(kMeta, "other"));
}

TYPED_TEST(EngineContractTest, AClearedBatchWritesNothingOfBefore) {
  const auto engine = this->place_.engine();
  const auto batch = engine->make_batch();
  ASSERT_TRUE(batch->put(kMeta, "before", "v"));
  batch->clear();
  ASSERT_TRUE(batch->put(kMeta, "after", "v"));
  ASSERT_TRUE(engine->write(*batch, true));
  EXPECT_THAT(this->keys(*engine), ElementsAre("after"));
}

TYPED_TEST(EngineContractTest, SeekingFindsTheKeyAtOrAfterAndTheOneAtOrBefore) {
  const auto engine = this->place_.engine();
  for (const char* key : {"b", "d"}) ASSERT_TRUE(this->put(*engine, key));
  const auto cursor = engine->cursor(kMeta, Engine::Scan::kSome);
  const auto key_at = [&cursor] { return std::string(cursor->valid() ? cursor->key() : "none"); };
  cursor->seek("b");
  EXPECT_EQ(key_at(), "b");
  cursor->seek("c");
  EXPECT_EQ(key_at(), "d");
  cursor->seek("e");
  EXPECT_EQ(key_at(), "none");
  cursor->seek_for_prev("d");
  EXPECT_EQ(key_at(), "d");
  cursor->seek_for_prev("c");
  EXPECT_EQ(key_at(), "b");
  cursor->seek_for_prev("a");
  EXPECT_EQ(key_at(), "none");
  cursor->seek_first();
  EXPECT_EQ(key_at(), "b");
  EXPECT_TRUE(cursor->status());
}

TYPED_TEST(EngineContractTest, ACursorSeesWhatWasThereWhenItWasMade) {
  const auto engine = this->place_.engine();
  ASSERT_TRUE(this->put(*engine, "b", "old"));
  const auto cursor = engine->cursor(kMeta, Engine::Scan::kSome);
  for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(this->put(*engine, key, "new"));
  cursor->seek_first();
  ASSERT_TRUE(cursor->valid());
  EXPECT_EQ(cursor->key(), "b");
  EXPECT_EQ(cursor->value(), "old");
  cursor->next();
  EXPECT_FALSE(cursor->valid());
  cursor->seek_for_prev("a");
  EXPECT_FALSE(cursor->valid());
}

TYPED_TEST(EngineContractTest, ARemovedKeyIsGoneForAllButOlderCursorsAndCanComeBack) {
  const auto remove = [](Engine& engine, const std::string& key) {
    const auto batch = engine.make_batch();
    SCOPA_RETURN_IF_ERROR(batch->remove(kMeta, key));
    return engine.write(*batch, true);
  };
  {
    const auto engine = this->place_.engine();
    for (const char* key : {"a", "b", "c"}) ASSERT_TRUE(this->put(*engine, key));
    const auto before = engine->cursor(kMeta, Engine::Scan::kSome);
    ASSERT_TRUE(remove(*engine, "b"));
    ASSERT_TRUE(remove(*engine, "not there"));
    EXPECT_THAT(this->keys(*engine), ElementsAre("a", "c"));
    EXPECT_FALSE(*engine->get(kMeta, "b"));
    before->seek("b");
    ASSERT_TRUE(before->valid());
    EXPECT_EQ(before->key(), "b");
    EXPECT_EQ(before->value(), "v");
  }
  const auto again = this->place_.engine();
  EXPECT_THAT(this->keys(*again), ElementsAre("a", "c"));
  ASSERT_TRUE(this->put(*again, "b", "new"));
  EXPECT_EQ(**again->get(kMeta, "b"), "new");
}

TYPED_TEST(EngineContractTest, ARangeGoesWithWhatTheBatchPutIntoItBeforeAndNothingElse) {
  {
    const auto engine = this->place_.engine();
    for (const char* key : {"a", "b", "b1", "c"}) ASSERT_TRUE(this->put(*engine, key));
    const auto batch = engine->make_batch();
    ASSERT_TRUE(batch->put(kMeta, "b2", "before"));
    ASSERT_TRUE(batch->put(kEvents, "b", "another family"));
    ASSERT_TRUE(batch->remove_range(kMeta, "b", "c"));
    ASSERT_TRUE(batch->put(kMeta, "b3", "after"));
    ASSERT_TRUE(engine->write(*batch, true));
    EXPECT_THAT(this->keys(*engine), ElementsAre("a", "b3", "c"));
    EXPECT_FALSE(*engine->get(kMeta, "b1"));
    std::atomic<bool> cancelled{false};
    EXPECT_TRUE(engine->compact(kMeta, "b", "c", cancelled));
  }
  const auto again = this->place_.engine();
  EXPECT_THAT(this->keys(*again), ElementsAre("a", "b3", "c"));
  EXPECT_THAT(this->keys(*again, kEvents), ElementsAre("b"));
}

TYPED_TEST(EngineContractTest, WhatWasWrittenIsThereWhenItIsOpenedAgain) {
  {
    const auto engine = this->place_.engine();
    ASSERT_TRUE(this->put(*engine, "key", "first"));
    ASSERT_TRUE(this->put(*engine, "key", "second"));
  }
  EXPECT_EQ(**this->place_.engine()->get(kMeta, "key"), "second");
}

TYPED_TEST(EngineContractTest, OneWriterAtATime) {
  auto engine = this->place_.engine();
  const auto second = this->place_.open_engine(false);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.status().code(), Code::kConflict);
  engine.reset();
  EXPECT_TRUE(this->place_.open_engine(false));
}

TYPED_TEST(EngineContractTest, AReaderSeesWhatWasThereWhenItOpenedAndWritesNothing) {
  const auto writer = this->place_.engine();
  ASSERT_TRUE(this->put(*writer, "a", "old"));
  const auto reader = this->place_.engine(true);
  EXPECT_TRUE(reader->read_only());
  ASSERT_TRUE(this->put(*writer, "a", "new"));
  ASSERT_TRUE(this->put(*writer, "b"));
  EXPECT_THAT(this->keys(*reader), ElementsAre("a"));
  EXPECT_EQ(**reader->get(kMeta, "a"), "old");
  EXPECT_EQ(this->put(*reader, "c").code(), Code::kInvalidArgument);
  EXPECT_EQ(reader->reopen().code(), Code::kInvalidArgument);
  EXPECT_THAT(this->keys(*writer), ElementsAre("a", "b"));
}

TYPED_TEST(EngineContractTest, ReopenedItHoldsTheSameAndIsStillLocked) {
  const auto engine = this->place_.engine();
  ASSERT_TRUE(this->put(*engine, "a"));
  const auto batch = engine->make_batch();
  ASSERT_TRUE(engine->reopen());
  EXPECT_EQ(this->place_.open_engine(false).status().code(), Code::kConflict);
  ASSERT_TRUE(batch->put(kMeta, "b", "of a batch made before"));
  ASSERT_TRUE(engine->write(*batch, true));
  EXPECT_THAT(this->keys(*engine), ElementsAre("a", "b"));
  EXPECT_THAT(this->keys(*engine, kEvents), IsEmpty());
}

TYPED_TEST(EngineContractTest, AHealthyDiskTakesWrites) {
  const auto engine = this->place_.engine();
  const Status status = engine->probe();
  EXPECT_TRUE(status) << status.to_string();
}

}  // namespace
}  // namespace scopa::store
