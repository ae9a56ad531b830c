#include "sdk/journal/journal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "sdk/journal/layout.h"
#include "sdk/journal/writer.h"
#include "tests/support/temp_folder.h"

namespace scopa::journal {
namespace {

using ::testing::ElementsAre;

TrialHeader example_header() {
  TrialHeader header;
  header.sweep = "k3v9q2ha";
  header.sweep_name = "mnist";
  header.trial = 17;
  header.attempt = 2;
  header.seed = 0xFFFF'FFFF'FFFF'FFFFu;
  header.metric = "val_loss";
  header.folder = "/tmp/trial";
  header.params = {{"lr", 0.001},      {"layers", std::int64_t{-3}}, {"optimizer", "adam"},
                   {"nesterov", true}, {"nothing", Value{}},         {"sizes", Composite{"[1,2]"}}};
  header.checkpoint = "/tmp/trial/checkpoint";
  header.resume_step = 40;
  return header;
}

class JournalTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto made = Journal::create(folder_, example_header());
    ASSERT_TRUE(made) << made.status().to_string();
    journal_ = std::move(*made);
    auto writer = Writer::open(folder_);
    ASSERT_TRUE(writer) << writer.status().to_string();
    writer_ = std::move(*writer);
  }
  std::uint32_t metric(const std::string& name) { return *writer_->metric(name); }
  // The segment's records, as a broken trainer would reach them.
  MappedFile segment(std::uint64_t number) {
    return std::move(*MappedFile::open(segment_path(folder_, number), kSegmentBytes));
  }
  HeaderFile header() { return std::move(*open_header(folder_)); }

  TempFolder temp_;
  std::string folder_ = temp_ / "journal";
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Writer> writer_;
};

