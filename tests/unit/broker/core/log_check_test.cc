#include "broker/core/log_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace scopa::core {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A log that is written event by event, and what is wrong with it.
class LogCheckTest : public testing::Test {
 protected:
  LogCheckTest() { event(SweepCreated{.run_cap = 2}); }

  std::uint64_t event(EventBody body) {
    check_.add(Event{++seq_, 1, "aaaaaaaa", std::move(body)});
    return seq_;
  }
  void create(std::uint64_t trial, Origin origin = Origin::kSampler) {
    TrialCreated created;
    created.trial = trial;
    created.origin = static_cast<std::uint8_t>(origin);
    event(created);
  }
  void start(std::uint64_t trial, std::uint32_t attempt) {
    event(AttemptStarted{.trial = trial, .attempt = attempt});
  }
  void end(std::uint64_t trial, std::uint32_t attempt, TrialState state, std::uint64_t points = 0,
           bool lease_lost = false) {
    AttemptEnded ended;
    ended.trial = trial;
    ended.attempt = attempt;
    ended.state = static_cast<std::uint8_t>(state);
    ended.points = points;
    ended.lease_lost = lease_lost;
    event(ended);
  }
  void move(SweepState state) {
    event(SweepStateChanged{.state = static_cast<std::uint8_t>(state)});
  }
  void report(std::uint64_t seq, std::uint64_t from, std::uint64_t to, std::uint64_t points = 0) {
    check_.add(LogCheck::Report{seq, 0, 1, from, to, points});
  }
  const std::vector<std::string>& found() {
    check_.finish();
    return problems_;
  }

  std::vector<std::string> problems_;
  LogCheck check_{
      [this](std::uint64_t, std::string problem) { problems_.push_back(std::move(problem)); }};
  std::uint64_t seq_ = 0;
};

TEST_F(LogCheckTest, ALogAsABrokerWritesItIsSound) {
  create(0);
  start(0, 1);
  report(10, 0, 5, 5);
  seq_ = 10;
  event(AttemptSuspected{.trial = 0, .attempt = 1});
  event(AttemptHeld{.trial = 0, .attempt = 1});
  end(0, 1, TrialState::kQueued, 5, true);
  start(0, 2);
  end(0, 2, TrialState::kCompleted);
  create(1);
  move(SweepState::kPaused);
  move(SweepState::kRunning);
  move(SweepState::kFinished);
  EXPECT_THAT(found(), IsEmpty());
  EXPECT_THAT(check_.counts(), ElementsAre(1, 0, 1, 0, 0, 0, 0));
  EXPECT_EQ(check_.attempts(), 2U);
}

TEST_F(LogCheckTest, PointsThatCameAfterALostAttemptsEndAreNoneOfThoseItEndedWith) {
  create(0);
  start(0, 1);
  report(4, 0, 5, 5);
  seq_ = 4;
  end(0, 1, TrialState::kQueued, 5, true);
  report(6, 5, 9, 4);
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(LogCheckTest, NumbersFollowEachOther) {
  create(1);
  create(0);
  start(0, 2);
  EXPECT_THAT(found(), ElementsAre(HasSubstr("creates trial 1 where trial 0 should be"),
                                   HasSubstr("creates trial 0 where trial 2 should be"),
                                   HasSubstr("attempt 2 of trial 0 follows attempt 0")));
}

TEST_F(LogCheckTest, AnEnormousNumberAsksForNoMemory) {
  create(UINT64_MAX - 1);
  EXPECT_THAT(found(), ElementsAre(HasSubstr("should be")));
}

TEST_F(LogCheckTest, NoMoreIsProposedThanTheRunCapAllows) {
  for (std::uint64_t trial = 0; trial < 3; ++trial) create(trial);
  EXPECT_THAT(found(), ElementsAre(HasSubstr("configuration 3 was proposed with a run cap of 2")));
}

TEST_F(LogCheckTest, TrialsMoveAlongTheirStatesOnly) {
  create(0);
  start(0, 1);
  end(0, 1, TrialState::kCompleted);
  start(0, 2);
  event(TrialStateChanged{.trial = 0, .state = static_cast<std::uint8_t>(TrialState::kFailed)});
  EXPECT_THAT(found(), ElementsAre(HasSubstr("attempt 2 of trial 0 starts while the trial is comp"),
                                   HasSubstr("trial 0 goes from running to failed without"),
                                   HasSubstr("trial 0 is failed and has an attempt that runs")));
}

TEST_F(LogCheckTest, SweepsMoveAlongTheirStatesOnly) {
  create(0);
  start(0, 1);
  move(SweepState::kFinished);
  move(SweepState::kPaused);
  create(1);
  EXPECT_THAT(found(), ElementsAre(HasSubstr("the sweep is finished while trial 0 runs"),
                                   HasSubstr("the sweep goes from finished to paused"),
                                   HasSubstr("was proposed while the sweep was paused")));
}

TEST_F(LogCheckTest, AnAttemptEndsOnceAndIsTakenUpOnlyWhenNobodyElseHasTheTrial) {
  create(0);
  start(0, 1);
  end(0, 1, TrialState::kQueued);
  end(0, 1, TrialState::kQueued);
  event(AttemptHeld{.trial = 0, .attempt = 1});
  EXPECT_THAT(found(), ElementsAre(HasSubstr("attempt 1 of trial 0 ends a second time"),
                                   HasSubstr("is taken up again, which it may not be")));
}

TEST_F(LogCheckTest, OffsetsHaveNoHoleAndNoOverlap) {
  create(0);
  start(0, 1);
  report(4, 0, 5, 5);
  report(5, 6, 8, 2);
  report(6, 7, 9, 2);
  report(7, 9, 10, 2);
  EXPECT_THAT(found(),
              ElementsAre(HasSubstr("points [6, 8) of attempt 1 of trial 0 follow point 5"),
                          HasSubstr("points [7, 9) of attempt 1 of trial 0 follow point 8"),
                          HasSubstr("points [9, 10) of attempt 1 of trial 0 are 2")));
}

TEST_F(LogCheckTest, WhatIsSaidOfAnEndIsWhatIsStored) {
  create(0);
  start(0, 1);
  report(4, 0, 5, 5);
  seq_ = 4;
  end(0, 1, TrialState::kCompleted, 7);
  EXPECT_THAT(found(),
              ElementsAre(HasSubstr("attempt 1 of trial 0 ended with 7 points, stored are 5")));
}

TEST_F(LogCheckTest, WhatIsNotThereIsNotNamed) {
  event(StopDecided{.trial = 3, .attempt = 1});
  create(0);
  event(CheckpointSaved{.trial = 0, .attempt = 1});
  event(SweepCreated{});
  EXPECT_THAT(found(),
              ElementsAre(HasSubstr("names trial 3"), HasSubstr("names attempt 1 of trial"),
                          HasSubstr("creates the sweep again")));
}

}  // namespace
}  // namespace scopa::core
