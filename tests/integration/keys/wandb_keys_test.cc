// The keys of W&B's sweep files, with real processes.
#include <gmock/gmock.h>

#include <cmath>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "tests/integration/keys/fixture.h"

namespace scopa::test {
namespace {

using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

double number(const Json& value) { return value.get<double>(); }

// Whether a value is one that the file allows, by the name of its parameter.
bool is_allowed(const std::string& name, const Json& v) {
  const auto multiple = [&](double q) {
    return std::abs(number(v) / q - std::round(number(v) / q)) < 1e-9;
  };
  const auto within = [&](double low, double high) {
    return v.is_number() && number(v) >= low && number(v) <= high;
  };
  if (name == "constant") return v == 3;
  if (name == "constant_named") return v == "fixed";
  if (name == "categorical") {
    return std::set<std::string>{"\"a\"", "2", "3.5", "true", "null", "[1,2]"}.contains(v.dump());
  }
  if (name == "categorical_named") return v == "x" || v == "y";
  if (name == "weighted") return v == "often";
  if (name == "weighted_named") return v == "u" || v == "v";
  if (name == "int_uniform") return v.is_number_integer() && within(2, 9);
  if (name == "uniform") return within(0.5, 1.5);
  if (name == "q_uniform") return v.is_number_integer() && within(0, 10) && multiple(2);
  if (name == "log_uniform") return within(std::exp(-3) * (1 - 1e-12), 1);
  if (name == "log_uniform_values") return within(1e-5, 1e-1);
  if (name == "q_log_uniform") return v.is_number_integer() && within(1, 149);
  if (name == "q_log_uniform_values") return within(8, 512) && multiple(8);
  if (name == "inv_log_uniform") return within(std::exp(-3) * (1 - 1e-12), 1);
  if (name == "inv_log_uniform_values") return within(0.01 * (1 - 1e-12), 1 + 1e-12);
  if (name == "normal") return within(4, 6);
  if (name == "q_normal") return within(-10, 30) && multiple(0.5);
  if (name == "log_normal") return within(1e-5, 1e5);
  if (name == "q_log_normal") return within(0, 1000) && multiple(1);
  if (name == "beta") return within(0, 1);
  if (name == "q_beta") return within(0, 1) && multiple(0.25);
  if (name == "optimizer.name") return v == "adam" || v == "sgd";
  if (name == "optimizer.inner.rate") return within(0, 1);
  return false;
}

void expect_every_distribution(const Swept& swept, std::size_t trials) {
  ASSERT_EQ(swept.exit, 0) << swept.err;
  ASSERT_THAT(swept.trials, SizeIs(trials));
  EXPECT_THAT(swept.states(), Each(std::string("completed")));
  std::set<std::string> configurations;
  for (const Json& trial : swept.trials) {
    const Json& params = trial.at("params");
    EXPECT_EQ(params.size(), 23u) << params;
    for (const auto& [name, value] : params.items()) {
      EXPECT_TRUE(is_allowed(name, value)) << name << ": " << value;
    }
    configurations.insert(params.dump());
  }
  EXPECT_EQ(configurations.size(), trials);
  // What the trainer got is what the broker handed out.
  for (const Json& told : swept.told) {
    EXPECT_EQ(told.at("params"), swept.trials.at(told.at("trial")).at("params"));
  }
}

TEST_F(KeysTest, EveryDistributionIsSampledAtRandom) {
  const Swept swept = sweep("distributions_random");
  expect_every_distribution(swept, 12);
  EXPECT_EQ(swept.sweep.at("name"), "all distributions");
  EXPECT_EQ(swept.sweep.at("description"), "every one of them, at random");
  EXPECT_EQ(swept.sweep.at("method"), "random");
  EXPECT_EQ(swept.sweep.at("seed"), 11);
  EXPECT_EQ(swept.sweep.at("run_cap"), 12);
  EXPECT_EQ(swept.sweep.at("metric"), "loss");
  EXPECT_EQ(swept.sweep.at("goal"), "minimize");
}

TEST_F(KeysTest, EveryDistributionIsSampledByTheModel) {
  const Swept swept = sweep("distributions_bayes");
  expect_every_distribution(swept, 16);
  EXPECT_EQ(swept.sweep.at("method"), "bayes");
}

TEST_F(KeysTest, AGridIsTriedOnceAndEndsTheSweep) {
  const Swept swept = sweep("grid");
  EXPECT_EQ(swept.exit, 0) << swept.err;
  std::vector<std::string> points;
  for (const Json& trial : swept.trials) {
    const Json& p = trial.at("params");
    points.push_back(p.at("letter").get<std::string>() + p.at("number").dump() +
                     p.at("quantised").dump());
  }
  EXPECT_THAT(points, ElementsAre("a10.0", "a10.5", "a20.0", "a20.5", "a30.0", "a30.5", "b10.0",
                                  "b10.5", "b20.0", "b20.5", "b30.0", "b30.5"));
  EXPECT_EQ(swept.sweep.at("state"), "finished");
  EXPECT_THAT(swept.sweep.at("reason").get<std::string>(), HasSubstr("used up"));
}

// ---- command ------------------------------------------------------------------------------------

class CommandTest : public KeysTest {
 protected:
  std::vector<Json> arguments(const std::string& macros) {
    const Swept swept = sweep("command", {{"@ARGUMENTS@", macros}});
    EXPECT_EQ(swept.exit, 0) << swept.err;
    return swept.told.empty() ? std::vector<Json>{} : swept.args();
  }
};

TEST_F(CommandTest, ArgsAreFlagsWithValues) {
  EXPECT_THAT(arguments("\"${args}\""),
              ElementsAre("--lr=0.5", "--amp=true", "--off=false", "--nested.depth=3"));
}

TEST_F(CommandTest, NoEqualsMakesTwoArgumentsOfEach) {
  EXPECT_THAT(arguments("\"${args_no_equals}\""),
              ElementsAre("--lr", "0.5", "--amp", "true", "--off", "false", "--nested.depth", "3"));
}

TEST_F(CommandTest, NoHyphensLeavesThemOut) {
  EXPECT_THAT(arguments("\"${args_no_hyphens}\""),
              ElementsAre("lr=0.5", "amp=true", "off=false", "nested.depth=3"));
}

TEST_F(CommandTest, NoBooleanFlagsGivesTrueOnesAloneAndLeavesFalseOnesOut) {
  EXPECT_THAT(arguments("\"${args_no_boolean_flags}\""),
              ElementsAre("--lr=0.5", "--amp", "--nested.depth=3"));
}

TEST_F(CommandTest, HydraFormsHaveTheirPrefixes) {
  EXPECT_THAT(arguments("\"${args_append_hydra}\""),
              ElementsAre("+lr=0.5", "+amp=true", "+off=false", "+nested.depth=3"));
  EXPECT_THAT(arguments("\"${args_override_hydra}\""),
              ElementsAre("++lr=0.5", "++amp=true", "++off=false", "++nested.depth=3"));
}

TEST_F(CommandTest, JsonIsOneArgumentOrAFile) {
  const auto text = arguments("\"${args_json}\"");
  ASSERT_THAT(text, SizeIs(1));
  const Json wanted = {{"lr", 0.5}, {"amp", true}, {"off", false}, {"nested.depth", 3}};
  EXPECT_EQ(Json::parse(text[0].get<std::string>()), wanted);
  const auto file = arguments("\"--config=${args_json_file}\"");
  ASSERT_THAT(file, SizeIs(1));
  ASSERT_THAT(file[0].get<std::string>(), StartsWith("--config="));
  EXPECT_EQ(Json::parse(read_file(file[0].get<std::string>().substr(9))), wanted);
}

TEST_F(CommandTest, AnEnvironmentVariableIsTheWorkers) {
  EXPECT_THAT(arguments("\"--data=${envvar:TOLD_DATA}/x\""), ElementsAre("--data=/data/x"));
}

TEST_F(CommandTest, AnUnknownMacroIsRefusedBeforeAnythingRuns) {
  const std::string path = place("command", {{"@ARGUMENTS@", "\"${arguments}\""}});
  const Finished done = scopa({"run", path});
  EXPECT_EQ(done.status, 5);
  EXPECT_THAT(done.err, HasSubstr("S025"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "told"));
}

TEST_F(CommandTest, TheInterpreterIsPython) {
  std::filesystem::create_directory(folder_ / "bin");
  std::filesystem::create_symlink(TOLD_TRAINER, folder_ / "bin/python");
  write_file(folder_ / "train.py", "");
  environment_.push_back("PATH=" + (folder_ / "bin") + ":" + std::getenv("PATH"));
  const Swept swept = sweep("interpreter");
  EXPECT_EQ(swept.exit, 0) << swept.err;
  ASSERT_FALSE(swept.told.empty());
  EXPECT_THAT(swept.args(), ElementsAre("train.py", "--lr=0.5"));
}

// ---- ends and stops -----------------------------------------------------------------------------

TEST_F(KeysTest, ATargetEndsTheSweep) {
  const Swept swept = sweep("target");
  EXPECT_EQ(swept.exit, 0) << swept.err;
  EXPECT_THAT(swept.trials, SizeIs(3));
  EXPECT_EQ(swept.sweep.at("best").at("value"), 0.2);
  EXPECT_THAT(swept.sweep.at("reason").get<std::string>(), HasSubstr("target 0.25 reached"));
}

TEST_F(KeysTest, HyperbandStopsTheWorseOnesFromMinIterUp) {
  const Swept swept = sweep("hyperband_min_iter");
  EXPECT_THAT(swept.states(), ElementsAre("completed", "completed", "pruned", "pruned"));
  // The last band that it has passed when its points are looked at: on a slow machine, a later one.
  EXPECT_THAT(swept.trials.at(2).at("stop").at("rung"), AnyOf(2, 4, 8, 16, 32, 64));
  EXPECT_LT(swept.trials.at(2).at("last_step"), 100);
}

TEST_F(KeysTest, HyperbandStopsTheWorseOnesBelowMaxIter) {
  const Swept swept = sweep("hyperband_max_iter");
  EXPECT_THAT(swept.states(), ElementsAre("completed", "pruned", "pruned", "pruned"));
  EXPECT_EQ(swept.sweep.at("rungs"), Json({1, 3}));
}

TEST_F(KeysTest, AWorkerLeavesAfterItsCount) {
  const std::string path = place("distributions_random");
  Process broker(
      "broker",
      {SCOPA_EXECUTABLE, "broker", "--listen", "tcp://127.0.0.1:*", "--durability", "process"},
      folder_.path(), environment_);
  ASSERT_TRUE(eventually([&] {
    return read_file(folder_ / ".scopa/endpoint").find("tcp://") != std::string::npos;
  })) << broker.err();
  ASSERT_EQ(scopa({"create", path}).status, 0);
  EXPECT_EQ(scopa({"worker", "@last", "--slots", "1", "--count", "2"}).status, 0);
  const Json counts =
      Json::parse(scopa({"status", "@last", "--json"}).out).at("sweep").at("counts");
  EXPECT_EQ(counts.at("completed"), 2);
  EXPECT_EQ(counts.at("running"), 0);
  broker.signal(SIGTERM);
  EXPECT_EQ(broker.wait(std::chrono::seconds(20)), 0) << broker.err();
}

TEST_F(KeysTest, ASchedulerSectionIsIgnoredWithAWarning) {
  const Swept swept = sweep("scheduler");
  EXPECT_EQ(swept.exit, 0) << swept.err;
  EXPECT_THAT(swept.err, HasSubstr("S041"));
  EXPECT_THAT(swept.trials, SizeIs(1));
}

}  // namespace
}  // namespace scopa::test
