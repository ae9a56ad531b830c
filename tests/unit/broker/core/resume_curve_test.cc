// Checkpoints, and the curve of a trial whose attempts go on from each other.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/broker/core/core_harness.h"

namespace scopa::core {
namespace {

using testing::ElementsAre;

constexpr char kTwentyStepSweep[] = R"(
method: random
metric: {name: loss, goal: minimize, reduce: mean(3)}
parameters: {x: {min: 0, max: 1000000}}
max_steps: 20
)";

class ResumeCurveTest : public testing::Test {
 protected:
  /// Values at the steps step, step + 1 ...; the attempt's next points.
  void log(const wire::Assign& of, std::int64_t step, const std::vector<double>& values,
           std::int64_t resumed = -1) {
    const std::uint64_t from = h.trial(of.sweep, of.trial).attempts.at(of.attempt - 1).points;
    h.send(worker, wire::Report{of.sweep, of.trial, of.attempt, from, from + values.size(),
                                block_of("loss", step, values), resumed});
  }
  std::vector<wire::Message> save(const wire::Assign& of, std::int64_t step,
                                  const std::string& path = "/c") {
    return h.send(worker, wire::Checkpoint{of.sweep, of.trial, of.attempt, step, path});
  }
  void leave(const wire::Assign& of, Cause cause = Cause::kPreempted, std::int64_t resumed = -1) {
    wire::Release release;
    release.sweep = of.sweep;
    release.trial = of.trial;
    release.attempt = of.attempt;
    release.to = h.trial(of.sweep, of.trial).attempts.at(of.attempt - 1).points;
    release.requeue = cause == Cause::kPreempted;
    release.cause = static_cast<std::uint8_t>(cause);
    release.exit_code = cause == Cause::kNone ? 0 : 1;
    release.resumed = resumed;
    h.send(worker, release);
  }
  wire::Assign next() { return h.ask(worker, sweep); }
  wire::TrialInfo info() { return h.trial(sweep, 0); }
  CountedPoints counted(std::uint32_t attempt) {
    return *h.core->counted_points(sweep, TrialNumber{0}, attempt);
  }
  std::vector<CurvePiece> pieces() { return *h.core->curve_pieces(sweep, TrialNumber{0}); }
  /// Of the latest attempt, as the model was told.
  std::vector<double> model_curve() {
    search::History history;
    for (const ModelTask& task : h.model_log) {
      if (const auto* changed = std::get_if<ModelChanged>(&task)) history.apply(changed->change);
    }
    std::vector<double> values;
    for (const auto& point : history.trials().at(0).curve) values.push_back(point.value);
    return values;
  }

  CoreHarness h;
  ClientId worker = h.hello_worker("w1");
  SweepId sweep = h.create(kTwentyStepSweep);
  wire::Assign first = next();
};

TEST_F(ResumeCurveTest, ACheckpointIsOfferedToTheNextAttempt) {
  EXPECT_EQ(first.checkpoint, "");
  EXPECT_EQ(first.resume_step, -1);
  log(first, 0, {1, 2, 3});
  save(first, 1, "/old");
  const auto kept = save(first, 2, "/new");
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[0], wire::Message(wire::CheckpointKept{sweep, 0, 1, 2}));
  EXPECT_EQ(info().attempts[0].checkpoint_step, 2);
  leave(first);
  const wire::Assign second = next();
  EXPECT_EQ(second.trial, 0U);
  EXPECT_EQ(second.checkpoint, "/new");
  EXPECT_EQ(second.resume_step, 2);
  EXPECT_EQ(h.ask_for<wire::Assign>(
                worker, wire::Ask{.request = second.request, .sweep = sweep, .device = "cpu"}),
            second)
      << "asked again, the same";
}

