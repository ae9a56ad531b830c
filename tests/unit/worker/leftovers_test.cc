// What a worker that was killed leaves: real trainers whose parent is gone.
#include "sdk/session/leftovers.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <future>
#include <thread>

#include "sdk/session/environment.h"
#include "tests/support/monotonic.h"
#include "tests/support/temp_folder.h"
#include "worker/process_runner.h"

namespace scopa::worker {
namespace {

using namespace std::chrono_literals;
using session::LeftAttempt;
using session::TrialEnd;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LeftoversTest : public ::testing::Test {
 protected:
  void TearDown() override {
    if (trainer_ > 1) kill(-trainer_, SIGKILL);
  }
  RunnerOptions options() {
    RunnerOptions o;
    o.worker = "w1";
    o.endpoint = "tcp://head:7654";
    o.folder = folder_ / "store";
    o.program_folder = folder_.path();
    o.memory_root = memory_;
    o.slots = {SlotDevice{}};
    o.environment = session::process_environment();
    o.variables = session::process_variables();
    return o;
  }
  static bool eventually(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }
  /// A worker in a process of its own starts the trainer and is killed at once, or after it has
  /// seen its end.
  void leave_behind(const std::string& script, bool until_its_end = false) {
    folder_.script("train", "echo $$ > pid.new; mv pid.new pid\n" + script);
    const pid_t worker = fork();
    if (worker == 0) {
      wire::Assign assign;
      assign.sweep = "k3v9q2ha";
      assign.trial = 17;
      assign.attempt = 2;
      assign.command = {"./train"};
      assign.metric = "loss";
      assign.grace_ms = grace_.count();
      ProcessRunner runner(options());
      auto execution = runner.start(0, assign, monotonic());
      while (execution && until_its_end && !(*execution)->poll(monotonic())) usleep(1000);
      kill(getpid(), SIGKILL);
    }
    int status = 0;
    waitpid(worker, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_TRUE(eventually([&] { return std::filesystem::exists(folder_ / "pid"); }));
    trainer_ = std::stoi(TempFolder::text_of(folder_ / "pid"));
  }
  session::LeftoverQuery query(const std::string& sweep, const std::string& endpoint) const {
    session::LeftoverQuery query;
    query.memory_root = memory_;
    query.sweep = sweep;
    query.endpoint = endpoint;
    query.max = 10;
    return query;
  }
  std::vector<LeftAttempt> take(const std::string& sweep = "k3v9q2ha",
                                const std::string& endpoint = "tcp://other:1") {
    return session::take_leftovers(query(sweep, endpoint),
                                   [&](const std::string& line) { told_ += line + "\n"; });
  }
  bool trainer_lives() const {
    const std::string stat = TempFolder::text_of("/proc/" + std::to_string(trainer_) + "/stat");
    const std::size_t name_end = stat.rfind(')');
    return name_end != std::string::npos && stat[name_end + 2] != 'Z';
  }
  bool group_lives() const { return ProcessGroup::adopt(trainer_, 1)->has_living_members(); }
  TrialEnd wait_for_end(session::Execution& execution) {
    TrialEnd end;
    EXPECT_TRUE(eventually([&] {
      auto found = execution.poll(monotonic());
      if (found) end = *found;
      return found.has_value();
    }));
    return end;
  }
  std::unique_ptr<session::Execution> adopt(LeftAttempt left) {
    ProcessRunner runner(options());
    auto execution = runner.adopt(std::move(left));
    EXPECT_TRUE(execution) << execution.status().to_string();
    return execution ? std::move(*execution) : nullptr;
  }
  static std::vector<std::int64_t> steps(journal::Journal& journal) {
    PointBlock block;
    journal.read(0, 1000, true, &block);
    return block.step;
  }
  void touch(const std::string& name) { std::ofstream(folder_ / name) << '\n'; }

  TempFolder folder_;
  std::string memory_ = folder_ / "memory";
  std::string told_;
  pid_t trainer_ = 0;
  std::chrono::milliseconds grace_{};  ///< of the sweep
};

TEST_F(LeftoversTest, AnAdoptedTrainerKeepsTheGraceOfItsSweep) {
  grace_ = 123ms;
  leave_behind("trap '' TERM; touch written; while :; do sleep 0.01; done");
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(folder_ / "written"); }));
  auto lefts = take();
  ASSERT_THAT(lefts, SizeIs(1));
  EXPECT_EQ(lefts[0].place.owner().grace, 123ms);
  auto execution = adopt(std::move(lefts[0]));
  execution->stop(StopReason::kPruned, monotonic(), std::chrono::microseconds::max());
  EXPECT_EQ(wait_for_end(*execution).forced, wire::Forced::kKill);
  EXPECT_FALSE(trainer_lives());
}

