#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "scopa/scopa.hpp"
#include "sdk/base/environment.h"
#include "sdk/journal/journal.h"
#include "tests/support/temp_folder.h"

namespace scopa {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::vector<std::string> points_of(journal::Journal& journal) {
  PointBlock block;
  journal.read(0, 100'000, true, &block);
  std::vector<std::string> points;
  for (std::size_t i = 0; i < block.size(); ++i) {
    points.push_back(block.metrics[block.metric[i]] + "@" + std::to_string(block.step[i]) + "=" +
                     to_text(Value(block.value[i])));
  }
  return points;
}

// Runs each test in a folder and with an environment of its own.
class TrialTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::current_path(temp_.path());
    ::unsetenv(environment::kJournal);
    ::unsetenv(environment::kRankLog);
    for (const char* variable : environment::kRanks) ::unsetenv(variable);
  }
  void TearDown() override { std::filesystem::current_path("/"); }

  journal::Journal& start_in_sweep(Params params = {}, std::int64_t resume_step = -1) {
    journal::TrialHeader header;
    header.sweep = "k3v9q2ha";
    header.trial = 17;
    header.attempt = 2;
    header.seed = 42;
    header.metric = "val_loss";
    header.folder = temp_ / "trial";
    header.params = std::move(params);
    header.checkpoint = temp_ / (resume_step < 0 ? "trial/checkpoint" : "kept/checkpoint");
    header.resume_step = resume_step;
    journal_ = std::move(*journal::Journal::create(temp_ / "journal", header));
    ::setenv(environment::kJournal, journal_->folder().c_str(), 1);
    return *journal_;
  }
  Trial with_arguments(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "trainer");
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    return Trial::current(static_cast<int>(arguments.size()), argv.data());
  }
  std::string standalone_journal() {
    for (const auto& entry : std::filesystem::directory_iterator(".scopa/standalone")) {
      return entry.path().string();
    }
    return {};
  }

  TempFolder temp_;
  std::unique_ptr<journal::Journal> journal_;
};

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

TEST_F(TrialTest, StandaloneTrialsTakeDefaultsOrTheCommandLine) {
  Trial trial =
      with_arguments({"--lr", "0.1", "--batch-size=64", "momentum=0.9", "--nesterov", "--offset",
                      "-3", "--verbose", "data.txt", "--lr=0.2", "file", "--", "--epochs=5"});
  EXPECT_TRUE(trial.standalone());
  EXPECT_EQ(trial.id(), "standalone");
  EXPECT_EQ(trial.param("lr", 1.0), 0.2);
  EXPECT_EQ(trial.param("batch_size", 32), 64);
  EXPECT_EQ(trial.param("momentum", 0.0), 0.9);
  EXPECT_TRUE(trial.param("nesterov", false));
  EXPECT_EQ(trial.param("offset", 0), -3);
  EXPECT_TRUE(trial.param("verbose", false));
  EXPECT_EQ(trial.param("epochs", 10), 10);
  EXPECT_FALSE(trial.should_stop());
  EXPECT_EQ(trial.params_json(),
            "{\"batch-size\":64,\"momentum\":0.9,\"nesterov\":true,\"offset\":-3,"
            "\"verbose\":\"data.txt\",\"lr\":0.2}");
  EXPECT_EQ(trial.error(), "");
}

TEST_F(TrialTest, StandaloneSeedComesFromTheCommandLine) {
  EXPECT_EQ(with_arguments({}).seed(), 0u);
  EXPECT_EQ(with_arguments({"--seed=7"}).seed(), 7u);
}

TEST_F(TrialTest, NothingIsWrittenBeforeTheFirstPointOfAStandaloneTrial) {
  {
    Trial trial = Trial::current();
    const Metric loss = trial.metric("loss");
    (void)trial.param("lr", 0.5);
    EXPECT_FALSE(std::filesystem::exists(".scopa"));
    loss.log(1, 0.5);
    trial.log("acc", 1, 0.75);
    EXPECT_EQ(trial.dropped(), 0u);
  }
  auto journal = journal::Journal::open(standalone_journal());
  ASSERT_TRUE(journal) << journal.status().to_string();
  EXPECT_THAT(points_of(**journal), ElementsAre("loss@1=0.5", "acc@1=0.75"));
  EXPECT_EQ((*journal)->header().params, Params({{"lr", 0.5}}));
  EXPECT_EQ((*journal)->header().sweep_name, "standalone");
}

TEST_F(TrialTest, TwoStandaloneTrialsOfOneProcessKeepApart) {
  Trial a = Trial::current();
  Trial b = Trial::current();
  a.log("loss", 1, 1);
  b.log("loss", 1, 1);
  std::size_t journals = 0;
  for (const auto& entry : std::filesystem::directory_iterator(".scopa/standalone")) {
    journals += entry.is_directory() ? 1 : 0;
  }
  EXPECT_EQ(journals, 2u);
}

