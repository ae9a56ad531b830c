// A dead worker's trials.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/sdk/session/leaving_testing.h"
#include "tests/unit/sdk/session/session_harness.h"

namespace scopa::session {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class AdoptionTest : public ::testing::Test {
 protected:
  std::uint32_t adopt(std::uint32_t slot, std::optional<TrialEnd> end = std::nullopt) {
    return h.session.adopt(slot, {{kSweep, 5, 1}, "cpu", &source, std::move(end)});
  }
  wire::Adopted answer(bool held, std::uint64_t to) {
    const auto sent = h.take_sent<wire::Adopt>();
    EXPECT_THAT(sent, SizeIs(1));
    return {sent.empty() ? 0 : sent[0].request, kSweep, 5, 1, held, to};
  }

  Harness h;
  ListSource source{10};
};

TEST_F(AdoptionTest, GoesOnWhereTheDeadWorkersDeliveryEnded) {
  EXPECT_EQ(adopt(0), 0U);
  h.connect();
  EXPECT_THAT(h.take_sent<wire::Ask>(), IsEmpty());  // the slot is busy
  EXPECT_THAT(h.take_sent<wire::Report>(), IsEmpty());
  h.receive(answer(true, 7));
  const auto reports = h.take_sent<wire::Report>();
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_EQ(reports[0].from, 7U);
  EXPECT_EQ(reports[0].to, 10U);
  h.end(0);
  h.receive({wire::Ack{kSweep, 5, 1, 10}});
  EXPECT_THAT(h.take_sent<wire::Release>(), SizeIs(1));
}

TEST_F(AdoptionTest, NothingIsSaidOfTheAttemptBeforeItIsItsOwn) {
  adopt(0);
  h.connect();
  h.pass(6s);
  for (const auto& beat : h.take_sent<wire::Heartbeat>()) EXPECT_THAT(beat.running, IsEmpty());
  EXPECT_THAT(h.take_sent<wire::Report>(), IsEmpty());
}

TEST_F(AdoptionTest, IsAskedForAgainUnderTheSameRequest) {
  adopt(0);
  h.connect();
  const auto first = h.take_sent<wire::Adopt>();
  h.pass(7s);
  const auto second = h.take_sent<wire::Adopt>();
  ASSERT_FALSE(first.empty() || second.empty());
  EXPECT_EQ(first[0].request, second[0].request);
  h.receive(Harness::error(Code::kUnavailable, first[0].request));
  EXPECT_THAT(h.take<EndTrial>(), IsEmpty());
  h.receive(Harness::error(Code::kHelloRequired));
  h.connect("b2");
  EXPECT_THAT(h.take_sent<wire::Adopt>(), ::testing::Not(IsEmpty()));
}

TEST_F(AdoptionTest, WhatSomebodyElseHasIsEndedAndDeliveredAllTheSame) {
  adopt(0);
  h.connect();
  h.receive(answer(false, 4));
  const auto ends = h.take<EndTrial>();
  ASSERT_THAT(ends, SizeIs(1));
  EXPECT_EQ(ends[0].reason, StopReason::kFenced);
  h.end(0, killed());
  const auto reports = h.take_sent<wire::Report>();
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_EQ(reports[0].from, 4U);
  h.receive({wire::Ack{kSweep, 5, 1, 10}});
  EXPECT_FALSE(h.take_sent<wire::Release>()[0].requeue);
}

TEST_F(AdoptionTest, WhatTheBrokerDoesNotKnowIsEndedAndForgotten) {
  adopt(0);
  h.connect();
  h.receive(Harness::stop(5, StopReason::kForgotten));
  EXPECT_THAT(h.take<EndTrial>(), SizeIs(1));
  h.end(0, killed());
  EXPECT_THAT(h.take<ForgetTrial>(), SizeIs(1));
  EXPECT_THAT(h.take_sent<wire::Report>(), IsEmpty());
}

TEST_F(AdoptionTest, WhatHasEndedTakesNoSlotAndIsGivenBackWhenNobodyKnowsHow) {
  TrialEnd end;
  end.interrupted = true;
  end.cause = Cause::kNode;
  EXPECT_EQ(adopt(0, end), 1U);
  h.connect();
  EXPECT_THAT(h.take_sent<wire::Ask>(), SizeIs(1));
  h.receive(answer(true, 10));
  const auto release = h.take_sent<wire::Release>();
  ASSERT_THAT(release, SizeIs(1));
  EXPECT_TRUE(release[0].requeue);
  EXPECT_EQ(release[0].cause, static_cast<std::uint8_t>(Cause::kNode));
  h.receive(wire::Released{kSweep, 5, 1, static_cast<std::uint8_t>(TrialState::kQueued)});
  EXPECT_EQ(h.take<ForgetTrial>()[0].slot, 1U);
  h.pass(3s);
  EXPECT_EQ(h.session.running(), 0U);
  for (const auto& ask : h.take_sent<wire::Ask>()) EXPECT_EQ(ask.slot, 0U);
  EXPECT_GT(*h.session.next_deadline(), h.now - 1s) << "its slot is idle and wants nothing";
}

// Three slots and a count of two, of which the dead worker's may be one.
class CountedAdoptionTest : public ::testing::Test {
 protected:
  void adopt(const std::string& sweep) {
    h.session.adopt(0, {{sweep, 5, 1}, "cpu", &source, std::nullopt});
    h.connect();
  }

