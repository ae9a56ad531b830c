#include "broker/store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include "engines.h"
#include "store_fixture.h"

namespace scopa::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const wire::AttemptRef kFirstAttempt{.sweep = "aaaaaaaa", .trial = 3, .attempt = 1};

std::vector<std::uint64_t> seqs(const std::vector<core::Event>& events) {
  std::vector<std::uint64_t> all;
  for (const core::Event& event : events) all.push_back(event.seq);
  return all;
}

template <class EnginePlace>
class StoreTest : public ::testing::Test {
 protected:
  EnginePlace place_;
};

TYPED_TEST_SUITE(StoreTest, Engines, EngineNames);

TYPED_TEST(StoreTest, EventsOfManySweepsComeBackInOneOrder) {
  {
    const auto store = this->place_.store();
    const std::vector<core::Event> events = {noticed("zzzzzzzz", 1),   noticed("aaaaaaaa", 2),
                                             noticed("mmmmmmmm", 3),   noticed("aaaaaaaa", 4),
                                             noticed("zzzzzzzz", 300), noticed("aaaaaaaa", 256)};
    ASSERT_TRUE(store->commit(events, {}));
  }
  const auto store = this->place_.store();
  const auto events = events_of(*store);
  EXPECT_THAT(seqs(events), ElementsAre(1, 2, 3, 4, 256, 300));
  EXPECT_EQ(events[0], noticed("zzzzzzzz", 1));
  EXPECT_EQ(events[4], noticed("aaaaaaaa", 256));
}

TYPED_TEST(StoreTest, ANewStoreIsEmpty) {
  const auto store = this->place_.store();
  EXPECT_THAT(events_of(*store), IsEmpty());
  EXPECT_THAT(reports_of(*store), IsEmpty());
  const auto progress = store->progress(kFirstAttempt);
  ASSERT_TRUE(progress);
  EXPECT_EQ(*progress, 0u);
}

TYPED_TEST(StoreTest, PointsAndProgressAreOneWrite) {
  {
    const auto store = this->place_.store();
    const std::vector<core::PointsAppended> points = {report(kFirstAttempt, 1, 0, 16, "first"),
                                                      report(kFirstAttempt, 2, 16, 20, "second")};
    ASSERT_TRUE(store->commit({}, points));
    ASSERT_TRUE(commit_report(*store, report(kFirstAttempt, 3, 20, 300, "third")));
  }
  const auto store = this->place_.store();
  EXPECT_THAT(reports_of(*store), ElementsAre(StoredReport{1, kFirstAttempt, 0, 16, "first"},
                                              StoredReport{2, kFirstAttempt, 16, 20, "second"},
                                              StoredReport{3, kFirstAttempt, 20, 300, "third"}));
  const auto progress = store->progress(kFirstAttempt);
  ASSERT_TRUE(progress);
  EXPECT_EQ(*progress, 300u);
}

TYPED_TEST(StoreTest, PointsComeByAttemptAndOffset) {
  const auto store = this->place_.store();
  const wire::AttemptRef second{.sweep = "aaaaaaaa", .trial = 3, .attempt = 2};
  const wire::AttemptRef late{.sweep = "aaaaaaaa", .trial = 256, .attempt = 1};
  ASSERT_TRUE(commit_report(*store, report(late, 1, 0, 1, "d")));
  ASSERT_TRUE(commit_report(*store, report(second, 2, 0, 1, "c")));
  ASSERT_TRUE(commit_report(*store, report(kFirstAttempt, 3, 256, 257, "b")));
  ASSERT_TRUE(commit_report(*store, report(kFirstAttempt, 4, 2, 256, "a")));
  std::string order;
  for (const StoredReport& r : reports_of(*store)) order += r.block;
  EXPECT_EQ(order, "abcd");
}

template <class EnginePlace>
class ReadPointsTest : public ::testing::Test {
 protected:
  ReadPointsTest() : store_(place_.store()) {
    const wire::AttemptRef before{.sweep = "aaaaaaaa", .trial = 2, .attempt = 9};
    const wire::AttemptRef after{.sweep = "aaaaaaaa", .trial = 3, .attempt = 2};
    EXPECT_TRUE(commit_report(*store_, report(before, 1, 0, 99, "before")));
    EXPECT_TRUE(commit_report(*store_, report(after, 2, 0, 99, "after")));
    EXPECT_TRUE(commit_report(*store_, report(kFirstAttempt, 3, 0, 10, "aaaa")));
    EXPECT_TRUE(commit_report(*store_, report(kFirstAttempt, 4, 10, 20, "bbbb")));
    EXPECT_TRUE(commit_report(*store_, report(kFirstAttempt, 5, 20, 30, "cccc")));
  }

  std::vector<std::string> read(std::uint64_t offset, std::size_t bytes_max) {
    std::vector<std::string> blocks;
    const Status status = store_->read_points(kFirstAttempt, offset, bytes_max, &blocks, &next_);
    EXPECT_TRUE(status) << status.to_string();
    return blocks;
  }

  EnginePlace place_;
  std::unique_ptr<Store> store_;
  std::uint64_t next_ = 77;
};

TYPED_TEST_SUITE(ReadPointsTest, Engines, EngineNames);

TYPED_TEST(ReadPointsTest, AllBlocksOfOneAttemptAndOfNoOther) {
  EXPECT_THAT(this->read(0, 1000), ElementsAre("aaaa", "bbbb", "cccc"));
  EXPECT_EQ(this->next_, 0u);
}

TYPED_TEST(ReadPointsTest, AnOffsetInsideABlockBeginsWithThatBlock) {
  EXPECT_THAT(this->read(15, 1000), ElementsAre("bbbb", "cccc"));
  EXPECT_THAT(this->read(20, 1000), ElementsAre("cccc"));
  EXPECT_THAT(this->read(30, 1000), IsEmpty());
}

