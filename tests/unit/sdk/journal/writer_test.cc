#include "sdk/journal/writer.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <map>
#include <random>
#include <thread>
#include <vector>

#include "sdk/journal/journal.h"
#include "tests/support/temp_folder.h"

namespace scopa::journal {
namespace {

class WriterTest : public ::testing::Test {
 protected:
  void SetUp() override { journal_ = std::move(*Journal::create(folder_, {})); }
  std::unique_ptr<Writer> open() { return std::move(*Writer::open(folder_)); }

  // Runs `child` in another process, which ends with what it returns.
  template <class F>
  static pid_t start(F child) {
    const pid_t pid = ::fork();
    if (pid == 0) ::_exit(child());
    return pid;
  }
  static int exit_code(pid_t pid) {
    int status = 0;
    if (::waitpid(pid, &status, 0) != pid) return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  TempFolder temp_;
  std::string folder_ = temp_ / "journal";
  std::unique_ptr<Journal> journal_;
};

// Reads all there is, a report at a time, and checks that each writer's points (metric w<n>, steps
// from 0) come once and in order.
class Checker {
 public:
  explicit Checker(Journal& journal) : journal_(journal) {}
  void read(bool writers_gone) {
    for (;;) {
      block_.clear();
      const std::uint64_t to =
          journal_.read(from_, limits::kReportPointsMax, writers_gone, &block_);
      for (std::size_t i = 0; i < block_.size(); ++i) {
        std::int64_t& next = next_[block_.metrics[block_.metric[i]]];
        wrong_ += block_.step[i] == next && block_.value[i] == static_cast<double>(next) ? 0 : 1;
        ++next;
        ++points_;
      }
      if (to == from_) return;
      from_ = to;
    }
  }
  std::uint64_t points() const { return points_; }
  std::uint64_t wrong() const { return wrong_; }
  std::size_t writers() const { return next_.size(); }

 private:
  Journal& journal_;
  PointBlock block_;
  std::uint64_t from_ = 0, points_ = 0, wrong_ = 0;
  std::map<std::string, std::int64_t> next_;
};

constexpr std::int64_t kEach = limits::kSegmentRecords + 1234;

int write_points(Writer& writer, const std::string& name) {
  const auto id = writer.metric(name);
  if (!id) return 1;
  for (std::int64_t i = 0; i < kEach; ++i) {
    if (!writer.log(*id, i, static_cast<double>(i), i)) return 2;
  }
  return 0;
}

TEST_F(WriterTest, PointsOfManyThreadsAreReadOnceAndInOrderWhileTheyAreWritten) {
  constexpr std::size_t kThreads = 4;
  const auto writer = open();
  std::atomic<int> failures{0};
  std::atomic<std::size_t> running{kThreads};
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      failures += write_points(*writer, "w" + std::to_string(t));
      --running;
    });
  }
  Checker checker(*journal_);
  while (running > 0) checker.read(false);
  for (auto& thread : threads) thread.join();
  checker.read(false);
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(checker.wrong(), 0u);
  EXPECT_EQ(checker.points(), kThreads * static_cast<std::uint64_t>(kEach));
  EXPECT_EQ(checker.writers(), kThreads);
  EXPECT_EQ(journal_->dropped(), 0u);
}

TEST_F(WriterTest, PointsOfManyProcessesAreReadOnceAndInOrderWhileTheyAreWritten) {
  std::vector<pid_t> children;
  for (int p = 0; p < 3; ++p) {
    children.push_back(start([&] {
      auto writer = Writer::open(folder_);
      return writer ? write_points(**writer, "w" + std::to_string(p)) : 3;
    }));
  }
  Checker checker(*journal_);
  checker.read(false);
  for (const pid_t child : children) EXPECT_EQ(exit_code(child), 0);
  checker.read(false);
  EXPECT_EQ(checker.wrong(), 0u);
  EXPECT_EQ(checker.points(), 3 * static_cast<std::uint64_t>(kEach));
}

