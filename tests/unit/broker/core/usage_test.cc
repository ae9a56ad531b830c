#include "broker/core/usage.h"

#include <gtest/gtest.h>

#include <limits>

namespace scopa::core {
namespace {

constexpr std::int64_t kStartUs = 1'000'000'000'000;
Instant after(std::int64_t us) { return from_unix_us(kStartUs + us); }

TEST(UsageTest, NothingIsUsedBeforeTheFirstAttempt) {
  const Usage usage;
  EXPECT_EQ(usage.wall_us(after(500)), 0);
  EXPECT_EQ(usage.device_us(after(500)), 0);
  EXPECT_EQ(usage.wall_reaches(10), std::nullopt);
  EXPECT_EQ(usage.device_reaches(10), std::nullopt);
}

TEST(UsageTest, WallTimeRunsFromTheFirstAttemptWhetherAnythingRunsOrNot) {
  Usage usage;
  usage.attempt_started(kStartUs);
  usage.attempt_ended(kStartUs, kStartUs + 10);
  EXPECT_EQ(usage.wall_us(after(100)), 100);
  EXPECT_EQ(usage.wall_reaches(150), after(150));
}

TEST(UsageTest, TheTimeInWhichASweepHadEndedDoesNotCount) {
  Usage usage;
  usage.attempt_started(kStartUs);
  usage.attempt_ended(kStartUs, kStartUs + 10);
  usage.sweep_ended(kStartUs + 10);
  EXPECT_EQ(usage.wall_us(after(1000)), 10);
  EXPECT_EQ(usage.wall_reaches(150), std::nullopt);
  usage.sweep_resumed(kStartUs + 1000);
  EXPECT_EQ(usage.wall_us(after(1005)), 15);
  EXPECT_EQ(usage.wall_reaches(150), after(1140));
}

TEST(UsageTest, DeviceTimeIsThatOfAllAttemptsTogether) {
  Usage usage;
  usage.attempt_started(kStartUs);
  usage.attempt_started(kStartUs + 10);
  EXPECT_EQ(usage.device_us(after(30)), 30 + 20);
  usage.attempt_ended(kStartUs, kStartUs + 40);
  EXPECT_EQ(usage.device_us(after(50)), 40 + 40);
}

TEST(UsageTest, TheDeviceBudgetEndsTheSoonerTheMoreAttemptsRun) {
  Usage usage;
  usage.attempt_started(kStartUs);
  EXPECT_EQ(usage.device_reaches(100), after(100));
  usage.attempt_started(kStartUs + 40);
  EXPECT_EQ(usage.device_reaches(100), after(70));  // 40 are used, 60 are left for two
  usage.attempt_started(kStartUs + 40);
  EXPECT_EQ(usage.device_reaches(101), after(61)) << "rounded up: used, not nearly used";
  EXPECT_GE(usage.device_us(after(61)), 101);
  EXPECT_LT(usage.device_us(after(60)), 101);
}

TEST(UsageTest, ABudgetThatIsUsedUpStaysReachedWhenNothingRuns) {
  Usage usage;
  usage.attempt_started(kStartUs);
  usage.attempt_ended(kStartUs, kStartUs + 100);
  EXPECT_EQ(usage.device_reaches(200), std::nullopt);
  ASSERT_TRUE(usage.device_reaches(100));
  EXPECT_LE(*usage.device_reaches(100), after(100));
}

TEST(UsageTest, WildClocksAndBudgetsOverflowNothing) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  Usage usage;
  for (int i = 0; i < 20'000; ++i) usage.attempt_started(i % 2 == 0 ? kStartUs : kMax / 2);
  EXPECT_GE(usage.device_us(from_unix_us(kMax / 2)), 0);
  EXPECT_GE(usage.device_us(from_unix_us(0)), 0);
  EXPECT_TRUE(usage.device_reaches(kMax));
  EXPECT_TRUE(usage.wall_reaches(kMax));
}

}  // namespace
}  // namespace scopa::core
