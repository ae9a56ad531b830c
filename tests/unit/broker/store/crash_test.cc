#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <sstream>

#include "self_process.h"
#include "store_fixture.h"

namespace scopa::store {
namespace {

const wire::AttemptRef kAttempt{.sweep = "aaaaaaaa", .trial = 0, .attempt = 1};
constexpr std::uint64_t kPointsPerReport = 10;

/// Commits one event and one report after the other and writes each number to `acknowledged` only
/// when it is durable. Never returns.
[[noreturn]] void commit_for_ever(const std::string& folder, std::uint64_t first,
                                  int acknowledged) {
  auto store = Store::open(folder, OpenMode::kReadWrite, Durability::kPower);
  if (!store) _exit(1);
  for (std::uint64_t i = first;; ++i) {
    const core::Event event = noticed("aaaaaaaa", 2 * i, "event");
    const core::PointsAppended points =
        report(kAttempt, 2 * i + 1, i * kPointsPerReport, (i + 1) * kPointsPerReport, "block");
    if (!(*store)->commit(std::span(&event, 1), std::span(&points, 1))) _exit(2);
    if (write(acknowledged, &i, sizeof i) != sizeof i) _exit(3);
  }
}

/// The same, with "FILE-DESCRIPTOR FIRST FOLDER" from the parent.
[[noreturn]] void be_the_victim(const char* argument) {
  std::istringstream words(argument);
  int acknowledged = -1;
  std::uint64_t first = 0;
  std::string folder;
  words >> acknowledged >> first >> folder;
  commit_for_ever(folder, first, acknowledged);
}

/// Runs such a process, kills it after `count` acknowledgements; the last number it acknowledged.
std::uint64_t run_and_kill(const std::string& folder, std::uint64_t first, int count) {
  int ends[2];
  EXPECT_EQ(pipe(ends), 0);
  fcntl(ends[0], F_SETFD, FD_CLOEXEC);
  SelfProcess child(std::to_string(ends[1]) + " " + std::to_string(first) + " " + folder);
  close(ends[1]);
  std::uint64_t number = 0;
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(read(ends[0], &number, sizeof number), static_cast<ssize_t>(sizeof number));
  }
  child.kill_and_wait();
  std::uint64_t last = number;
  while (read(ends[0], &number, sizeof number) == static_cast<ssize_t>(sizeof number)) {
    last = number;
  }
  close(ends[0]);
  return last;
}

/// Everything up to a number is there, each once; how many that are.
std::uint64_t check(const std::string& folder) {
  const auto store = open_store(folder, OpenMode::kReadOnly);
  if (!store) return 0;
  const auto events = events_of(*store);
  const auto reports = reports_of(*store);
  EXPECT_EQ(events.size(), reports.size()) << "a commit is all or nothing";
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].seq, 2 * i);
    EXPECT_EQ(reports[i].from, i * kPointsPerReport);
  }
  const auto progress = store->progress(kAttempt);
  EXPECT_TRUE(progress);
  EXPECT_EQ(*progress, reports.size() * kPointsPerReport);
  return events.size();
}

TEST(StoreCrashTest, NothingAcknowledgedIsLostByKill9) {
  if (const char* argument = SelfProcess::self_argument()) be_the_victim(argument);
  const TempFolder folder;
  std::uint64_t next = 0;
  for (int round = 0; round < 5; ++round) {
    const std::uint64_t last = run_and_kill(folder.path(), next, 3 + 11 * round);
    next = check(folder.path());
    ASSERT_GT(next, last) << "number " << last << " was acknowledged";
    ASSERT_LE(next, last + 2) << "at most one commit more than was acknowledged";
  }
}

}  // namespace
}  // namespace scopa::store
