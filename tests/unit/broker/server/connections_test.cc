#include "broker/server/connections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scopa::server {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const Connections::Time kConnectedAt{1000h};

ConnectionBounds small_bounds() {
  return {
      .connections = 3, .queue_bytes = 100, .queues_bytes = 150, .first_word = 10s, .silence = 60s};
}

class ConnectionsTest : public testing::Test {
 protected:
  void open_and_hear(int fd, const std::string& routing_id, Connections::Time now = kConnectedAt) {
    connections.opened(fd, now);
    connections.heard(
        routing_id, [fd] { return fd; }, now);
  }
  void hear(const std::string& routing_id, Connections::Time now) {
    connections.heard(
        routing_id, [] { return -1; }, now);
  }

  Connections connections{small_bounds()};
};

TEST_F(ConnectionsTest, OneThatSaysNothingIsOverdueAfterTheTimeForItsFirstWord) {
  connections.opened(5, kConnectedAt);
  EXPECT_THAT(connections.overdue(kConnectedAt + 10s), IsEmpty());
  EXPECT_THAT(connections.overdue(kConnectedAt + 11s), ElementsAre(5));
}

TEST_F(ConnectionsTest, WhoHasSpokenAndEndedIsNamedOnce) {
  open_and_hear(5, "five");
  open_and_hear(6, "six");
  connections.opened(7, kConnectedAt);
  EXPECT_FALSE(connections.has_gone());
  connections.closed(5);
  connections.closed(7);                // not a word
  connections.opened(6, kConnectedAt);  // the descriptor of one that has ended unseen
  EXPECT_TRUE(connections.has_gone());
  EXPECT_THAT(connections.take_gone(), ElementsAre("five", "six"));
  EXPECT_THAT(connections.take_gone(), IsEmpty());
  EXPECT_FALSE(connections.knows("five"));
}

TEST_F(ConnectionsTest, OneThatHasSpokenMayBeSilentForLonger) {
  open_and_hear(5, "five");
  EXPECT_THAT(connections.overdue(kConnectedAt + 60s), IsEmpty());
  hear("five", kConnectedAt + 50s);
  EXPECT_THAT(connections.overdue(kConnectedAt + 110s), IsEmpty());
  EXPECT_THAT(connections.overdue(kConnectedAt + 111s), ElementsAre(5));
}

TEST_F(ConnectionsTest, OfTooManyThoseThatNeverSpokeGoFirstThenTheLongestSilent) {
  open_and_hear(1, "one", kConnectedAt);
  open_and_hear(2, "two", kConnectedAt + 1s);
  open_and_hear(3, "three", kConnectedAt + 2s);
  EXPECT_THAT(connections.overdue(kConnectedAt + 3s), IsEmpty());
  connections.opened(4, kConnectedAt + 3s);
  EXPECT_THAT(connections.overdue(kConnectedAt + 3s), ElementsAre(4));
  open_and_hear(5, "five", kConnectedAt + 3s);
  EXPECT_THAT(connections.overdue(kConnectedAt + 3s), UnorderedElementsAre(4, 1));
}

TEST_F(ConnectionsTest, ADescriptorThatIsUsedAgainIsAnotherConnection) {
  open_and_hear(5, "old");
  connections.closed(5);
  EXPECT_FALSE(connections.knows("old"));
  connections.opened(5, kConnectedAt + 50s);
  EXPECT_THAT(connections.overdue(kConnectedAt + 60s), IsEmpty());
  EXPECT_THAT(connections.overdue(kConnectedAt + 61s), ElementsAre(5));
}

TEST_F(ConnectionsTest, WhatWaitsForOneIsBoundedUntilItIsSent) {
  open_and_hear(5, "five");
  auto first = connections.pack("five", std::string(60, 'x'));
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(connections.queued_bytes(), 60u);
  EXPECT_EQ(connections.pack("five", std::string(41, 'x')), nullptr);
  EXPECT_EQ(connections.to_blame("five"), 5);
  first.reset();
  EXPECT_EQ(connections.queued_bytes(), 0u);
  EXPECT_NE(connections.pack("five", std::string(100, 'x')), nullptr);
}

TEST_F(ConnectionsTest, WhenAllTogetherWaitTooMuchTheOneWithMostIsToBlame) {
  open_and_hear(1, "greedy");
  open_and_hear(2, "other");
  open_and_hear(3, "reader");
  const auto a = connections.pack("greedy", std::string(90, 'x'));
  const auto b = connections.pack("other", std::string(50, 'x'));
  EXPECT_EQ(connections.pack("reader", std::string(20, 'x')), nullptr);
  EXPECT_EQ(connections.to_blame("reader"), 1);
}

TEST_F(ConnectionsTest, AMessageOutlivesItsConnection) {
  open_and_hear(1, "one");
  auto parcel = connections.pack("one", "twelve bytes");
  connections.gone("one");
  EXPECT_EQ(connections.size(), 0u);
  EXPECT_EQ(connections.queued_bytes(), 12u);
  parcel.reset();
  EXPECT_EQ(connections.queued_bytes(), 0u);
}

TEST_F(ConnectionsTest, WhatCameFromAnEndedConnectionIsForgottenAfterAWhile) {
  hear("late", kConnectedAt);
  EXPECT_TRUE(connections.knows("late"));
  (void)connections.overdue(kConnectedAt + 61s);
  EXPECT_FALSE(connections.knows("late"));
}

}  // namespace
}  // namespace scopa::server
