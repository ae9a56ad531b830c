#include "broker/lint/trainer_remarks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "broker/spec/parse.h"
#include "sdk/base/limits.h"

namespace scopa::lint {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

spec::SweepSpec spec_of(const std::string& more = "") {
  const spec::Parsed parsed = spec::parse(
      "method: random\nmetric: {name: loss}\nprogram: ./t\nparameters:\n"
      "  learning_rate: {min: 0.0, max: 1.0}\n  fixed: {value: 3}\n" +
      more);
  EXPECT_TRUE(parsed.ok());
  return parsed.spec;
}

std::vector<std::string> lines(const std::vector<LiveRemark>& remarks) {
  std::vector<std::string> text;
  for (const LiveRemark& remark : remarks) text.push_back(remark.line());
  return text;
}

TEST(TrainerRemarksTest, AParameterThatIsNeverReadIsNamedBesideWhatWasAskedFor) {
  wire::TrainerNotes notes;
  notes.unread = {"learning_rate", "fixed"};
  notes.asked = {"batch", "learn_rate"};
  EXPECT_THAT(lines(trainer_remarks(spec_of(), notes)),
              ElementsAre("L063 `learning_rate`: the trainer never asks for it; it asks for "
                          "`learn_rate`: did you mean that?"));
  notes.asked = {"width"};
  EXPECT_THAT(lines(trainer_remarks(spec_of(), notes)),
              ElementsAre(HasSubstr("it asks for `width`, which the sweep has not")));
  notes.asked.clear();
  EXPECT_THAT(lines(trainer_remarks(spec_of(), notes)),
              ElementsAre(HasSubstr("its values change nothing")));
}

TEST(TrainerRemarksTest, WhatCouldNotBeConvertedOrTakenIsSaidWithTheReason) {
  wire::TrainerNotes notes;
  notes.errors = {"`learning_rate` is 0.0013, which is not whole: the fallback 7 is used"};
  notes.left_out = 3;
  notes.left_out_why = "a line is no JSON object: `loss=0.5`";
  EXPECT_THAT(lines(trainer_remarks(spec_of(), notes)),
              ElementsAre(HasSubstr("L064 `learning_rate`: "),
                          HasSubstr("L065 `SCOPA_METRICS`: of one trial 3 lines or values were not "
                                    "taken: a line is no JSON object")));
}

TEST(TrainerRemarksTest, LatePointsMatterOnlyWhereSomethingWaitsForThem) {
  wire::TrainerNotes notes;
  notes.late = true;
  EXPECT_THAT(trainer_remarks(spec_of(), notes), IsEmpty());
  EXPECT_THAT(lines(trainer_remarks(spec_of("early_terminate: {type: median}\n"), notes)),
              ElementsAre(HasSubstr("L066 `median`: all points of a trial came at its end")));
}

TEST(TrainerRemarksTest, ATrainerThatUsesAllAsItShouldIsNotMentioned) {
  EXPECT_THAT(trainer_remarks(spec_of(), {}), IsEmpty());
}

TEST(TrainerRemarksTest, AStrangersThousandNamesAreCut) {
  wire::TrainerNotes notes;
  notes.errors.assign(1000, "wrong");
  EXPECT_EQ(trainer_remarks(spec_of(), notes).size(), limits::kTrainerNotesMax);
}

/// Ended trials with different configurations.
class ValueRemarksTest : public ::testing::Test {
 protected:
  LiveTrial& add(TrialState state, std::size_t values, std::uint64_t digest) {
    params_.push_back({{"learning_rate", static_cast<double>(params_.size())}});
    LiveTrial trial;
    trial.number = trials_.size();
    trial.state = state;
    trial.params = &params_.back();
    trial.goal_values = values;
    trial.curve_digest = digest;
    trials_.push_back(trial);
    return trials_.back();
  }
  std::vector<std::string> said() const { return lines(value_remarks(spec_of(), trials_)); }

  std::deque<Params> params_;
  std::vector<LiveTrial> trials_;
};

TEST_F(ValueRemarksTest, NanBeforeTheFirstValueIsSaidWhenHalfOfTheTrialsDoIt) {
  for (int i = 0; i < 4; ++i) add(TrialState::kCompleted, 5, i + 1).nans_first = i % 2;
  EXPECT_THAT(said(), ElementsAre(HasSubstr("L067 `loss`: 2 of 4 trials log NaN")));
  add(TrialState::kCompleted, 5, 9);
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(ValueRemarksTest, ThatMostTrialsDivergeIsSaid) {
  for (int i = 0; i < 3; ++i) add(TrialState::kDiverged, 2, i + 1);
  EXPECT_THAT(said(), IsEmpty()) << "three may be chance";
  add(TrialState::kCompleted, 5, 9);
  EXPECT_THAT(said(), ElementsAre(HasSubstr("L068 `loss`: 3 of 4 trials diverged")));
}

TEST_F(ValueRemarksTest, DifferentConfigurationsWithTheSameCurveAreAskedAbout) {
  for (int i = 0; i < 4; ++i) add(TrialState::kCompleted, 3, 77);
  EXPECT_THAT(said(), ElementsAre(HasSubstr("L069 `loss`: all 4 trials have exactly")));
  add(TrialState::kRunning, 3, 5);
  EXPECT_THAT(said(), ElementsAre(HasSubstr("L069"))) << "what runs says nothing yet";
  add(TrialState::kCompleted, 3, 5);
  EXPECT_THAT(said(), IsEmpty());
}

TEST_F(ValueRemarksTest, RepetitionsOfOneConfigurationMayBeEqual) {
  for (int i = 0; i < 4; ++i) add(TrialState::kCompleted, 3, 77).params = &params_.front();
  EXPECT_THAT(said(), IsEmpty());
}

}  // namespace
}  // namespace scopa::lint
