#include "broker/core/leases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scopa::core {
namespace {

using std::chrono::seconds;

constexpr Instant kStart = from_unix_us(1'000'000);
const wire::AttemptRef kA{"aaaaaaaa", 0, 1};
const wire::AttemptRef kB{"aaaaaaaa", 1, 1};

TEST(LeasesTest, ALeaseExpiresAtItsDeadlineAndOnlyOnce) {
  Leases leases;
  leases.renew(kA, kStart + seconds(30));
  EXPECT_TRUE(leases.take_expired(kStart + seconds(29)).empty());
  EXPECT_THAT(leases.take_expired(kStart + seconds(30)), testing::ElementsAre(kA));
  EXPECT_TRUE(leases.take_expired(kStart + seconds(99)).empty());
}

TEST(LeasesTest, ARenewedLeaseLivesOn) {
  Leases leases;
  leases.renew(kA, kStart + seconds(30));
  leases.renew(kB, kStart + seconds(30));
  leases.renew(kA, kStart + seconds(60));
  EXPECT_THAT(leases.take_expired(kStart + seconds(31)), testing::ElementsAre(kB));
  EXPECT_THAT(leases.take_expired(kStart + seconds(60)), testing::ElementsAre(kA));
}

TEST(LeasesTest, AnEndedLeaseNeverExpires) {
  Leases leases;
  leases.renew(kA, kStart + seconds(30));
  leases.end(kA);
  EXPECT_TRUE(leases.take_expired(kStart + seconds(99)).empty());
  EXPECT_FALSE(leases.next_deadline().has_value());
}

TEST(LeasesTest, ExpiryComesInTheOrderOfDeadlinesThenOfTrials) {
  Leases leases;
  leases.renew(kB, kStart + seconds(5));
  leases.renew(kA, kStart + seconds(5));
  EXPECT_THAT(leases.take_expired(kStart + seconds(5)), testing::ElementsAre(kA, kB));
}

}  // namespace
}  // namespace scopa::core
