#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/point_block.h"
#include "sdk/wire/messages.h"

namespace scopa::analysis {

/// Trials as rows, for other programs: CSV as RFC 4180 has it ('\n' ends a row), or one JSON object
/// a line. The columns are trial, state, value, best, steps, duration_s, attempts, worker, reason,
/// started, ended, origin, replicate_of, mean, runs, spread, points_dropped, then a column per
/// parameter; in JSON the parameters are one object. A
/// parameter called like one of our columns gets the prefix "param.". What is missing is an empty
/// cell in CSV and null in JSON; nothing is rounded.
///
///     CsvTrials csv(sweep.parameters);
///     out << csv.header(); for (auto& t : trials) out << csv.row(t, now_us);
class CsvTrials {
 public:
  explicit CsvTrials(std::vector<std::string> parameters) : parameters_(std::move(parameters)) {}
  std::string header() const;
  std::string row(const wire::TrialInfo& trial, std::int64_t now_us) const;

 private:
  std::vector<std::string> parameters_;
};

std::string jsonl_row(const wire::TrialInfo& trial, std::int64_t now_us);

/// Metric points as rows: trial, attempt, metric, step, value, time.
std::string csv_points_header();
std::string csv_points(std::uint64_t trial, std::uint32_t attempt, const PointBlock& points);
std::string jsonl_points(std::uint64_t trial, std::uint32_t attempt, const PointBlock& points);

/// `text` as one CSV cell: quoted where it holds a comma, a quote or a line break.
std::string csv_cell(std::string_view text);

}  // namespace scopa::analysis
