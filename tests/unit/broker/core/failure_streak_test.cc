#include "broker/core/failure_streak.h"

#include <gtest/gtest.h>

namespace scopa::core {
namespace {

TEST(FailureStreakTest, HowManyAreTooManyFollowsFromTheRateBefore) {
  FailureStreak rare, common;
  for (int i = 0; i < 98; ++i) rare.succeeded();
  for (std::uint64_t trial = 0; trial < 60; ++trial) {
    common.failed(trial, Cause::kOom);
    if (trial % 2 == 1) common.succeeded();
  }
  // A third to the ninth, and 0.66 to the 23rd, are the first below the chance of 1e-4.
  const auto until_unlikely = [](FailureStreak streak) {
    std::uint64_t count = 0;
    for (; !streak.is_beyond_chance() && count < 100; ++count) {
      streak.failed(1000 + count, Cause::kCrash);
    }
    return count;
  };
  EXPECT_EQ(until_unlikely(rare), 9u);
  EXPECT_EQ(until_unlikely(common), 23u);
}

TEST(FailureStreakTest, ATrialThatIsTriedAgainCountsOnce) {
  FailureStreak streak;
  streak.failed(7, Cause::kOom);
  streak.failed(7, Cause::kOom);
  streak.failed(8, Cause::kCrash);
  EXPECT_EQ(streak.count(), 2u);
  EXPECT_EQ(streak.causes(), "1 oom, 1 crash");
}

TEST(FailureStreakTest, AResultEndsItAndWhatIsForgottenDoesNotCount) {
  FailureStreak streak;
  for (int i = 0; i < 5; ++i) streak.succeeded();
  for (std::uint64_t i = 0; i < 9; ++i) streak.failed(i, Cause::kCrash);
  EXPECT_TRUE(streak.is_beyond_chance());
  streak.forget();
  EXPECT_FALSE(streak.is_beyond_chance());
  for (std::uint64_t i = 0; i < 9; ++i) streak.failed(i, Cause::kCrash);
  EXPECT_TRUE(streak.is_beyond_chance()) << "the rate before it is what it was";
  streak.succeeded();
  EXPECT_EQ(streak.count(), 0u);
}

TEST(FailureStreakTest, WithoutAnyResultNothingIsKnownOfTheRate) {
  FailureStreak streak;
  for (std::uint64_t i = 0; i < 100; ++i) streak.failed(i, Cause::kCrash);
  EXPECT_FALSE(streak.is_beyond_chance());
}

}  // namespace
}  // namespace scopa::core