TEST(TrialEndTest, WhatAWorkerNotedIsReadAsItWas) {
  TrialEnd end;
  end.outcome = wire::Outcome::kKilled;
  end.signal = 9;
  end.cause = Cause::kCrash;
  end.forced = wire::Forced::kKill;
  end.message = "two\nlines";
  const auto read = session::end_from(session::end_text(end));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->outcome, end.outcome);
  EXPECT_EQ(read->signal, 9);
  EXPECT_EQ(read->cause, end.cause);
  EXPECT_EQ(read->forced, end.forced);
  EXPECT_EQ(read->message, end.message);
  const auto older = session::end_from("0 3 0 0 0 4\nno luck");
  ASSERT_TRUE(older) << "of a worker that did not note the force";
  EXPECT_EQ(older->exit_code, 3);
  EXPECT_EQ(older->forced, wire::Forced::kNot);
  EXPECT_EQ(older->message, "no luck");
  EXPECT_FALSE(session::end_from("0 3 0 0 0 4 x\n"));
}

TEST_F(LeftoversTest, ATrainerWritesOnWhileNobodyIsThereAndItsMetricsAreTakenLater) {
  leave_behind(
      "for i in 1 2 3; do echo \"{\\\"loss\\\": $i}\" > $SCOPA_METRICS; done\n"
      "touch written; while [ ! -e go ]; do sleep 0.01; done\n"
      "echo '{\"loss\": 4}' > $SCOPA_METRICS; echo done");
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(folder_ / "written"); }));
  auto lefts = take();
  ASSERT_THAT(lefts, SizeIs(1));
  EXPECT_TRUE(lefts[0].runs);
  EXPECT_EQ(lefts[0].place.owner().device, "cpu");
  EXPECT_EQ(lefts[0].journal->header().trial, 17U);
  auto execution = adopt(std::move(lefts[0]));
  EXPECT_THAT(take(), IsEmpty()) << "it has an owner again";
  EXPECT_FALSE(execution->poll(monotonic()).has_value());
  EXPECT_THAT(steps(execution->journal()), ElementsAre(0, 1, 2));
  touch("go");
  const TrialEnd end = wait_for_end(*execution);
  EXPECT_THAT(steps(execution->journal()), ElementsAre(0, 1, 2, 3));
  EXPECT_TRUE(end.interrupted) << "without the SDK nobody knows how it ended";
  EXPECT_EQ(end.cause, Cause::kNode);
  execution->forget();
  EXPECT_TRUE(std::filesystem::is_empty(memory_));
}

TEST_F(LeftoversTest, ItsWorkerFindsItWhileOneOfAnotherSweepLooksAtIt) {
  leave_behind("while [ ! -e go ]; do sleep 0.01; done");
  std::future<std::vector<LeftAttempt>> found;
  const auto meanwhile = [&](const std::string&) {
    found = std::async(std::launch::async, [&] {
      return session::take_leftovers(query("k3v9q2ha", "tcp://head:7654"),
                                     [](const std::string&) {});
    });
    // Long enough for one that does not wait for its turn.
    found.wait_for(300ms);
  };
  EXPECT_THAT(session::take_leftovers(query("zzzzzzzz", "tcp://other:1"), meanwhile), IsEmpty());
  ASSERT_TRUE(found.valid()) << "the other one has told that it saw it";
  EXPECT_THAT(found.get(), SizeIs(1));
  touch("go");
}

