#include "broker/server/clock.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temp_folder.h"

namespace scopa::server {
namespace {

constexpr std::int64_t kHour = 3'600'000'000;
constexpr std::int64_t kThen = 1'800'000'000'000'000;

const ClockMark kBefore{"boot-a", 10 * kHour, kThen};

TEST(ClockTest, WhileTrialsRunTheSteadyClockCountsHoweverTheWallClockWasSet) {
  for (const std::int64_t jump : {-24 * kHour, std::int64_t{0}, 24 * kHour}) {
    const ClockMark now{"boot-a", 11 * kHour, kThen + kHour + jump};
    EXPECT_EQ(begin_time(kBefore, now, true, kThen), kThen + kHour) << jump;
  }
}

TEST(ClockTest, WhileNothingRunsTheWallClockCounts) {
  const ClockMark now{"boot-a", 11 * kHour, kThen - 24 * kHour};
  EXPECT_EQ(begin_time(kBefore, now, false, kThen), now.unix_us);
}

TEST(ClockTest, OfAnotherBootTheWallClockCountsButTimeNeverGoesBack) {
  const ClockMark later{"boot-b", kHour, kThen + 2 * kHour};
  EXPECT_EQ(begin_time(kBefore, later, true, kThen), later.unix_us);
  const ClockMark earlier{"boot-b", kHour, kThen - 24 * kHour};
  EXPECT_EQ(begin_time(kBefore, earlier, true, kThen), kThen);
  EXPECT_EQ(begin_time(std::nullopt, earlier, true, kThen), kThen);
}

TEST(ClockTest, AMachineThatDoesNotSayWhichBootItIsHasNoSteadyClock) {
  const ClockMark before{"", 10 * kHour, kThen};
  const ClockMark now{"", 11 * kHour, kThen + 5 * kHour};
  EXPECT_EQ(begin_time(before, now, true, kThen), now.unix_us);
}

TEST(ClockTest, AMarkIsReadAsItWasWritten) {
  const TempFolder folder;
  EXPECT_EQ(read_clock(folder / "clock"), std::nullopt);
  write_clock(folder / "clock", kBefore);
  EXPECT_EQ(read_clock(folder / "clock"), kBefore);
  std::ofstream(folder / "clock") << "nonsense";
  EXPECT_EQ(read_clock(folder / "clock"), std::nullopt);
  write_clock(folder / "no/such/folder", kBefore);
}

}  // namespace
}  // namespace scopa::server
