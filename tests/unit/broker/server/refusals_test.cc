#include "broker/server/refusals.h"

#include <gtest/gtest.h>

#include "sdk/base/limits.h"

namespace scopa::server {
namespace {

using namespace std::chrono_literals;

constexpr Refusals::Clock::time_point kFirstRefusal{std::chrono::hours(1)};

TEST(RefusalsTest, TheFirstIsToldAtOnceAndEachIsToldOnce) {
  Refusals refusals;
  EXPECT_EQ(refusals.to_tell(0, kFirstRefusal), 0U);
  EXPECT_EQ(refusals.to_tell(3, kFirstRefusal), 3U);
  EXPECT_EQ(refusals.to_tell(5, kFirstRefusal + 500ms), 0U);
  EXPECT_EQ(refusals.to_tell(7, kFirstRefusal + 1s), 4U);
  EXPECT_EQ(refusals.to_tell(7, kFirstRefusal + 1h), 0U);
}

TEST(RefusalsTest, AFloodOfADayFillsALineAMinute) {
  Refusals refusals;
  std::uint64_t total = 0;
  std::uint64_t told = 0;
  int lines = 0;
  for (auto time = 0s; time < 24h; time += 1s) {
    const std::uint64_t news = refusals.to_tell(total += 1000, kFirstRefusal + time);
    told += news;
    lines += news > 0 ? 1 : 0;
  }
  EXPECT_LE(lines, 24 * 60 + 10);
  EXPECT_GE(told + 1000 * limits::kRefusedQuietMax.count(), total);
}

TEST(RefusalsTest, AfterQuietTimesTheNextIsToldAtOnceAgain) {
  Refusals refusals;
  for (auto time = 0s; time < 10min; time += 1s) {
    (void)refusals.to_tell(static_cast<std::uint64_t>(time.count() + 1), kFirstRefusal + time);
  }
  EXPECT_GT(refusals.to_tell(10'000, kFirstRefusal + 1h), 0U);
  EXPECT_EQ(refusals.to_tell(10'001, kFirstRefusal + 1h + 1s), 1U);
}

}  // namespace
}  // namespace scopa::server