TEST_F(JournalTest, TheTrainerIsToldAllThatTheWorkerWrote) {
  const TrialHeader& trial = writer_->trial();
  EXPECT_EQ(trial.sweep, "k3v9q2ha");
  EXPECT_EQ(trial.sweep_name, "mnist");
  EXPECT_EQ(trial.trial, 17u);
  EXPECT_EQ(trial.attempt, 2u);
  EXPECT_EQ(trial.seed, 0xFFFF'FFFF'FFFF'FFFFu);
  EXPECT_EQ(trial.metric, "val_loss");
  EXPECT_EQ(trial.folder, "/tmp/trial");
  EXPECT_EQ(trial.params, example_header().params);
  EXPECT_EQ(trial.checkpoint, "/tmp/trial/checkpoint");
  EXPECT_EQ(trial.resume_step, 40);
}

TEST_F(JournalTest, TheLatestCheckpointIsToldWithThePointsBeforeIt) {
  EXPECT_FALSE(journal_->checkpoint().has_value());
  EXPECT_FALSE(journal_->saves_checkpoints());
  for (std::int64_t step = 1; step <= 5; ++step) {
    writer_->log(metric("loss"), step, 0.5, 1000);
    writer_->note_checkpoint(step);
    const auto saved = journal_->checkpoint();
    ASSERT_TRUE(saved.has_value());
    EXPECT_EQ(saved->step, step);
    EXPECT_EQ(saved->records, static_cast<std::uint64_t>(step));
  }
  EXPECT_TRUE(journal_->saves_checkpoints());
}

TEST_F(JournalTest, ACountOfCheckpointsThatGoesRoundStillTellsTheLatest) {
  header().header().notes.saves = 0xFFFF'FFFEu;
  for (std::int64_t step = 1; step <= 4; ++step) {
    writer_->note_checkpoint(step);
    ASSERT_TRUE(journal_->checkpoint().has_value());
    EXPECT_EQ(journal_->checkpoint()->step, step);
  }
}

TEST_F(JournalTest, WhoLooksForRequestsSavesCheckpoints) {
  EXPECT_FALSE(journal_->saves_checkpoints());
  EXPECT_EQ(writer_->checkpoint_requests(), 0u);
  EXPECT_TRUE(journal_->saves_checkpoints());
}

TEST_F(JournalTest, WhoGoesOnFromTheCheckpointSaysSo) {
  EXPECT_EQ(journal_->resumed(), -1);
  writer_->note_resumed(true);
  EXPECT_EQ(journal_->resumed(), 40);
  writer_->note_resumed(false);
  EXPECT_EQ(journal_->resumed(), -1);
}

TEST_F(JournalTest, PointsComeOutAsTheyWentIn) {
  EXPECT_TRUE(writer_->log(metric("loss"), 1, 0.5, 1000));
  EXPECT_TRUE(writer_->log(metric("acc"), 1, 0.9, 1001));
  EXPECT_TRUE(writer_->log(metric("loss"), -2, 0.25, 1002));
  PointBlock block;
  EXPECT_EQ(journal_->read(0, 100, false, &block), 3u);
  EXPECT_THAT(block.metrics, ElementsAre("loss", "acc"));
  EXPECT_THAT(block.metric, ElementsAre(0, 1, 0));
  EXPECT_THAT(block.step, ElementsAre(1, 1, -2));
  EXPECT_THAT(block.value, ElementsAre(0.5, 0.9, 0.25));
  EXPECT_THAT(block.time_us, ElementsAre(1000, 1001, 1002));
  EXPECT_EQ(journal_->reserved(), 3u);
}

TEST_F(JournalTest, NonFiniteValuesAreFactsAndKept) {
  writer_->log(metric("loss"), 1, std::nan(""), 1);
  writer_->log(metric("loss"), 2, -INFINITY, 2);
  PointBlock block;
  ASSERT_EQ(journal_->read(0, 100, false, &block), 2u);
  EXPECT_TRUE(std::isnan(block.value[0]));
  EXPECT_EQ(block.value[1], -INFINITY);
}

TEST_F(JournalTest, ReadingStopsAtItsBoundAndGoesOnWhereItStopped) {
  for (int i = 0; i < 10; ++i) writer_->log(metric("loss"), i, i, i);
  PointBlock block;
  EXPECT_EQ(journal_->read(0, 4, false, &block), 4u);
  block.clear();
  EXPECT_EQ(journal_->read(4, 100, false, &block), 10u);
  EXPECT_THAT(block.step, ElementsAre(4, 5, 6, 7, 8, 9));
  EXPECT_EQ(journal_->read(10, 100, false, &block), 10u);
}

TEST_F(JournalTest, AppendedBlocksShareTheirColumns) {
  writer_->log(metric("loss"), 1, 1, 1);
  writer_->log(metric("acc"), 2, 2, 2);
  PointBlock block;
  EXPECT_EQ(journal_->read(0, 1, false, &block), 1u);
  EXPECT_EQ(journal_->read(0, 2, false, &block), 2u);
  EXPECT_THAT(block.metrics, ElementsAre("loss", "acc"));
  EXPECT_THAT(block.metric, ElementsAre(0, 0, 1));
}

TEST_F(JournalTest, AHoleIsWaitedForWhileItsWriterMayLiveAndSkippedOnceAllAreGone) {
  writer_->log(metric("loss"), 1, 1, 1);
  header().header().reserved.fetch_add(1);  // a writer that was killed after its reservation
  writer_->log(metric("loss"), 3, 3, 3);
  PointBlock block;
  EXPECT_EQ(journal_->read(0, 100, false, &block), 1u);
  EXPECT_EQ(journal_->read(1, 100, true, &block), 3u);
  EXPECT_THAT(block.step, ElementsAre(1, 3));
  EXPECT_EQ(journal_->dropped(), 0u);
}

TEST_F(JournalTest, ManySegmentsReadAsOneRow) {
  const std::uint64_t points = 3 * limits::kSegmentRecords + 100;
  const std::uint32_t loss = metric("loss");
  for (std::uint64_t i = 0; i < points; ++i) {
    ASSERT_TRUE(writer_->log(loss, static_cast<std::int64_t>(i), 0.5, 7));
  }
  std::uint64_t at = 0;
  PointBlock block;
  while (at < points) {
    block.clear();
    const std::uint64_t next = journal_->read(at, limits::kReportPointsMax, false, &block);
    ASSERT_GT(next, at);
    for (std::size_t i = 0; i < block.size(); ++i) {
      ASSERT_EQ(block.step[i], static_cast<std::int64_t>(at + i));
    }
    at = next;
  }
  EXPECT_EQ(at, points);
  // And back: what the broker did not get is read again.
  block.clear();
  EXPECT_EQ(journal_->read(5, 1, false, &block), 6u);
  EXPECT_THAT(block.step, ElementsAre(5));
}

TEST_F(JournalTest, TheNextSegmentIsThereWhenHalfOfTheCurrentOneIsUsed) {
  const std::uint32_t loss = metric("loss");
  for (std::uint64_t i = 0; i <= limits::kSegmentRecords / 2; ++i) {
    EXPECT_FALSE(std::filesystem::exists(segment_path(folder_, 1)));
    writer_->log(loss, 1, 1, 1);
  }
  EXPECT_EQ(std::filesystem::file_size(segment_path(folder_, 1)), kSegmentBytes);
}

TEST_F(JournalTest, TheFirstReasonToStopStays) {
  EXPECT_EQ(writer_->stop_reason(), 0u);
  journal_->set_stop(StopReason::kPruned);
  journal_->set_stop(StopReason::kWorkerExit);
  EXPECT_EQ(writer_->stop_reason(), static_cast<std::uint32_t>(StopReason::kPruned));
}

TEST_F(JournalTest, TheWorkerSeesThatTheTrainerHasCome) {
  EXPECT_FALSE(journal_->attached());
  writer_->attach();
  EXPECT_TRUE(journal_->attached());
}

TEST_F(JournalTest, PointsOfTheMetricsPipeAreAppendedBesideTheTrainers) {
  writer_->log(metric("loss"), 1, 1, 1);
  EXPECT_TRUE(journal_->append("loss", 2, 2, 2));
  EXPECT_TRUE(journal_->append("acc", 3, 3, 3));
  PointBlock block;
  EXPECT_EQ(journal_->read(0, 100, false, &block), 3u);
  EXPECT_THAT(block.metrics, ElementsAre("loss", "acc"));
  EXPECT_THAT(block.metric, ElementsAre(0, 0, 1));
}

TEST_F(JournalTest, AMetricNameThatIsEmptyOrTooLongIsRefusedAndCounted) {
  EXPECT_EQ(journal_->append("", 1, 1, 1).code(), Code::kInvalidArgument);
  EXPECT_EQ(journal_->append(std::string(257, 'x'), 1, 1, 1).code(), Code::kInvalidArgument);
  EXPECT_TRUE(journal_->append(std::string(256, 'x'), 1, 1, 1));
  EXPECT_EQ(journal_->dropped(), 2u);
}

TEST_F(JournalTest, OneNameHasOneIdAndTheNamesHaveABound) {
  EXPECT_EQ(metric("a"), metric("a"));
  for (std::size_t i = 1; i < limits::kJournalMetricsMax; ++i) {
    ASSERT_TRUE(writer_->metric("m" + std::to_string(i)));
  }
  EXPECT_EQ(writer_->metric("one more").status().code(), Code::kResource);
  EXPECT_TRUE(writer_->metric("m7"));
}

TEST_F(JournalTest, ABlockTakesNoMoreMetricsThanAReportMayHave) {
  const std::size_t metrics = limits::kReportMetricsMax + 10;
  for (std::size_t i = 0; i < metrics; ++i) writer_->log(metric("m" + std::to_string(i)), 1, 1, 1);
  PointBlock block;
  EXPECT_EQ(journal_->read(0, 4096, false, &block), limits::kReportMetricsMax);
  block.clear();
  EXPECT_EQ(journal_->read(limits::kReportMetricsMax, 4096, false, &block), metrics);
}

TEST_F(JournalTest, TwoEntriesOfOneNameAreOneMetric) {
  writer_->log(metric("loss"), 1, 1, 1);
  // What two processes leave that register one name at the same moment.
  HeaderFile file = header();
  Names& names = file.header().names;
  names.claimed.fetch_add(std::uint64_t{1} << 32);
  names.entries[1].store(names.entries[0].load());
  writer_->log(1, 2, 2, 2);
  PointBlock block;
  EXPECT_EQ(journal_->read(0, 100, false, &block), 2u);
  EXPECT_THAT(block.metrics, ElementsAre("loss"));
  EXPECT_THAT(block.metric, ElementsAre(0, 0));
}

TEST_F(JournalTest, ANameWhoseWriterDiedIsLeftAlone) {
  HeaderFile file = header();
  file.header().names.claimed.store((std::uint64_t{1} << 32) | 4);
  const std::uint32_t loss = metric("loss");
  EXPECT_EQ(loss, 1u);
  writer_->log(loss, 1, 1, 1);
  PointBlock block;
  EXPECT_EQ(journal_->read(0, 100, false, &block), 1u);
  EXPECT_THAT(block.metrics, ElementsAre("loss"));
}

TEST_F(JournalTest, NamesFitForATerminalLeaveTheJournal) {
  writer_->log(metric("a\x1b[31m\xff"), 1, 1, 1);
  PointBlock block;
  EXPECT_EQ(journal_->read(0, 100, false, &block), 1u);
  EXPECT_THAT(block.metrics, ElementsAre("a?[31m?"));
}

TEST_F(JournalTest, AnotherJournalInItsPlaceIsAConflict) {
  EXPECT_EQ(Journal::create(folder_, {}).status().code(), Code::kConflict);
}

TEST_F(JournalTest, WhereThereIsNoJournalNoneIsOpened) {
  EXPECT_EQ(Journal::open(temp_ / "nowhere").status().code(), Code::kNotFound);
  EXPECT_EQ(Writer::open(temp_ / "nowhere").status().code(), Code::kNotFound);
}

TEST_F(JournalTest, AReopenedJournalGoesOn) {
  writer_->log(metric("loss"), 1, 1, 1);
  journal_.reset();
  auto again = Journal::open(folder_);
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->header().params, example_header().params);
  writer_->log(metric("loss"), 2, 2, 2);
  PointBlock block;
  EXPECT_EQ((*again)->read(0, 100, false, &block), 2u);
}

TEST_F(JournalTest, RemovingTakesTheJournalAndNothingElse) {
  EXPECT_TRUE(remove(folder_));
  EXPECT_FALSE(std::filesystem::exists(folder_));
  EXPECT_TRUE(remove(folder_));
  const std::string other = temp_ / "other";
  std::filesystem::create_directories(other + "/checkpoints");
  EXPECT_FALSE(remove(other));
  EXPECT_TRUE(std::filesystem::exists(other + "/checkpoints"));
}

}  // namespace
}  // namespace scopa::journal
