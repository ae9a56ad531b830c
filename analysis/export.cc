#include "analysis/export.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "analysis/numbers.h"
#include "sdk/base/program_text.h"

namespace scopa::analysis {
namespace {

using nlohmann::ordered_json;

ordered_json number(double value) {
  if (std::isfinite(value)) return value;
  return shortest(value);
}

std::string dump(const ordered_json& json) {
  return with_plain_numbers(json.dump(-1, ' ', false, ordered_json::error_handler_t::replace)) +
         "\n";
}

}  // namespace

std::string csv_cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string csv_points_header() { return "trial,attempt,metric,step,value,time\n"; }

std::string csv_points(std::uint64_t trial, std::uint32_t attempt, const PointBlock& points) {
  const std::string prefix = std::to_string(trial) + ',' + std::to_string(attempt) + ',';
  std::string out;
  for (std::size_t i = 0; i < points.size(); ++i) {
    out += prefix + csv_cell(points.metrics[points.metric[i]]) + ',' +
           std::to_string(points.step[i]) + ',' + shortest(points.value[i]) + ',' +
           iso_time(points.time_us[i]) + '\n';
  }
  return out;
}

std::string jsonl_points(std::uint64_t trial, std::uint32_t attempt, const PointBlock& points) {
  std::string out;
  for (std::size_t i = 0; i < points.size(); ++i) {
    ordered_json row;
    row["trial"] = trial;
    row["attempt"] = attempt;
    row["metric"] = points.metrics[points.metric[i]];
    row["step"] = points.step[i];
    row["value"] = number(points.value[i]);
    row["time"] = iso_time(points.time_us[i]);
    out += dump(row);
  }
  return out;
}

}  // namespace scopa::analysis
