#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sdk/base/status.h"

namespace scopa::worker {

/// A line of the metrics pipe: `{"step": 3, "loss": 0.5, "eval": {"acc": 0.9}}`.
struct MetricLine {
  std::optional<std::int64_t> step;
  std::vector<std::pair<std::string, double>> values;
  /// Members that were left out; the first one, and why; empty when all were taken.
  std::uint64_t left_out = 0;
  std::string problem;
};

/// Reads a JSON object of numbers, forgiving where programs differ: NaN, Infinity and their
/// spellings (nan, inf, +inf, -Infinity; bare or quoted) are numbers. A number in an object within
/// is a metric named by its path, `eval/acc`, or as `goal` spells that path with dots. Booleans,
/// null, text, lists and what is nested more than limits::kMessageDepthMax deep are left out and
/// named in `problem`.
/// Errors: kInvalidArgument when the line is no JSON object; then nothing of it counts.
Result<MetricLine> parse_metric_line(std::string_view line, std::string_view goal = {});

}  // namespace scopa::worker
