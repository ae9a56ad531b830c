#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace scopa {

/// Metric points as columns, all of one length: how points leave the journal, travel and rest.
struct PointBlock {
  std::vector<std::string> metrics;  // the names that `metric` indexes
  std::vector<std::uint16_t> metric;
  std::vector<std::int64_t> step;
  std::vector<double> value;          // NaN and infinities are facts, and kept
  std::vector<std::int64_t> time_us;  // since the Unix epoch

  std::size_t size() const { return metric.size(); }
  void clear() {
    metrics.clear();
    metric.clear();
    step.clear();
    value.clear();
    time_us.clear();
  }
};

}  // namespace scopa
