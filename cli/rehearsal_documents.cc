// A rehearsal for programs: one JSON document, and CSV.
#include "analysis/export.h"
#include "analysis/numbers.h"
#include "cli/json.h"
#include "cli/rehearsal_report.h"

namespace scopa::cli {
namespace {

using analysis::Interval;
using rehearsal::Measure;

constexpr std::size_t kMoments = 50;

JsonFields interval_fields(const std::optional<Interval>& interval) {
  const bool has_bounds = interval && interval->has_bounds();
  return {{"mean", interval ? json_number(interval->mean) : "null"},
          {"low", has_bounds ? json_number(interval->low) : "null"},
          {"high", has_bounds ? json_number(interval->high) : "null"},
          {"count", std::to_string(interval ? interval->count : 0)}};
}

std::string measure_json(const Measure& measure) {
  JsonFields fields = interval_fields(measure.over_seeds());
  std::vector<std::string> by_seed;
  for (const auto& each : measure.by_seed) by_seed.push_back(each ? json_number(*each) : "null");
  fields.emplace_back("by_seed", json_array(by_seed));
  return json_object(fields);
}

std::string setting_json(const RehearsalReport& report, std::size_t i) {
  JsonFields measures;
  for (const Measure& each : report.measures[i])
    measures.emplace_back(each.key, measure_json(each));
  std::vector<std::string> moments;
  for (const auto& each : rehearsal::schedule(report.outcomes[i], report.plan.budget, kMoments)) {
    moments.push_back(json_object({{"seconds", json_number(each.seconds)},
                                   {"best", json_object(interval_fields(each.best))},
                                   {"ended", json_number(each.ended)},
                                   {"pruned", json_number(each.pruned)}}));
  }
  std::vector<std::string> stops;
  for (const auto& each : rehearsal::stops_by_rung(report.outcomes[i], {}, SIZE_MAX)) {
    stops.push_back(
        json_object({{"step", std::to_string(each.first)}, {"trials", json_number(each.trials)}}));
  }
  const RehearsalSetting& setting = report.plan.settings[i];
  return json_object({{"name", json_text(setting.name)},
                      {"file", json_text(setting.file.name)},
                      {"workers", std::to_string(setting.workers)},
                      {"measures", json_object(measures)},
                      {"schedule", json_array(moments)},
                      {"pruning", json_array(stops)}});
}

std::string difference_json(const RehearsalReport& report, std::size_t i) {
  JsonFields measures;
  for (std::size_t row = 0; row < report.measures[0].size(); ++row) {
    const Measure& first = report.measures[0][row];
    const auto found = rehearsal::difference(first, report.measures[i][row]);
    JsonFields fields = interval_fields(found.interval);
    fields.emplace_back("verdict",
                        json_text(rehearsal::word_of(found.verdict, first.unit, report.plan.goal)));
    measures.emplace_back(first.key, json_object(fields));
  }
  return json_object({{"setting", json_text(report.plan.settings[i].name)},
                      {"against", json_text(report.plan.settings[0].name)},
                      {"measures", json_object(measures)}});
}

}  // namespace

std::string rehearsal_json(const RehearsalReport& report) {
  const RehearsalPlan& plan = report.plan;
  std::vector<std::string> settings;
  std::vector<std::string> differences;
  for (std::size_t i = 0; i < plan.settings.size(); ++i) {
    settings.push_back(setting_json(report, i));
    if (i > 0) differences.push_back(difference_json(report, i));
  }
  const rehearsal::Budget& budget = plan.budget;
  return json_document(
      {{"objective", json_object({{"kind", json_text(report.objective.kind)},
                                  {"name", json_text(report.objective.name)}})},
       {"metric", json_text(plan.metric)},
       {"goal", json_text(name_of(plan.goal))},
       {"target", plan.target ? json_number(*plan.target) : "null"},
       {"budget",
        json_object({{"seconds", budget.seconds > 0 ? json_number(budget.seconds) : "null"},
                     {"trials", budget.trials > 0 ? std::to_string(budget.trials) : "null"}})},
       {"seeds", json_object({{"first", std::to_string(plan.first_seed)},
                              {"count", std::to_string(plan.seeds)}})},
       {"remarks", json_texts(report.remarks)},
       {"settings", json_array(settings)},
       {"differences", json_array(differences)}});
}

std::string rehearsal_csv(const RehearsalReport& report) {
  std::string text = "setting,workers,seed";
  for (const Measure& each : report.measures[0]) text += "," + each.key;
  text += '\n';
  for (std::size_t i = 0; i < report.plan.settings.size(); ++i) {
    const RehearsalSetting& setting = report.plan.settings[i];
    for (std::uint64_t seed = 0; seed < report.plan.seeds; ++seed) {
      text += analysis::csv_cell(setting.name) + "," + std::to_string(setting.workers) + "," +
              std::to_string(report.plan.first_seed + seed);
      for (const Measure& each : report.measures[i]) {
        text += ',';
        if (each.by_seed[seed]) text += analysis::shortest(*each.by_seed[seed]);
      }
      text += '\n';
    }
  }
  return text;
}

}  // namespace scopa::cli
