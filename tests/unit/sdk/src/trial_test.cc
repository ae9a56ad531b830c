#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "tests/unit/sdk/src/trial_fixture.h"

namespace scopa {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST_F(TrialTest, AttachedTrialsKnowWhoTheyAre) {
  auto& journal = start_in_sweep({{"lr", 0.5}});
  Trial trial = Trial::current();
  EXPECT_EQ(trial.id(), "k3v9q2ha/17");
  EXPECT_EQ(trial.number(), 17u);
  EXPECT_EQ(trial.attempt(), 2u);
  EXPECT_EQ(trial.seed(), 42u);
  EXPECT_EQ(trial.goal(), "val_loss");
  EXPECT_EQ(trial.folder(), temp_ / "trial");
  EXPECT_EQ(trial.checkpoint_path(), temp_ / "trial/checkpoint");
  EXPECT_EQ(trial.resume_step(), -1);
  EXPECT_EQ(trial.params_json(), "{\"lr\":0.5}");
  EXPECT_FALSE(trial.standalone());
  EXPECT_EQ(trial.error(), "");
  EXPECT_TRUE(journal.attached());
}

TEST_F(TrialTest, AStopIsNotedAsSeenOnlyWhenTheTrainerHasBeenToldOfIt) {
  auto& journal = start_in_sweep();
  Trial trial = Trial::current();
  EXPECT_FALSE(trial.should_stop());
  journal.set_stop(StopReason::kPruned);
  EXPECT_FALSE(journal.stop_seen());
  EXPECT_TRUE(trial.should_stop());
  EXPECT_TRUE(journal.stop_seen());
}

TEST_F(TrialTest, PointsReachTheJournalByHandleByNameAndByGroup) {
  auto& journal = start_in_sweep();
  Trial trial = Trial::current();
  trial.metric("loss").log(1, 0.5);
  trial.log("loss", 2, 0.25);
  trial.log(3, {{"loss", 0.125}, {"acc", 1}});
  Metric().log(1, 1);
  EXPECT_THAT(points_of(journal),
              ElementsAre("loss@1=0.5", "loss@2=0.25", "loss@3=0.125", "acc@3=1.0"));
}

TEST_F(TrialTest, MoreValuesThanFitAtOnceAreAllLogged) {
  auto& journal = start_in_sweep();
  Trial trial = Trial::current();
  trial.log(0, {{"a", 0},  {"a", 1},  {"a", 2},  {"a", 3},  {"a", 4},  {"a", 5},  {"a", 6},
                {"a", 7},  {"a", 8},  {"a", 9},  {"a", 10}, {"a", 11}, {"a", 12}, {"a", 13},
                {"a", 14}, {"a", 15}, {"a", 16}, {"a", 17}, {"a", 18}, {"a", 19}, {"a", 20},
                {"a", 21}, {"a", 22}, {"a", 23}, {"a", 24}, {"a", 25}, {"a", 26}, {"a", 27},
                {"a", 28}, {"a", 29}, {"a", 30}, {"a", 31}, {"a", 32}});
  EXPECT_EQ(points_of(journal).size(), 33u);
}

TEST_F(TrialTest, ParametersComeAsTheTypeOfTheirFallback) {
  start_in_sweep({{"real", 2.6},
                  {"integer", std::int64_t{-7}},
                  {"flag", true},
                  {"text", std::string("12")},
                  {"list", Composite{"[1,2]"}},
                  {"null", Value{}}});
  Trial trial = Trial::current();
  EXPECT_EQ(trial.param("real", 0.0), 2.6);
  EXPECT_EQ(trial.param("real", 0.0f), 2.6f);
  EXPECT_EQ(trial.param("real", 0), 3);
  EXPECT_EQ(trial.param("integer", 0.0), -7.0);
  EXPECT_EQ(trial.param("integer", std::int64_t{0}), -7);
  EXPECT_EQ(trial.param("integer", std::size_t{5}), 0u);
  EXPECT_EQ(trial.param("text", 0), 12);
  EXPECT_EQ(trial.param("text", "x"), "12");
  EXPECT_EQ(trial.param("flag", false), true);
  EXPECT_EQ(trial.param("flag", 0), 1);
  EXPECT_EQ(trial.param("real", "x"), "2.6");
  EXPECT_EQ(trial.param("list", "x"), "[1,2]");
  EXPECT_EQ(trial.param("null", 4), 4);
  EXPECT_EQ(trial.param("absent", 1.5), 1.5);
  EXPECT_EQ(trial.param("absent", std::string("x")), "x");
  EXPECT_EQ(trial.param("absent", UINT64_MAX), UINT64_MAX);
  EXPECT_EQ(trial.error(), "");
  EXPECT_TRUE(trial.has_param("real"));
  EXPECT_FALSE(trial.has_param("absent"));
}

TEST_F(TrialTest, AValueThatCannotBeReadAsAskedGivesTheFallbackAndIsNoted) {
  start_in_sweep({{"optimizer", std::string("adam")}});
  Trial trial = Trial::current();
  EXPECT_EQ(trial.param("optimizer", 3), 3);
  EXPECT_EQ(trial.error(), "parameter `optimizer` is not an integer: `adam`");
}

TEST_F(TrialTest, TheSweepComesBeforeTheCommandLineAndThatBeforeTheCode) {
  start_in_sweep({{"lr", 0.5}});
  Trial trial = with_arguments({"--lr=0.1", "--epochs=3"});
  EXPECT_EQ(trial.param("lr", 0.0), 0.5);
  EXPECT_EQ(trial.param("epochs", 10), 3);
}

TEST_F(TrialTest, StoppingIsSeenWithItsReason) {
  auto& journal = start_in_sweep();
  Trial trial = Trial::current();
  EXPECT_FALSE(trial.should_stop());
  EXPECT_EQ(trial.stop_reason(), Trial::StopReason::kNone);
  journal.set_stop(StopReason::kPruned);
  EXPECT_TRUE(trial.should_stop());
  EXPECT_EQ(trial.stop_reason(), Trial::StopReason::kPruned);
}

TEST_F(TrialTest, EachCheckpointRequestIsSeenOnce) {
  auto& journal = start_in_sweep();
  Trial trial = Trial::current();
  EXPECT_FALSE(trial.checkpoint_requested());
  journal.request_checkpoint();
  EXPECT_TRUE(trial.checkpoint_requested());
  EXPECT_FALSE(trial.checkpoint_requested());
  journal.request_checkpoint();
  EXPECT_TRUE(trial.checkpoint_requested());
}

TEST_F(TrialTest, OnlyWhoLooksForCheckpointRequestsIsWaitedFor) {
  auto& journal = start_in_sweep();
  Trial trial = Trial::current();
  EXPECT_FALSE(trial.should_stop());
  EXPECT_FALSE(journal.saves_checkpoints());
  EXPECT_FALSE(trial.checkpoint_requested());
  EXPECT_TRUE(journal.saves_checkpoints());
}

TEST_F(TrialTest, ASavedCheckpointIsNotedWithThePointsBeforeIt) {
  auto& journal = start_in_sweep();
  Trial trial = Trial::current();
  trial.log("loss", 1, 1);
  trial.log("loss", 2, 1);
  trial.checkpoint_saved(2);
  trial.log("loss", 3, 1);
  const auto saved = journal.checkpoint();
  ASSERT_TRUE(saved.has_value());
  EXPECT_EQ(saved->step, 2);
  EXPECT_EQ(saved->records, 2u);
  trial.checkpoint_saved(-1);
  EXPECT_EQ(journal.checkpoint()->step, 2);
  EXPECT_THAT(trial.error(), HasSubstr("0 or more"));
}

TEST_F(TrialTest, WhoAsksForItsResumeStepGoesOnFromTheCheckpoint) {
  auto& journal = start_in_sweep({}, 40);
  Trial trial = Trial::current();
  EXPECT_EQ(trial.checkpoint_path(), temp_ / "kept/checkpoint");
  EXPECT_EQ(journal.resumed(), -1);
  EXPECT_EQ(trial.resume_step(), 40);
  EXPECT_EQ(journal.resumed(), 40);
}

TEST_F(TrialTest, WhoCannotUseTheCheckpointStartsOver) {
  auto& journal = start_in_sweep({}, 40);
  Trial trial = Trial::current();
  EXPECT_EQ(trial.resume_step(), 40);
  trial.start_over();
  EXPECT_EQ(trial.resume_step(), -1);
  EXPECT_EQ(journal.resumed(), -1);
}

TEST_F(TrialTest, TheExitCodeOfTheProcessIsNotedAlsoAfterTheTrialIsGone) {
  for (const int code : {0, 7}) {
    auto& journal = start_in_sweep();
    EXPECT_FALSE(journal.exit_code().has_value());
    const pid_t trainer = ::fork();
    if (trainer == 0) {
      { const Trial trial = Trial::current(); }
      if (::fork() == 0) ::exit(99);  // a child of the trainer is not the trainer
      ::wait(nullptr);
      ::exit(code);
    }
    ::waitpid(trainer, nullptr, 0);
    ASSERT_TRUE(journal.exit_code().has_value());
    EXPECT_EQ(*journal.exit_code(), code);
    std::filesystem::remove_all(temp_ / "journal");
  }
}

TEST_F(TrialTest, ADeathByASignalLeavesNoExitCode) {
  auto& journal = start_in_sweep();
  const pid_t trainer = ::fork();
  if (trainer == 0) {
    const Trial trial = Trial::current();
    ::kill(::getpid(), SIGKILL);
  }
  ::waitpid(trainer, nullptr, 0);
  EXPECT_FALSE(journal.exit_code().has_value());
}

TEST_F(TrialTest, PointsAfterTheEndAreDroppedAndCounted) {
  auto& journal = start_in_sweep();
  Trial trial = Trial::current();
  trial.log("loss", 1, 1);
  trial.finish();
  trial.log("loss", 2, 2);
  EXPECT_THAT(points_of(journal), ElementsAre("loss@1=1.0"));
  EXPECT_EQ(trial.dropped(), 1u);
  EXPECT_EQ(journal.dropped(), 1u);
}

TEST_F(TrialTest, BadNamesAndTooManyOfThemAreDroppedAndCounted) {
  auto& journal = start_in_sweep();
  Trial trial = Trial::current();
  trial.log("", 1, 1);
  trial.log(std::string(257, 'x'), 1, 1);
  EXPECT_EQ(trial.dropped(), 2u);
  for (int i = 0; i < 4100; ++i) trial.log("m" + std::to_string(i), 1, 1);
  EXPECT_EQ(trial.dropped(), 2u + 4u);
  EXPECT_EQ(journal.reserved(), 4096u);
}

TEST_F(TrialTest, OtherRanksGetParametersAndTheStopFlagButDoNotLog) {
  auto& journal = start_in_sweep({{"lr", 0.5}});
  ::setenv("SLURM_PROCID", "3", 1);
  Trial trial = Trial::current();
  EXPECT_EQ(trial.rank(), 3);
  EXPECT_EQ(trial.param("lr", 0.0), 0.5);
  trial.log("loss", 1, 1);
  trial.metric("acc").log(1, 1);
  EXPECT_EQ(journal.reserved(), 0u);
  EXPECT_EQ(trial.dropped(), 0u);
  journal.set_stop(StopReason::kCancelled);
  EXPECT_TRUE(trial.should_stop());
}

TEST_F(TrialTest, OtherRanksLogWhenAsked) {
  auto& journal = start_in_sweep();
  ::setenv("RANK", "1", 1);
  ::setenv("SLURM_PROCID", "0", 1);
  ::setenv(environment::kRankLog, "all", 1);
  Trial trial = Trial::current();
  EXPECT_EQ(trial.rank(), 1);
  trial.log("loss", 1, 1);
  EXPECT_EQ(journal.reserved(), 1u);
}

TEST_F(TrialTest, ATrialOpenedByFolderLooksAtNoEnvironment) {
  auto& journal = start_in_sweep();
  ::setenv(environment::kJournal, "/nowhere", 1);
  ::setenv("SLURM_PROCID", "3", 1);
  Trial trial = Trial::open(journal.folder());
  EXPECT_EQ(trial.rank(), 0);
  trial.log("loss", 1, 1);
  EXPECT_EQ(journal.reserved(), 1u);
}

TEST_F(TrialTest, ABrokenJournalCostsPointsButNotTheTraining) {
  ::setenv(environment::kJournal, (temp_ / "nowhere").c_str(), 1);
  Trial trial = with_arguments({"--lr=0.1"});
  EXPECT_EQ(trial.param("lr", 0.0), 0.1);
  trial.log("loss", 1, 1);
  trial.metric("loss").log(2, 1);
  EXPECT_EQ(trial.dropped(), 2u);
  EXPECT_FALSE(trial.should_stop());
  EXPECT_THAT(trial.error(), HasSubstr("nowhere"));
  EXPECT_FALSE(std::filesystem::exists(".scopa"));
}

TEST_F(TrialTest, MovedTrialsCloseOnce) {
  auto& journal = start_in_sweep();
  Trial a = Trial::current();
  Trial b = std::move(a);
  Trial& itself = b;
  b = std::move(itself);
  a = Trial::current();
  a.log("loss", 1, 1);
  b = std::move(a);
  b.log("loss", 2, 2);
  EXPECT_EQ(journal.reserved(), 2u);
}

}  // namespace
}  // namespace scopa
