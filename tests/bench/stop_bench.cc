// From the logging of a metric that a pruner condemns to should_stop() being true: through journal,
// worker, wire, core, a synced commit and back. Prints p50, p99 and the longest. See
// docs/benchmarks.md.
//
//     stop_bench [TRIALS] [FOLDER]

#include <spdlog/spdlog.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "broker/server/broker.h"
#include "scopa/worker.hpp"
#include "sdk/session/client.h"

namespace {

using Clock = std::chrono::steady_clock;

// Each trial is worse than all before it, so each but the first few misses the threshold.
constexpr char kSpec[] = R"(
method: random
metric: {name: loss, goal: minimize}
early_terminate: {type: hyperband, min_iter: 1, eta: 3}
parameters: {x: {min: 0.0, max: 1.0}}
)";

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "stop_bench: %s\n", what.c_str());
  std::exit(1);
}

std::string create_sweep(const std::string& endpoint) {
  auto client = scopa::session::Client::connect(endpoint);
  if (!client) give_up(client.status().to_string());
  const auto created = (*client)->request(
      scopa::wire::Create{.token = "stop_bench", .file_name = "stop_bench", .spec = kSpec});
  if (!created) give_up(created.status().to_string());
  return std::get<scopa::wire::Created>(*created).sweep;
}

double milliseconds(Clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

/// Logs once and waits, looking as often as a short training step would.
void train(scopa::Trial& trial, std::vector<double>* latencies) {
  constexpr std::chrono::seconds kNotStopped{1};
  const auto logged = Clock::now();
  trial.log("loss", 1, static_cast<double>(trial.number()));
  while (!trial.should_stop()) {
    if (trial.number() < 3 || Clock::now() - logged > kNotStopped) return;
    std::this_thread::sleep_for(std::chrono::microseconds(20));
  }
  latencies->push_back(milliseconds(Clock::now() - logged));
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t trials = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 500;
  std::string folder = std::string(argc > 2 ? argv[2] : ".") + "/scopa-bench-XXXXXX";
  if (trials < 10 || mkdtemp(folder.data()) == nullptr)
    give_up("usage: stop_bench [TRIALS] [FOLDER]");
  spdlog::set_level(spdlog::level::warn);
  auto broker = scopa::server::Broker::open(
      {.folder = folder, .listen = {"ipc://" + folder + "/b.sock"}, .handle_signals = false});
  if (!broker) give_up(broker.status().to_string());
  std::thread serving([&] {
    if (const auto end = (*broker)->run(); !end) give_up(end.to_string());
  });

  scopa::WorkerOptions options;
  options.url = (*broker)->endpoints().front();
  options.sweep = create_sweep(options.url);
  options.count = trials;
  options.folder = folder;
  std::vector<double> latencies;
  const auto result =
      scopa::run_worker(options, [&](scopa::Trial& trial) { train(trial, &latencies); });
  (*broker)->stop();
  serving.join();
  std::filesystem::remove_all(folder);
  if (!result) give_up(result.error);
  if (latencies.size() * 2 < trials) give_up("most trials were not stopped");
  std::sort(latencies.begin(), latencies.end());
  std::printf(
      "metric logged to should_stop(), %zu stops: p50 %.2f ms, p99 %.2f ms, longest %.2f ms\n",
      latencies.size(), latencies[latencies.size() / 2], latencies[latencies.size() * 99 / 100],
      latencies.back());
  return 0;
}
