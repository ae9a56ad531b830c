#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "broker/core/explain.h"
#include "broker/core/replay.h"
#include "sdk/session/client.h"
#include "tests/integration/support/process.h"
#include "tests/integration/support/stored_sweep.h"

namespace scopa::test {

using namespace std::chrono_literals;

/// What a trainer wrote down for itself.
struct Recorded {
  std::uint32_t attempt = 0;
  std::size_t points = 0;
  long slowest_log_us = 0;
};

/// A broker and workers as real processes, in a folder of the test's own.
class CrashTest : public testing::Test {
 protected:
  std::string endpoint() const { return "ipc://" + (folder / "b.sock"); }
  std::string store_folder() const { return folder / "store"; }

  Process start_broker() const {
    return Process("broker",
                   {SCOPA_EXECUTABLE, "broker", "--dir", store_folder(), "--listen", endpoint()},
                   folder.path());
  }
  /// Workers on one machine find what dead ones there have left.
  Process start_worker(const std::string& name, const SweepId& sweep, int slots,
                       const std::string& machine = "one") const {
    return Process(name,
                   {SCOPA_EXECUTABLE, "worker", sweep, "--url", endpoint(), "--slots",
                    std::to_string(slots), "--gpus", "none", "--dir", folder / name},
                   folder.path(),
                   {"SCOPA_TEST_RECORD=" + (folder / "record"),
                    "SCOPA_MEMORY=" + (folder / "memory-" + machine)});
  }
  SweepId create(const std::string& spec) const {
    write_file(folder / "sweep.yaml", spec);
    Finished created;
    const bool made = eventually([&] {
      created = run({SCOPA_EXECUTABLE, "create", "sweep.yaml", "--url", endpoint()}, folder.path());
      return created.status == 0;
    });
    EXPECT_TRUE(made) << created.err;
    return created.out.substr(0, created.out.find_first_of("\t\n "));
  }
  wire::SweepInfo info(const SweepId& sweep) const {
    auto client = session::Client::connect(endpoint(), 2s);
    if (!client) return {};
    auto reply = (*client)->request(wire::GetSweep{.sweep = sweep}, 2s);
    if (!reply || !std::holds_alternative<wire::SweepReply>(*reply)) return {};
    return std::get<wire::SweepReply>(*reply).sweep;
  }
  std::map<std::uint64_t, std::vector<Recorded>> record() const {
    std::map<std::uint64_t, std::vector<Recorded>> by_trial;
    std::istringstream lines(read_file(folder / "record"));
    std::uint64_t trial = 0;
    Recorded each;
    while (lines >> trial >> each.attempt >> each.points >> each.slowest_log_us) {
      by_trial[trial].push_back(each);
    }
    return by_trial;
  }

  // Every point that the last attempt of each trial logged is in the store, once and unchanged.
  void expect_exactly_once(const StoredSweep& stored, std::size_t trials) const {
    EXPECT_THAT(stored.faults, testing::IsEmpty());
    EXPECT_EQ(stored.trials.size(), trials);
    const auto recorded = record();
    for (const auto& [trial, state] : stored.trials) {
      EXPECT_EQ(state, TrialState::kCompleted) << "trial " << trial;
      const std::uint32_t last = stored.last_attempt.at(trial);
      const auto own = recorded.find(trial);
      ASSERT_NE(own, recorded.end()) << "trial " << trial << " never ran to its end";
      const auto mine = std::find_if(own->second.begin(), own->second.end(),
                                     [&](const Recorded& r) { return r.attempt == last; });
      ASSERT_NE(mine, own->second.end()) << "trial " << trial;
      const auto& points = stored.attempts.at({trial, last}).points;
      EXPECT_EQ(points.size(), mine->points) << "trial " << trial;
      std::set<std::pair<std::string, std::int64_t>> seen;
      for (const auto& point : points) {
        EXPECT_TRUE(seen.insert({point.metric, point.step}).second)
            << "trial " << trial << " has " << point.metric << " of step " << point.step
            << " twice";
        const double expected = static_cast<double>(trial) * 1e6 + static_cast<double>(point.step) +
                                (point.metric == "aux" ? 0.5 : 0.0);
        EXPECT_EQ(point.value, expected);
      }
    }
  }

  static void expect_replayable(const SweepId& sweep, const StoredSweep& stored) {
    core::Replay replay(sweep);
    for (const auto& event : stored.events) replay.add(event);
    for (const auto& report : stored.reports) replay.add(report);
    const auto outcome = replay.run();
    ASSERT_TRUE(outcome.is_ok()) << outcome.status().to_string();
    EXPECT_GT(outcome->suggestions, 0u);
    for (const auto& each : outcome->mismatches) {
      ADD_FAILURE() << core::to_text(each);
    }
    expect_explained(sweep, stored);
  }

  static void expect_explained(const SweepId& sweep, const StoredSweep& stored) {
    core::Explain explain(sweep);
    for (const auto& event : stored.events) explain.add(event);
    for (const auto& report : stored.reports) explain.add(report);
    for (const auto& [trial, state] : stored.trials) {
      const auto told = explain.run(trial);
      ASSERT_TRUE(told.is_ok()) << told.status().to_string();
      EXPECT_FALSE(told->checked.empty()) << "trial " << trial;
      for (const auto& each : told->mismatches) ADD_FAILURE() << core::to_text(each);
    }
  }

  TempFolder folder;
  std::uint64_t seed = test_seed();
  std::mt19937_64 random{seed};
};

}  // namespace scopa::test
