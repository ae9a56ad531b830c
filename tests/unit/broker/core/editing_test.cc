#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "broker/core/replay.h"
#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

using testing::HasSubstr;

std::string file_with(const std::string& metric, const std::string& more) {
  return "method: random\nmetric: {name: " + metric +
         ", goal: minimize}\nparameters: {x: {min: 0, max: 1000000}}\n" + more;
}

class EditingTest : public testing::Test {
 protected:
  std::vector<wire::Message> edit(const std::string& text) {
    return h.send(CoreHarness::kCli,
                  wire::Edit{.request = 1, .sweep = sweep, .file_name = "s.yaml", .spec = text});
  }
  std::string refusal(const std::string& text) {
    const auto answers = edit(text);
    const auto* error = only<wire::Error>(answers);
    return error == nullptr ? "taken" : error->message;
  }
  std::uint64_t train(const std::vector<double>& values, const std::string& metric = "loss") {
    const wire::Assign trial = h.ask(worker, sweep);
    h.report(worker, trial, 0, values, metric);
    h.release(worker, trial, values.size());
    return trial.trial;
  }
  Replay::Outcome replay() {
    Replay replay(sweep);
    for (const Event& event : h.events) {
      if (event.sweep == sweep) replay.add(event);
    }
    for (const PointsAppended& report : h.points) {
      if (report.attempt.sweep == sweep) replay.add(report);
    }
    auto outcome = replay.run();
    EXPECT_TRUE(outcome) << outcome.status().to_string();
    return outcome ? *outcome : Replay::Outcome{};
  }

  CoreHarness h;
  ClientId worker = h.hello_worker("w1");
  SweepId sweep = h.create(file_with("loss", "run_cap: 4\n"));
};

