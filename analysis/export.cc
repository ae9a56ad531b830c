#include "analysis/export.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "analysis/leaderboard.h"
#include "analysis/numbers.h"
#include "sdk/base/program_text.h"

namespace scopa::analysis {
namespace {

using nlohmann::ordered_json;

constexpr std::array<std::string_view, 17> kColumns = {
    "trial",        "state",  "value",  "best",    "steps",         "duration_s",
    "attempts",     "worker", "reason", "started", "ended",         "origin",
    "replicate_of", "mean",   "runs",   "spread",  "points_dropped"};

std::string worker_of(const wire::TrialInfo& t) {
  return t.attempts.empty() ? std::string() : t.attempts.back().worker;
}

/// Milliseconds are all that a duration is worth.
std::string duration_text(const wire::TrialInfo& t, std::int64_t now_us) {
  const auto seconds = duration_s(t, now_us);
  return seconds ? shortest(std::round(*seconds * 1000) / 1000) : std::string();
}

ordered_json number(double value) {
  if (std::isfinite(value)) return value;
  return shortest(value);
}

ordered_json text_or_null(std::string text) {
  if (text.empty()) return nullptr;
  return text;
}

std::string dump(const ordered_json& json) {
  return with_plain_numbers(json.dump(-1, ' ', false, ordered_json::error_handler_t::replace)) +
         "\n";
}

/// Our own canonical JSON reads back always; a stranger's broken text becomes a string.
ordered_json params_json(const Params& params) {
  ordered_json object = ordered_json::object();
  for (const Param& p : params) {
    ordered_json value = ordered_json::parse(to_json(p.value), nullptr, false);
    object[p.name] = value.is_discarded() ? ordered_json(to_text(p.value)) : std::move(value);
  }
  return object;
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

std::string CsvTrials::header() const {
  std::string out;
  for (const std::string_view column : kColumns) {
    if (!out.empty()) out += ',';
    out += column;
  }
  for (const std::string& name : parameters_) {
    const bool taken = std::find(kColumns.begin(), kColumns.end(), name) != kColumns.end();
    out += ',' + csv_cell(taken ? "param." + name : name);
  }
  return out + "\n";
}

std::string CsvTrials::row(const wire::TrialInfo& t, std::int64_t now_us) const {
  std::string out = std::to_string(t.trial);
  const auto add = [&out](std::string_view text) { out += ',' + csv_cell(text); };
  add(name_of(static_cast<TrialState>(t.state)));
  add(t.has_value ? shortest(t.value) : "");
  add(t.has_value ? shortest(t.best) : "");
  add(t.values > 0 ? std::to_string(t.last_step) : "");
  add(duration_text(t, now_us));
  add(std::to_string(t.attempts.size() + t.attempts_left_out));
  add(worker_of(t));
  add(t.reason);
  add(iso_time(t.started_us));
  add(iso_time(t.ended_us));
  add(t.origin);
  add(std::to_string(t.replicate_of));
  add(t.mean_count > 0 ? shortest(t.mean) : "");
  add(t.mean_count > 0 ? std::to_string(t.mean_count) : "");
  add(t.mean_count > 1 ? shortest(t.spread) : "");
  add(std::to_string(t.points_dropped));
  for (const std::string& name : parameters_) {
    const Value* value = find_param(t.params, name);
    add(value == nullptr ? std::string() : to_text(*value));
  }
  return out + "\n";
}

std::string jsonl_row(const wire::TrialInfo& t, std::int64_t now_us) {
  ordered_json row;
  row["trial"] = t.trial;
  row["state"] = name_of(static_cast<TrialState>(t.state));
  row["value"] = t.has_value ? number(t.value) : ordered_json();
  row["best"] = t.has_value ? number(t.best) : ordered_json();
  row["steps"] = t.values > 0 ? ordered_json(t.last_step) : ordered_json();
  const auto seconds = duration_s(t, now_us);
  row["duration_s"] = seconds ? ordered_json(std::round(*seconds * 1000) / 1000) : ordered_json();
  row["attempts"] = t.attempts.size() + t.attempts_left_out;
  row["worker"] = text_or_null(worker_of(t));
  row["reason"] = text_or_null(t.reason);
  row["started"] = text_or_null(iso_time(t.started_us));
  row["ended"] = text_or_null(iso_time(t.ended_us));
  row["origin"] = t.origin;
  row["replicate_of"] = t.replicate_of;
  row["mean"] = t.mean_count > 0 ? number(t.mean) : ordered_json();
  row["runs"] = t.mean_count > 0 ? ordered_json(t.mean_count) : ordered_json();
  row["spread"] = t.mean_count > 1 ? number(t.spread) : ordered_json();
  row["points_dropped"] = t.points_dropped;
  row["params"] = params_json(t.params);
  return dump(row);
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
