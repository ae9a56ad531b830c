#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sdk/base/status.h"

namespace scopa::worker {

/// A line of the metrics pipe: `{"step": 3, "loss": 0.5, "acc": 0.9}`.
struct MetricLine {
  std::optional<std::int64_t> step;
  std::vector<std::pair<std::string, double>> values;
  /// The first member that was left out, and why; empty when all were taken.
  std::string problem;
};

/// Reads a flat JSON object of numbers, forgiving where programs differ: NaN, Infinity and their
/// spellings (nan, inf, +inf, -Infinity; bare or quoted) are numbers. Booleans, null, text, lists
/// and objects are left out and named in `problem`.
/// Errors: kInvalidArgument when the line is no JSON object; then nothing of it counts.
Result<MetricLine> parse_metric_line(std::string_view line);

}  // namespace scopa::worker
