#include "broker/core/deadlines.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scopa::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Instant at(std::int64_t us) { return from_unix_us(us); }
const Limited kWall{"a", Limit::kWallTime, 0};
const Limited kDevice{"a", Limit::kDeviceTime, 0};
const Limited kTrial{"a", Limit::kTrialTime, 7};

TEST(DeadlinesTest, TheEarliestComesFirstAndEqualOnesInTheirOwnOrder) {
  Deadlines deadlines;
  EXPECT_EQ(deadlines.next(), std::nullopt);
  deadlines.set(kTrial, at(20));
  deadlines.set(kDevice, at(20));
  deadlines.set(kWall, at(10));
  EXPECT_EQ(deadlines.next(), at(10));
  EXPECT_THAT(deadlines.take_due(at(9)), IsEmpty());
  EXPECT_THAT(deadlines.take_due(at(20)), ElementsAre(kWall, kDevice, kTrial));
  EXPECT_THAT(deadlines.take_due(at(99)), IsEmpty());
}

TEST(DeadlinesTest, AMomentThatIsSetAgainReplacesTheOld) {
  Deadlines deadlines;
  deadlines.set(kDevice, at(10));
  deadlines.set(kDevice, at(30));
  EXPECT_THAT(deadlines.take_due(at(29)), IsEmpty());
  EXPECT_THAT(deadlines.take_due(at(30)), ElementsAre(kDevice));
}

TEST(DeadlinesTest, WhatIsTakenBackIsNeverDue) {
  Deadlines deadlines;
  deadlines.set(kTrial, at(10));
  deadlines.set(kTrial, std::nullopt);
  deadlines.set(kWall, std::nullopt);
  EXPECT_EQ(deadlines.next(), std::nullopt);
  EXPECT_THAT(deadlines.take_due(at(99)), IsEmpty());
}

}  // namespace
}  // namespace scopa::core
