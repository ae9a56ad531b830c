// What trainers do wrong, and what a whole worker makes of it, against a broker of a few lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <string>

#include "tests/integration/worker/fake_broker.h"
#include "tests/support/temp_folder.h"
#include "worker/worker.h"

namespace scopa::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kSweepOfFaults = "k3v9q2ha";

class TrainerFaultsTest : public ::testing::Test {
 protected:
  // All tests run the same sweep: one must not adopt what another, or a killed one, left behind.
  TrainerFaultsTest() { ::setenv("SCOPA_MEMORY", (folder_ / "memory").c_str(), 1); }

  static wire::Assign trial(std::uint64_t number, Params params, std::string program) {
    wire::Assign m;
    m.sweep = kSweepOfFaults;
    m.trial = number;
    m.attempt = 1;
    m.params = std::move(params);
    m.command = {"${program}"};
    m.program = std::move(program);
    m.metric = "loss";
    return m;
  }
  std::string script(const std::string& text) {
    return folder_.script("train-" + std::to_string(++scripts_) + ".sh", text);
  }
  /// What became of the trials.
  std::map<std::uint64_t, FakeTrial> run(std::vector<wire::Assign> trials) {
    FakeBroker broker("ipc://" + (folder_ / "broker"), std::move(trials));
    broker.start();
    WorkerOptions o;
    o.endpoint = "ipc://" + (folder_ / "broker");
    o.sweep = kSweepOfFaults;
    o.folder = folder_ / "store";
    o.program_folder = folder_.path();
    o.gpus = {"none"};
    o.slots = 3;
    o.handle_signals = false;
    o.term_grace = std::chrono::seconds(1);
    o.tell = [this](std::string_view line) { told_ += std::string(line) + "\n"; };
    auto worker = Worker::create(o);
    EXPECT_TRUE(worker) << worker.status().to_string();
    if (!worker) return {};
    const Status end = (*worker)->run();
    EXPECT_TRUE(end) << end.to_string();
    auto became = broker.trials();
    for (auto& [number, t] : became) EXPECT_TRUE(t.released.has_value()) << number;
    return became;
  }
  std::string trial_folder(int number) {
    return folder_ / "store/trials/k3v9q2ha/" + std::to_string(number);
  }

  TempFolder folder_;
  std::string told_;
  int scripts_ = 0;
};

TEST_F(TrainerFaultsTest, OneThatCutsItsJournalShortFailsAloneAndIsToldWhy) {
  const std::string waits = "sleep 0.3; truncate -s 0 $SCOPA_JOURNAL/*; sleep 1000";
  const std::string leaves =
      "echo '{\"loss\":1}' >$SCOPA_METRICS; truncate -s 100 $SCOPA_JOURNAL/*";
  auto became = run({trial(0, {}, script(waits)), trial(1, {}, script(leaves)),
                     trial(2, {{"points", std::int64_t{2000}}, {"pause_us", std::int64_t{500}}},
                           SCOPA_STEPS_TRAINER)});
  for (const std::uint64_t number : {0, 1}) {
    const wire::Release& end = *became[number].released;
    EXPECT_THAT(end.message, HasSubstr("its journal was cut short while it ran"));
    EXPECT_TRUE(end.exit_code != 0 || end.signal != 0);
    EXPECT_NE(end.outcome, static_cast<std::uint8_t>(wire::Outcome::kKilled)) << "a new try";
    EXPECT_FALSE(end.requeue);
    EXPECT_EQ(static_cast<Cause>(end.cause), Cause::kUserError);
  }
  EXPECT_EQ(became[2].steps.size(), 2000U);
  EXPECT_EQ(became[2].released->exit_code, 0);
  EXPECT_THAT(told_, HasSubstr("trial k3v9q2ha/0: its journal was cut short"));
}

