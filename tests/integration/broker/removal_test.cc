// Removed points, and the room that they took.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <thread>

#include "broker_fixture.h"

namespace scopa::server {
namespace {

using namespace std::chrono_literals;

std::uintmax_t bytes_in(const std::string& folder) {
  std::uintmax_t bytes = 0;
  std::error_code gone;  // files come and go
  for (const auto& entry : std::filesystem::directory_iterator(folder, gone)) {
    const std::uintmax_t size = entry.file_size(gone);
    if (!gone) bytes += size;
  }
  return bytes;
}

TEST(BrokerRemovalTest, TheBrokerGivesTheRoomBackWhileItServes) {
  const TempFolder folder;
  const RunningBroker broker(folder.path());
  const auto client = broker.client();
  const SweepId sweep = create_sweep(*client);
  HandWorker worker(broker.tcp(), "w1");
  const wire::Assign trial = worker.ask(sweep);
  std::uint64_t from = 0;
  std::uint32_t noise = 1;
  for (int i = 0; i < 40; ++i) {
    std::vector<double> values(limits::kReportPointsMax);
    for (double& value : values) value = (noise = noise * 1664525 + 1013904223) * 1e-9;
    (void)worker.exchange<wire::Ack>(worker.report(trial, from, values));
    from += values.size();
  }
  wire::Release release;
  release.sweep = sweep;
  release.attempt = trial.attempt;
  release.to = from;
  (void)worker.exchange<wire::Released>(release);
  const double value = list_trials(*client, sweep).trials.at(0).value;
  const std::string store = folder / "store";
  ASSERT_GT(bytes_in(store), 1U << 20);
  wire::Remove remove;
  remove.sweep = sweep;
  remove.trials = {0};
  EXPECT_EQ(answer<wire::Removed>(*client, remove).trials.size(), 1U);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (bytes_in(store) > 1U << 19 && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(5ms);
  }
  EXPECT_LT(bytes_in(store), 1U << 19);
  EXPECT_EQ(list_trials(*client, sweep).trials.at(0).value, value);
  EXPECT_TRUE(get_points(*client, sweep, 0).blocks.empty());
}

}  // namespace
}  // namespace scopa::server
