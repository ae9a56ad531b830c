#include "broker/server/query_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace scopa::server {
namespace {

using core::ClientId;

Status ask(QueryQueue& queue, std::uint64_t client, std::uint64_t request) {
  wire::Message message = wire::ListSweeps{.request = request};
  return queue.add(ClientId{client}, message);
}

/// "client:request client:request ..."
std::string order_of(QueryQueue& queue) {
  std::string order;
  while (const auto asked = queue.next()) {
    order += (order.empty() ? "" : " ") + std::to_string(static_cast<std::uint64_t>(asked->from)) +
             ":" + std::to_string(std::get<wire::ListSweeps>(asked->message).request);
  }
  return order;
}

TEST(QueryQueueTest, ConnectionsAreAnsweredInTurn) {
  QueryQueue queue;
  for (std::uint64_t i = 1; i <= 4; ++i) ASSERT_TRUE(ask(queue, 1, i));
  ASSERT_TRUE(ask(queue, 2, 1));
  ASSERT_TRUE(ask(queue, 3, 1));
  EXPECT_EQ(order_of(queue), "1:1 2:1 3:1 1:2 1:3 1:4");
  EXPECT_TRUE(queue.empty());
}

TEST(QueryQueueTest, OneConnectionCannotFillIt) {
  QueryQueue queue(2, 100);
  ASSERT_TRUE(ask(queue, 1, 1));
  ASSERT_TRUE(ask(queue, 1, 2));
  EXPECT_EQ(ask(queue, 1, 3).code(), Code::kResource);
  EXPECT_TRUE(ask(queue, 2, 1));
  EXPECT_EQ(order_of(queue), "1:1 2:1 1:2");
}

TEST(QueryQueueTest, AllTogetherAreBounded) {
  QueryQueue queue(2, 3);
  for (std::uint64_t client = 1; client <= 3; ++client) ASSERT_TRUE(ask(queue, client, 1));
  EXPECT_EQ(ask(queue, 4, 1).code(), Code::kResource);
  EXPECT_EQ(queue.size(), 3u);
}

TEST(QueryQueueTest, QuestionsOfAConnectionThatIsGoneAreForgotten) {
  QueryQueue queue;
  for (std::uint64_t i = 1; i <= 3; ++i) ASSERT_TRUE(ask(queue, 1, i));
  ASSERT_TRUE(ask(queue, 2, 1));
  queue.forget(ClientId{1});
  queue.forget(ClientId{9});
  EXPECT_EQ(queue.size(), 1u);
  EXPECT_EQ(order_of(queue), "2:1");
}

TEST(QueryQueueTest, OnlyWhatChangesNothingMayWait) {
  EXPECT_TRUE(QueryQueue::may_wait(wire::GetPoints{}, 10));
  EXPECT_TRUE(QueryQueue::may_wait(wire::ListTrials{}, 10));
  EXPECT_TRUE(QueryQueue::may_wait(wire::Retry{}, 10));
  EXPECT_FALSE(QueryQueue::may_wait(wire::Heartbeat{}, 1 << 20));
  EXPECT_FALSE(QueryQueue::may_wait(wire::Report{}, 1 << 20));
  EXPECT_FALSE(QueryQueue::may_wait(wire::Control{}, 10));
  EXPECT_FALSE(QueryQueue::may_wait(wire::Hello{}, 10));
}

TEST(QueryQueueTest, OnlyLargeConfigurationsWait) {
  EXPECT_FALSE(QueryQueue::may_wait(wire::Enqueue{}, limits::kEnqueueBytesQuick));
  EXPECT_TRUE(QueryQueue::may_wait(wire::Enqueue{}, limits::kEnqueueBytesQuick + 1));
}

TEST(QueryQueueTest, TheBytesThatWaitAreBounded) {
  QueryQueue queue(10, 10, 100);
  wire::Message message = wire::GetLog{};
  ASSERT_TRUE(queue.add(ClientId{1}, message, 60));
  EXPECT_EQ(queue.add(ClientId{2}, message, 41).code(), Code::kResource);
  ASSERT_TRUE(queue.add(ClientId{2}, message, 40));
  queue.forget(ClientId{1});
  EXPECT_TRUE(queue.add(ClientId{3}, message, 60));
  (void)queue.next();
  EXPECT_TRUE(queue.add(ClientId{3}, message, 40));
}

}  // namespace
}  // namespace scopa::server
