// `scopa explain` and `scopa replay`, on a broker and on a store folder, whole and altered.
#include <gmock/gmock.h>

#include <variant>

#include "broker/store/store.h"
#include "tests/integration/cli/fixture.h"
#include "tests/integration/support/stored_sweep.h"

namespace scopa::test {
namespace {

using ::testing::HasSubstr;

constexpr int kTrials = 12;

class CliExplainTest : public CliTest {
 protected:
  CliExplainTest() {
    write_file(folder_ / "sweep.yaml",
               "name: why\nprogram: ./train.sh\nmethod: bayes\nbayes: {model: tpe}\nseed: 7\n"
               "command: [\"${program}\", \"${args}\"]\n"
               "metric: {name: score, goal: maximize}\nrun_cap: " +
                   std::to_string(kTrials) +
                   "\n"
                   "early_terminate: {type: asha, min_resource: 1, eta: 2}\n"
                   "initial: [{x: 500}]\n"
                   "parameters:\n  x: {distribution: int_uniform, min: 1, max: 1000}\n"
                   "  kind: {values: [a, b]}\n");
  }
  /// The sweep's id.
  std::string run_sweep() {
    const Finished done = scopa({"run", "sweep.yaml", "--slots", "1"});
    EXPECT_EQ(done.status, 0) << done.err;
    return json({"status"}).at("sweep").at("id");
  }
  static std::string trial(int number) { return "@last/" + std::to_string(number); }
  /// Puts another event in the place of one that `wanted` picks; its trial.
  std::uint64_t alter(const std::string& sweep,
                      const std::function<std::optional<std::uint64_t>(core::EventBody*)>& change) {
    const std::string store_folder = folder_ / ".scopa";
    StoredSweep stored = StoredSweep::read(store_folder, sweep);
    const auto store = store::Store::open(store_folder, store::OpenMode::kReadWrite);
    EXPECT_TRUE(store) << store.status().to_string();
    for (core::Event& event : stored.events) {
      const auto changed = change(&event.body);
      if (!changed) continue;
      EXPECT_TRUE((*store)->commit({&event, 1}, {}).is_ok());
      return *changed;
    }
    ADD_FAILURE() << "no such event";
    return 0;
  }
};

TEST_F(CliExplainTest, EveryTrialIsExplainedAndEqualOnABrokerAndOnAFolder) {
  const std::string sweep = run_sweep();
  std::vector<nlohmann::json> offline;
  std::size_t models = 0;
  std::size_t stops = 0;
  for (int i = 0; i < kTrials; ++i) {
    offline.push_back(json({"explain", trial(i)}).at("explanation"));
    const auto& told = offline.back();
    EXPECT_EQ(told.at("recomputed").at("equal"), true);
    EXPECT_EQ(told.at("origin"), i == 0 ? "initial" : "sampler");
    EXPECT_EQ(told.at("proposal").is_null(), i == 0);
    stops += told.at("stops").size();
    for (const auto& stop : told.at("stops")) {
      EXPECT_EQ(stop.at("pruner"), "asha");
      EXPECT_FALSE(stop.at("ranking").empty());
    }
    if (i == 0 || told.at("proposal").at("model").is_null()) continue;
    ++models;
    const auto& model = told.at("proposal").at("model");
    EXPECT_EQ(model.at("candidates").size(), 24u);
    EXPECT_EQ(model.at("candidates").at(model.at("rank").get<int>() - 1).at("params"),
              told.at("trial").at("params"));
    EXPECT_EQ(model.at("good").size() + model.at("bad").size(), static_cast<std::size_t>(i));
    EXPECT_EQ(told.at("proposal").at("parameters").size(), 2u);
  }
  EXPECT_GE(models, 5u);
  EXPECT_GE(stops, 2u);
  const auto replayed = json({"replay"});
  EXPECT_EQ(replayed.at("equal"), true);
  EXPECT_EQ(replayed.at("sweeps").at(0).at("checked").at("suggestions"), kTrials - 1);
  EXPECT_EQ(replayed.at("sweeps").at(0).at("checked").at("given"), 1);
  EXPECT_EQ(replayed.at("sweeps").at(0).at("checked").at("stops"), stops);
  start_broker();
  for (int i = 0; i < kTrials; i += 3) {
    EXPECT_EQ(json({"explain", sweep + "/" + std::to_string(i)}).at("explanation"),
              offline[static_cast<std::size_t>(i)]);
  }
  EXPECT_EQ(json({"replay", "--all"}), replayed);
  stop_broker();
}

TEST_F(CliExplainTest, SaysItOnOneScreen) {
  run_sweep();
  const Finished first = scopa({"explain", trial(0)});
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_THAT(first.out, HasSubstr("by the sweep file: point 0 of `initial`"));
  const Finished startup = scopa({"explain", trial(1)});
  EXPECT_THAT(startup.out, HasSubstr("start-up"));
  EXPECT_THAT(startup.out, HasSubstr("stratum"));
  const Finished last = scopa({"explain", trial(kTrials - 1)});
  for (const char* words : {"proposed", "saw", "good", "others", "24 candidates", "Philox4x32-10",
                            "l(x)", "g(x)", "l/g", "together", "attempt 1", "recomputed: equal"}) {
    EXPECT_THAT(last.out, HasSubstr(words));
  }
  EXPECT_LE(lines_of(last.out).size(), 30u);
  const Finished replayed = scopa({"replay"});
  EXPECT_EQ(replayed.status, 0) << replayed.err;
  EXPECT_THAT(replayed.out, HasSubstr("all equal"));
}

TEST_F(CliExplainTest, AnAlteredLogIsCaughtByBothWithExitCode1) {
  const std::string sweep = run_sweep();
  const std::uint64_t stopped = alter(sweep, [](core::EventBody* body) {
    auto* stop = std::get_if<core::StopDecided>(body);
    if (stop != nullptr) stop->threshold += 0.5;
    return stop != nullptr ? std::optional(stop->trial) : std::nullopt;
  });
  const auto replayed = json({"replay"}, 1);
  EXPECT_EQ(replayed.at("equal"), false);
  EXPECT_EQ(replayed.at("sweeps").at(0).at("differ"), 1);
  EXPECT_EQ(replayed.at("sweeps").at(0).at("mismatches").at(0).at("trial"), stopped);
  const Finished said = scopa({"replay"});
  EXPECT_EQ(said.status, 1);
  EXPECT_THAT(said.out, HasSubstr("stop of trial " + std::to_string(stopped)));
  EXPECT_THAT(said.err, HasSubstr("S132"));
  const Finished told = scopa({"explain", sweep + "/" + std::to_string(stopped)});
  EXPECT_EQ(told.status, 1);
  EXPECT_THAT(told.out, HasSubstr("it differs from what is recorded"));
  EXPECT_THAT(told.err, HasSubstr("S132"));

  const std::uint64_t proposed = alter(sweep, [](core::EventBody* body) {
    auto* created = std::get_if<core::TrialCreated>(body);
    if (created == nullptr || created->trial != 5) return std::optional<std::uint64_t>();
    created->params[0].value = std::int64_t{77};
    return std::optional(created->trial);
  });
  const auto explained = json({"explain", trial(static_cast<int>(proposed))}, 1);
  EXPECT_EQ(explained.at("explanation").at("recomputed").at("equal"), false);
  EXPECT_GE(json({"replay"}, 1).at("sweeps").at(0).at("differ"), 2);

  // An entry that is not there any more: the attempt that it started is missed.
  alter(sweep, [](core::EventBody* body) {
    const auto* started = std::get_if<core::AttemptStarted>(body);
    if (started == nullptr || started->trial != 3) return std::optional<std::uint64_t>();
    *body = core::Noticed{"gone"};
    return std::optional(std::uint64_t{3});
  });
  const Finished damaged = scopa({"replay"});
  EXPECT_EQ(damaged.status, 1);
  EXPECT_THAT(damaged.out, HasSubstr("damaged"));
  const auto error = json_error({"explain", trial(3)}, 1);
  EXPECT_EQ(error["code"], "S125");
}

TEST_F(CliExplainTest, WhatIsNoTrialIsSaid) {
  run_sweep();
  EXPECT_EQ(json_error({"explain", "@last"}, 2)["code"], "S102");
  EXPECT_EQ(json_error({"explain", "@last/99"}, 3)["code"], "S120");
  EXPECT_EQ(json_error({"explain", "nothing/0"}, 3)["code"], "S120");
  EXPECT_EQ(json_error({"replay", "nothing"}, 3)["code"], "S120");
}

}  // namespace
}  // namespace scopa::test