TEST_F(WriterTest, AfterAForkBothProcessesGoOn) {
  const auto writer = open();
  ASSERT_TRUE(writer->log(*writer->metric("w"), 0, 0, 0));
  const pid_t child = start([&] { return write_points(*writer, "child"); });
  EXPECT_EQ(write_points(*writer, "parent"), 0);
  EXPECT_EQ(exit_code(child), 0);
  Checker checker(*journal_);
  checker.read(false);
  EXPECT_EQ(checker.wrong(), 0u);
  EXPECT_EQ(checker.points(), 2 * static_cast<std::uint64_t>(kEach) + 1);
}

TEST_F(WriterTest, WhatATrainerLoggedBeforeItWasKilledIsRead) {
  // The child counts here what log() has returned from.
  void* shared = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  auto* logged = new (shared) std::atomic<std::int64_t>(0);
  std::mt19937_64 random(20240611);
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE(round);
    logged->store(0);
    const std::string folder = temp_ / ("killed-" + std::to_string(round));
    auto journal = std::move(*Journal::create(folder, {}));
    const pid_t child = start([&] {
      auto writer = Writer::open(folder);
      if (!writer) return 3;
      const std::uint32_t id = *(*writer)->metric("w0");
      for (std::int64_t i = 0;; ++i) {
        if (!(*writer)->log(id, i, static_cast<double>(i), i)) return 2;
        logged->store(i + 1, std::memory_order_release);
      }
    });
    const auto enough = static_cast<std::int64_t>(random() % (2 * limits::kSegmentRecords));
    while (logged->load(std::memory_order_acquire) < enough) ::sched_yield();
    ::kill(child, SIGKILL);
    EXPECT_EQ(exit_code(child), 128 + SIGKILL);
    Checker checker(*journal);
    checker.read(true);
    EXPECT_EQ(checker.wrong(), 0u);
    // The last point may have been published when log() did not return any more.
    EXPECT_GE(checker.points(), static_cast<std::uint64_t>(logged->load()));
    EXPECT_LE(checker.points(), static_cast<std::uint64_t>(logged->load()) + 1);
    ASSERT_TRUE(remove(folder));
  }
  ::munmap(shared, 4096);
}

TEST_F(WriterTest, AStopReachesAnotherProcess) {
  const pid_t child = start([&] {
    auto writer = Writer::open(folder_);
    if (!writer) return 3;
    (*writer)->attach();
    while ((*writer)->stop_reason() == 0) ::sched_yield();
    return static_cast<int>((*writer)->stop_reason());
  });
  while (!journal_->attached()) ::sched_yield();
  journal_->set_stop(StopReason::kPruned);
  EXPECT_EQ(exit_code(child), static_cast<int>(StopReason::kPruned));
}

