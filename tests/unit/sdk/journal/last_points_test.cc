// What is kept of a metric when there is no room for its points.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "sdk/journal/extra_file.h"
#include "sdk/journal/journal.h"
#include "sdk/journal/writer.h"
#include "tests/support/temp_folder.h"

namespace scopa::journal {
namespace {

using ::testing::ElementsAre;

// As many points as fit into the first segment, before the next one is needed.
constexpr std::int64_t kFit = limits::kSegmentRecords - kGuardRecords;
constexpr std::int64_t kSecondUs = 1'000'000;

class LastPointsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    TrialHeader header;
    header.metric = "loss";
    journal_ = std::move(*Journal::create(folder_, header));
    writer_ = std::move(*Writer::open(folder_));
    loss_ = *writer_->metric("loss");
    acc_ = *writer_->metric("acc");
    std::filesystem::create_directory(segment_path(folder_, 1));  // nobody can make that file
    for (std::int64_t i = 0; i < kFit; ++i) ASSERT_TRUE(writer_->log(loss_, i, 1, 0));
  }
  void make_room() { std::filesystem::remove(segment_path(folder_, 1)); }
  // The points from record `from` on.
  PointBlock points(Journal& journal, std::uint64_t from) {
    PointBlock block;
    for (std::uint64_t at = from;;) {
      const std::uint64_t to = journal.read(at, 1000, true, &block);
      if (to == at) return block;
      at = to;
    }
  }

  TempFolder temp_;
  std::string folder_ = temp_ / "journal";
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Writer> writer_;
  std::uint32_t loss_ = 0, acc_ = 0;
};

TEST_F(LastPointsTest, EachMetricsFinalValueIsReadThoughThereWasNoRoomForIt) {
  for (std::int64_t i = 0; i < 1000; ++i) {
    EXPECT_FALSE(writer_->log(loss_, kFit + i, 0.5, 7));
    EXPECT_FALSE(writer_->log(acc_, kFit + i, static_cast<double>(i), 8));
  }
  EXPECT_EQ(journal_->dropped(), 2000U);
  EXPECT_EQ(journal_->reserved(), static_cast<std::uint64_t>(kFit));
  journal_->seal();
  EXPECT_EQ(journal_->reserved(), static_cast<std::uint64_t>(kFit) + 2);
  EXPECT_EQ(journal_->dropped(), 1998U);
  const PointBlock last = points(*journal_, kFit);
  EXPECT_THAT(last.metrics, ElementsAre("loss", "acc"));
  EXPECT_THAT(last.step, ElementsAre(kFit + 999, kFit + 999));
  EXPECT_THAT(last.value, ElementsAre(0.5, 999));
  EXPECT_THAT(last.time_us, ElementsAre(7, 8));
}

TEST_F(LastPointsTest, AnotherReaderFindsThemAtTheSameOffsets) {
  EXPECT_FALSE(writer_->log(acc_, 5, 0.25, 7));
  EXPECT_FALSE(writer_->log(loss_, kFit, 0.5, 7));
  auto other = std::move(*Journal::open(folder_));
  other->seal();
  EXPECT_THAT(points(*other, kFit + 1).value, ElementsAre(0.25));
}

TEST_F(LastPointsTest, OnceThereIsRoomTheyComeBeforeWhatFollowsAndAreNotDropped) {
  EXPECT_FALSE(writer_->log(loss_, kFit, 0.25, kSecondUs));
  EXPECT_FALSE(writer_->log(loss_, kFit + 1, 0.5, kSecondUs));
  EXPECT_FALSE(writer_->log(acc_, 3, 9, kSecondUs));
  make_room();
  EXPECT_TRUE(writer_->log(loss_, kFit + 2, 0.75, 2 * kSecondUs));
  EXPECT_EQ(journal_->dropped(), 1U);
  journal_->seal();
  EXPECT_EQ(journal_->reserved(), static_cast<std::uint64_t>(kFit) + 3);
  EXPECT_THAT(points(*journal_, kFit).value, ElementsAre(0.5, 9, 0.75));
}

TEST_F(LastPointsTest, AJournalOfAnOlderWorkerHasNoneAndIsReadAsEver) {
  std::filesystem::remove(extra_path(folder_));
  auto writer = std::move(*Writer::open(folder_));
  EXPECT_FALSE(writer->log(loss_, kFit, 0.5, kSecondUs));
  writer->note_param("lr", false);
  auto journal = std::move(*Journal::open(folder_));
  journal->seal();
  EXPECT_EQ(journal->reserved(), static_cast<std::uint64_t>(kFit));
  EXPECT_EQ(journal->dropped(), 1U);
  EXPECT_THAT(journal->param_use().asked, ::testing::IsEmpty());
}

TEST_F(LastPointsTest, OneThatIsTornByADeathLeavesTheOneBefore) {
  EXPECT_FALSE(writer_->log(loss_, 1, 0.25, 7));
  EXPECT_FALSE(writer_->log(loss_, 2, 0.5, 7));
  auto file = open_extra(folder_);
  auto& places = reinterpret_cast<Extra*>(file.data())->lasts[loss_];
  for (Last& place : places) {
    if (place.step == 2) place.tag = 0;
  }
  EXPECT_EQ(last_of(*reinterpret_cast<Extra*>(file.data()), loss_)->value, 0.25);
  for (Last& place : places) place.step = 17;
  EXPECT_FALSE(last_of(*reinterpret_cast<Extra*>(file.data()), loss_).has_value());
}

TEST_F(LastPointsTest, ThreadsThatFindNoRoomTogetherLeaveAWholePoint) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 20'000; ++i) (void)writer_->log(loss_, t, t, kSecondUs);
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_FALSE(writer_->log(loss_, 5, 5, kSecondUs));
  journal_->seal();
  const PointBlock last = points(*journal_, kFit);
  ASSERT_EQ(last.size(), 1U);
  EXPECT_EQ(static_cast<double>(last.step[0]), last.value[0]);
}

TEST(NoteListTest, TextsAreKeptOnceAndUpToTheBound) {
  TempFolder temp;
  auto journal = std::move(*Journal::create(temp / "journal", {}));
  auto writer = std::move(*Writer::open(temp / "journal"));
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 40; ++i) writer->note_param("name-" + std::to_string(i), false);
  }
  writer->note_param_error(std::string(10'000, 'x'));
  writer->note_param("given by the command line", true);
  const ParamUse use = journal->param_use();
  EXPECT_EQ(use.asked.size(), limits::kTrainerNotesMax);
  EXPECT_EQ(use.asked.front(), "name-0");
  ASSERT_EQ(use.errors.size(), 1U);
  EXPECT_LE(use.errors[0].size(), limits::kNameBytesMax);
}

}  // namespace
}  // namespace scopa::journal