TEST_F(TrainerFaultsTest, ThePointsThatFoundNoRoomAreCountedAndTheLastOneCounts) {
  // The trainer can make no segment; the worker has made the first.
  const std::string full = script("ulimit -f 1024; exec " SCOPA_STEPS_TRAINER);
  const auto became = run({trial(0, {{"points", std::int64_t{200'000}}}, full)});
  const FakeTrial& t = became.at(0);
  ASSERT_FALSE(t.steps.empty());
  EXPECT_LT(t.steps.size(), 100'000U);
  EXPECT_EQ(t.steps.back(), 199'999);
  EXPECT_EQ(t.values.back(), 199'999);
  EXPECT_EQ(t.released->points_dropped, 200'000 - t.steps.size());
  EXPECT_THAT(
      told_, HasSubstr("; " + std::to_string(t.released->points_dropped) + " points were dropped"));
}

TEST_F(TrainerFaultsTest, WhatItNeverReadsAndAsksForInVainIsNoted) {
  const auto became =
      run({trial(0, {{"points", std::int64_t{3}}, {"pause", std::int64_t{1}}}, SCOPA_STEPS_TRAINER),
           trial(1, {{"points", std::string("many")}}, SCOPA_STEPS_TRAINER)});
  const wire::TrainerNotes& notes = became.at(0).released->notes;
  EXPECT_THAT(notes.unread, ElementsAre("pause"));
  EXPECT_THAT(notes.asked, ElementsAre("pause_us", "deaf"));
  EXPECT_THAT(notes.errors, IsEmpty());
  EXPECT_EQ(notes.left_out, 0U);
  EXPECT_FALSE(notes.late);
  EXPECT_EQ(became.at(0).released->folder, trial_folder(0));
  EXPECT_THAT(became.at(1).released->notes.errors,
              ElementsAre("parameter `points` is not an integer: `many`"));
}

TEST_F(TrainerFaultsTest, MetricsThatWereNotTakenAreNoted) {
  const auto became = run({trial(0, {}, script("echo loss=0.5 >$SCOPA_METRICS; exit 0")),
                           trial(1, {},
                                 script("echo '{\"val\":{\"loss\":0.5},\"step\":9}\n"
                                        "{\"val\":{\"loss\":0.5},\"step\":2}' >$SCOPA_METRICS"))});
  EXPECT_EQ(became.at(0).released->notes.left_out, 1U);
  EXPECT_THAT(became.at(0).released->notes.left_out_why, HasSubstr("no JSON object: `loss=0.5`"));
  EXPECT_THAT(became.at(0).released->notes.unread, IsEmpty());
  EXPECT_THAT(became.at(1).steps, ElementsAre(9, 2));
  EXPECT_THAT(became.at(1).released->notes.left_out_why,
              HasSubstr("steps of `val/loss` go backwards: 2 after 9"));
}

TEST_F(TrainerFaultsTest, PointsThatAllComeAtTheEndAreNoted) {
  // A buffer that is written at the end of the program. Three, for a busy machine may take its time
  // to see an end.
  const std::string buffers =
      script("sleep 3; printf '{\"loss\":1}\\n{\"loss\":2}\\n' >$SCOPA_METRICS");
  auto became = run({trial(0, {}, buffers), trial(1, {}, buffers), trial(2, {}, buffers)});
  bool late = false;
  for (const auto& [number, t] : became) late = late || t.released->notes.late;
  EXPECT_TRUE(late);
}

TEST_F(TrainerFaultsTest, OneThatFailsAfterItsFirstPointsIsNotSaidToBufferThem) {
  const std::string fails =
      script("sleep 3; printf '{\"loss\":1}\\n{\"loss\":2}\\n' >$SCOPA_METRICS; exit 1");
  EXPECT_FALSE(run({trial(0, {}, fails)}).at(0).released->notes.late);
}

TEST_F(TrainerFaultsTest, ARankThatDoesNotSeeTheJournalHasItsParameters) {
  const std::string elsewhere = script("SCOPA_JOURNAL=/nowhere exec " SCOPA_STEPS_TRAINER);
  const auto became = run({trial(0, {{"points", std::int64_t{7}}}, elsewhere)});
  EXPECT_EQ(became.at(0).released->exit_code, 0);
  EXPECT_EQ(TempFolder::text_of(trial_folder(0) + "/attempt-1.log"), "k3v9q2ha/0: 7 points\n");
}

}  // namespace
}  // namespace scopa::worker