TEST_F(EditingTest, WhatIsRunComesFromTheNewText) {
  ASSERT_NE(only<wire::Done>(edit(file_with("loss", "program: ./other\nrun_cap: 4\n"))), nullptr);
  EXPECT_EQ(h.ask(worker, sweep).program, "./other");
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(EditingTest, WhatIsSearchedCannotBeChanged) {
  train({0.5});
  const std::string text = file_with("loss", "run_cap: 4\n");
  std::string other = text;
  other.replace(other.find("1000000"), 7, "2000000");
  EXPECT_THAT(refusal(other), HasSubstr("`parameters.x`"));
  EXPECT_THAT(refusal(text + "seed: 3\n"), HasSubstr("`seed`"));
  EXPECT_THAT(refusal(text + "constraints: [x > 1]\n"), HasSubstr("`constraints`"));
  EXPECT_THAT(refusal("method: bayes" + text.substr(text.find('\n'))), HasSubstr("`method`"));
  EXPECT_THAT(refusal("method: random\nparameters: {x: {min: 5}}"), HasSubstr("s.yaml:2:"));
  EXPECT_TRUE(std::none_of(h.events.begin(), h.events.end(), [](const Event& event) {
    return std::holds_alternative<SweepEdited>(event.body);
  })) << "a refused edit changes nothing";
}

TEST_F(EditingTest, WithANewMetricTrialsTakeTheirValuesFromWhatWasLogged) {
  const std::uint64_t trial = train({0.5, 0.25}, "val_loss");
  EXPECT_FALSE(h.trial(sweep, trial).has_value);
  edit(file_with("val_loss", "run_cap: 4\n"));
  EXPECT_EQ(h.trial(sweep, trial).value, 0.25);
  EXPECT_EQ(h.info(sweep).best_trial, trial);
  EXPECT_EQ(h.info(sweep).metric, "val_loss");
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(EditingTest, TrialsWithoutAValueDoNotCountAgainstTheCapAfterwards) {
  for (int i = 0; i < 3; ++i) train({0.5}, "other");
  ASSERT_EQ(static_cast<SweepState>(h.info(sweep).state), SweepState::kPaused);
  edit(file_with("loss", "program: ./mended\nrun_cap: 4\n"));
  h.send(CoreHarness::kCli,
         wire::Control{1, sweep, static_cast<std::uint8_t>(wire::Action::kResume), 0, false});
  for (int i = 0; i < 4; ++i) train({0.5});
  EXPECT_EQ(static_cast<SweepState>(h.info(sweep).state), SweepState::kFinished);
  EXPECT_EQ(h.info(sweep).counts.completed, 7u);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(EditingTest, AnEditedSweepThatReachesItsCapHasNotUsedUpItsSpaceAfterARestartEither) {
  train({0.5});
  edit(file_with("loss", "program: ./other\nrun_cap: 4\n"));
  for (int i = 0; i < 3; ++i) train({0.5});
  ASSERT_EQ(static_cast<SweepState>(h.info(sweep).state), SweepState::kFinished);
  EXPECT_FALSE(h.info(sweep).space_used_up);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
  h.restart();
  EXPECT_FALSE(h.info(sweep).space_used_up);
}

TEST_F(EditingTest, ACapAnEditRaisesLetsTheSweepGoOn) {
  edit(file_with("loss", "run_cap: 5\n"));
  EXPECT_EQ(h.info(sweep).run_cap, 5u);
  edit(file_with("loss", "run_cap: 5\nretries: 2\n"));
  EXPECT_EQ(h.info(sweep).run_cap, 5u) << "the cap is changed only where the file changes it";
}

TEST_F(EditingTest, StopsThatWereMadeStandAndTheNewPrunerDecidesFromHereOn) {
  const std::string old = file_with("loss", "run_cap: 100\n");
  edit(old + "early_terminate: {type: threshold, upper: 1.0}\n");
  const wire::Assign bad = h.ask(worker, sweep);
  EXPECT_NE(only<wire::Stop>(h.report(worker, bad, 0, {0.5, 2.0})), nullptr);
  h.release(worker, bad, 2);
  edit(old + "early_terminate: {type: threshold, upper: 5.0}\n");
  EXPECT_EQ(static_cast<TrialState>(h.trial(sweep, bad.trial).state), TrialState::kPruned);
  const wire::Assign next = h.ask(worker, sweep);
  EXPECT_EQ(only<wire::Stop>(h.report(worker, next, 0, {0.5, 2.0})), nullptr);
  EXPECT_NE(only<wire::Stop>(h.report(worker, next, 2, {6.0})), nullptr);
  const Replay::Outcome outcome = replay();
  EXPECT_EQ(outcome.stops, 2u);
  for (const auto& each : outcome.mismatches) {
    EXPECT_EQ(each.what, Replay::What::kSuggestion) << to_text(each);  // the harness proposes
  }
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(EditingTest, TheModelBeginsAnewWithWhatTheNewTextMakesOfTheTrials) {
  h.use_sampler = true;
  sweep = h.create(
      "method: bayes\nbayes: {model: tpe}\nmetric: {name: loss, goal: minimize}\nrun_cap: 30\n"
      "parameters: {x: {min: 0.0, max: 1.0}}\n",
      "token-2");
  for (int i = 0; i < 8; ++i) train({0.1 * i, 0.2 * i}, i % 2 == 0 ? "loss" : "other");
  edit(
      "method: bayes\nbayes: {model: tpe}\nmetric: {name: other, goal: minimize}\nrun_cap: 30\n"
      "parameters: {x: {min: 0.0, max: 1.0}}\n");
  for (int i = 0; i < 6; ++i) train({0.1 * i, 0.2 * i}, "other");
  const Replay::Outcome outcome = replay();
  EXPECT_EQ(outcome.suggestions, 14u);
  EXPECT_EQ(outcome.differ, 0u) << (outcome.mismatches.empty() ? ""
                                                               : to_text(outcome.mismatches[0]));
}

TEST_F(EditingTest, ARunningTrialKeepsWhatItLoggedAndWaitingWorkersTheirPlace) {
  const wire::Assign trial = h.ask(worker, sweep);
  h.report(worker, trial, 0, {0.5});
  edit(file_with("loss", "run_cap: 4\nmax_trial_time: 1h\n"));
  EXPECT_EQ(h.trial(sweep, trial.trial).values, 1u);
  h.report(worker, trial, 1, {0.4});
  EXPECT_EQ(h.release(worker, trial, 2).state, static_cast<std::uint8_t>(TrialState::kCompleted));
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(EditingTest, ALimitThatIsTakenAwayStopsNobodyAnyMore) {
  edit(file_with("loss", "run_cap: 4\nmax_trial_time: 10s\n"));
  const wire::Assign trial = h.ask(worker, sweep);
  edit(file_with("loss", "run_cap: 4\n"));
  h.take_inbox(worker);
  h.advance(std::chrono::seconds(20));
  EXPECT_EQ(only<wire::Stop>(h.take_inbox(worker)), nullptr);
  EXPECT_EQ(h.release(worker, trial, 0).state, static_cast<std::uint8_t>(TrialState::kCompleted));
}

}  // namespace
}  // namespace scopa::core
