// Trials of programs that no worker started.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/unit/sdk/src/trial_fixture.h"

namespace scopa {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

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

}  // namespace
}  // namespace scopa