TEST_F(LeftoversTest, AnAdoptedTrainersStepsGoOnAfterItsLastPoint) {
  leave_behind("while [ ! -e go ]; do sleep 0.01; done; echo '{\"loss\": 2}' > $SCOPA_METRICS");
  auto lefts = take();
  ASSERT_THAT(lefts, SizeIs(1));
  ASSERT_TRUE(lefts[0].journal->append("loss", 41, 1, 0));  // by the dead worker
  auto execution = adopt(std::move(lefts[0]));
  touch("go");
  wait_for_end(*execution);
  EXPECT_THAT(steps(execution->journal()), ElementsAre(41, 42));
}

TEST_F(LeftoversTest, AnAdoptedTrainerIsEndedWithAllThatItStarted) {
  leave_behind("sleep 1000 & echo $! > grandchild; trap '' TERM; touch written; sleep 1000");
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(folder_ / "written"); }));
  auto lefts = take();
  ASSERT_THAT(lefts, SizeIs(1));
  auto execution = adopt(std::move(lefts[0]));
  execution->stop(StopReason::kFenced, monotonic(), 100ms);
  const TrialEnd end = wait_for_end(*execution);
  EXPECT_FALSE(end.interrupted);
  EXPECT_FALSE(trainer_lives());
  EXPECT_FALSE(group_lives());
}

TEST_F(LeftoversTest, WhatATrainerLeftBehindEndsWithItsAdoption) {
  leave_behind("sleep 1000 & touch written; exit 0");
  ASSERT_TRUE(eventually([&] { return !trainer_lives(); }));
  auto lefts = take();
  ASSERT_THAT(lefts, SizeIs(1));
  EXPECT_TRUE(lefts[0].runs);
  auto execution = adopt(std::move(lefts[0]));
  wait_for_end(*execution);
  EXPECT_FALSE(group_lives());
}

TEST_F(LeftoversTest, OneThatHasEndedIsTakenWithHowItsWorkerSawItEnd) {
  leave_behind("echo '{\"loss\": 1}' > $SCOPA_METRICS; echo 'no luck' >&2; exit 3", true);
  auto lefts = take();
  ASSERT_THAT(lefts, SizeIs(1));
  EXPECT_FALSE(lefts[0].runs);
  const TrialEnd end = end_of(lefts[0]);
  EXPECT_EQ(end.exit_code, 3);
  EXPECT_EQ(end.cause, Cause::kUserError);
  EXPECT_EQ(end.message, "no luck");
  EXPECT_THAT(steps(*lefts[0].journal), ElementsAre(0));
}

TEST_F(LeftoversTest, OneThatEndedUnseenIsTriedAgain) {
  leave_behind("exit 0");
  ASSERT_TRUE(eventually([&] { return !trainer_lives(); }));
  auto lefts = take();
  ASSERT_THAT(lefts, SizeIs(1));
  const TrialEnd end = end_of(lefts[0]);
  EXPECT_TRUE(end.interrupted);
  EXPECT_EQ(end.cause, Cause::kNode);
}

TEST_F(LeftoversTest, AnotherBrokersAreLeftAloneForADay) {
  leave_behind("sleep 1000");
  EXPECT_THAT(take("another0"), IsEmpty());
  EXPECT_THAT(told_, HasSubstr("of a dead worker of tcp://head:7654 still runs here"));
  EXPECT_TRUE(trainer_lives());
  for (const auto& place : std::filesystem::directory_iterator(memory_)) {
    std::filesystem::last_write_time(
        place.path() / "seen",
        std::filesystem::file_time_type::clock::now() - limits::kOrphanMax - 1min);
  }
  EXPECT_THAT(take("another0"), IsEmpty());
  EXPECT_TRUE(eventually([&] { return !trainer_lives(); }));
  EXPECT_TRUE(std::filesystem::is_empty(memory_));
}

