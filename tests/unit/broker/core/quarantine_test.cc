// Workers and hosts whose trials fail while those of others do not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kLongSweep[] = R"(
method: random
metric: {name: loss, goal: minimize}
parameters: {x: {min: 0, max: 1000000}}
run_cap: 60
)";

class QuarantineTest : public testing::Test {
 protected:
  void succeed(ClientId worker, const SweepId& sweep) {
    const wire::Assign trial = h.ask(worker, sweep);
    ASSERT_FALSE(trial.sweep.empty());
    h.report(worker, trial, 0, {1.0});
    h.release(worker, trial, 1);
  }
  /// False when it got no trial.
  bool fail(ClientId worker, const SweepId& sweep, Cause cause = Cause::kUserError) {
    const wire::Assign trial = h.ask(worker, sweep);
    if (trial.sweep.empty()) return false;
    wire::Release release;
    release.sweep = trial.sweep;
    release.trial = trial.trial;
    release.attempt = trial.attempt;
    release.exit_code = 1;
    release.cause = static_cast<std::uint8_t>(cause);
    release.message = "disk full";
    h.send(worker, release);
    return true;
  }
  wire::NoWork no_work(ClientId worker, const SweepId& sweep) {
    return h.ask_for<wire::NoWork>(
        worker, wire::Ask{.request = ++requests_, .sweep = sweep, .device = "cpu"});
  }
  /// A worker on a good host succeeds and one on a bad host fails, in turns, until it is out.
  void quarantine_bad(const SweepId& sweep) {
    for (int i = 0; i < 20; ++i) {
      succeed(good, sweep);
      if (!fail(bad, sweep)) return;
    }
    FAIL() << "nobody was quarantined";
  }

  CoreHarness h;
  ClientId good = h.hello_worker("good-1", "good");
  ClientId bad = h.hello_worker("bad-1", "bad");
  std::uint64_t requests_ = 1000;
};

TEST_F(QuarantineTest, AWorkerThatFailsWhileOthersDoNotGetsNoMoreTrialsAndHearsWhy) {
  const SweepId sweep = h.create(kLongSweep);
  quarantine_bad(sweep);
  const wire::NoWork answer = no_work(bad, sweep);
  EXPECT_TRUE(answer.quarantined);
  EXPECT_FALSE(answer.finished);
  EXPECT_THAT(answer.reason, HasSubstr("disk full"));
  const wire::SweepInfo info = h.info(sweep);
  ASSERT_THAT(info.quarantined, SizeIs(1));
  EXPECT_THAT(info.quarantined[0], HasSubstr("worker bad-1"));
  EXPECT_THAT(info.notices, testing::Contains(HasSubstr("on host bad is quarantined")));
  EXPECT_EQ(h.difference_after_replay(sweep), "");
  succeed(good, sweep);
}

TEST_F(QuarantineTest, ItsFailedTrialsAreTriedAgainElsewhere) {
  const SweepId sweep = h.create(kLongSweep);
  quarantine_bad(sweep);
  const wire::SweepInfo info = h.info(sweep);
  EXPECT_EQ(info.counts.failed, 0U);
  EXPECT_GE(info.counts.queued, limits::kQuarantineFailures);
  const std::uint64_t trials = info.counts.total();
  for (std::uint64_t i = 0; i < info.counts.queued; ++i) succeed(good, sweep);
  EXPECT_EQ(h.info(sweep).counts.completed, trials);
}

TEST_F(QuarantineTest, ATrialIsRescuedOnlySoOften) {
  const SweepId sweep = h.create(kLongSweep);
  const wire::Assign first = h.ask(good, sweep);
  h.report(good, first, 0, {1.0});
  h.advance(std::chrono::seconds(20));
  h.send(good, wire::Heartbeat{1, {wire::attempt_of(first)}});
  for (int host = 0; host < 12; ++host) {
    const std::string name = "bad-host-" + std::to_string(host);
    const ClientId worker = h.hello_worker(name + "-w", name);
    for (int i = 0; i < 20 && fail(worker, sweep, Cause::kNode); ++i) {
    }
  }
  std::map<std::uint64_t, std::uint32_t> rescues;
  for (const Event& event : h.events) {
    const auto* changed = std::get_if<TrialStateChanged>(&event.body);
    if (changed != nullptr && changed->requeued == static_cast<std::uint8_t>(Requeued::kRescued)) {
      EXPECT_LE(++rescues[changed->trial], limits::kRescuesMax);
    }
  }
  EXPECT_THAT(rescues, testing::Not(IsEmpty()));
}

