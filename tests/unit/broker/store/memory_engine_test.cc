#include "tests/support/memory_engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace scopa::store {
namespace {

using ::testing::ElementsAre;

/// The disk of a simulation does what the disks of real machines may do, and nothing worse.
class MemoryDiskTest : public ::testing::Test {
 protected:
  static std::unique_ptr<MemoryEngine> open(const std::shared_ptr<MemoryDisk>& disk) {
    auto engine = MemoryEngine::open(disk);
    EXPECT_TRUE(engine) << engine.status().to_string();
    return engine ? std::move(*engine) : nullptr;
  }
  static Status put(Engine& engine, const std::string& key, bool sync) {
    const auto batch = engine.make_batch();
    SCOPA_RETURN_IF_ERROR(batch->put(kMeta, key, key));
    SCOPA_RETURN_IF_ERROR(batch->put(kEvents, "last", key));
    return engine.write(*batch, sync);
  }
  /// The single characters that are keys, and the last of them.
  static std::string contents(const Engine& engine) {
    std::string all;
    const auto cursor = engine.cursor(kMeta, Engine::Scan::kWhole);
    for (cursor->seek_first(); cursor->valid(); cursor->next()) all += cursor->key();
    return all + "/" + engine.get(kEvents, "last")->value_or("");
  }
  /// What is there after `story`, over many seeds.
  template <class Story>
  static std::set<std::string> outcomes(Story story) {
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
      const auto disk = std::make_shared<MemoryDisk>(seed);
      story(disk);
      disk->set_fault(MemoryDisk::Fault::kNone);
      seen.insert(contents(*open(disk)));
    }
    return seen;
  }
};

TEST_F(MemoryDiskTest, LossOfPowerTakesASuffixOfWhatWasNotSynced) {
  const auto seen = outcomes([](const std::shared_ptr<MemoryDisk>& disk) {
    const auto engine = open(disk);
    ASSERT_TRUE(put(*engine, "a", true));
    ASSERT_TRUE(put(*engine, "b", false));
    ASSERT_TRUE(put(*engine, "c", false));
    disk->lose_power();
  });
  EXPECT_THAT(seen, ElementsAre("a/a", "ab/b", "abc/c"));
}

TEST_F(MemoryDiskTest, ASyncHoldsAllBeforeIt) {
  const auto seen = outcomes([](const std::shared_ptr<MemoryDisk>& disk) {
    const auto engine = open(disk);
    ASSERT_TRUE(put(*engine, "a", false));
    ASSERT_TRUE(put(*engine, "b", true));
    disk->lose_power();
  });
  EXPECT_THAT(seen, ElementsAre("ab/b"));
}

TEST_F(MemoryDiskTest, TheDeathOfAProcessTakesNothing) {
  const auto seen = outcomes([](const std::shared_ptr<MemoryDisk>& disk) {
    const auto engine = open(disk);
    ASSERT_TRUE(put(*engine, "a", false));
    disk->kill();
  });
  EXPECT_THAT(seen, ElementsAre("a/a"));
}

TEST_F(MemoryDiskTest, WhatWasFoundAtAStartOutlivesALossOfPower) {
  const auto seen = outcomes([](const std::shared_ptr<MemoryDisk>& disk) {
    const auto first = open(disk);
    ASSERT_TRUE(put(*first, "a", false));
    disk->kill();
    const auto second = open(disk);
    disk->lose_power();
  });
  EXPECT_THAT(seen, ElementsAre("a/a"));
}