// The limit stands in for a full file system: no segment can be made.
class FullDisk {
 public:
  FullDisk() {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{1 << 20, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(WriterTest, AFullDiskCostsPointsThatAreCountedAndNoneOnceThereIsRoomAgain) {
  const auto writer = open();
  const std::uint32_t id = *writer->metric("w0");
  constexpr std::uint64_t kFits = limits::kSegmentRecords - kGuardRecords;
  std::int64_t step = 0;
  {
    const FullDisk full;
    for (; step < static_cast<std::int64_t>(kFits); ++step) {
      ASSERT_TRUE(writer->log(id, step, static_cast<double>(step), 0));
    }
    for (int i = 0; i < 500; ++i) EXPECT_FALSE(writer->log(id, 0, 0, 0));
    EXPECT_EQ(journal_->dropped(), 500u);
    EXPECT_EQ(writer->dropped(), 500u);
  }
  // Asked again only after a while, by the clock of the points.
  EXPECT_FALSE(writer->log(id, step, static_cast<double>(step), 99'999));
  ++step;  // the last that was dropped is kept, and comes first
  for (int i = 0; i < 5000; ++i, ++step) {
    ASSERT_TRUE(writer->log(id, step, static_cast<double>(step), 200'000));
  }
  Checker checker(*journal_);
  checker.read(false);
  EXPECT_EQ(checker.wrong(), 0u);
  EXPECT_EQ(checker.points(), kFits + 5001);
  EXPECT_EQ(journal_->dropped(), 500u);
}

TEST_F(WriterTest, ThreadsThatMeetTheEndOfTheRoomTogetherLeaveNoHole) {
  constexpr std::uint64_t kFits = limits::kSegmentRecords - kGuardRecords;
  constexpr int kThreads = 4, kEachLogs = 100;
  for (int round = 0; round < 50; ++round) {
    SCOPED_TRACE(round);
    const std::string folder = temp_ / ("round-" + std::to_string(round));
    const auto journal = std::move(*Journal::create(folder, {}));
    const auto writer = std::move(*Writer::open(folder));
    const std::uint32_t id = *writer->metric("w");
    const std::uint64_t start = kFits - kThreads * kEachLogs / 2;
    open_header(folder)->header().reserved = start;
    const FullDisk full;
    std::atomic<int> kept{0}, ready{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (++ready; ready < kThreads;) ::sched_yield();
        for (int i = 0; i < kEachLogs; ++i) kept += writer->log(id, i, 0, 0) ? 1 : 0;
      });
    }
    for (auto& thread : threads) thread.join();
    PointBlock block;
    EXPECT_EQ(journal->read(start, limits::kReportPointsMax, false, &block), journal->reserved());
    EXPECT_EQ(block.size(), static_cast<std::size_t>(kept));
    EXPECT_EQ(kept + static_cast<int>(journal->dropped()), kThreads * kEachLogs);
    EXPECT_GE(journal->reserved(), kFits);
    EXPECT_LT(journal->reserved(), kFits + kThreads);
    ASSERT_TRUE(remove(folder));
  }
}

TEST_F(WriterTest, WithoutRoomTheJournalIsNotMadeAndLeavesNothing) {
  const FullDisk full;
  const std::string folder = temp_ / "second";
  EXPECT_EQ(Journal::create(folder, {}).status().code(), Code::kResource);
  EXPECT_FALSE(std::filesystem::exists(folder));
}

TEST_F(WriterTest, TheClockSetBackDoesNotProlongAFullDisk) {
  const auto writer = open();
  const std::uint32_t id = *writer->metric("w0");
  {
    const FullDisk full;
    while (writer->log(id, 0, 0, 1'000'000'000)) {
    }
  }
  EXPECT_TRUE(writer->log(id, 0, 0, 500));
}

TEST_F(WriterTest, ASegmentThatCannotBeOpenedCostsPointsOnly) {
  const auto writer = open();
  std::filesystem::create_directory(segment_path(folder_, 1));
  const std::uint32_t id = *writer->metric("w0");
  std::uint64_t kept = 0;
  for (std::uint64_t i = 0; i < 2 * limits::kSegmentRecords; ++i) kept += writer->log(id, 1, 1, 1);
  EXPECT_EQ(kept, limits::kSegmentRecords - kGuardRecords);
  EXPECT_EQ(kept + journal_->dropped(), 2 * limits::kSegmentRecords);
}

TEST_F(WriterTest, TheJournalHasABound) {
  const auto writer = open();
  const std::uint32_t id = *writer->metric("w0");
  HeaderFile file = std::move(*open_header(folder_));
  file.header().reserved = kRecordsMax - kGuardRecords - 1;
  EXPECT_TRUE(writer->log(id, 1, 1, 1));
  EXPECT_FALSE(writer->log(id, 2, 2, 2));
  file.header().reserved = UINT64_MAX;
  EXPECT_FALSE(writer->log(id, 3, 3, 3));
  EXPECT_EQ(journal_->dropped(), 2u);
}

TEST_F(WriterTest, ThreadsThatRegisterTheSameNamesAllGetIdsOfThoseNames) {
  const auto writer = open();
  HeaderFile file = std::move(*open_header(folder_));
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        const std::string name = "metric-" + std::to_string(i);
        const auto id = writer->metric(name);
        if (!id || name_at(file.header().names, *id) != name) ++wrong;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(WriterTest, ATrainerThatChangesItsFolderGoesOn) {
  std::filesystem::current_path(temp_.path());
  auto writer = std::move(*Writer::open("journal"));
  std::filesystem::current_path("/");
  EXPECT_EQ(write_points(*writer, "w0"), 0);
  EXPECT_TRUE(std::filesystem::exists(segment_path(folder_, 1)));
}

}  // namespace
}  // namespace scopa::journal
