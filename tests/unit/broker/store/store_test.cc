#include "broker/store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include "store_fixture.h"

namespace scopa::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const wire::AttemptRef kAttempt{.sweep = "aaaaaaaa", .trial = 3, .attempt = 1};

std::vector<std::uint64_t> seqs(const std::vector<core::Event>& events) {
  std::vector<std::uint64_t> all;
  for (const core::Event& event : events) all.push_back(event.seq);
  return all;
}

TEST(StoreTest, EventsOfManySweepsComeBackInOneOrder) {
  const TempFolder folder;
  {
    const auto store = open_store(folder.path());
    const std::vector<core::Event> events = {noticed("zzzzzzzz", 1),   noticed("aaaaaaaa", 2),
                                             noticed("mmmmmmmm", 3),   noticed("aaaaaaaa", 4),
                                             noticed("zzzzzzzz", 300), noticed("aaaaaaaa", 256)};
    ASSERT_TRUE(store->commit(events, {}));
  }
  const auto store = open_store(folder.path());
  const auto events = events_of(*store);
  EXPECT_THAT(seqs(events), ElementsAre(1, 2, 3, 4, 256, 300));
  EXPECT_EQ(events[0], noticed("zzzzzzzz", 1));
  EXPECT_EQ(events[4], noticed("aaaaaaaa", 256));
}

TEST(StoreTest, ANewStoreIsEmpty) {
  const TempFolder folder;
  const auto store = open_store(folder.path());
  EXPECT_THAT(events_of(*store), IsEmpty());
  EXPECT_THAT(reports_of(*store), IsEmpty());
  const auto progress = store->progress(kAttempt);
  ASSERT_TRUE(progress);
  EXPECT_EQ(*progress, 0u);
}

TEST(StoreTest, PointsAndProgressAreOneWrite) {
  const TempFolder folder;
  {
    const auto store = open_store(folder.path());
    const std::vector<core::PointsAppended> points = {report(kAttempt, 1, 0, 16, "first"),
                                                      report(kAttempt, 2, 16, 20, "second")};
    ASSERT_TRUE(store->commit({}, points));
    ASSERT_TRUE(commit_report(*store, report(kAttempt, 3, 20, 300, "third")));
  }
  const auto store = open_store(folder.path());
  EXPECT_THAT(reports_of(*store), ElementsAre(StoredReport{1, kAttempt, 0, 16, "first"},
                                              StoredReport{2, kAttempt, 16, 20, "second"},
                                              StoredReport{3, kAttempt, 20, 300, "third"}));
  const auto progress = store->progress(kAttempt);
  ASSERT_TRUE(progress);
  EXPECT_EQ(*progress, 300u);
}

TEST(StoreTest, PointsComeByAttemptAndOffset) {
  const TempFolder folder;
  const auto store = open_store(folder.path());
  const wire::AttemptRef second{.sweep = "aaaaaaaa", .trial = 3, .attempt = 2};
  const wire::AttemptRef late{.sweep = "aaaaaaaa", .trial = 256, .attempt = 1};
  ASSERT_TRUE(commit_report(*store, report(late, 1, 0, 1, "d")));
  ASSERT_TRUE(commit_report(*store, report(second, 2, 0, 1, "c")));
  ASSERT_TRUE(commit_report(*store, report(kAttempt, 3, 256, 257, "b")));
  ASSERT_TRUE(commit_report(*store, report(kAttempt, 4, 2, 256, "a")));
  std::string order;
  for (const StoredReport& r : reports_of(*store)) order += r.block;
  EXPECT_EQ(order, "abcd");
}

class ReadPointsTest : public ::testing::Test {
 protected:
  ReadPointsTest() : store_(open_store(folder_.path())) {
    const wire::AttemptRef before{.sweep = "aaaaaaaa", .trial = 2, .attempt = 9};
    const wire::AttemptRef after{.sweep = "aaaaaaaa", .trial = 3, .attempt = 2};
    EXPECT_TRUE(commit_report(*store_, report(before, 1, 0, 99, "before")));
    EXPECT_TRUE(commit_report(*store_, report(after, 2, 0, 99, "after")));
    EXPECT_TRUE(commit_report(*store_, report(kAttempt, 3, 0, 10, "aaaa")));
    EXPECT_TRUE(commit_report(*store_, report(kAttempt, 4, 10, 20, "bbbb")));
    EXPECT_TRUE(commit_report(*store_, report(kAttempt, 5, 20, 30, "cccc")));
  }

  std::vector<std::string> read(std::uint64_t offset, std::size_t bytes_max) {
    std::vector<std::string> blocks;
    const Status status = store_->read_points(kAttempt, offset, bytes_max, &blocks, &next_);
    EXPECT_TRUE(status) << status.to_string();
    return blocks;
  }

  TempFolder folder_;
  std::unique_ptr<Store> store_;
  std::uint64_t next_ = 77;
};

TEST_F(ReadPointsTest, AllBlocksOfOneAttemptAndOfNoOther) {
  EXPECT_THAT(read(0, 1000), ElementsAre("aaaa", "bbbb", "cccc"));
  EXPECT_EQ(next_, 0u);
}

TEST_F(ReadPointsTest, AnOffsetInsideABlockBeginsWithThatBlock) {
  EXPECT_THAT(read(15, 1000), ElementsAre("bbbb", "cccc"));
  EXPECT_THAT(read(20, 1000), ElementsAre("cccc"));
  EXPECT_THAT(read(30, 1000), IsEmpty());
}

TEST_F(ReadPointsTest, PagesEndAtTheByteLimitAndTellWhereToGoOn) {
  EXPECT_THAT(read(0, 9), ElementsAre("aaaa", "bbbb"));
  EXPECT_EQ(next_, 20u);
  EXPECT_THAT(read(20, 1), ElementsAre("cccc")) << "a page holds at least one block";
  EXPECT_EQ(next_, 0u);
}

TEST(StoreTest, AReadOnlyStoreRefusesToWrite) {
  const TempFolder folder;
  ASSERT_TRUE(commit_event(*open_store(folder.path()), noticed("aaaaaaaa", 1)));
  const auto store = open_store(folder.path(), OpenMode::kReadOnly);
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(commit_event(*store, noticed("aaaaaaaa", 2)).code(), Code::kInvalidArgument);
  EXPECT_EQ(events_of(*store).size(), 1u);
}

TEST(StoreTest, AReaderBesideALiveWriterSeesWhatWasCommitted) {
  const TempFolder folder;
  const auto writer = open_store(folder.path());
  ASSERT_TRUE(commit_event(*writer, noticed("aaaaaaaa", 1)));
  const auto reader = open_store(folder.path(), OpenMode::kReadOnly);
  ASSERT_NE(reader, nullptr);
  ASSERT_TRUE(commit_event(*writer, noticed("aaaaaaaa", 2)));
  EXPECT_EQ(events_of(*reader).size(), 1u);
}

TEST(StoreTest, AnIdOfTheWrongLengthIsRefusedAndNothingBreaks) {
  const TempFolder folder;
  const auto store = open_store(folder.path());
  EXPECT_EQ(commit_event(*store, noticed("short", 1)).code(), Code::kInvalidArgument);
  EXPECT_TRUE(commit_event(*store, noticed("aaaaaaaa", 1)));
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

TEST(StoreTest, AfterAFailedCommitNothingMoreIsWritten) {
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

TEST(StoreTest, AStoreOnAFullDiskClosesAndOpensWithWhatWasCommitted) {
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