TEST_F(TrialTest, AStandaloneTrialWithoutAPlaceForItsJournalTrainsOn) {
  std::filesystem::create_symlink("/dev/null", ".scopa");
  Trial trial = Trial::current();
  trial.log("loss", 1, 1);
  trial.log("loss", 2, 1);
  EXPECT_EQ(trial.dropped(), 2u);
  EXPECT_THAT(trial.error(), StartsWith("this trial's points are lost: "));
}

TEST_F(TrialTest, ThreadsMayLogAStandaloneTrialsFirstPointsTogether) {
  Trial trial = Trial::current();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&trial, t] {
      const Metric own = trial.metric("m" + std::to_string(t));
      for (int i = 0; i < 1000; ++i) {
        own.log(i, t);
        trial.log("shared", i, t);
        (void)trial.param("p" + std::to_string(t), i);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  auto journal = journal::Journal::open(standalone_journal());
  ASSERT_TRUE(journal);
  EXPECT_EQ(points_of(**journal).size(), 8000u);
  EXPECT_EQ(trial.dropped(), 0u);
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

TEST(TrialApiTest, NullIsAcceptedEverywhere) {
  EXPECT_EQ(scopa_trial_param_double(nullptr, "a", SCOPA_NUL, 1.5), 1.5);
  EXPECT_EQ(scopa_trial_param_int(nullptr, "a", SCOPA_NUL, 3), 3);
  EXPECT_EQ(scopa_trial_param_bool(nullptr, "a", SCOPA_NUL, 7), 1);
  std::size_t bytes = 9;
  EXPECT_STREQ(scopa_trial_param_text(nullptr, "a", SCOPA_NUL, "xy", &bytes), "xy");
  EXPECT_EQ(bytes, 2u);
  EXPECT_EQ(scopa_trial_param_text(nullptr, "a", SCOPA_NUL, nullptr, nullptr), nullptr);
  EXPECT_EQ(scopa_trial_has_param(nullptr, "a", SCOPA_NUL), 0);
  EXPECT_STREQ(scopa_trial_params_json(nullptr), "{}");
  EXPECT_STREQ(scopa_trial_peek_params(nullptr), "{}");
  EXPECT_EQ(scopa_trial_metric(nullptr, "a", SCOPA_NUL), nullptr);
  scopa_metric_log(nullptr, 1, 1);
  scopa_trial_log(nullptr, "a", SCOPA_NUL, 1, 1);
  scopa_trial_log_values(nullptr, 1, nullptr, 3);
  EXPECT_EQ(scopa_trial_dropped(nullptr), 0u);
  EXPECT_EQ(scopa_trial_should_stop(nullptr), 0);
  EXPECT_EQ(scopa_trial_stop_reason(nullptr), SCOPA_STOP_NONE);
  EXPECT_EQ(scopa_trial_checkpoint_requested(nullptr), 0);
  EXPECT_STREQ(scopa_trial_checkpoint_path(nullptr), "checkpoint");
  EXPECT_EQ(scopa_trial_resume_step(nullptr), -1);
  scopa_trial_checkpoint_saved(nullptr, 1);
  scopa_trial_start_over(nullptr);
  EXPECT_STREQ(scopa_trial_id(nullptr), "standalone");
  EXPECT_EQ(scopa_trial_number(nullptr), 0u);
  EXPECT_EQ(scopa_trial_attempt(nullptr), 0u);
  EXPECT_EQ(scopa_trial_seed(nullptr), 0u);
  EXPECT_STREQ(scopa_trial_folder(nullptr), ".");
  EXPECT_STREQ(scopa_trial_goal(nullptr), "");
  EXPECT_EQ(scopa_trial_standalone(nullptr), 1);
  EXPECT_EQ(scopa_trial_rank(nullptr), 0);
  EXPECT_STRNE(scopa_trial_error(nullptr), "");
  scopa_trial_finish(nullptr);
  scopa_trial_close(nullptr);
}

TEST(TrialApiTest, NullTextsAreEmptyOnes) {
  scopa_trial* trial = scopa_trial_open(nullptr);
  ASSERT_NE(trial, nullptr);
  EXPECT_STRNE(scopa_trial_error(trial), "");
  EXPECT_EQ(scopa_trial_param_int(trial, nullptr, SCOPA_NUL, 3), 3);
  scopa_trial_log(trial, nullptr, 5, 1, 1);
  scopa_metric_log(scopa_trial_metric(trial, nullptr, 0), 1, 1);
  EXPECT_EQ(scopa_trial_dropped(trial), 2u);
  scopa_trial_close(trial);
}

}  // namespace
}  // namespace scopa
