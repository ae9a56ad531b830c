// Journals whose files somebody cuts short while they are mapped: no SIGBUS, and a reason.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "sdk/journal/bus_guard.h"
#include "sdk/journal/header_file.h"
#include "sdk/journal/journal.h"
#include "sdk/journal/writer.h"
#include "tests/support/temp_folder.h"

namespace scopa::journal {
namespace {

using ::testing::HasSubstr;

class CutTest : public ::testing::Test {
 protected:
  void SetUp() override {
    install_bus_guard();
    TrialHeader header;
    header.params = {{"lr", 0.1}};
    header.checkpoint = "/nowhere/checkpoint";
    journal_ = std::move(*Journal::create(folder_, header));
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(journal_->append("loss", i, i, i));
    PointBlock block;
    ASSERT_EQ(journal_->read(0, 10, false, &block), 10U);
  }
  // Everything a worker asks of a journal.
  void use() {
    PointBlock block;
    EXPECT_EQ(journal_->read(10, 1000, true, &block), 10U);
    EXPECT_EQ(block.size(), 0U);
    (void)journal_->reserved();
    EXPECT_EQ(journal_->append("loss", 1, 1, 1).code(), Code::kCorruption);
    journal_->set_stop(StopReason::kPruned);
    journal_->request_checkpoint();
    EXPECT_FALSE(journal_->attached());
    EXPECT_FALSE(journal_->stop_seen());
    EXPECT_FALSE(journal_->stopped());
    EXPECT_FALSE(journal_->checkpoint().has_value());
    EXPECT_FALSE(journal_->saves_checkpoints());
    EXPECT_EQ(journal_->resumed(), -1);
    EXPECT_FALSE(journal_->exit_code().has_value());
    EXPECT_EQ(journal_->finished(), 0U);
    EXPECT_GE(journal_->dropped(), 1U);
    (void)journal_->param_use();
    journal_->seal();
    EXPECT_EQ(journal_->read(10, 1000, true, &block), 10U);
  }

  TempFolder temp_;
  std::string folder_ = temp_ / "journal";
  std::unique_ptr<Journal> journal_;
};

TEST_F(CutTest, EveryFileAtAnyLengthIsNoticedAndNothingMoreIsRead) {
  for (const std::string& file :
       {header_path(folder_), segment_path(folder_, 0), extra_path(folder_)}) {
    for (const std::uintmax_t bytes : {0, 300, 4096}) {
      SCOPED_TRACE(file + " " + std::to_string(bytes));
      std::filesystem::remove_all(folder_);
      SetUp();
      EXPECT_EQ(journal_->damage(), "");
      std::filesystem::resize_file(file, bytes);
      EXPECT_THAT(journal_->damage(), HasSubstr("cut short"));
      use();
    }
  }
}

TEST_F(CutTest, WhoComesAcrossItFirstSurvivesToo) {
  std::filesystem::resize_file(header_path(folder_), 0);
  EXPECT_EQ(journal_->reserved(), 100U) << "what was known before";
  EXPECT_THAT(journal_->damage(), HasSubstr("cut short"));
  use();
}

TEST_F(CutTest, SoDoesWhoAppendsToIt) {
  std::filesystem::resize_file(segment_path(folder_, 0), 0);
  EXPECT_EQ(journal_->append("loss", 100, 1, 1).code(), Code::kCorruption);
  EXPECT_THAT(journal_->damage(), HasSubstr("cut short"));
}

TEST_F(CutTest, ADeletedJournalGoesOn) {
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    std::filesystem::remove(entry);
  }
  EXPECT_TRUE(journal_->append("loss", 100, 1, 1));
  EXPECT_EQ(journal_->damage(), "");
  PointBlock block;
  journal_->seal();
  EXPECT_EQ(journal_->read(0, 1000, true, &block), 101U);
  EXPECT_EQ(block.size(), 101U);
}

TEST_F(CutTest, AnyOtherBusErrorEndsTheProcessAsBefore) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto file = std::move(*MappedFile::open(header_path(folder_), sizeof(Header)));
    std::filesystem::resize_file(header_path(folder_), 0);
    const volatile char* bytes = file.data();
    (void)bytes[0];
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  // A sanitizer has its own way to end it.
  EXPECT_TRUE(WIFEXITED(status) ? WEXITSTATUS(status) != 0 : WTERMSIG(status) == SIGBUS) << status;
}

}  // namespace
}  // namespace scopa::journal
