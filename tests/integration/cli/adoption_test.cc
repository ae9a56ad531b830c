// A worker is killed in the middle of training and started again: real processes.
#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <set>

#include "tests/integration/cli/fixture.h"
#include "tests/integration/support/stored_sweep.h"

namespace scopa::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CliAdoptionTest : public CliTest {
 protected:
  std::string create(int trials, int epochs) {
    write_file(folder_ / "sweep.yaml",
               "name: outlived\nprogram: " SCOPA_CHECKPOINT_TRAINER "\nmethod: random\nrun_cap: " +
                   std::to_string(trials) +
                   "\nmetric: {name: loss, goal: minimize}\n"
                   "parameters:\n"
                   "  epochs: {value: " +
                   std::to_string(epochs) +
                   "}\n"
                   "  epoch_ms: {distribution: int_uniform, min: 20, max: 21}\n");
    const Finished done = scopa({"create", "sweep.yaml"});
    EXPECT_EQ(done.status, 0) << done.err;
    return done.status == 0 ? lines_of(done.out).at(0) : "";
  }
  int values(const std::string& sweep) {
    const auto now = counts(sweep);
    if (now["running"] == 0 && now["completed"] == 0) return 0;
    return json({"show", sweep + "/0"})["trial"]["values"].get<int>();
  }
  void expect_one_attempt_each(const std::string& sweep, int trials, int epochs) {
    for (int trial = 0; trial < trials; ++trial) {
      const auto shown = json({"show", sweep + "/" + std::to_string(trial)})["trial"];
      EXPECT_EQ(shown["state"], "completed") << "trial " << trial;
      EXPECT_EQ(shown["attempts"].size(), 1U) << "trial " << trial;
      EXPECT_EQ(shown["values"], epochs) << "trial " << trial;
      EXPECT_EQ(lines_of(read_file(folder_ / (".scopa/trials/" + sweep + "/" +
                                              std::to_string(trial) + "/attempt-1.log")))
                    .size(),
                1U)
          << "its trainer was started once";
    }
  }
  void expect_each_point_once(const std::string& sweep, int trials, int epochs) {
    const StoredSweep stored = StoredSweep::read(folder_ / ".scopa", sweep);
    EXPECT_THAT(stored.faults, IsEmpty());
    ASSERT_EQ(stored.attempts.size(), static_cast<std::size_t>(trials));
    for (const auto& [name, attempt] : stored.attempts) {
      std::set<std::int64_t> steps;
      for (const auto& point : attempt.points) {
        EXPECT_TRUE(steps.insert(point.step).second) << "step " << point.step << " twice";
      }
      EXPECT_EQ(steps.size(), static_cast<std::size_t>(epochs));
    }
  }
};

TEST_F(CliAdoptionTest, AKilledWorkersTrainersGoOnUnderTheNextOneAndEachPointCountsOnce) {
  constexpr int kEpochs = 300;  // 6 s: looking at it three times may take as long on a busy machine
  start_broker();
  const std::string sweep = create(2, kEpochs);
  for (int kills = 0; kills < 3; ++kills) {
    Process worker = start("worker" + std::to_string(kills), {"worker", sweep, "--slots", "2"});
    const int before = kills * 20;
    ASSERT_TRUE(eventually([&] { return values(sweep) >= before + 10; })) << worker.err();
    if (kills > 0) {
      EXPECT_THAT(worker.err() + worker.out(), HasSubstr("adopted"));
    }
    worker.kill_hard();
  }
  const Finished last = scopa({"worker", sweep, "--slots", "2"});
  EXPECT_EQ(last.status, 0) << last.err;
  expect_one_attempt_each(sweep, 2, kEpochs);
  stop_broker();
  expect_each_point_once(sweep, 2, kEpochs);
}

TEST_F(CliAdoptionTest, WhatEndedWhileNoWorkerWasThereIsDeliveredByTheNextOne) {
  constexpr int kEpochs = 100;
  start_broker();
  const std::string sweep = create(1, kEpochs);
  Process worker = start("worker", {"worker", sweep});
  // Its log tells at once that it trains, which a command may tell only when it is over.
  const std::string log = folder_ / (".scopa/trials/" + sweep + "/0/attempt-1.log");
  ASSERT_TRUE(eventually([&] { return !lines_of(read_file(log)).empty(); })) << worker.err();
  worker.kill_hard();
  const auto ended = [&] {
    const auto lines = lines_of(run({"pgrep", "-f", SCOPA_CHECKPOINT_TRAINER}, folder_.path()).out);
    for (const std::string& pid : lines) {
      std::error_code error;
      const auto cwd = std::filesystem::read_symlink("/proc/" + pid + "/cwd", error);
      if (!error && cwd == folder_.path()) return false;
    }
    return true;
  };
  ASSERT_TRUE(eventually(ended));
  const Finished last = scopa({"worker", sweep});
  EXPECT_EQ(last.status, 0) << last.err;
  EXPECT_THAT(last.err + last.out, HasSubstr("its trainer has ended"));
  expect_one_attempt_each(sweep, 1, kEpochs);
  stop_broker();
  expect_each_point_once(sweep, 1, kEpochs);
}

}  // namespace
}  // namespace scopa::test
