// What a commit removes: the points of a trial, or all of a sweep.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "engines.h"
#include "store_fixture.h"

namespace scopa::store {
namespace {

using ::testing::IsEmpty;

const wire::AttemptRef kGone{.sweep = "bbbbbbbb", .trial = 3, .attempt = 1};
const wire::AttemptRef kGoneAgain{.sweep = "bbbbbbbb", .trial = 3, .attempt = 2};
const std::vector<wire::AttemptRef> kNeighbours = {{.sweep = "aaaaaaaa", .trial = 3, .attempt = 1},
                                                   {.sweep = "bbbbbbbb", .trial = 2, .attempt = 1},
                                                   {.sweep = "bbbbbbbb", .trial = 4, .attempt = 1},
                                                   {.sweep = "bbbbbbbc", .trial = 3, .attempt = 1}};

core::Event event_of(std::uint64_t seq, core::EventBody body) {
  return {.seq = seq, .at_us = 1, .sweep = "bbbbbbbb", .body = std::move(body)};
}

template <class EnginePlace>
class RemovalTest : public ::testing::Test {
 protected:
  /// Two sweeps with an event each, and reports of all attempts, numbered up to 8.
  void fill(Store& store) {
    std::vector<core::PointsAppended> points;
    std::uint64_t seq = 3;
    for (const wire::AttemptRef& each : kNeighbours)
      points.push_back(report(each, seq++, 0, 5, "x"));
    points.push_back(report(kGone, seq++, 0, 5, "gone"));
    points.push_back(report(kGone, seq++, 5, 9, "gone"));
    const std::vector<core::Event> events = {noticed("aaaaaaaa", 1), noticed("bbbbbbbb", 2)};
    ASSERT_TRUE(store.commit(events, points));
  }
  EnginePlace place_;
};

TYPED_TEST_SUITE(RemovalTest, Engines, EngineNames);

TYPED_TEST(RemovalTest, OfATrialAllPointsGoThoseOfTheSameCommitToo) {
  {
    const auto store = this->place_.store();
    this->fill(*store);
    const std::vector<core::Event> events = {event_of(9, core::TrialRemoved{.trial = 3})};
    const std::vector<core::PointsAppended> points = {report(kGoneAgain, 8, 0, 2, "late")};
    ASSERT_TRUE(store->commit(events, points));
  }
  const auto store = this->place_.store();
  EXPECT_EQ(reports_of(*store).size(), kNeighbours.size());
  for (const wire::AttemptRef& each : kNeighbours) EXPECT_EQ(*store->progress(each), 5u);
  EXPECT_EQ(*store->progress(kGone), 0u);
  EXPECT_EQ(*store->progress(kGoneAgain), 0u);
  EXPECT_EQ(events_of(*store).size(), 3u);
}

TYPED_TEST(RemovalTest, OfASweepItsLastEventStays) {
  {
    const auto store = this->place_.store();
    this->fill(*store);
    const std::vector<core::Event> events = {noticed("bbbbbbbb", 9),
                                             event_of(10, core::SweepRemoved{.name = "fox"})};
    ASSERT_TRUE(store->commit(events, {}));
  }
  const auto store = this->place_.store();
  const auto events = events_of(*store);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[1], event_of(10, core::SweepRemoved{.name = "fox"}));
  const auto reports = reports_of(*store);
  ASSERT_EQ(reports.size(), 2u);
  EXPECT_EQ(reports[0].attempt.sweep, "aaaaaaaa");
  EXPECT_EQ(reports[1].attempt.sweep, "bbbbbbbc");
  Store::LogPage page;
  ASSERT_TRUE(store->read_log("bbbbbbbb", "", 1 << 20, &page));
  EXPECT_EQ(page.keys.size(), 1u);
}

/// A write that failed either has removed everything or nothing, whatever came back of it.
TEST(RemovalFailureTest, AFailedRemovalIsWholeOrHasNotHappened) {
  int happened = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const auto disk = std::make_shared<MemoryDisk>(seed);
    {
      auto engine = MemoryEngine::open(disk);
      ASSERT_TRUE(engine);
      const auto store = LogStore::open(std::move(*engine), Durability::kPower, 1);
      ASSERT_TRUE(store);
      const std::vector<core::Event> first = {noticed("bbbbbbbb", 1)};
      const std::vector<core::PointsAppended> points = {report(kGone, 2, 0, 5, "gone")};
      ASSERT_TRUE((*store)->commit(first, points));
      disk->set_fault(MemoryDisk::Fault::kSync);
      const std::vector<core::Event> gone = {event_of(3, core::SweepRemoved{})};
      EXPECT_FALSE((*store)->commit(gone, {}));
      EXPECT_EQ(reports_of(**store).size(), 1u) << "what failed is not to be seen";
      disk->set_fault(MemoryDisk::Fault::kNone);
      if (seed % 2 == 0) {
        disk->kill();
      } else {
        disk->lose_power();
      }
    }
    auto engine = MemoryEngine::open(disk);
    ASSERT_TRUE(engine);
    const auto store = LogStore::open(std::move(*engine), Durability::kPower, 1);
    ASSERT_TRUE(store);
    const auto events = events_of(**store);
    ASSERT_EQ(events.size(), 1u);
    const bool is_removed = std::holds_alternative<core::SweepRemoved>(events[0].body);
    EXPECT_EQ(reports_of(**store).empty(), is_removed) << "seed " << seed;
    happened += is_removed ? 1 : 0;
  }
  EXPECT_GT(happened, 0);
  EXPECT_LT(happened, 50);
}

TEST(RemovalRoomTest, TheRoomOnTheDiskIsGivenBack) {
  const TempFolder folder;
  const std::string path = folder.path();
  const auto size = [&] {
    std::uintmax_t bytes = 0;
    for (const auto& entry : std::filesystem::directory_iterator(path + "/store")) {
      bytes += entry.file_size();
    }
    return bytes;
  };
  const auto store = open_store(path);
  std::string noise;
  std::uint32_t state = 1;
  for (int i = 0; i < 1 << 16; ++i)
    noise.push_back(static_cast<char>((state = state * 1664525 + 1013904223) >> 24));
  for (std::uint64_t i = 0; i < 100; ++i) {
    ASSERT_TRUE(commit_report(*store, report(kGone, i + 1, i, i + 1, noise)));
  }
  std::atomic<bool> cancelled{false};
  ASSERT_TRUE(store->compact("bbbbbbbb", cancelled));
  ASSERT_GT(size(), 5u << 20);
  ASSERT_TRUE(commit_event(*store, event_of(101, core::TrialRemoved{.trial = 3})));
  ASSERT_TRUE(store->compact("bbbbbbbb", cancelled));
  EXPECT_LT(size(), 1u << 20);
}

}  // namespace
}  // namespace scopa::store