TEST_F(LeftoversTest, ThoseOfTheSameBrokerAreTakenForEverySweep) {
  leave_behind("sleep 1000");
  EXPECT_THAT(take("another0", "tcp://head:7654"), SizeIs(1));
}

TEST_F(LeftoversTest, ATrainerThatItsWorkerHadNoTimeToNoteIsFound) {
  leave_behind("sleep 1000");
  {
    auto lefts = take();
    ASSERT_THAT(lefts, SizeIs(1));
    ASSERT_TRUE(lefts[0].place.note_trainer(0));
  }
  const auto lefts = take();
  ASSERT_THAT(lefts, SizeIs(1));
  EXPECT_TRUE(lefts[0].runs);
  EXPECT_EQ(lefts[0].place.owner().trainer, trainer_);
}

TEST_F(LeftoversTest, AnotherProcessOfTheSameNumberIsNotTouched) {
  leave_behind("exit 0");
  ASSERT_TRUE(eventually([&] { return !trainer_lives(); }));
  const pid_t other = fork();
  if (other == 0) {
    setpgid(0, 0);
    pause();
  }
  setpgid(other, other);
  {
    auto lefts = take();
    ASSERT_THAT(lefts, SizeIs(1));
    ASSERT_TRUE(lefts[0].place.note_trainer(other));
    std::string text = TempFolder::text_of(lefts[0].place.folder() + "/owner");
    const std::string start = " " + std::to_string(lefts[0].place.owner().trainer_start) + "\n";
    text.replace(text.find(start), start.size(), " 1\n");
    std::ofstream(lefts[0].place.folder() + "/owner") << text;
  }
  const auto lefts = take();
  ASSERT_THAT(lefts, SizeIs(1));
  EXPECT_FALSE(lefts[0].runs);
  EXPECT_EQ(kill(other, 0), 0);
  kill(other, SIGKILL);
  waitpid(other, nullptr, 0);
}

TEST_F(LeftoversTest, WithoutMemoryAPlaceInTheTrialsFolderIsFoundByItsLink) {
  auto place = session::JournalPlace::make("/proc/nowhere", folder_ / "store", "one");
  ASSERT_TRUE(place);
  EXPECT_THAT(place->folder(), HasSubstr("store/one"));
  EXPECT_EQ(session::JournalPlace::take(folder_ / "store", "one").status().code(), Code::kConflict);
}

TEST_F(LeftoversTest, AnythingElseInTheFolderStays) {
  std::filesystem::create_directories(memory_);
  std::filesystem::permissions(memory_, std::filesystem::perms::owner_all);
  std::ofstream(memory_ + "/file") << "text";
  std::filesystem::create_directories(memory_ + "/folder");
  EXPECT_THAT(take(), IsEmpty());
  EXPECT_TRUE(std::filesystem::exists(memory_ + "/file"));
  EXPECT_TRUE(std::filesystem::exists(memory_ + "/folder"));
}

TEST(EndTextTest, TellsAllAgain) {
  TrialEnd end;
  end.outcome = wire::Outcome::kSignaled;
  end.signal = 11;
  end.exit_code = -1;
  end.interrupted = true;
  end.cause = Cause::kCrash;
  end.message = "SIGSEGV\nline 2";
  const auto again = session::end_from(session::end_text(end));
  ASSERT_TRUE(again.has_value());
  EXPECT_EQ(again->outcome, end.outcome);
  EXPECT_EQ(again->signal, 11);
  EXPECT_EQ(again->exit_code, -1);
  EXPECT_FALSE(again->ran_to_end);
  EXPECT_TRUE(again->interrupted);
  EXPECT_EQ(again->cause, Cause::kCrash);
  EXPECT_EQ(again->message, end.message);
  EXPECT_FALSE(session::end_from("").has_value());
  EXPECT_FALSE(session::end_from("1 2 three").has_value());
}

}  // namespace
}  // namespace scopa::worker
