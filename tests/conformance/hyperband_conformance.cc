// Bands, thresholds and the runs to stop: hyperband.json.
#include <map>
#include <nlohmann/json.hpp>

#include "broker/pruning/hyperband.h"
#include "tests/conformance/records.h"
#include "tests/conformance/runs.h"

namespace scopa::conformance {
namespace {

using pruning::HyperbandPruner;

std::string compare(const char* what, const Json& got, const Json& want) {
  return same(got, want) ? "" : std::string(what) + " " + got.dump() + "\n  is not " + want.dump();
}

// The records show losses: values negated for maximize.
double loss(double value, const spec::SweepSpec& spec) {
  return spec.metric->goal == Goal::kMaximize ? -value : value;
}

std::string check_bands(const HyperbandPruner& pruner, const spec::SweepSpec& spec,
                        const Json& expected) {
  const auto bands = *pruning::hyperband_bands(std::get<spec::Hyperband>(spec.pruner->kind));
  if (bands.size() != expected.at("band_count")) return "there are " + std::to_string(bands.size());
  const std::size_t shown = expected.at("bands").size();
  if (const auto why = compare("bands", Json(std::vector(bands.begin(), bands.begin() + shown)),
                               expected.at("bands"));
      !why.empty()) {
    return why;
  }
  // The pruner keeps equal bands once.
  const auto rungs = pruner.rungs();
  Json thresholds = Json::array();
  for (std::size_t i = 0; i < shown; ++i) {
    const auto rung = std::find(rungs.begin(), rungs.end(), bands[i]) - rungs.begin();
    const auto threshold = pruner.threshold(static_cast<std::size_t>(rung));
    thresholds.push_back(threshold ? Json(loss(*threshold, spec)) : Json());
  }
  return compare("thresholds", thresholds, expected.at("thresholds"));
}

std::string check_running(const HyperbandPruner& pruner, const spec::SweepSpec& spec,
                          const Json& runs, const Json& expected) {
  std::vector<TrialNumber> running;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].value("state", "pending") == "running") running.push_back(TrialNumber{i});
  }
  Json stop = Json::array();
  std::map<std::string, pruning::Verdict> verdicts;
  for (const pruning::Verdict& verdict : pruner.judge(running)) {
    const std::string name = runs.at(raw(verdict.trial)).value("name", "");
    stop.push_back(name);
    verdicts[name] = verdict;
  }
  if (const auto why = compare("stop", stop, expected.at("stop")); !why.empty()) return why;
  for (const Json& run : expected.at("running")) {
    const auto found = verdicts.find(run.at("name").get<std::string>());
    if (found == verdicts.end()) continue;
    const Json got = {{"band", found->second.rung},
                      {"value", loss(found->second.value, spec)},
                      {"threshold", loss(found->second.threshold, spec)}};
    const Json want = {
        {"band", run.at("band")}, {"value", run.at("value")}, {"threshold", run.at("threshold")}};
    if (const auto why = compare("verdict", got, want); !why.empty()) return why;
  }
  return {};
}

std::string check(const Record& record) {
  const spec::Parsed parsed = spec::parse(sweep_file(record.input.at("config")));
  if (record.expected.contains("error")) {
    return parsed.ok() && pruning::make_pruner(parsed.spec) ? "should be refused" : "";
  }
  if (!parsed.ok()) return "refused: " + text_of(parsed);
  const auto made = pruning::make_pruner(parsed.spec);
  auto* pruner = dynamic_cast<HyperbandPruner*>(made.get());
  if (pruner == nullptr) return "no pruner";
  const Json runs = record.input.value("runs", Json::array());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    std::int64_t step = 0;
    for (const double value : curve_of(runs[i], parsed.spec.metric->name)) {
      pruner->observe(TrialNumber{i}, step++, value);
    }
  }
  const auto why = check_bands(*pruner, parsed.spec, record.expected);
  return why.empty() ? check_running(*pruner, parsed.spec, runs, record.expected) : why;
}

}  // namespace
}  // namespace scopa::conformance

int main(int argc, char** argv) {
  return scopa::conformance::run_area("hyperband", scopa::conformance::check, argc, argv);
}