  Harness h{3, 2};
  ListSource source;
};

TEST_F(CountedAdoptionTest, WhatItTakesOverCountsOnceTheBrokerSaysThatItIsItsOwn) {
  adopt(kSweep);
  const auto adopts = h.take_sent<wire::Adopt>();
  ASSERT_THAT(adopts, SizeIs(1));
  EXPECT_THAT(h.take_sent<wire::Ask>(), SizeIs(1)) << "it may have the other one already";
  h.receive(wire::Adopted{adopts[0].request, kSweep, 5, 1, true, 0});
  h.pass(200ms);
  EXPECT_THAT(h.take_sent<wire::Ask>(), IsEmpty());
}

TEST_F(CountedAdoptionTest, WhatTheBrokerDoesNotKnowDoesNotCount) {
  adopt(kSweep);
  EXPECT_THAT(h.take_sent<wire::Ask>(), SizeIs(1));
  h.receive(Harness::stop(5, StopReason::kForgotten));
  h.end(0, killed());
  EXPECT_THAT(h.take_sent<wire::Ask>(), SizeIs(1));
}

TEST_F(CountedAdoptionTest, WhatAnotherWorkerHasDoesNotCount) {
  adopt(kSweep);
  const auto adopts = h.take_sent<wire::Adopt>();
  ASSERT_THAT(adopts, SizeIs(1));
  EXPECT_THAT(h.take_sent<wire::Ask>(), SizeIs(1));
  h.receive(wire::Adopted{adopts[0].request, kSweep, 5, 1, false, 0});
  EXPECT_THAT(h.take_sent<wire::Ask>(), SizeIs(1));
}

TEST_F(CountedAdoptionTest, ATrialOfAnotherSweepDoesNotCount) {
  adopt("another");
  const auto adopts = h.take_sent<wire::Adopt>();
  ASSERT_THAT(adopts, SizeIs(1));
  EXPECT_THAT(h.take_sent<wire::Ask>(), SizeIs(2));
  h.receive(wire::Adopted{adopts[0].request, "another", 5, 1, true, 0});
  h.pass(200ms);
  EXPECT_THAT(h.take_sent<wire::Ask>(), IsEmpty()) << "two are asked for";
}

TEST_F(CountedAdoptionTest, ItWaitsForAnAnswerWithoutTurningRound) {
  adopt(kSweep);
  EXPECT_GT(*h.session.next_deadline(), h.now);
}

}  // namespace
}  // namespace scopa::session
