// A machine is taken away in the middle of training: the example trainer with checkpoints, real
// workers and a real broker.
#include <gmock/gmock.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <optional>
#include <variant>

#include "tests/integration/cli/fixture.h"
#include "tests/integration/support/stored_sweep.h"

namespace scopa::test {
namespace {

using ::testing::HasSubstr;

constexpr int kEpochs = 60;

class CliCheckpointTest : public CliTest {
 protected:
  std::string create(const std::string& trainer = SCOPA_CHECKPOINT_TRAINER) {
    write_file(folder_ / "sweep.yaml",
               "name: interrupted\nprogram: " + trainer +
                   "\nmethod: random\nrun_cap: 1\n"
                   "metric: {name: loss, goal: minimize}\n"
                   "parameters:\n"
                   "  learning_rate: {value: 0.05}\n"
                   "  momentum: {value: 0.5}\n"
                   "  epochs: {value: " +
                   std::to_string(kEpochs) +
                   "}\n"
                   "  epoch_ms: {distribution: int_uniform, min: 50, max: 51}\n");
    const Finished done = scopa({"create", "sweep.yaml"});
    EXPECT_EQ(done.status, 0) << done.err;
    return done.status == 0 ? lines_of(done.out).at(0) : "";
  }
  int values(const std::string& sweep) {
    const auto now = counts(sweep);
    if (now["running"] == 0 && now["completed"] == 0) return 0;
    const auto trial = json({"show", sweep + "/0"})["trial"];
    return trial.is_object() ? trial["values"].get<int>() : 0;
  }
  std::string log(const std::string& sweep, int attempt) {
    return read_file(folder_ /
                     (".scopa/trials/" + sweep + "/0/attempt-" + std::to_string(attempt) + ".log"));
  }
  /// That `show`, `export` and `rehearse` have all values, each once, and the time of the attempts.
  void expect_whole_curve(const std::string& sweep) {
    const auto shown = json({"show", sweep + "/0"});
    std::vector<double> losses;
    for (const auto& point : shown["metrics"]["loss"]) {
      EXPECT_EQ(point[0], losses.size());
      losses.push_back(point[1].get<double>());
    }
    EXPECT_THAT(losses, ::testing::Pointwise(::testing::DoubleEq(), undisturbed()));
    EXPECT_THAT(scopa({"show", sweep + "/0"}).out,
                HasSubstr("step " + std::to_string(kEpochs - 1) + ", " + std::to_string(kEpochs) +
                          " values"));
    const auto rows = lines_of(scopa({"export", sweep, "--points"}).out);
    int exported = 0;
    bool second = false;
    for (const std::string& row : rows) {
      if (row.find(",loss,") == std::string::npos) continue;
      second |= row.starts_with("0,2,");
      EXPECT_THAT(row, HasSubstr(std::string("0,") + (second ? "2" : "1") + ",loss," +
                                 std::to_string(exported) + ","));
      ++exported;
    }
    EXPECT_EQ(exported, kEpochs);
    EXPECT_TRUE(second) << "the rows name the attempt";
    double attempts_s = 0;
    for (const auto& attempt : shown["trial"]["attempts"]) {
      attempts_s += attempt["duration_s"].get<double>();
    }
    EXPECT_NEAR(shown["trial"]["duration_s"].get<double>(), attempts_s, 0.01);
    write_file(folder_ / "again.yaml",
               "method: random\nrun_cap: 1\nmetric: {name: loss, goal: minimize}\n"
               "max_steps: " +
                   std::to_string(kEpochs) +
                   "\nparameters:\n  learning_rate: {value: 0.05}\n"
                   "  epoch_ms: {distribution: int_uniform, min: 50, max: 51}\n");
    const auto rehearsed =
        json({"rehearse", "again.yaml", "--from", sweep, "--seeds", "1", "--workers", "1"});
    const auto took = rehearsed["settings"][0]["measures"]["device_s"]["mean"];
    ASSERT_TRUE(took.is_number()) << rehearsed.dump(1);
    EXPECT_GE(took.get<double>(), kEpochs * 0.045) << "the epochs before the checkpoint, too";
  }
  /// Epoch by epoch what an undisturbed run of the example logs.
  static std::vector<double> undisturbed() {
    std::vector<double> losses;
    double weight = 5;
    double velocity = 0;
    for (int i = 0; i < kEpochs; ++i) {
      velocity = 0.5 * velocity - 0.05 * 2 * (weight - 1);
      weight += velocity;
      losses.push_back(std::pow(weight - 1, 2));
    }
    return losses;
  }
};

TEST_F(CliCheckpointTest, APreemptedTrialGoesOnWhereItWasAndItsCurveHasNoSeam) {
  start_broker();
  const std::string sweep = create();
  Process first = start("first", {"worker", sweep});
  ASSERT_TRUE(eventually([&] { return values(sweep) >= 13; })) << first.err();
  first.signal(SIGTERM);
  EXPECT_EQ(first.wait(std::chrono::seconds(60)), 143) << first.err();
  EXPECT_EQ(counts(sweep)["queued"], 1);
  EXPECT_EQ(scopa({"worker", sweep}).status, 0);
  const auto trial = json({"show", sweep + "/0"})["trial"];
  EXPECT_EQ(trial["state"], "completed");
  EXPECT_EQ(trial["values"], kEpochs) << "one curve";
  EXPECT_EQ(trial["last_step"], kEpochs - 1);
  EXPECT_DOUBLE_EQ(trial["value"].get<double>(), undisturbed().back());
  expect_whole_curve(sweep);
  stop_broker();
  expect_whole_curve(sweep);  // from the store alone

  const StoredSweep stored = StoredSweep::read(folder_ / ".scopa", sweep);
  EXPECT_THAT(stored.faults, ::testing::IsEmpty());
  std::optional<core::AttemptResumed> resumed;
  Cause cause = Cause::kNone;
  for (const core::Event& event : stored.events) {
    if (const auto* e = std::get_if<core::AttemptResumed>(&event.body)) resumed = *e;
    const auto* end = std::get_if<core::AttemptEnded>(&event.body);
    if (end != nullptr && end->attempt == 1) cause = static_cast<Cause>(end->cause);
  }
  EXPECT_EQ(cause, Cause::kPreempted);
  ASSERT_TRUE(resumed.has_value());
  EXPECT_EQ(resumed->attempt, 2U);
  EXPECT_GE(resumed->step, 12);
  EXPECT_THAT(log(sweep, 2), HasSubstr("with epoch " + std::to_string(resumed->step + 1) + "\n"));
  std::vector<double> losses;
  for (const std::uint32_t attempt : {1U, 2U}) {
    for (const auto& point : stored.attempts.at({0, attempt}).points) {
      if (attempt == 1 && point.step > resumed->step) continue;
      EXPECT_EQ(point.step, static_cast<std::int64_t>(losses.size()));
      losses.push_back(point.value);
    }
  }
  EXPECT_THAT(losses, ::testing::Pointwise(::testing::DoubleEq(), undisturbed()));
}

TEST_F(CliCheckpointTest, OnASharedFolderAnotherMachineGoesOn) {
  start_broker();
  const std::string sweep = create(SCOPA_WAITING_TRAINER);
  const std::string shared = folder_ / "shared";
  Process first = start("first", {"worker", sweep, "--checkpoints", shared});
  ASSERT_TRUE(eventually([&] { return values(sweep) >= 14; })) << first.err();
  first.signal(SIGUSR1);
  EXPECT_EQ(first.wait(std::chrono::seconds(60)), 138) << first.err();
  std::filesystem::remove_all(folder_ / ".scopa/trials");  // another machine has none of it
  EXPECT_EQ(scopa({"worker", sweep, "--checkpoints", shared}).status, 0);
  EXPECT_EQ(json({"show", sweep + "/0"})["trial"]["values"], kEpochs);
  EXPECT_THAT(log(sweep, 2), ::testing::Not(HasSubstr("with epoch 0\n")));
  stop_broker();
}

TEST_F(CliCheckpointTest, WithoutItsCheckpointATrialStartsAgainAndCountsOnce) {
  start_broker();
  const std::string sweep = create(SCOPA_WAITING_TRAINER);
  Process first = start("first", {"worker", sweep});
  ASSERT_TRUE(eventually([&] { return values(sweep) >= 14; })) << first.err();
  first.signal(SIGTERM);
  EXPECT_EQ(first.wait(std::chrono::seconds(60)), 143) << first.err();
  std::filesystem::remove_all(folder_ / ".scopa/trials");
  EXPECT_EQ(scopa({"worker", sweep}).status, 0);
  EXPECT_EQ(json({"show", sweep + "/0"})["trial"]["values"], kEpochs);
  EXPECT_THAT(log(sweep, 2), HasSubstr("with epoch 0\n"));
  stop_broker();
}

}  // namespace
}  // namespace scopa::test