TEST_F(QuarantineTest, WhereEveryoneFailsTheSweepIsPausedAndNobodyQuarantined) {
  const SweepId sweep = h.create(kLongSweep);
  succeed(good, sweep);  // it went well once; then a shared folder is gone
  for (int i = 0; i < 20; ++i) fail(i % 2 == 0 ? bad : good, sweep);
  EXPECT_THAT(h.info(sweep).quarantined, IsEmpty());
  EXPECT_EQ(static_cast<SweepState>(h.info(sweep).state), SweepState::kPaused);
  EXPECT_EQ(h.info(sweep).counts.failed, 9u);
}

TEST_F(QuarantineTest, ALoneWorkerIsNeverQuarantined) {
  const SweepId sweep = h.create(kLongSweep);
  succeed(bad, sweep);
  for (int i = 0; i < 20; ++i) fail(bad, sweep);
  EXPECT_THAT(h.info(sweep).quarantined, IsEmpty());
  EXPECT_EQ(static_cast<SweepState>(h.info(sweep).state), SweepState::kPaused);
}

TEST_F(QuarantineTest, AQuarantineEndsTheStreakThatItExplains) {
  const SweepId sweep = h.create(kLongSweep);
  for (int i = 0; i < 4; ++i) succeed(good, sweep);
  const wire::Assign runs_on = h.ask(good, sweep);
  h.report(good, runs_on, 0, {1.0});
  h.advance(std::chrono::seconds(20));
  h.send(good, wire::Heartbeat{1, {wire::attempt_of(runs_on)}});
  for (int i = 0; i < 20 && fail(bad, sweep); ++i) {
  }
  EXPECT_THAT(h.info(sweep).quarantined, testing::SizeIs(1));
  EXPECT_EQ(static_cast<SweepState>(h.info(sweep).state), SweepState::kRunning);
}

TEST_F(QuarantineTest, WhoSucceedsNowAndThenStays) {
  const SweepId sweep = h.create(kLongSweep);
  for (int i = 0; i < 8; ++i) {
    succeed(good, sweep);
    EXPECT_TRUE(fail(bad, sweep));
    EXPECT_TRUE(fail(bad, sweep));
    succeed(bad, sweep);
  }
  EXPECT_THAT(h.info(sweep).quarantined, IsEmpty());
}

TEST_F(QuarantineTest, WhatIsTheConfigurationsOrTheNetworksDoesNotCount) {
  const SweepId sweep = h.create(kLongSweep);
  for (int i = 0; i < 4; ++i) {
    succeed(good, sweep);
    EXPECT_TRUE(fail(bad, sweep, Cause::kNan));
    EXPECT_TRUE(fail(bad, sweep, Cause::kTimeout));
    EXPECT_TRUE(fail(bad, sweep, Cause::kPreempted));
  }
  EXPECT_THAT(h.info(sweep).quarantined, IsEmpty());
}

TEST_F(QuarantineTest, AFastFailureIsSeenWhileTheTrialsOfOthersStillRun) {
  const SweepId sweep = h.create(kLongSweep);
  std::vector<wire::AttemptRef> running;
  for (int i = 0; i < 4; ++i) {
    const wire::Assign trial = h.ask(good, sweep);
    h.report(good, trial, 0, {1.0});
    running.push_back(wire::attempt_of(trial));
  }
  h.advance(std::chrono::seconds(20));
  h.send(good, wire::Heartbeat{1, running});
  int failures = 0;
  while (failures < 20 && fail(bad, sweep)) ++failures;
  EXPECT_GE(failures, static_cast<int>(limits::kQuarantineFailures));
  EXPECT_LE(failures, 6) << "and the sweep is not paused for it";
  EXPECT_EQ(h.info(sweep).state, static_cast<std::uint8_t>(SweepState::kRunning));
}

