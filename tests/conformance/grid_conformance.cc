// The order of grid suggestions, given earlier runs: grid.json.
#include <nlohmann/json.hpp>

#include "broker/search/sampler.h"
#include "tests/conformance/records.h"
#include "tests/conformance/runs.h"

namespace scopa::conformance {
namespace {

void add(search::History* history, Params params) {
  search::HistoryChange change;
  change.number = TrialNumber{history->trials().size()};
  change.params = std::move(params);
  history->apply(change);
}

// Answers until `max`, or one null after the last.
Json suggestions(const Record& record, const spec::SweepSpec& spec, std::size_t max) {
  const auto sampler = search::make_sampler(spec, 1);
  search::History history;
  for (const Json& run : record.input.value("runs", Json::array())) {
    add(&history, params_of(run.value("config", Json::object()), spec));
  }
  Json configs = Json::array();
  while (configs.size() < max) {
    const auto params = sampler->suggest(history, configs.size());
    if (!params) {
      configs.push_back(nullptr);
      break;
    }
    configs.push_back(run_config_of(*params, spec));
    add(&history, *params);
  }
  return configs;
}

std::string compare(const Json& got, const Json& want) {
  for (std::size_t i = 0; i < std::max(got.size(), want.size()); ++i) {
    const Json a = i < got.size() ? got[i] : Json("nothing");
    const Json b = i < want.size() ? want[i] : Json("nothing");
    if (!same(a, b)) return "answer " + std::to_string(i) + ": " + a.dump() + " is not " + b.dump();
  }
  return {};
}

std::string compare_in_any_order(Json got, const Json& want) {
  for (const Json& config : want) {
    auto found = got.begin();
    while (found != got.end() && !same(*found, config)) ++found;
    if (found == got.end()) return "never came: " + config.dump();
    got.erase(found);
  }
  return got.empty() ? "" : "came too: " + got.dump();
}

std::string check(const Record& record) {
  const spec::Parsed parsed = parse_parameters(record.input.at("parameters"), "grid");
  if (record.expected.contains("error")) return parsed.ok() ? "should be refused" : "";
  if (!parsed.ok()) return "refused: " + text_of(parsed);
  const std::string kind = record.input.at("kind");
  if (kind == "batch") {
    return compare(suggestions(record, parsed.spec, record.input.at("n")),
                   record.expected.at("configs"));
  }
  if (kind == "validated_first") {
    return compare(suggestions(record, parsed.spec, 1), record.expected.at("configs"));
  }
  const std::size_t max = record.input.value("max_steps", std::size_t{1000});
  Json got = suggestions(record, parsed.spec, max);
  const bool finished = !got.empty() && got.back().is_null();
  if (finished) got.erase(got.size() - 1);
  if (finished != record.expected.value("finished", false)) {
    return finished ? "should go on" : "should be finished";
  }
  if (kind == "random_order") {
    return compare_in_any_order(got, record.expected.at("configs_in_any_order"));
  }
  if (kind == "sequence") return compare(got, record.expected.at("configs"));
  return "unknown kind " + kind;
}

}  // namespace
}  // namespace scopa::conformance

int main(int argc, char** argv) {
  return scopa::conformance::run_area("grid", scopa::conformance::check, argc, argv);
}