TEST_F(ResumeCurveTest, TheCurveGoesOnWithoutASeam) {
  log(first, 0, {9, 8, 7, 6, 5});
  save(first, 2);
  leave(first);
  const wire::Assign second = next();
  EXPECT_EQ(info().values, 0U) << "nobody knows yet whether it goes on";
  log(second, 3, {4, 3}, 2);
  EXPECT_EQ(info().values, 5U);  // 9 8 7 | 4 3
  EXPECT_EQ(info().last_step, 4);
  EXPECT_DOUBLE_EQ(info().value, (7.0 + 4 + 3) / 3) << "the mean reaches over the seam";
  EXPECT_EQ(info().attempts[1].resumed, 2);
  EXPECT_THAT(pieces(), ElementsAre(CurvePiece{1, 2}, CurvePiece{2, INT64_MAX}));
  EXPECT_THAT(model_curve(), ElementsAre(9, 8, 7, 4, 3));
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(ResumeCurveTest, WhoStartsFromNothingHasACurveOfItsOwn) {
  log(first, 0, {9, 8, 7});
  save(first, 2);
  leave(first);
  const wire::Assign second = next();
  log(second, 0, {4});
  EXPECT_EQ(info().values, 1U);
  EXPECT_EQ(info().attempts[1].resumed, -1);
  EXPECT_THAT(pieces(), ElementsAre(CurvePiece{2, INT64_MAX}));
  EXPECT_THAT(model_curve(), ElementsAre(4));
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(ResumeCurveTest, AnAttemptInBetweenThatUsedNothingIsLeftOut) {
  log(first, 0, {9, 8, 7});
  save(first, 1);
  leave(first);
  const wire::Assign second = next();
  log(second, 0, {5, 5, 5});
  leave(second);
  const wire::Assign third = next();
  EXPECT_EQ(third.resume_step, 1) << "of the first: the second saved none";
  log(third, 2, {1}, 1);
  EXPECT_THAT(pieces(), ElementsAre(CurvePiece{1, 1}, CurvePiece{3, INT64_MAX}));
  EXPECT_THAT(model_curve(), ElementsAre(9, 8, 1));
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(ResumeCurveTest, AChainOfAttemptsIsOneCurve) {
  log(first, 0, {9, 8, 7, 6});
  save(first, 2);
  leave(first);
  const wire::Assign second = next();
  log(second, 3, {5, 4, 3}, 2);
  save(second, 4);
  leave(second);
  const wire::Assign third = next();
  log(third, 5, {2, 1}, 4);
  EXPECT_THAT(model_curve(), ElementsAre(9, 8, 7, 5, 4, 2, 1));
  EXPECT_THAT(pieces(), ElementsAre(CurvePiece{1, 2}, CurvePiece{2, 4}, CurvePiece{3, INT64_MAX}));
  EXPECT_EQ(h.difference_after_replay(sweep), "");
  h.restart();
  worker = h.hello_worker("w1");
  log(third, 7, {0.5});
  EXPECT_EQ(info().values, 8U);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(ResumeCurveTest, TheCurveIsToldPieceByPiece) {
  EXPECT_EQ(counted(0), (CountedPoints{1, 0, INT64_MAX, UINT64_MAX}));
  log(first, 0, {9, 8, 7, 6});
  save(first, 2);
  leave(first);
  const wire::Assign second = next();
  log(second, 0, {5});
  EXPECT_EQ(counted(0), (CountedPoints{2, 0, INT64_MAX, UINT64_MAX})) << "it began anew";
  EXPECT_EQ(counted(1).step_max, INT64_MIN) << "nothing of the first counts";
  leave(second);
  const wire::Assign third = next();
  log(third, 3, {4}, 2);
  EXPECT_EQ(counted(0), (CountedPoints{1, 3, 2, UINT64_MAX}));
  EXPECT_EQ(counted(1), counted(0));
  EXPECT_EQ(counted(2).step_max, INT64_MIN);
  EXPECT_EQ(counted(3), (CountedPoints{3, 0, INT64_MAX, UINT64_MAX}));
  EXPECT_EQ(h.core->counted_points(sweep, TrialNumber{0}, 4).status().code(), Code::kNotFound);
  EXPECT_EQ(h.core->counted_points(sweep, TrialNumber{9}, 0).status().code(), Code::kNotFound);
}

TEST_F(ResumeCurveTest, PointsThatCameAfterTheEndOfTheirAttemptAreNotCounted) {
  log(first, 0, {9, 8, 7});
  save(first, 1);
  h.lose_leases();
  const ClientId other = h.hello_worker("w2");
  const wire::Assign second = h.ask(other, sweep);
  ASSERT_EQ(second.attempt, 2U);
  h.send(other, wire::Report{sweep, 0, 2, 0, 1, block_of("loss", 2, {5}), 1});
  EXPECT_EQ(counted(1), (CountedPoints{1, 2, 1, UINT64_MAX}));
  log(first, 0, {6, 5});  // kept, but the trial went on without them
  EXPECT_EQ(counted(1), (CountedPoints{1, 2, 1, 3}));
  EXPECT_EQ(info().values, 3U);
}

TEST_F(ResumeCurveTest, AnAttemptThatOnlyResumedAndLoggedNothingKeepsTheCurve) {
  log(first, 0, {9, 8, 7});
  save(first, 1);
  leave(first);
  const wire::Assign second = next();
  leave(second, Cause::kNone, 1);
  EXPECT_EQ(info().state, static_cast<std::uint8_t>(TrialState::kCompleted));
  EXPECT_EQ(info().values, 2U);
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

TEST_F(ResumeCurveTest, WhatWentOnBehindMaxStepsAddsNothing) {
  log(first, 18, {9, 8, 7, 6});
  save(first, 20);
  leave(first);  // before it saw that it was done: the trial is complete, so by hand again
  EXPECT_EQ(info().values, 3U);
  EXPECT_EQ(info().state, static_cast<std::uint8_t>(TrialState::kCompleted));
}

TEST_F(ResumeCurveTest, ThePrunerSeesOneCurve) {
  for (const bool resumes : {true, false}) {
    sweep = h.create(R"(
method: random
metric: {name: loss, goal: minimize}
parameters: {x: {min: 0, max: 1000000}}
early_terminate: {type: hyperband, min_iter: 4, eta: 2}
)",
                     resumes ? "token-2" : "token-3");
    first = next();
    log(first, 0, {9, 9});
    save(first, 1);
    for (int i = 0; i < 3; ++i) {
      const wire::Assign good = next();
      log(good, 0, {1, 1, 1, 1});
    }
    leave(first);
    const wire::Assign second = next();
    ASSERT_EQ(second.trial, 0U);
    log(second, 2, {9, 9}, resumes ? 1 : -1);  // the third and fourth value, or the first two
    leave(second, Cause::kNone);
    EXPECT_EQ(info().stopped, resumes);
    EXPECT_EQ(h.difference_after_replay(sweep), "");
  }
}

TEST_F(ResumeCurveTest, NobodyGoesOnBehindWhatWasOffered) {
  log(first, 0, {9, 8, 7, 6});
  save(first, 1);
  leave(first);
  const wire::Assign second = next();
  log(second, 4, {1}, 99);
  EXPECT_EQ(info().attempts[1].resumed, 1);
  EXPECT_EQ(info().values, 3U);
}

TEST_F(ResumeCurveTest, WithoutAnOfferNobodyGoesOn) {
  log(first, 5, {9}, 4);
  EXPECT_EQ(info().attempts[0].resumed, -1);
}

TEST_F(ResumeCurveTest, OnlyTheFirstReportTells) {
  log(first, 0, {9, 8});
  save(first, 1);
  leave(first);
  const wire::Assign second = next();
  log(second, 0, {5});
  log(second, 1, {4}, 1);
  EXPECT_EQ(info().attempts[1].resumed, -1);
}

TEST_F(ResumeCurveTest, ACheckpointThatIsSaidAgainIsKeptOnce) {
  log(first, 0, {9});
  save(first, 0);
  const std::size_t events = h.events.size();
  EXPECT_EQ(save(first, 0).size(), 1U);
  EXPECT_EQ(h.events.size(), events);
}

TEST_F(ResumeCurveTest, ACheckpointWithoutAPlaceIsRefused) {
  for (const std::string& path : {std::string(), std::string(limits::kPathBytesMax + 1, 'x')}) {
    ASSERT_EQ(save(first, 0, path).size(), 1U);
    EXPECT_EQ(std::get<wire::Error>(save(first, 0, path)[0]).code,
              static_cast<std::int32_t>(Code::kInvalidArgument));
  }
  EXPECT_TRUE(std::holds_alternative<wire::Error>(save(first, -1)[0]));
  EXPECT_EQ(info().attempts[0].checkpoint_step, -1);
}

TEST_F(ResumeCurveTest, TheCheckpointOfAFencedAttemptIsNotOffered) {
  log(first, 0, {9});
  h.lose_leases();
  const ClientId other = h.hello_worker("w2");
  const wire::Assign second = h.ask(other, sweep);
  ASSERT_EQ(second.attempt, 2U);
  const auto answers = save(first, 0);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_TRUE(std::holds_alternative<wire::Stop>(answers[0]));
  EXPECT_EQ(info().attempts[0].checkpoint_step, -1);
}

TEST_F(ResumeCurveTest, ANewerCheckpointStartsTheCountOfPreemptionsAnew) {
  wire::Assign trial = first;
  for (std::uint32_t i = 0; i < limits::kPreemptionsMax + 5; ++i) {
    log(trial, static_cast<std::int64_t>(i) % 19, {1}, trial.resume_step);
    if (i == 50) save(trial, 3);
    leave(trial);
    ASSERT_EQ(info().state, static_cast<std::uint8_t>(TrialState::kQueued)) << i;
    trial = next();
  }
}

TEST_F(ResumeCurveTest, ADeadWorkersCheckpointCountsToo) {
  log(first, 0, {9, 8, 7});
  save(first, 1);
  h.lose_leases();
  const wire::Assign second = next();
  EXPECT_EQ(second.resume_step, 1);
  log(second, 2, {1}, 1);
  log(first, 3, {0.1});  // too late: kept, not counted
  EXPECT_THAT(model_curve(), ElementsAre(9, 8, 1));
  EXPECT_EQ(h.difference_after_replay(sweep), "");
}

}  // namespace
}  // namespace scopa::core