TYPED_TEST(ReadPointsTest, PagesEndAtTheByteLimitAndTellWhereToGoOn) {
  EXPECT_THAT(this->read(0, 9), ElementsAre("aaaa", "bbbb"));
  EXPECT_EQ(this->next_, 20u);
  EXPECT_THAT(this->read(20, 1), ElementsAre("cccc")) << "a page holds at least one block";
  EXPECT_EQ(this->next_, 0u);
}

TYPED_TEST(StoreTest, AReadOnlyStoreRefusesToWrite) {
  ASSERT_TRUE(commit_event(*this->place_.store(), noticed("aaaaaaaa", 1)));
  const auto store = this->place_.store(true);
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(commit_event(*store, noticed("aaaaaaaa", 2)).code(), Code::kInvalidArgument);
  EXPECT_EQ(events_of(*store).size(), 1u);
}

TYPED_TEST(StoreTest, AReaderBesideALiveWriterSeesWhatWasCommitted) {
  const auto writer = this->place_.store();
  ASSERT_TRUE(commit_event(*writer, noticed("aaaaaaaa", 1)));
  const auto reader = this->place_.store(true);
  ASSERT_NE(reader, nullptr);
  ASSERT_TRUE(commit_event(*writer, noticed("aaaaaaaa", 2)));
  EXPECT_EQ(events_of(*reader).size(), 1u);
}

TYPED_TEST(StoreTest, AnIdOfTheWrongLengthIsRefusedAndNothingBreaks) {
  const auto store = this->place_.store();
  EXPECT_EQ(commit_event(*store, noticed("short", 1)).code(), Code::kInvalidArgument);
  EXPECT_TRUE(commit_event(*store, noticed("aaaaaaaa", 1)));
}

TYPED_TEST(StoreTest, TheLogOfASweepIsReadInPages) {
  const auto store = this->place_.store();
  ASSERT_TRUE(commit_event(*store, noticed("aaaaaaa0", 1)));
  ASSERT_TRUE(commit_event(*store, noticed("aaaaaaaa", 2)));
  ASSERT_TRUE(commit_event(*store, noticed("aaaaaaaa", 256)));
  ASSERT_TRUE(commit_report(*store, report(kFirstAttempt, 257, 0, 10, "aaaa")));
  ASSERT_TRUE(commit_report(*store, report(kFirstAttempt, 258, 10, 20, "bbbb")));
  ASSERT_TRUE(commit_event(*store, noticed("aaaaaaab", 259)));
  for (const std::size_t bytes_max : {std::size_t{1}, std::size_t{40}, std::size_t{1000}}) {
    std::vector<std::size_t> sizes;
    std::string cursor, last;
    do {
      Store::LogPage page;
      ASSERT_TRUE(store->read_log("aaaaaaaa", cursor, bytes_max, &page));
      ASSERT_EQ(page.keys.size(), page.values.size());
      ASSERT_FALSE(page.keys.empty());
      for (const std::string& key : page.keys) sizes.push_back(key.size());
      last = page.values.back();
      cursor = page.cursor;
    } while (!cursor.empty());
    EXPECT_THAT(sizes, ElementsAre(16, 16, 28, 28));
    EXPECT_EQ(last.substr(16), "bbbb");
  }
}

TYPED_TEST(StoreTest, ACursorIntoAnotherSweepIsRefused) {
  const auto store = this->place_.store();
  Store::LogPage page;
  for (const std::string& cursor :
       {std::string("x"), "aaaaaaab" + std::string(8, 'x'), std::string(27, 'a')}) {
    EXPECT_EQ(store->read_log("aaaaaaaa", cursor, 100, &page).code(), Code::kInvalidArgument);
  }
}

/// While it lives, files cannot grow beyond `bytes`: a stand-in for a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_(signal(SIGXFSZ, SIG_IGN)) {
    EXPECT_EQ(getrlimit(RLIMIT_FSIZE, &before_), 0);
    rlimit tiny = before_;
    tiny.rlim_cur = bytes;
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &tiny), 0);
  }
  ~FullDisk() {
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &before_), 0);
    signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  sighandler_t handler_;
};

TEST(FullDiskTest, AfterAFailedCommitNothingMoreIsWritten) {
  const TempFolder folder;
  auto store = open_store(folder.path());
  ASSERT_TRUE(commit_event(*store, noticed("aaaaaaaa", 1)));
  Status failed;
  {
    const FullDisk full(16 << 10);
    failed = commit_event(*store, noticed("aaaaaaaa", 2, std::string(64 << 10, 'x')));
  }
  EXPECT_EQ(failed.code(), Code::kResource) << failed.to_string();
  EXPECT_EQ(commit_event(*store, noticed("aaaaaaaa", 3)).message(), failed.message());
  store.reset();
  EXPECT_THAT(seqs(events_of(*open_store(folder.path()))), ElementsAre(1));
}

TEST(FullDiskTest, AStoreOnAFullDiskClosesAndOpensWithWhatWasCommitted) {
  const TempFolder folder;
  {
    auto store = open_store(folder.path());
    ASSERT_TRUE(commit_event(*store, noticed("aaaaaaaa", 1)));
    const FullDisk full(16 << 10);
    EXPECT_FALSE(commit_event(*store, noticed("aaaaaaaa", 2, std::string(64 << 10, 'x'))));
    store.reset();
  }
  EXPECT_THAT(seqs(events_of(*open_store(folder.path()))), ElementsAre(1));
}

}  // namespace
}  // namespace scopa::store
