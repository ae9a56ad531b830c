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
struct AskLoad {
  std::string endpoint;
  std::string method;
  std::size_t before = 1000;
  std::size_t asks = 1000;
  std::size_t parameters = 6;
  std::chrono::milliseconds trial{0};  // from an answer to the report
};
/// Of a new sweep: asks, reports and releases `before` trials, then measures `asks` more.
Result<AskResult> ask_load(const AskLoad& load);

}  // namespace scopa::bench
