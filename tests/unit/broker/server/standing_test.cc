#include "broker/server/standing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "broker/store/log_store.h"
#include "tests/support/memory_engine.h"

namespace scopa::server {
namespace {

using ::testing::HasSubstr;
using Fate = Standing::Fate;
using Work = Standing::Work;
using namespace std::chrono_literals;

constexpr Instant kBegin = from_unix_us(1'700'000'000'000'000);
const Status kFull(Code::kResource, "the disk is full", "make room");

/// What mend() returns.
Mended found(Status is_open, bool has_core = true) {
  Mended mended;
  mended.is_open = std::move(is_open);
  if (has_core) mended.core = std::make_unique<core::Core>(core::Options{});
  if (!has_core) mended.is_read = Status(Code::kCorruption, "unreadable");
  return mended;
}

/// A broker whose disk has just become full, and that has read its store since.
Standing waiting(Instant at) {
  Standing standing;
  standing.commit_failed(kFull, at);
  EXPECT_EQ(standing.take_work(at), Work::kMend);
  standing.mended(found(kFull), at);
  return standing;
}

TEST(StandingTest, WhileAllIsWellEverythingIsServedAndThereIsNothingToDo) {
  Standing standing;
  EXPECT_EQ(standing.fate_of(wire::Report{}), Fate::kServe);
  EXPECT_EQ(standing.fate_of(wire::GetPoints{}), Fate::kServe);
  EXPECT_TRUE(standing.may_tick());
  EXPECT_FALSE(standing.next_work());
  EXPECT_EQ(standing.take_work(kBegin), Work::kNone);
}

TEST(StandingTest, RightAfterAFailureQuestionsWaitAndChangesAreRefused) {
  Standing standing;
  standing.commit_failed(kFull, kBegin);
  EXPECT_FALSE(standing.may_tick());
  EXPECT_FALSE(standing.is_readable());
  EXPECT_TRUE(standing.is_store_taken());
  EXPECT_EQ(standing.fate_of(wire::Hello{}), Fate::kServe);
  EXPECT_EQ(standing.fate_of(wire::Heartbeat{}), Fate::kAlive);
  EXPECT_EQ(standing.fate_of(wire::ListSweeps{}), Fate::kHold);
  EXPECT_EQ(standing.fate_of(wire::GetPoints{}), Fate::kHold);
  EXPECT_EQ(standing.fate_of(wire::GetLog{}), Fate::kHold);
  EXPECT_EQ(standing.fate_of(wire::Report{}), Fate::kRefuse);
  EXPECT_EQ(standing.fate_of(wire::Ask{}), Fate::kRefuse);
}

TEST(StandingTest, WhileTheDiskFailsQuestionsAreServedAndNothingElse) {
  const Standing standing = waiting(kBegin);
  EXPECT_TRUE(standing.is_readable());
  for (const wire::Message& question :
       {wire::Message(wire::ListSweeps{}), wire::Message(wire::GetSweep{}),
        wire::Message(wire::ListTrials{}), wire::Message(wire::GetPoints{}),
        wire::Message(wire::GetLog{}), wire::Message(wire::Hello{})}) {
    EXPECT_EQ(standing.fate_of(question), Fate::kServe) << wire::type_of(question);
  }
  for (const wire::Message& change :
       {wire::Message(wire::Ask{}), wire::Message(wire::Report{}), wire::Message(wire::Release{}),
        wire::Message(wire::Adopt{}), wire::Message(wire::Checkpoint{}),
        wire::Message(wire::Create{}), wire::Message(wire::Control{}),
        wire::Message(wire::Enqueue{}), wire::Message(wire::Retry{}),
        wire::Message(wire::Backup{})}) {
    EXPECT_EQ(standing.fate_of(change), Fate::kRefuse) << wire::type_of(change);
  }
  EXPECT_EQ(standing.fate_of(wire::Heartbeat{}), Fate::kAlive);
}

TEST(StandingTest, ARefusalSaysWhySinceWhenAndThatItIsTriedAgain) {
  const Standing standing = waiting(kBegin);
  const Status refusal = standing.refusal(kBegin + 75s);
  EXPECT_EQ(refusal.code(), Code::kUnavailable);
  EXPECT_THAT(refusal.message(), HasSubstr("since 75 s: the disk is full"));
  EXPECT_THAT(refusal.help(), HasSubstr("make room"));
  EXPECT_THAT(refusal.help(), HasSubstr("tries again by itself"));
  EXPECT_EQ(standing.since(), kBegin);
}

TEST(StandingTest, TheDiskIsProbedEachSecondAndOnlyOneThingIsDoneAtATime) {
  Standing standing = waiting(kBegin);
  for (Instant at = kBegin; at < kBegin + 10s; at += 1s) {
    EXPECT_EQ(standing.next_work(), at + 1s);
    EXPECT_EQ(standing.take_work(at + 999ms), Work::kNone);
    EXPECT_EQ(standing.take_work(at + 1s), Work::kProbe);
    EXPECT_FALSE(standing.next_work());
    EXPECT_EQ(standing.take_work(at + 1s), Work::kNone);
    standing.probed(kFull, at + 1s);
  }
}

TEST(StandingTest, OnceTheDiskWorksTheStoreIsOpenedAndMeanwhileOnlyTheCoreIsAsked) {
  Standing standing = waiting(kBegin);
  ASSERT_EQ(standing.take_work(kBegin + 1s), Work::kProbe);
  standing.probed(Status::ok(), kBegin + 1s);
  EXPECT_EQ(standing.take_work(kBegin + 1s), Work::kMend);
  EXPECT_TRUE(standing.is_store_taken());
  EXPECT_EQ(standing.fate_of(wire::GetPoints{}), Fate::kHold);
  EXPECT_EQ(standing.fate_of(wire::GetSweep{}), Fate::kServe);
  EXPECT_EQ(standing.fate_of(wire::Report{}), Fate::kRefuse);
  standing.mended(found(Status::ok()), kBegin + 2s);
  EXPECT_TRUE(standing.is_well());
  EXPECT_TRUE(standing.trouble());
  EXPECT_EQ(standing.fate_of(wire::Report{}), Fate::kServe);
}

TEST(StandingTest, WhatHealsAtOnceIsMendedAtOnce) {
  Standing standing;
  standing.commit_failed(kFull, kBegin);
  ASSERT_EQ(standing.take_work(kBegin), Work::kMend);
  standing.mended(found(Status::ok()), kBegin + 10ms);
  EXPECT_TRUE(standing.is_well());
}

TEST(StandingTest, AStoreThatDoesNotOpenIsTriedAgainLessAndLessOften) {
  Standing standing = waiting(kBegin);
  Instant at = kBegin;
  std::chrono::microseconds longest{};
  for (int i = 0; i < 20; ++i) {
    const auto pause = *standing.next_work() - at;
    EXPECT_GE(pause, longest);
    longest = pause;
    at += pause;
    ASSERT_EQ(standing.take_work(at), Work::kProbe);
    standing.probed(Status::ok(), at);
    ASSERT_EQ(standing.take_work(at), Work::kMend);
    standing.mended(found(kFull, false), at);
    EXPECT_TRUE(standing.is_readable()) << "from what had been read before";
  }
  EXPECT_EQ(longest, limits::kStoreRetryMax);
}

TEST(StandingTest, ADiskThatFailsAgainAndAgainIsTriedLessOften) {
  Standing standing;
  Instant at = kBegin;
  for (int i = 0; i < 10; ++i) {
    standing.commit_failed(kFull, at);
    ASSERT_EQ(standing.take_work(at), Work::kMend);
    standing.mended(found(kFull), at);
    at = *standing.next_work();
    ASSERT_EQ(standing.take_work(at), Work::kProbe);
    standing.probed(Status::ok(), at);
    ASSERT_EQ(standing.take_work(at), Work::kMend);
    standing.mended(found(Status::ok()), at);
    at += 1s;
  }
  standing.commit_failed(kFull, at);
  ASSERT_EQ(standing.take_work(at), Work::kMend);
  standing.mended(found(kFull), at);
  EXPECT_EQ(*standing.next_work() - at, limits::kStoreRetryMax);
}

TEST(StandingTest, WhatCannotBeReadIsNotServed) {
  Standing standing;
  standing.commit_failed(kFull, kBegin);
  ASSERT_EQ(standing.take_work(kBegin), Work::kMend);
  standing.mended(found(kFull, false), kBegin);
  EXPECT_EQ(standing.fate_of(wire::ListSweeps{}), Fate::kRefuse);
  EXPECT_EQ(standing.fate_of(wire::Hello{}), Fate::kServe);
}

TEST(StandingTest, AnOpenStoreThatCannotBeReadIsBuiltUponByNobody) {
  Standing standing = waiting(kBegin);
  ASSERT_EQ(standing.take_work(kBegin + 1s), Work::kProbe);
  standing.probed(Status::ok(), kBegin + 1s);
  ASSERT_EQ(standing.take_work(kBegin + 1s), Work::kMend);
  standing.mended(found(Status::ok(), false), kBegin + 1s);
  EXPECT_FALSE(standing.is_well());
  EXPECT_EQ(standing.fate_of(wire::Report{}), Fate::kRefuse);
  EXPECT_THAT(standing.refusal(kBegin + 2s).message(), HasSubstr("unreadable"));
}

/// A store over a disk in memory.
class MendTest : public testing::Test {
 protected:
  MendTest() {
    auto engine = store::MemoryEngine::open(disk_);
    auto opened = store::LogStore::open(std::move(*engine), store::Durability::kPower, 1);
    EXPECT_TRUE(opened);
    store_ = std::move(*opened);
  }
  Status create(const SweepId& id) {
    const core::Event event{++seq_, 1, id, core::SweepCreated{.spec = kSpec}};
    return store_->commit(std::span(&event, 1), {});
  }
  Mended mend_it(bool read_anyway) { return mend(store_.get(), {}, read_anyway); }

  static constexpr const char* kSpec = "method: random\nparameters: {x: {min: 0.0, max: 1.0}}\n";
  const std::shared_ptr<store::MemoryDisk> disk_ = std::make_shared<store::MemoryDisk>(1);
  std::unique_ptr<store::Store> store_;
  std::uint64_t seq_ = 0;
};

TEST_F(MendTest, WhileTheDiskFailsTheCoreIsWhatWasAcknowledged) {
  ASSERT_TRUE(create("aaaaaaaa"));
  disk_->set_fault(store::MemoryDisk::Fault::kFull);
  ASSERT_FALSE(create("bbbbbbbb"));
  const Mended mended = mend_it(true);
  EXPECT_EQ(mended.is_open.code(), Code::kResource);
  ASSERT_NE(mended.core, nullptr);
  EXPECT_EQ(mended.core->sweeps(), std::vector<SweepId>{"aaaaaaaa"});
  EXPECT_EQ(mend_it(false).core, nullptr) << "it has been read already";
}

TEST_F(MendTest, WhenTheDiskWorksAgainTheStoreTakesCommits) {
  ASSERT_TRUE(create("aaaaaaaa"));
  disk_->set_fault(store::MemoryDisk::Fault::kFull);
  ASSERT_FALSE(create("bbbbbbbb"));
  disk_->set_fault(store::MemoryDisk::Fault::kNone);
  const Mended mended = mend_it(false);
  ASSERT_TRUE(mended.is_open);
  ASSERT_NE(mended.core, nullptr);
  seq_ = mended.core->last_seq();
  EXPECT_TRUE(create("cccccccc"));
}

}  // namespace
}  // namespace scopa::server
