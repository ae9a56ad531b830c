// A trial's log: what is told of it, and what is kept.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "sdk/base/limits.h"
#include "tests/support/temp_folder.h"
#include "worker/log_cap.h"
#include "worker/output_tail.h"

namespace scopa::worker {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(OutputTailTest, OnlyTheLastLinesAreTold) {
  TempFolder folder;
  std::ofstream out(folder / "log");
  for (int i = 0; i < 1000; ++i) out << "line " << i << " of a long log\n";
  out.close();
  const std::string tail = output_tail(folder / "log");
  EXPECT_EQ(tail.find("line 980 "), 0U);
  EXPECT_THAT(tail, HasSubstr("line 999 of a long log"));
  EXPECT_EQ(output_tail(folder / "none"), "");
}

TEST(OutputTailTest, OneLongLineIsCutAndPrintable) {
  TempFolder folder;
  std::ofstream(folder / "log") << std::string(100'000, 'x') << "\x1b[0m end";
  const std::string tail = output_tail(folder / "log");
  EXPECT_LE(tail.size(), 4096U);
  EXPECT_GT(tail.size(), 100U);
  EXPECT_EQ(tail.find('\x1b'), std::string::npos);
}

std::string excerpt(const std::string& text) {
  TempFolder folder;
  std::ofstream(folder / "log") << text;
  return failure_excerpt(folder / "log", output_tail(folder / "log"));
}

std::string usage(int lines) {
  std::string text;
  for (int i = 0; i < lines; ++i) text += "  -option" + std::to_string(i) + " what it does [2]\n";
  return text;
}

TEST(FailureExcerptTest, AnErrorThatIsToldBeforeTheUsageIsShown) {
  const std::string shown =
      excerpt("Unknown argument: -subword\n\nThe following are mandatory:\n" + usage(45));
  EXPECT_THAT(shown, StartsWith("Unknown argument: -subword\n...\n"));
  EXPECT_THAT(shown, EndsWith("-option44 what it does [2]"));
  EXPECT_EQ(std::count(shown.begin(), shown.end(), '\n'), 19);
}

TEST(FailureExcerptTest, WhatTheTailTellsItselfIsNotTwiceThere) {
  const std::string log = usage(5) + "ValueError: bad shape\n";
  EXPECT_EQ(excerpt(log), log.substr(0, log.size() - 1));
}

TEST(FailureExcerptTest, WhereTheTailTellsAnErrorOneLineMoreIsEnough) {
  std::string log;
  for (int i = 0; i < 40; ++i) log += "error " + std::to_string(i) + " of a metric\n";
  const std::string shown = excerpt(log + usage(10) + "ValueError: bad shape\n");
  EXPECT_THAT(shown, StartsWith("error 0 of a metric\n...\n"));
  EXPECT_THAT(shown, Not(HasSubstr("error 1 of")));
  EXPECT_THAT(shown, EndsWith("ValueError: bad shape"));
}

TEST(FailureExcerptTest, ItKeepsWithinTheBoundsOfATail) {
  std::string log;
  for (int i = 0; i < 100; ++i) log += "fatal " + std::to_string(i) + std::string(3000, 'x') + "\n";
  EXPECT_LE(excerpt(log + usage(100)).size(), limits::kStderrTailBytes);
  EXPECT_EQ(excerpt(""), "");
}

class LogCapTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kHead = 64 << 10, kTail = 256 << 10;
  // As its trainer does: appends, from line `from` to line `to`.
  void write_lines(int from, int to) {
    std::ofstream out(file_, std::ios::app);
    for (int i = from; i < to; ++i) out << "line " << i << " of a long log\n";
  }
  std::uint64_t bytes_on_disk() const {
    struct stat info {};
    EXPECT_EQ(::stat(file_.c_str(), &info), 0);
    return static_cast<std::uint64_t>(info.st_blocks) * 512;
  }
  TempFolder folder_;
  std::string file_ = folder_ / "log";
};

TEST_F(LogCapTest, HeadAndTailAreKeptAndWhatWasCutIsSaid) {
  LogCap cap(file_, kHead, kTail);
  cap.look();  // there is no file yet
  for (int i = 0; i < 100; ++i) {
    write_lines(i * 1000, (i + 1) * 1000);
    cap.look();
  }
  cap.finish();
  const std::string text = TempFolder::text_of(file_);
  EXPECT_LE(text.size(), kHead + kTail + 200);
  EXPECT_GE(text.size(), kTail);
  EXPECT_THAT(text, StartsWith("line 0 of a long log\n"));
  EXPECT_THAT(text, HasSubstr("of a long log\n[scopa] "));
  EXPECT_THAT(
      text,
      HasSubstr(
          " bytes were cut out here: of a long log its beginning and its end are kept\nline "));
  EXPECT_THAT(text, EndsWith("line 99999 of a long log\n"));
  EXPECT_EQ(text.find('\0'), std::string::npos);
}

TEST_F(LogCapTest, WhileTheTrainerWritesTheDiskIsNotFilled) {
  LogCap cap(file_, kHead, kTail);
  write_lines(0, 1000);
  const int fd = ::open(file_.c_str(), O_RDWR | O_CLOEXEC);
  const bool holes = ::fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096) == 0;
  ::close(fd);
  if (!holes) GTEST_SKIP() << "the file system of " << folder_.path() << " has no holes";
  for (int i = 1; i < 200; ++i) {
    write_lines(i * 1000, (i + 1) * 1000);
    cap.look();
    ASSERT_LE(bytes_on_disk(), 2 * (kHead + kTail)) << i;
  }
}

TEST_F(LogCapTest, ALogWithinItsBoundIsLeftAlone) {
  LogCap cap(file_, kHead, kTail);
  write_lines(0, 10'000);
  const std::string before = TempFolder::text_of(file_);
  cap.look();
  cap.finish();
  EXPECT_EQ(TempFolder::text_of(file_), before);
}

TEST_F(LogCapTest, WhatIsNoFileIsNotTouched) {
  ASSERT_EQ(::mkfifo(file_.c_str(), 0600), 0);
  LogCap cap(file_, 1, 1);
  cap.look();
  cap.finish();
}

}  // namespace
}  // namespace scopa::worker
