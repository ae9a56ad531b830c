#include "broker/server/acks.h"

#include <gtest/gtest.h>

namespace scopa::server {
namespace {

constexpr core::ClientId kA{1};
constexpr core::ClientId kB{2};

core::Outgoing ack(core::ClientId client, std::uint64_t trial, std::uint64_t to,
                   const SweepId& sweep = "aaaaaaaa") {
  return {client, wire::Ack{sweep, trial, 1, to}};
}

std::vector<core::Outgoing> left(std::vector<core::Outgoing> outgoing) {
  Acks acks;
  acks.drop_covered(&outgoing);
  return outgoing;
}

bool same(const std::vector<core::Outgoing>& a, const std::vector<core::Outgoing>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.to == y.to && x.message == y.message;
  });
}

TEST(AcksTest, OnlyTheLastOfARiseIsSent) {
  EXPECT_TRUE(same(left({ack(kA, 0, 1), ack(kA, 0, 2), ack(kA, 0, 3)}), {ack(kA, 0, 3)}));
}

TEST(AcksTest, ARepeatedOneTellsOfAGapAndIsKept) {
  EXPECT_TRUE(
      same(left({ack(kA, 0, 1), ack(kA, 0, 2), ack(kA, 0, 2)}), {ack(kA, 0, 2), ack(kA, 0, 2)}));
}

TEST(AcksTest, OtherConnectionsTrialsAndSweepsAreTheirOwn) {
  const std::vector<core::Outgoing> all = {ack(kA, 0, 1), ack(kB, 0, 2), ack(kA, 1, 3),
                                           ack(kA, 0, 4, "bbbbbbbb")};
  EXPECT_TRUE(same(left(all), all));
}

TEST(AcksTest, OtherMessagesStayInTheirOrder) {
  const core::Outgoing stop{kA, wire::Stop{.sweep = "aaaaaaaa", .trial = 0, .attempt = 1}};
  const core::Outgoing alive{kB, wire::HeartbeatReply{4}};
  EXPECT_TRUE(same(left({ack(kA, 0, 1), stop, ack(kB, 0, 9), alive, ack(kA, 0, 2)}),
                   {stop, ack(kB, 0, 9), alive, ack(kA, 0, 2)}));
}

}  // namespace
}  // namespace scopa::server
