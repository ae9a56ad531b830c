#include "sdk/session/journal_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>

#include "sdk/journal/writer.h"
#include "tests/support/temp_folder.h"

namespace scopa::session {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class JournalSourceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    journal::TrialHeader header;
    header.params = {{"lr", 0.1}, {"width", std::int64_t{3}}};
    journal_ = std::move(*journal::Journal::create(temp_ / "journal", header));
    writer_ = std::move(*journal::Writer::open(temp_ / "journal"));
  }
  void log(const char* metric, std::int64_t step) {
    ASSERT_TRUE(writer_->log(*writer_->metric(metric), step, 1, 1));
  }
  wire::TrainerNotes notes() {
    wire::TrainerNotes found;
    source_->add_notes(&found);
    return found;
  }
  // Reads all of it, as the stream does.
  void read(std::uint64_t from = 0) {
    PointBlock block;
    (void)source_->read(from, 1000, &block);
  }

  TempFolder temp_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<journal::Writer> writer_;
  std::optional<JournalSource> source_storage_;
  JournalSource* source_ = nullptr;
  void open() { source_ = &source_storage_.emplace(journal_.get()); }
};

TEST_F(JournalSourceTest, StepsThatGoBackwardsAreNoted) {
  open();
  log("loss", 1);
  log("loss", 7);
  log("acc", 3);
  log("loss", 3);
  log("loss", 3);
  log("loss", 2);
  read();
  read();  // a lost report is read again, and counts once
  EXPECT_EQ(notes().left_out_why, "steps of `loss` go backwards: 3 after 7, 2 times");
  EXPECT_EQ(notes().left_out, 0U);
}

TEST_F(JournalSourceTest, StepsThatStayOrGrowAreNot) {
  open();
  for (int i = 0; i < 10; ++i) log(i % 2 == 0 ? "loss" : "acc", i / 3);
  read();
  EXPECT_EQ(notes().left_out_why, "");
}

TEST_F(JournalSourceTest, ParametersThatNobodyReadAreToldOfATrainerThatReadOthers) {
  open();
  writer_->note_param("learning_rate", false);
  writer_->note_param("width", true);
  EXPECT_THAT(notes().unread, IsEmpty()) << "it has not begun to train";
  log("loss", 1);
  EXPECT_THAT(notes().unread, ElementsAre("lr"));
  EXPECT_THAT(notes().asked, ElementsAre("learning_rate"));
  writer_->note_all_params();
  EXPECT_THAT(notes().unread, IsEmpty());
}

TEST_F(JournalSourceTest, ATrainerThatAsksForNoParameterMayReadThemElsewhere) {
  open();
  log("loss", 1);
  EXPECT_THAT(notes().unread, IsEmpty());
}

TEST_F(JournalSourceTest, WhatWasLostIsToldInWords) {
  open();
  EXPECT_EQ(source_->what_was_lost(), "");
  writer_->drop(journal::Drop::kNoRoom, 17);
  EXPECT_THAT(source_->what_was_lost(), HasSubstr("17 points were dropped"));
}

TEST_F(JournalSourceTest, OneStepIsNotSeveral) {
  open();
  log("loss", 5);
  log("acc", 5);
  EXPECT_FALSE(source_->has_several_steps());
  log("loss", 6);
  EXPECT_TRUE(source_->has_several_steps());
}

TEST(CameLateTest, OnlyOfARunThatTookAWhileAndOnlyAtItsEnd) {
  const Instant start = from_unix_us(0);
  EXPECT_TRUE(came_late(start, start + 10s - 100ms, start + 10s));
  EXPECT_FALSE(came_late(start, start + 9s, start + 10s));
  EXPECT_FALSE(came_late(start, start + 900ms, start + 900ms));
}

TEST(SpoilTest, ATrialOfADamagedJournalHasFailedHoweverItEnded) {
  TrialEnd well;
  well.ran_to_end = true;
  spoil("its journal was cut short", &well);
  EXPECT_NE(well.exit_code, 0);
  EXPECT_FALSE(well.ran_to_end);
  EXPECT_EQ(well.cause, Cause::kUserError);
  EXPECT_EQ(well.message, "its journal was cut short");
  TrialEnd killed;
  killed.outcome = wire::Outcome::kKilled;  // which would be another try
  killed.signal = 15;
  killed.message = "last words";
  spoil("its journal was cut short", &killed);
  EXPECT_EQ(killed.outcome, wire::Outcome::kSignaled);
  EXPECT_EQ(killed.message, "its journal was cut short\nlast words");
}

}  // namespace
}  // namespace scopa::session
