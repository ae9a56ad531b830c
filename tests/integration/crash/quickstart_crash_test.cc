// The quick start's own sweep, whose broker dies again and again. The trainer prints each epoch's
// metrics, so its log is the outside record.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <sstream>
#include <thread>

#include "tests/integration/crash/crash_fixture.h"

namespace scopa::test {
namespace {

using Values = std::map<std::pair<std::string, std::int64_t>, std::string>;

std::string four_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", value);
  return text;
}

/// "epoch 3: train_loss 0.5 val_loss 0.6 val_accuracy 0.8" by (metric, step).
Values printed(const std::string& log) {
  Values values;
  std::istringstream lines(log);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string word, metric, value;
    std::int64_t epoch = 0;
    char colon = 0;
    if (!(words >> word >> epoch >> colon) || word != "epoch") continue;
    while (words >> metric >> value) values[{metric, epoch}] = value;
  }
  return values;
}

TEST_F(CrashTest, TheQuickStartSweepEndsAsItShouldAlthoughItsBrokerIsKilledAgainAndAgain) {
  SCOPED_TRACE("SCOPA_TEST_SEED=" + std::to_string(seed));
  std::string spec = read_file(SCOPA_QUICKSTART_SPEC);
  const std::string program = "build/release/examples/fashion_mnist";
  ASSERT_NE(spec.find(program), std::string::npos);
  spec.replace(spec.find(program), program.size(), SCOPA_QUICKSTART_TRAINER);
  Process broker = start_broker();
  const SweepId sweep = create(spec);
  ASSERT_FALSE(sweep.empty());
  Process worker = start_worker("worker", sweep, 2);
  // A worker that finds no broker at its start says so and ends.
  ASSERT_TRUE(eventually([&] { return info(sweep).counts.running > 0; })) << worker.err();
  int kills = 0;
  while (kills < 20 && !worker.wait(std::chrono::milliseconds(100 + random() % 900))) {
    broker.kill_hard();
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 200));
    broker = start_broker();
    ++kills;
  }
  EXPECT_GE(kills, 3);
  EXPECT_EQ(worker.wait(300s), 0) << worker.err();
  const wire::SweepInfo end = info(sweep);
  EXPECT_EQ(end.counts.completed + end.counts.pruned, 30u);
  EXPECT_EQ(end.counts.total(), 30u);
  EXPECT_GE(end.best_value, 0.8);
  broker.signal(SIGTERM);
  EXPECT_EQ(broker.wait(10s), 0) << broker.err();

  const StoredSweep stored = StoredSweep::read(store_folder(), sweep);
  EXPECT_THAT(stored.faults, testing::IsEmpty());
  for (const auto& [trial, last] : stored.last_attempt) {
    EXPECT_EQ(last, 1u) << "trial " << trial << " noticed: it ran more than once";
    Values kept;
    for (const auto& point : stored.attempts.at({trial, last}).points) {
      EXPECT_TRUE(kept.insert({{point.metric, point.step}, four_digits(point.value)}).second)
          << "trial " << trial << " has " << point.metric << " of epoch " << point.step << " twice";
    }
    EXPECT_EQ(kept, printed(read_file(folder / "worker/trials/" + sweep + "/" +
                                      std::to_string(trial) + "/attempt-1.log")))
        << "trial " << trial;
  }
  expect_replayable(sweep, stored);
}

}  // namespace
}  // namespace scopa::test
