// A process of a trial that cannot see its journal, such as a rank on another machine; and what a
// trial notes of how it is used.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "scopa/scopa.hpp"
#include "sdk/base/environment.h"
#include "sdk/journal/journal.h"
#include "sdk/journal/layout.h"
#include "tests/support/temp_folder.h"

namespace scopa {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kAll[] = {
    environment::kJournal, environment::kSweep,      environment::kTrial,     environment::kAttempt,
    environment::kSeed,    environment::kGoal,       environment::kFolder,    environment::kParams,
    environment::kRankLog, environment::kCheckpoint, environment::kResumeStep};

class ToldTrialTest : public ::testing::Test {
 protected:
  void SetUp() override {
    TearDown();
    for (const char* rank : environment::kRanks) ::unsetenv(rank);
  }
  void TearDown() override {
    for (const char* variable : kAll) ::unsetenv(variable);
  }
  static void set(const char* variable, const std::string& text) {
    ::setenv(variable, text.c_str(), 1);
  }
  // As the worker sets it, but for the journal, which is on its machine.
  void on_another_machine() {
    set(environment::kJournal, temp_ / "gone");
    set(environment::kSweep, "k3v9q2ha");
    set(environment::kTrial, "17");
    set(environment::kAttempt, "2");
    set(environment::kSeed, "18446744073709551615");
    set(environment::kGoal, "val_loss");
    set(environment::kFolder, temp_.path());
    set(environment::kParams,
        R"({"x":0.161,"layers":3,"opt":"adam","amp":true,"dims":[64,32],"n":null})");
    set(environment::kCheckpoint, "/shared/17/checkpoint");
    set(environment::kResumeStep, "40");
  }
  TempFolder temp_;
};

TEST_F(ToldTrialTest, TheEnvironmentTellsWhatTheJournalWould) {
  on_another_machine();
  set("SLURM_PROCID", "2");
  Trial trial = Trial::current();
  ::unsetenv("SLURM_PROCID");
  EXPECT_TRUE(trial.ok());
  EXPECT_FALSE(trial.standalone());
  EXPECT_EQ(trial.rank(), 2);
  EXPECT_EQ(trial.param("x", -1.0), 0.161);
  EXPECT_EQ(trial.param("layers", 1), 3);
  EXPECT_EQ(trial.param("opt", "sgd"), "adam");
  EXPECT_EQ(trial.param("dims", ""), "[64,32]");
  EXPECT_TRUE(trial.param("amp", false));
  EXPECT_EQ(trial.param("n", 5), 5);
  EXPECT_EQ(trial.id(), "k3v9q2ha/17");
  EXPECT_EQ(trial.number(), 17U);
  EXPECT_EQ(trial.attempt(), 2U);
  EXPECT_EQ(trial.seed(), UINT64_MAX);
  EXPECT_EQ(trial.goal(), "val_loss");
  EXPECT_EQ(trial.folder(), temp_.path());
  EXPECT_EQ(trial.checkpoint_path(), "/shared/17/checkpoint");
  EXPECT_EQ(trial.resume_step(), 40);
  trial.start_over();
  EXPECT_EQ(trial.resume_step(), -1);
  EXPECT_FALSE(trial.should_stop());
  EXPECT_FALSE(trial.checkpoint_requested());
  trial.checkpoint_saved(3);
  trial.log("loss", 1, 1);
  EXPECT_EQ(trial.dropped(), 0U) << "ranks but the first do not log";
  EXPECT_THAT(trial.error(), HasSubstr("does not see the trial's journal"));
}

TEST_F(ToldTrialTest, ItsPointsAreDroppedAndCountedWhereItWouldLog) {
  on_another_machine();
  Trial trial = Trial::current();
  trial.log("loss", 1, 1);
  EXPECT_EQ(trial.dropped(), 1U);
}

TEST_F(ToldTrialTest, WithoutTheVariableTheTrialsFolderTells) {
  on_another_machine();
  ::unsetenv(environment::kParams);  // too large for one
  std::ofstream(temp_ / "params.json") << R"({"x":0.25})"
                                       << "\n";
  Trial trial = Trial::current();
  EXPECT_TRUE(trial.ok());
  EXPECT_EQ(trial.param("x", -1.0), 0.25);
  EXPECT_EQ(trial.params_json(), R"({"x":0.25})");
}

TEST_F(ToldTrialTest, TheTrialsNamesAloneAreEnoughToKnowThatItIsNoStandaloneOne) {
  on_another_machine();
  ::unsetenv(environment::kJournal);
  EXPECT_EQ(Trial::current().id(), "k3v9q2ha/17");
}

TEST_F(ToldTrialTest, WithHalfOfItNothingIsMadeUp) {
  for (const char* missing : {environment::kTrial, environment::kSeed, environment::kSweep}) {
    on_another_machine();
    ::unsetenv(missing);
    EXPECT_FALSE(Trial::current().ok()) << missing;
  }
  for (const char* noise : {"", "[1]", "{\"x\":", "nonsense"}) {
    on_another_machine();
    set(environment::kParams, noise);
    const Trial trial = Trial::current();
    EXPECT_FALSE(trial.ok()) << noise;
    EXPECT_FALSE(trial.standalone()) << "a worker has started it";
  }
}

TEST_F(ToldTrialTest, StandaloneTrialsAndThoseWithAJournalAreOk) {
  EXPECT_TRUE(Trial::current().ok());
  EXPECT_EQ(scopa_trial_ok(nullptr), 0);
  (void)*journal::Journal::create(temp_ / "journal", {});
  set(environment::kJournal, temp_ / "journal");
  EXPECT_TRUE(Trial::current().ok());
}

TEST_F(ToldTrialTest, WithNothingToBeHadStderrSaysSoOnce) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process that has said nothing yet
  const std::string file = temp_ / "stderr";
  EXPECT_EXIT(
      {
        set(environment::kJournal, temp_ / "gone");
        const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::dup2(fd, 2);
        const bool ok = Trial::current().ok() || Trial::current().ok();
        const std::string said = TempFolder::text_of(file);
        const bool once = std::count(said.begin(), said.end(), '\n') == 1 &&
                          said.find("its parameters are not known") != std::string::npos;
        ::_exit(!ok && once ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "");
}

class UseTest : public ToldTrialTest {
 protected:
  Trial start(Params params = {}) {
    journal::TrialHeader header;
    header.sweep = "k3v9q2ha";
    header.params = std::move(params);
    journal_ = std::move(*journal::Journal::create(temp_ / "journal", header));
    set(environment::kJournal, temp_ / "journal");
    return Trial::current();
  }
  std::unique_ptr<journal::Journal> journal_;
};

TEST_F(UseTest, WhatIsReadAskedForAndNotConvertedIsNoted) {
  Trial trial =
      start({{"lr", 0.0013}, {"width", std::string("64x")}, {"depth", 2.6}, {"seed", 1.0}});
  EXPECT_EQ(trial.param("learning_rate", 0.1), 0.1);
  EXPECT_EQ(trial.param("width", 64), 64);
  EXPECT_EQ(trial.param("depth", 1), 3);
  EXPECT_FALSE(trial.has_param("momentum")) << "a question is no wish";
  const journal::ParamUse use = journal_->param_use();
  EXPECT_THAT(use.unread, ElementsAre("lr", "seed"));
  EXPECT_THAT(use.asked, ElementsAre("learning_rate"));
  EXPECT_THAT(use.errors, ElementsAre("parameter `width` is not an integer: `64x`",
                                      "parameter `depth` is `2.6` and was taken as an integer, 3"));
  EXPECT_THAT(trial.error(), HasSubstr("`width` is not an integer"));
}

TEST_F(UseTest, ARateIsNoInteger) {
  Trial trial = start({{"learning_rate", 0.0013}, {"text", std::string("0.4")}, {"zero", 0.0}});
  EXPECT_EQ(trial.param("learning_rate", 7), 7);
  EXPECT_THAT(trial.error(), HasSubstr("`learning_rate` is not an integer: `0.0013`"));
  EXPECT_EQ(trial.param("text", 7), 7);
  EXPECT_EQ(trial.param("zero", 7), 0);
  EXPECT_EQ(trial.param("learning_rate", false), true);
  EXPECT_THAT(journal_->param_use().errors, ::testing::SizeIs(3));
}

TEST_F(UseTest, WhoTakesAllParametersHasReadThemAll) {
  Trial trial = start({{"lr", 0.5}});
  (void)trial.param("other", 1);
  (void)trial.params_json();
  EXPECT_THAT(journal_->param_use().unread, IsEmpty());
}

TEST_F(UseTest, PointsThatWereDroppedAreAnErrorOfTheTrial) {
  Trial trial = start();
  std::filesystem::create_directory(journal::segment_path(temp_ / "journal", 1));
  const Metric loss = trial.metric("loss");
  for (std::int64_t i = 0; trial.dropped() == 0; ++i) {
    ASSERT_LT(i, 100'000);
    loss.log(i, static_cast<double>(i));
  }
  EXPECT_THAT(trial.error(), HasSubstr("no room for the journal"));
}

TEST_F(UseTest, SoAreThoseLoggedAfterTheEndOrUnderNoName) {
  {
    Trial trial = start();
    trial.finish();
    trial.log("loss", 1, 1);
    EXPECT_THAT(trial.error(), HasSubstr("after finish()"));
  }
  std::filesystem::remove_all(temp_ / "journal");
  Trial trial = start();
  EXPECT_EQ(trial.error(), "");
  trial.log("", 1, 1);
  EXPECT_THAT(trial.error(), HasSubstr("a metric's name has 1 to 256 bytes"));
}

}  // namespace
}  // namespace scopa
