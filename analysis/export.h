#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sdk/base/point_block.h"

namespace scopa::analysis {

/// Metric points as rows: trial, attempt, metric, step, value, time.
std::string csv_points_header();
std::string csv_points(std::uint64_t trial, std::uint32_t attempt, const PointBlock& points);
std::string jsonl_points(std::uint64_t trial, std::uint32_t attempt, const PointBlock& points);

/// `text` as one CSV cell: quoted where it holds a comma, a quote or a line break.
std::string csv_cell(std::string_view text);

}  // namespace scopa::analysis