TEST_F(MemoryDiskTest, AFailedWriteIsNotSeenAndMayComeBackWhole) {
  for (const auto fault : {MemoryDisk::Fault::kWrite, MemoryDisk::Fault::kSync}) {
    const auto seen = outcomes([fault](const std::shared_ptr<MemoryDisk>& disk) {
      const auto engine = open(disk);
      ASSERT_TRUE(put(*engine, "a", true));
      disk->set_fault(fault);
      const Status failed = put(*engine, "b", true);
      EXPECT_EQ(failed.code(), Code::kResource);
      disk->set_fault(MemoryDisk::Fault::kNone);
      EXPECT_EQ(put(*engine, "c", true).message(), failed.message());
      EXPECT_EQ(contents(*engine), "a/a");
      disk->lose_power();
    });
    EXPECT_THAT(seen, ElementsAre("a/a", "ab/b"));
  }
}

TEST_F(MemoryDiskTest, WhatReopenDidNotBringBackNeverComesBack) {
  const auto seen = outcomes([](const std::shared_ptr<MemoryDisk>& disk) {
    const auto engine = open(disk);
    disk->set_fault(MemoryDisk::Fault::kSync);
    EXPECT_FALSE(put(*engine, "a", true));
    EXPECT_FALSE(engine->reopen());
    disk->set_fault(MemoryDisk::Fault::kNone);
    ASSERT_TRUE(engine->reopen());
    const std::string found = contents(*engine);
    ASSERT_TRUE(put(*engine, "z", true));
    disk->lose_power();
    EXPECT_EQ(contents(*open(disk)), (found == "/" ? "" : "a") + std::string("z/z"));
    disk->kill();
  });
  EXPECT_THAT(seen, ElementsAre("az/z", "z/z"));
}

TEST_F(MemoryDiskTest, AFullDiskWritesNothingAndOpensNothing) {
  const auto seen = outcomes([](const std::shared_ptr<MemoryDisk>& disk) {
    const auto engine = open(disk);
    ASSERT_TRUE(put(*engine, "a", true));
    disk->set_fault(MemoryDisk::Fault::kFull);
    EXPECT_EQ(engine->probe().code(), Code::kResource);
    EXPECT_FALSE(put(*engine, "b", true));
    disk->kill();
    EXPECT_EQ(MemoryEngine::open(disk).status().code(), Code::kResource);
  });
  EXPECT_THAT(seen, ElementsAre("a/a"));
}

TEST_F(MemoryDiskTest, AStoreThatCannotBeOpenedAgainStaysReadable) {
  const auto disk = std::make_shared<MemoryDisk>(1);
  const auto engine = open(disk);
  ASSERT_TRUE(put(*engine, "a", true));
  disk->set_fault(MemoryDisk::Fault::kReopen);
  EXPECT_TRUE(engine->probe());
  EXPECT_FALSE(engine->reopen());
  EXPECT_FALSE(put(*engine, "b", true));
  EXPECT_EQ(contents(*engine), "a/a");
  disk->set_fault(MemoryDisk::Fault::kNone);
  ASSERT_TRUE(engine->reopen());
  EXPECT_TRUE(put(*engine, "b", true));
}

TEST_F(MemoryDiskTest, AnEngineOfADeadProcessDoesNothing) {
  const auto disk = std::make_shared<MemoryDisk>(1);
  const auto dead = open(disk);
  disk->kill();
  const auto alive = open(disk);
  EXPECT_EQ(put(*dead, "a", true).code(), Code::kUnavailable);
  EXPECT_TRUE(put(*alive, "b", true));
  EXPECT_EQ(contents(*alive), "b/b");
}

TEST_F(MemoryDiskTest, SameSeedSameLosses) {
  const auto story = [](std::uint64_t seed) {
    const auto disk = std::make_shared<MemoryDisk>(seed);
    std::string all;
    for (char key = 'a'; key <= 'z'; ++key) {
      const auto engine = open(disk);
      for (int i = 0; i < 3; ++i) EXPECT_TRUE(put(*engine, std::string(1, key), false));
      disk->lose_power();
      all += contents(*open(disk));
    }
    return all;
  };
  EXPECT_EQ(story(7), story(7));
  EXPECT_NE(story(7), story(8));
}

}  // namespace
}  // namespace scopa::store