TEST_F(QuarantineTest, AHostWhoseWorkersAllFailIsQuarantinedAsAWhole) {
  const SweepId sweep = h.create(kLongSweep);
  int workers = 0;
  for (; workers < 20 && h.info(sweep).quarantined.empty(); ++workers) {
    succeed(good, sweep);
    fail(h.hello_worker("task-" + std::to_string(workers), "bad"), sweep);  // one trial each
  }
  ASSERT_THAT(h.info(sweep).quarantined, SizeIs(1));
  EXPECT_THAT(h.info(sweep).quarantined[0], HasSubstr("host bad"));
  EXPECT_LE(workers, 7);
  EXPECT_TRUE(no_work(h.hello_worker("task-new", "bad"), sweep).quarantined);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(QuarantineTest, ARestartedWorkerGetsOneMoreTrialAndThenItsHostIsOut) {
  const SweepId sweep = h.create(kLongSweep);
  quarantine_bad(sweep);
  const ClientId again = h.hello_worker("bad-2", "bad");
  EXPECT_TRUE(fail(again, sweep));
  EXPECT_TRUE(no_work(again, sweep).quarantined);
  EXPECT_TRUE(no_work(h.hello_worker("bad-3", "bad"), sweep).quarantined);
}

TEST_F(QuarantineTest, AConfigurationThatFailsInTwoPlacesIsHeldAgainstNeither) {
  const SweepId sweep = h.create(std::string(kLongSweep) + "retries: 1\n");
  const ClientId third = h.hello_worker("third-1", "third");
  for (int i = 0; i < 8; ++i) {
    const wire::Assign trial = h.ask(bad, sweep);
    h.release(bad, trial, 0, 1, "oom");
    const wire::Assign again = h.ask(good, sweep);
    EXPECT_EQ(again.trial, trial.trial);
    h.release(good, again, 0, 1, "oom");
    succeed(third, sweep);
  }
  EXPECT_THAT(h.info(sweep).quarantined, IsEmpty());
}

TEST_F(QuarantineTest, ResumeLetsAllInAgain) {
  const SweepId sweep = h.create(kLongSweep);
  quarantine_bad(sweep);
  h.send(CoreHarness::kCli, wire::Control{1, sweep, 1});
  EXPECT_THAT(h.info(sweep).quarantined, IsEmpty());
  succeed(bad, sweep);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(QuarantineTest, OneCanBeLetInByName) {
  const SweepId sweep = h.create(kLongSweep);
  quarantine_bad(sweep);
  const auto lift = [&](const std::string& name) {
    return wire::Control{1, sweep, static_cast<std::uint8_t>(wire::Action::kLift), 0, false, name};
  };
  const wire::Error error = h.error_of(CoreHarness::kCli, lift("bad-11"));
  EXPECT_EQ(error.code, static_cast<std::int32_t>(Code::kNotFound));
  EXPECT_THAT(error.help, HasSubstr("bad-1"));
  EXPECT_EQ(h.ask_for<wire::Done>(CoreHarness::kCli, lift("bad")).sweep, sweep);
  EXPECT_THAT(h.info(sweep).quarantined, IsEmpty());
  succeed(bad, sweep);
}

TEST_F(QuarantineTest, ARestartedBrokerHoldsTheSameAgainstEach) {
  const SweepId sweep = h.create(kLongSweep);
  for (int i = 0; i < 5; ++i) {
    succeed(good, sweep);
    ASSERT_TRUE(fail(bad, sweep));
  }
  ASSERT_THAT(h.info(sweep).quarantined, IsEmpty());
  h.restart();
  good = h.hello_worker("good-1", "good");
  bad = h.hello_worker("bad-1", "bad");
  succeed(good, sweep);
  ASSERT_TRUE(fail(bad, sweep));
  EXPECT_THAT(h.info(sweep).quarantined, SizeIs(1));
}

TEST_F(QuarantineTest, WhatFailsOnAQuarantinedWorkerAfterThatIsTriedAgainElsewhereToo) {
  const SweepId sweep = h.create(kLongSweep);
  const wire::Assign running = h.ask(bad, sweep);
  quarantine_bad(sweep);
  h.release(bad, running, 0, 1, "disk full");
  EXPECT_EQ(h.trial(sweep, running.trial).state, static_cast<std::uint8_t>(TrialState::kQueued));
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(QuarantineTest, WhatAQuarantinedWorkerStillRunsMayEnd) {
  const SweepId sweep = h.create(kLongSweep);
  const wire::Assign running = h.ask(bad, sweep);
  h.report(bad, running, 0, {1.0});
  quarantine_bad(sweep);
  EXPECT_EQ(h.release(bad, running, 1).state, static_cast<std::uint8_t>(TrialState::kCompleted));
}

}  // namespace
}  // namespace scopa::core
