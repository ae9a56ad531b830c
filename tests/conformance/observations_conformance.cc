// What a model reads out of runs: observations.json.
#include <nlohmann/json.hpp>

#include "broker/search/observations.h"
#include "tests/conformance/records.h"
#include "tests/conformance/runs.h"

namespace scopa::conformance {
namespace {

using search::Observations;
using search::Space;
using search::Standing;

std::string compare(const char* what, const Json& got, const Json& want) {
  return same(got, want) ? "" : std::string(what) + " " + got.dump() + "\n  is not " + want.dump();
}

std::string check_history(const Record& record) {
  const std::string metric = record.input.at("metric");
  Json values = Json::array();
  if (record.input.at("drop_invalid") == true) {
    for (const double value : curve_of(record.input, metric)) values.push_back(value);
  } else {
    for (const Json& entry : record.input.at("history")) {
      if (entry.contains(metric)) values.push_back(entry.at(metric));
    }
  }
  return compare("values", values, record.expected.at("values"));
}

TrialState state_of(const Json& run) {
  const std::string state = run.value("state", "pending");
  if (state == "finished") return TrialState::kCompleted;
  if (state == "running") return TrialState::kRunning;
  if (state == "failed" || state == "crashed" || state == "killed") return TrialState::kFailed;
  return TrialState::kQueued;  // pending, preempting, preempted
}

// A run as a trial. The summary is one more value, except of a failed run, where W&B leaves it out.
void add(search::History* history, const Json& run, Params params, const spec::Metric& metric) {
  search::HistoryChange change;
  change.number = TrialNumber{history->trials().size()};
  change.params = std::move(params);
  history->apply(change);
  std::vector<double> values = curve_of(run, metric.name);
  const TrialState state = state_of(run);
  const Json summary = run.value("summaryMetrics", Json::object());
  double last = 0;
  if (state != TrialState::kFailed && summary.contains(metric.name) &&
      number_of(summary.at(metric.name), &last) && std::isfinite(last)) {
    values.push_back(last);
  }
  change.kind = search::HistoryChange::Kind::kPoints;
  for (const double value : values) {
    change.points.push_back({static_cast<std::int64_t>(change.points.size()), value});
    const bool better = !change.value || is_better(metric.goal, value, *change.value);
    if (state == TrialState::kCompleted && better) change.value = value;
  }
  history->apply(change);
  change.kind = search::HistoryChange::Kind::kState;
  change.state = state;
  history->apply(change);
}

std::string check_extremum(const Record& record) {
  const std::string which = record.input.at("which");
  spec::Metric metric;
  metric.name = record.input.at("metric");
  if (which.starts_with("max")) {
    metric.goal = Goal::kMaximize;
  } else if (!which.starts_with("min")) {
    return record.expected.contains("error") ? "" : "there is no extremum " + which;
  }
  Json run = {{"state", "finished"}, {"history", record.input.at("history")}};
  run["summaryMetrics"] = record.input.value("summary", Json::object());
  search::History history;
  add(&history, run, {}, metric);
  Observations observations(metric);
  observations.update(history);
  const bool found = observations.standing()[0] == Standing::kObserved;
  if (record.expected.contains("error")) return found ? "should be refused" : "";
  const double loss = observations.loss()[0];
  return compare("value", metric.goal == Goal::kMaximize ? -loss : loss,
                 record.expected.at("value"));
}

std::string check_observations(const Record& record) {
  const spec::Parsed parsed = spec::parse(sweep_file(record.input.at("config")));
  if (!parsed.ok()) {
    return record.expected.contains("error") ? "" : "refused: " + text_of(parsed);
  }
  const Space space(parsed.spec);
  // Scopa runs the one configuration there is; a model has nothing to see.
  const bool nothing = searchable_leaves(space).empty();
  if (record.expected.contains("error")) return nothing ? "" : "should be refused";
  search::History history;
  for (const Json& run : record.input.at("runs")) {
    add(&history, run, params_of(run.value("config", Json::object()), parsed.spec),
        *parsed.spec.metric);
  }
  Observations observations(*parsed.spec.metric);
  observations.update(history);
  Json x = Json::array();
  Json y = Json::array();
  Json pending = Json::array();
  for (const search::TrialRecord& trial : history.trials()) {
    const Json row = coordinates_of(trial.params, space);
    if (observations.standing()[raw(trial.number)] == Standing::kPending) {
      pending.push_back(row);
    } else {
      x.push_back(row);
      y.push_back(observations.loss()[raw(trial.number)]);
    }
  }
  for (const auto& [what, got] : {std::pair{"X", x}, {"y", y}, {"pending_X", pending}}) {
    const auto why = compare(what, got, record.expected.at(what));
    if (!why.empty()) return why;
  }
  return {};
}

std::string check(const Record& record) {
  const std::string kind = record.input.at("kind");
  if (kind == "metric_history") return check_history(record);
  if (kind == "metric_extremum") return check_extremum(record);
  if (kind == "observations") return check_observations(record);
  return "unknown kind " + kind;
}

}  // namespace
}  // namespace scopa::conformance

int main(int argc, char** argv) {
  return scopa::conformance::run_area("observations", scopa::conformance::check, argc, argv);
}
