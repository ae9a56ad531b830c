// Scopa's own keys, with real processes.
#include <gmock/gmock.h>

#include <cmath>
#include <set>

#include "tests/integration/keys/fixture.h"

namespace scopa::test {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using ::testing::SizeIs;

std::string reason_of(const Json& json) { return json.at("reason").get<std::string>(); }

TEST_F(KeysTest, TheSameSeedGivesTheSameConfigurations) {
  const Swept first = sweep("initial");
  const Swept again = sweep("initial");
  const Swept other = sweep("initial", {{"seed: 5", "seed: 6"}});
  EXPECT_EQ(first.param("base"), again.param("base"));
  EXPECT_EQ(first.param("optimizer.rate"), again.param("optimizer.rate"));
  EXPECT_NE(first.param("optimizer.rate"), other.param("optimizer.rate"));
}

TEST_F(KeysTest, InitialPointsAreTriedFirstAndCountForTheCap) {
  const Swept swept = sweep("initial");
  ASSERT_THAT(swept.trials, SizeIs(4));
  EXPECT_EQ(swept.trials[0].at("origin"), "initial");
  EXPECT_EQ(swept.trials[0].at("params").at("base"), 0.125);
  EXPECT_EQ(swept.trials[0].at("params").at("optimizer.name"), "sgd");
  EXPECT_TRUE(swept.trials[0].at("params").contains("optimizer.rate"));
  EXPECT_EQ(swept.trials[1].at("params").at("base"), 0.25);
  EXPECT_EQ(swept.trials[1].at("params").at("optimizer.name"), "adam");
  EXPECT_EQ(swept.trials[2].at("origin"), "sampler");
}

// ---- what a curve becomes -----------------------------------------------------------------------

// The first trial's curve is 1, 0.5, 1, the second's 0.9, 0.4, 0.9.
TEST_F(KeysTest, ACurveIsReducedAsTheFileSays) {
  const auto values = [this](const std::string& reduce) {
    std::vector<double> found;
    const Swept swept = sweep("reduce", {{"@REDUCE@", reduce}});
    for (const Json& trial : swept.trials) found.push_back(trial.at("value"));
    return found;
  };
  using ::testing::DoubleNear;
  EXPECT_THAT(values("last"), ElementsAre(1.0, 0.9));
  EXPECT_THAT(values("best"), ElementsAre(0.5, DoubleNear(0.4, 1e-12)));
  EXPECT_THAT(values("mean(2)"), ElementsAre(0.75, DoubleNear(0.65, 1e-12)));
}

TEST_F(KeysTest, ANanIsTreatedAsTheFileSays) {
  for (const char* word : {"stop", "prune"}) {
    const Swept stopped = sweep("on_nan", {{"@ON_NAN@", word}});
    EXPECT_THAT(stopped.states(), ElementsAre("diverged")) << word;
  }
  const Swept failed = sweep("on_nan", {{"@ON_NAN@", "fail"}});
  EXPECT_THAT(failed.states(), ElementsAre("failed"));
  EXPECT_THAT(reason_of(failed.trials.at(0)), HasSubstr("nan"));
  const Swept ignored = sweep("on_nan", {{"@ON_NAN@", "ignore"}});
  EXPECT_THAT(ignored.states(), ElementsAre("completed"));
  EXPECT_EQ(ignored.trials.at(0).at("values"), 199);
}

// ---- limits -------------------------------------------------------------------------------------

TEST_F(KeysTest, ATrialIsStoppedAtItsTimeLimit) {
  const Swept swept = sweep("max_trial_time");
  EXPECT_THAT(swept.states(), ElementsAre("pruned", "failed"));
  for (const Json& trial : swept.trials) EXPECT_THAT(reason_of(trial), HasSubstr("max_trial_time"));
  for (const Json& trial : swept.trials) EXPECT_GE(trial.at("duration_s"), 0.5);
}

TEST_F(KeysTest, ATrainerThatGoesOnAfterItsLastStepIsTold) {
  const Swept swept = sweep("max_steps");
  EXPECT_THAT(swept.states(), ElementsAre("completed"));
  EXPECT_EQ(swept.trials.at(0).at("last_step"), 10) << "what came after it does not count";
  EXPECT_THAT(reason_of(swept.trials.at(0)), HasSubstr("after max_steps 10"));
  EXPECT_EQ(swept.told.at(0).at("stop"), 7);
}

TEST_F(KeysTest, OneThatEndsWithItIsLeftToSaveAndToTest) {
  const Swept swept = sweep("max_steps_reached");
  EXPECT_THAT(swept.states(), ElementsAre("completed"));
  const Json& trial = swept.trials.at(0);
  EXPECT_EQ(trial.at("reason"), nullptr);
  EXPECT_EQ(trial.at("last_step"), 10);
  EXPECT_EQ(trial.at("attempts").at(0).at("forced"), nullptr);
  EXPECT_EQ(swept.told.at(0).at("stop"), 0) << "nobody told it anything";
  const std::string id = swept.sweep.at("id");
  EXPECT_EQ(read_file(folder_ / (".scopa/trials/" + id + "/0/model")), "model\n");
  EXPECT_THAT(scopa({"export", "@last", "--points", "--csv"}).out, HasSubstr("test_loss"));
}

TEST_F(KeysTest, SoIsAScript) {
  folder_.script("script",
                 "for s in 1 2 3 4 5 6 7 8 9 10; do\n"
                 "  echo \"{\\\"step\\\": $s, \\\"loss\\\": 0.$s}\" >>\"$SCOPA_METRICS\"\n"
                 "  sleep 0.02\ndone\n"
                 "sleep 0.5\necho model >\"$SCOPA_FOLDER/model\"\n"
                 "echo \"{\\\"test_loss\\\": 0.25}\" >>\"$SCOPA_METRICS\"\necho saved");
  const Swept swept = sweep("max_steps_reached", {{"./train", "./script"}});
  EXPECT_THAT(swept.states(), ElementsAre("completed"));
  const std::string folder = ".scopa/trials/" + swept.sweep.at("id").get<std::string>() + "/0/";
  EXPECT_EQ(read_file(folder_ / (folder + "model")), "model\n");
  EXPECT_EQ(read_file(folder_ / (folder + "attempt-1.log")), "saved\n");
  EXPECT_THAT(scopa({"export", "@last", "--points", "--csv"}).out, HasSubstr("test_loss"));
  EXPECT_GE(swept.trials.at(0).at("duration_s"), 0.5);
}

TEST_F(KeysTest, WhoDoesNotHearTheStopIsEndedWhenItsGraceIsOver) {
  const Swept swept = sweep("grace");
  EXPECT_THAT(swept.states(), ElementsAre("pruned", "pruned"));
  EXPECT_EQ(swept.trials.at(0).at("attempts").at(0).at("forced"), nullptr);
  EXPECT_EQ(swept.trials.at(1).at("attempts").at(0).at("forced"), "sigterm");
  EXPECT_GE(swept.trials.at(1).at("duration_s"), 1.4);
  const auto notices = swept.sweep.at("notices").get<std::vector<std::string>>();
  EXPECT_THAT(notices, ::testing::Contains(AllOf(HasSubstr("L061 `grace`: trial 1 was told"),
                                                 HasSubstr("within 1s"))));
  EXPECT_THAT(scopa({"show", "@last/1"}).out, HasSubstr("SIGTERM"));
}

TEST_F(KeysTest, AFailedTrialIsRetriedAsOftenAsTheFileSays) {
  const Swept swept = sweep("retries");
  EXPECT_THAT(swept.states(), ElementsAre("completed", "failed"));
  EXPECT_THAT(swept.trials.at(0).at("attempts"), SizeIs(3));
  EXPECT_THAT(swept.trials.at(1).at("attempts"), SizeIs(3));
}

TEST_F(KeysTest, ABudgetOfTrialsEndsTheSweep) {
  const Swept swept = sweep("budget_trials");
  EXPECT_THAT(swept.states(), ElementsAre("completed", "completed", "completed"));
  EXPECT_EQ(swept.sweep.at("state"), "finished");
}

TEST_F(KeysTest, ABudgetOfWallTimeEndsTheSweepAndItsTrials) {
  const Swept swept = sweep("budget_wall_time");
  EXPECT_EQ(swept.sweep.at("state"), "finished");
  EXPECT_THAT(reason_of(swept.sweep), HasSubstr("wall"));
  EXPECT_THAT(swept.states(), ElementsAre("pruned"));
}

TEST_F(KeysTest, ABudgetOfDeviceHoursEndsTheSweepAndItsTrials) {
  const Swept swept = sweep("budget_device_hours");
  EXPECT_EQ(swept.sweep.at("state"), "finished");
  EXPECT_THAT(reason_of(swept.sweep), HasSubstr("device"));
  EXPECT_THAT(swept.states(), ElementsAre("pruned"));
}

// ---- conditions, derived values, constraints ----------------------------------------------------

void expect_conditions(const Swept& swept) {
  EXPECT_EQ(swept.exit, 0) << swept.err;
  for (const Json& trial : swept.trials) {
    const Json& p = trial.at("params");
    const bool sgd = p.at("optimizer") == "sgd";
    EXPECT_EQ(p.contains("momentum"), sgd) << p;
    EXPECT_EQ(p.contains("schedule"), !sgd && p.at("batch") >= 32) << p;
    const bool warm = p.contains("schedule") && p.at("schedule") == "cosine";
    EXPECT_EQ(p.contains("warmup.steps"), warm) << p;
    EXPECT_EQ(p.contains("warmup.share"), warm) << p;
    const int effective = p.at("batch").get<int>() * p.at("accum").get<int>();
    EXPECT_EQ(p.at("effective"), effective) << p;
    EXPECT_LE(effective, 64) << p;
    if (!warm) continue;
    EXPECT_EQ(p.at("warmup.share"), 0.5 * p.at("warmup.steps").get<double>()) << p;
  }
  for (const Json& told : swept.told) {
    EXPECT_EQ(told.at("params"), swept.trials.at(told.at("trial")).at("params"));
  }
}

// Six pairs of batch and accum keep to the constraint: (16; 1, 2, 4), (32; 1, 2), (64; 1). With sgd
// two momenta each; with adam no schedule for the first three, else constant or one of two
// warm-ups.
constexpr std::size_t kAllConfigurations = 6 * 2 + 3 + 3 * (1 + 2);

TEST_F(KeysTest, AGridHasNeitherInactiveNorForbiddenConfigurations) {
  const Swept swept = sweep("conditions_grid");
  expect_conditions(swept);
  EXPECT_EQ(swept.trials.size(), kAllConfigurations);
  EXPECT_THAT(reason_of(swept.sweep), HasSubstr("used up"));
}

TEST_F(KeysTest, RandomSearchKeepsToConditionsAndConstraints) {
  const Swept swept = sweep("conditions_random");
  expect_conditions(swept);
  EXPECT_EQ(swept.trials.size(), 20u);
}

TEST_F(KeysTest, TheModelKeepsToConditionsAndConstraintsToTheLastConfiguration) {
  const Swept swept = sweep("conditions_bayes", {{"run_cap: 20", "run_cap: 100"}});
  expect_conditions(swept);
  EXPECT_EQ(swept.trials.size(), kAllConfigurations);
  std::set<std::string> different;
  for (const Json& trial : swept.trials) different.insert(trial.at("params").dump());
  EXPECT_EQ(different.size(), kAllConfigurations);
}

TEST_F(KeysTest, TheProcessKeepsToThemToo) {
  const Swept swept = sweep("conditions_gp");
  expect_conditions(swept);
  EXPECT_EQ(swept.trials.size(), 20u);
}

// ---- replicates ---------------------------------------------------------------------------------

TEST_F(KeysTest, ReplicatesRunEachConfigurationWithTheSameSeeds) {
  const Swept swept = sweep("replicates");
  ASSERT_THAT(swept.trials, SizeIs(6));
  std::map<std::uint64_t, std::vector<double>> values;
  std::map<std::uint64_t, std::set<std::uint64_t>> seeds;
  for (const Json& trial : swept.trials) {
    values[trial.at("replicate_of")].push_back(trial.at("value"));
  }
  for (const Json& told : swept.told) {
    const Json& trial = swept.trials.at(told.at("trial"));
    seeds[trial.at("replicate_of")].insert(told.at("seed").get<std::uint64_t>());
    // One slot: the runs of a configuration follow each other.
    const std::uint64_t run =
        told.at("trial").get<std::uint64_t>() - trial.at("replicate_of").get<std::uint64_t>();
    EXPECT_EQ(told.at("replicate"), std::to_string(run));
  }
  ASSERT_THAT(values, SizeIs(2));
  EXPECT_THAT(seeds.begin()->second, SizeIs(3));
  EXPECT_EQ(seeds.begin()->second, seeds.rbegin()->second);
  for (const auto& [head, three] : values) {
    ASSERT_THAT(three, SizeIs(3));
    const double mean = (three[0] + three[1] + three[2]) / 3;
    double squares = 0;
    for (const double value : three) squares += (value - mean) * (value - mean);
    const Json& trial = swept.trials.at(head);
    EXPECT_NEAR(trial.at("mean"), mean, 1e-12);
    EXPECT_NEAR(trial.at("spread"), std::sqrt(squares / 2), 1e-12);
    EXPECT_EQ(trial.at("runs"), 3);
  }
  const auto best = values.find(swept.sweep.at("best").at("trial"));
  ASSERT_NE(best, values.end());
  EXPECT_EQ(swept.trials.at(best->first).at("params").at("base"), 0.25);
}

// ---- the block ----------------------------------------------------------------------------------

TEST_F(KeysTest, OwnKeysMayStandInABlockOfTheirOwn) {
  const Swept swept = sweep("scopa_block");
  EXPECT_EQ(swept.exit, 0) << swept.err;
  EXPECT_EQ(swept.sweep.at("seed"), 21);
  ASSERT_THAT(swept.trials, SizeIs(3));
  EXPECT_EQ(swept.trials[0].at("params").at("base"), 0.5);
  for (const Json& trial : swept.trials) {
    EXPECT_LT(trial.at("params").at("base"), 0.75);
    EXPECT_LT(trial.at("last_step"), 100);
  }
}

}  // namespace
}  // namespace scopa::test
