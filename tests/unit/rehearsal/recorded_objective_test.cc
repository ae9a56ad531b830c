#include "rehearsal/recorded_objective.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "broker/spec/parse.h"

namespace scopa::rehearsal {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

constexpr char kSweep[] =
    "method: random\nmetric: {name: loss, goal: minimize}\n"
    "parameters:\n"
    "  lr: {distribution: log_uniform_values, min: 0.001, max: 0.1}\n"
    "  kind: {values: [a, b]}\n"
    "  depth: {distribution: int_uniform, min: 1, max: 9, when: {kind: b}}\n"
    "  fixed: {value: 3}\n";

/// A trial with a value each second.
RecordedTrial recorded(std::uint64_t number, double lr, std::vector<double> values, bool is_whole) {
  RecordedTrial made;
  made.number = number;
  made.params = {{"lr", lr}, {"kind", std::string("a")}};
  for (std::size_t i = 0; i < values.size(); ++i) {
    made.steps.push_back(static_cast<std::int64_t>(i + 1));
    made.seconds.push_back(static_cast<double>(i + 1));
  }
  made.values = std::move(values);
  made.is_whole = is_whole;
  return made;
}

RecordedObjective make(std::vector<RecordedTrial> trials, Goal goal = Goal::kMinimize) {
  auto made = RecordedObjective::make(spec::parse(kSweep).spec, goal, std::move(trials));
  EXPECT_TRUE(made) << made.status().to_string();
  return std::move(*made);
}

Params at(double lr, const std::string& kind = "a") { return {{"lr", lr}, {"kind", kind}}; }

TEST(RecordedObjectiveTest, AConfigurationTrainsAsTheNearestRecordedOne) {
  const auto objective = make({recorded(0, 0.001, {3, 2}, true), recorded(1, 0.1, {9, 8}, true)});
  EXPECT_THAT(objective.training(at(0.001)).values, ElementsAre(3, 2));
  EXPECT_THAT(objective.training(at(0.02)).values, ElementsAre(9, 8));
  // The middle of the prior is 0.01, not 0.05.
  EXPECT_EQ(objective.nearest(at(0.009)).trial->number, 0u);
  EXPECT_EQ(objective.nearest(at(0.011)).trial->number, 1u);
  EXPECT_NEAR(objective.nearest(at(0.01)).distance, 0.5, 1e-9);
  EXPECT_EQ(objective.best(), 2);
}

TEST(RecordedObjectiveTest, ADistanceCountsCategoriesAndWhatOnlyOneHas) {
  RecordedTrial deep = recorded(0, 0.01, {1}, true);
  deep.params = {{"lr", 0.01}, {"kind", std::string("b")}, {"depth", std::int64_t{5}}};
  const auto objective = make({deep});
  EXPECT_NEAR(objective.nearest(deep.params).distance, 0, 1e-9);
  EXPECT_NEAR(objective.nearest(at(0.01, "b")).distance, 1, 1e-9);
  EXPECT_NEAR(objective.nearest(at(0.01, "a")).distance, std::sqrt(2), 1e-9);
  const Params beyond = {{"lr", 7.0}, {"kind", std::string("b")}, {"depth", std::int64_t{5}}};
  EXPECT_NEAR(objective.nearest(beyond).distance, 0.5, 1e-9) << "beyond the range is its border";
  const Params other = {{"lr", 0.01}, {"kind", std::string("b")}, {"depth", std::int64_t{9}}};
  EXPECT_NEAR(objective.nearest(other).distance, 4.0 / 9, 1e-9);
}

TEST(RecordedObjectiveTest, OfTwoAtOneDistanceTheFirstIsTaken) {
  const auto objective = make({recorded(4, 0.01, {4}, true), recorded(2, 0.01, {2}, true)});
  EXPECT_EQ(objective.nearest(at(0.01)).trial->number, 2u);
}

TEST(RecordedObjectiveTest, APrunedCurveGoesOnAsItsNearestNeighbourWithoutASeam) {
  const auto objective =
      make({recorded(0, 0.01, {5, 4}, false), recorded(1, 0.02, {4, 3, 2, 1}, true),
            recorded(2, 0.1, {9, 9, 9, 9}, true)});
  const Training training = objective.training(at(0.01));
  EXPECT_THAT(training.values, ElementsAre(5, 4, DoubleEq(3), DoubleEq(2)));
  EXPECT_THAT(training.steps, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(training.seconds, ElementsAre(1, 2, DoubleEq(3), DoubleEq(4)));
}

TEST(RecordedObjectiveTest, ItsTimeIsStretchedByItsOwnSpeed) {
  RecordedTrial slow = recorded(0, 0.01, {5}, false);
  slow.seconds = {10};
  const auto objective = make({slow, recorded(1, 0.02, {4, 3, 2}, true)});
  EXPECT_THAT(objective.training(at(0.01)).seconds, ElementsAre(10, DoubleEq(20), DoubleEq(30)));
}

TEST(RecordedObjectiveTest, OneAfterTheOtherUntilATrialThatCompleted) {
  const auto objective =
      make({recorded(0, 0.01, {5}, false), recorded(1, 0.012, {5, 4}, false),
            recorded(2, 0.1, {8, 7, 6}, true), recorded(3, 0.11, {1, 1, 1, 1}, false)});
  EXPECT_THAT(objective.training(at(0.01)).values, ElementsAre(5, DoubleEq(4), DoubleEq(3)));
}

TEST(RecordedObjectiveTest, NothingIsInventedBeyondTheLongestNorBetterThanTheBest) {
  const auto objective =
      make({recorded(0, 0.01, {1}, false), recorded(1, 0.02, {9, 0.5, 0.4}, false)});
  EXPECT_THAT(objective.training(at(0.01)).values, ElementsAre(1, 0.4, 0.4));
  EXPECT_EQ(objective.longest(), 3);
  const auto up =
      make({recorded(0, 0.01, {8}, false), recorded(1, 0.02, {1, 9}, true)}, Goal::kMaximize);
  EXPECT_THAT(up.training(at(0.01)).values, ElementsAre(8, 9));
}

TEST(RecordedObjectiveTest, ACurveThatDivergedEndsThere) {
  const auto objective =
      make({recorded(0, 0.01, {5, kNan}, false), recorded(1, 0.02, {5, 4, 3}, true)});
  EXPECT_EQ(objective.training(at(0.01)).values.size(), 2u);
  EXPECT_EQ(objective.best(), 3);
}

TEST(RecordedObjectiveTest, TimesThatClocksDidNotTellApartStillPass) {
  RecordedTrial flat = recorded(0, 0.01, {3, 2, 1}, true);
  flat.seconds = {0, 0, 0};
  const Training training = make({flat}).training(at(0.01));
  EXPECT_GT(training.seconds.front(), 0);
  EXPECT_LT(training.seconds[1], training.seconds[2]);
}

TEST(RecordedObjectiveTest, TrialsWithoutValuesAreLeftOutAndOneIsNeeded) {
  EXPECT_EQ(make({recorded(0, 0.01, {}, false), recorded(1, 0.1, {1}, true)}).size(), 1u);
  const spec::SweepSpec spec = spec::parse(kSweep).spec;
  EXPECT_EQ(
      RecordedObjective::make(spec, Goal::kMinimize, {recorded(0, 0.01, {}, true)}).status().code(),
      Code::kNotFound);
  RecordedTrial back = recorded(0, 0.01, {1, 2}, true);
  back.steps = {2, 2};
  EXPECT_EQ(RecordedObjective::make(spec, Goal::kMinimize, {back}).status().code(),
            Code::kInvalidArgument);
}

}  // namespace
}  // namespace scopa::rehearsal
