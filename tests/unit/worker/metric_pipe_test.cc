#include "worker/metric_pipe.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>

#include "sdk/base/limits.h"
#include "tests/support/temp_folder.h"

namespace scopa::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class MetricPipeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto journal = journal::Journal::create(folder_ / "journal", {});
    ASSERT_TRUE(journal) << journal.status().to_string();
    journal_ = std::move(*journal);
    auto pipe = MetricPipe::open(folder_ / "metrics", journal_.get(), folder_ / "log");
    ASSERT_TRUE(pipe) << pipe.status().to_string();
    pipe_ = std::move(*pipe);
  }
  void write(const std::string& text) {
    const int fd = ::open((folder_ / "metrics").c_str(), O_WRONLY | O_CLOEXEC);
    ASSERT_GE(fd, 0);
    ASSERT_EQ(::write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size()));
    close(fd);
  }
  PointBlock points() {
    PointBlock block;
    journal_->read(0, 100'000, true, &block);
    return block;
  }
  std::string log() { return TempFolder::text_of(folder_ / "log"); }

  TempFolder folder_;
  std::unique_ptr<journal::Journal> journal_;
  std::unique_ptr<MetricPipe> pipe_;
  const Instant now_ = from_unix_us(1'700'000'000'000'000);
};

TEST_F(MetricPipeTest, LinesBecomePointsOfTheJournal) {
  write("{\"step\":3,\"loss\":0.5,\"acc\":0.9}\n");
  pipe_->drain(now_);
  const PointBlock block = points();
  EXPECT_THAT(block.metrics, ElementsAre("loss", "acc"));
  EXPECT_THAT(block.step, ElementsAre(3, 3));
  EXPECT_THAT(block.value, ElementsAre(0.5, 0.9));
  EXPECT_THAT(block.time_us, ElementsAre(to_unix_us(now_), to_unix_us(now_)));
}

TEST_F(MetricPipeTest, WithoutAStepLinesAreCounted) {
  write("{\"a\":1}\n{\"a\":2}\n{\"step\":10,\"a\":3}\n{\"a\":4}\n");
  pipe_->drain(now_);
  EXPECT_THAT(points().step, ElementsAre(0, 1, 10, 11));
}

TEST_F(MetricPipeTest, ALineMayComeInPieces) {
  write("{\"a\"");
  pipe_->drain(now_);
  EXPECT_EQ(pipe_->points(), 0U);
  write(":1}\n{\"a\":2}");
  pipe_->drain(now_);
  EXPECT_EQ(pipe_->points(), 1U);
  pipe_->finish(now_);
  EXPECT_THAT(points().value, ElementsAre(1, 2));
}

TEST_F(MetricPipeTest, GarbageIsCountedAndExplainedAFewTimes) {
  write("epoch 1 \x1b[31m loss 0.5\n");
  for (int i = 0; i < 20; ++i) write("{nope\n");
  write("{\"a\":1}\n");
  pipe_->drain(now_);
  pipe_->finish(now_);
  EXPECT_EQ(pipe_->malformed(), 21U);
  EXPECT_EQ(pipe_->points(), 1U);
  EXPECT_THAT(log(), HasSubstr("line 1 is no JSON object"));
  EXPECT_THAT(log(), Not(HasSubstr("\x1b")));
  EXPECT_THAT(log(), Not(HasSubstr("line 9 ")));
  EXPECT_THAT(log(), HasSubstr("21 of 22 lines"));
}

TEST_F(MetricPipeTest, WhatIsLeftOutIsCountedWithTheFirstReason) {
  write("loss=0.5\n{\"done\":true,\"x\":[1],\"a\":1}\n{\"a\":2}\n");
  pipe_->drain(now_);
  EXPECT_EQ(pipe_->left_out(), 3U);
  EXPECT_EQ(pipe_->left_out_why(), "a line is no JSON object: `loss=0.5`");
  EXPECT_EQ(pipe_->points(), 2U);
}

TEST_F(MetricPipeTest, ALineThatIsTooLongIsSkippedToItsEnd) {
  std::thread writer([&] {
    write("{\"a\":" + std::string(limits::kPipeLineBytesMax * 3, '1') + "}\n{\"a\":7}\n");
  });
  writer.join();  // the pipe has room for a mebibyte
  pipe_->drain(now_);
  EXPECT_EQ(pipe_->malformed(), 1U);
  EXPECT_THAT(points().value, ElementsAre(7));
}

TEST_F(MetricPipeTest, EmptyLinesAreNothing) {
  write("\n\r\n  \n{\"a\":1}\r\n");
  pipe_->drain(now_);
  EXPECT_EQ(pipe_->malformed(), 0U);
  EXPECT_EQ(pipe_->points(), 1U);
}

}  // namespace
}  // namespace scopa::worker
