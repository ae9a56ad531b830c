#include "broker/server/refusals.h"

#include <gtest/gtest.h>

#include "sdk/base/limits.h"

namespace scopa::server {
namespace {

using namespace std::chrono_literals;

constexpr Refusals::Clock::time_point kStart{std::chrono::hours(1)};

TEST(RefusalsTest, TheFirstIsToldAtOnceAndEachIsToldOnce) {
  Refusals refusals;
  EXPECT_EQ(refusals.to_tell(0, kStart), 0U);
  EXPECT_EQ(refusals.to_tell(3, kStart), 3U);
  EXPECT_EQ(refusals.to_tell(5, kStart + 500ms), 0U);
  EXPECT_EQ(refusals.to_tell(7, kStart + 1s), 4U);
  EXPECT_EQ(refusals.to_tell(7, kStart + 1h), 0U);
}

TEST(RefusalsTest, AFloodOfADayFillsALineAMinute) {
  Refusals refusals;
  std::uint64_t total = 0;
  std::uint64_t told = 0;
  int lines = 0;
  for (auto time = 0s; time < 24h; time += 1s) {
    const std::uint64_t news = refusals.to_tell(total += 1000, kStart + time);
    told += news;
    lines += news > 0 ? 1 : 0;
  }
  EXPECT_LE(lines, 24 * 60 + 10);
  EXPECT_GE(told + 1000 * limits::kRefusedQuietMax.count(), total);
}

TEST(RefusalsTest, AfterQuietTimesTheNextIsToldAtOnceAgain) {
  Refusals refusals;
  for (auto time = 0s; time < 10min; time += 1s) {
    (void)refusals.to_tell(static_cast<std::uint64_t>(time.count() + 1), kStart + time);
  }
  EXPECT_GT(refusals.to_tell(10'000, kStart + 1h), 0U);
  EXPECT_EQ(refusals.to_tell(10'001, kStart + 1h + 1s), 1U);
}

}  // namespace
}  // namespace scopa::server
