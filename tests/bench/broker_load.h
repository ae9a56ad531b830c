#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sdk/base/status.h"
#include "sdk/wire/messages.h"

/// Load on a broker, as workers make it. For broker_bench.
namespace scopa::bench {

/// What report number `i` of a writer holds: `points` points of four metrics, one of them the goal.
void make_report_block(std::uint64_t i, std::size_t points, std::string* block);

struct WriteLoad {
  std::string endpoint;
  std::size_t connections = 8;
  std::size_t points_per_report = 256;
  std::chrono::milliseconds duration{3000};
};
struct WriteResult {
  double seconds = 0;
  std::uint64_t points = 0;  // acknowledged: durable
  std::uint64_t reports = 0;
  double cpu_seconds = 0;  // of the load process
};
/// Keeps limits::kReportsInFlight reports of each connection unacknowledged, in this thread.
Result<WriteResult> write_load(const WriteLoad& load);

struct AskResult {
  std::vector<double> microseconds;  // sorted
};
/// Of a new sweep of that method: asks, reports and releases `before` trials, then measures `asks`
/// more.
Result<AskResult> ask_load(const std::string& endpoint, const std::string& method,
                           std::size_t before, std::size_t asks);

}  // namespace scopa::bench
