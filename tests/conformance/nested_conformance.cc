// Nested parameters: order of leaves, layout of a run's config, coordinates: nested.json.
#include <nlohmann/json.hpp>

#include "broker/search/space.h"
#include "tests/conformance/records.h"
#include "tests/conformance/runs.h"

namespace scopa::conformance {
namespace {

using search::Space;

std::string compare(const char* what, const Json& got, const Json& want) {
  return same(got, want) ? "" : std::string(what) + " " + got.dump() + "\n  is not " + want.dump();
}

std::string check_layout(const Record& record, const spec::SweepSpec& spec) {
  const Space space(spec);
  Json leaves = Json::array();
  Params params;
  for (std::size_t k = 0; k < space.order().size(); ++k) {
    const std::size_t i = space.order()[k];
    const Value value = space.domain(i).value(record.input.at("u").at(k).get<double>());
    const spec::Parameter& parameter = spec.parameters[i];
    leaves.push_back({{"path", parameter.path},
                      {"distribution", std::string(spec::name_of(parameter.distribution.kind))},
                      {"value", json_of(value)}});
    params.push_back({parameter.name, value});
  }
  const auto why = compare("leaves", leaves, record.expected.at("leaves"));
  if (!why.empty()) return why;
  return compare("run config", run_config_of(params, spec), record.expected.at("run_config"));
}

// Leaves as the sweep file whose constants they would be; a name that two of them need appears
// twice, as a file can say it but JSON cannot.
std::string section_of(const Json& leaves, std::size_t depth) {
  std::string text;
  std::vector<std::string> done;
  for (const Json& leaf : leaves) {
    const std::string name = leaf.at("path").at(depth);
    if (leaf.at("path").size() == depth + 1) {
      text += Json(name).dump() + ": " + sweep_file({{"value", leaf.at("value")}}) + ", ";
      continue;
    }
    if (std::find(done.begin(), done.end(), name) != done.end()) continue;
    done.push_back(name);
    Json inner = Json::array();
    for (const Json& other : leaves) {
      if (other.at("path").size() > depth + 1 && other.at("path").at(depth) == name) {
        inner.push_back(other);
      }
    }
    text += Json(name).dump() + ": {parameters: " + section_of(inner, depth + 1) + "}, ";
  }
  return "{" + text.substr(0, text.size() - 2) + "}";
}

std::string check_assemble(const Record& record) {
  const spec::Parsed parsed =
      spec::parse("{method: random, parameters: " + section_of(record.input.at("leaves"), 0) + "}");
  if (record.expected.contains("error")) return parsed.ok() ? "should be refused" : "";
  if (!parsed.ok()) return "refused: " + text_of(parsed);
  const Space space(parsed.spec);
  return compare("run config", run_config_of(space.params(space.first()), parsed.spec),
                 record.expected.at("run_config"));
}

std::string check_normalize(const Record& record, const spec::SweepSpec& spec) {
  const Space space(spec);
  Json searchable = Json::array();
  for (const std::size_t i : searchable_leaves(space)) {
    searchable.push_back(spec.parameters[i].path);
  }
  const auto why = compare("searchable", searchable, record.expected.at("searchable"));
  if (!why.empty()) return why;
  Json rows = Json::array();
  for (const Json& config : record.input.at("run_configs")) {
    rows.push_back(coordinates_of(params_of(config, spec), space));
  }
  return compare("coordinates", rows, record.expected.at("coordinates"));
}

bool same_distribution(const spec::Distribution& a, const spec::Distribution& b) {
  return a.kind == b.kind && a.values == b.values && a.probabilities == b.probabilities &&
         a.min == b.min && a.max == b.max && a.mu == b.mu && a.sigma == b.sigma && a.a == b.a &&
         a.b == b.b && a.q == b.q && a.q_is_integer == b.q_is_integer;
}

// The filled section, where nothing is left to defaults, must read as the short one does.
std::string check_filled(const Record& record, const spec::SweepSpec& spec) {
  const spec::Parsed filled = parse_parameters(record.expected.at("parameters"));
  if (!filled.ok()) return "the filled one is refused: " + text_of(filled);
  if (filled.spec.parameters.size() != spec.parameters.size()) return "other parameters";
  for (const spec::Parameter& want : filled.spec.parameters) {
    const auto got = std::find_if(spec.parameters.begin(), spec.parameters.end(),
                                  [&](const spec::Parameter& p) { return p.path == want.path; });
    if (got == spec.parameters.end()) return want.name + " is missing";
    if (!same_distribution(got->distribution, want.distribution)) return want.name + " differs";
  }
  return {};
}

std::string check(const Record& record) {
  const std::string kind = record.input.at("kind");
  if (kind == "assemble") return check_assemble(record);
  const spec::Parsed parsed = parse_parameters(record.input.at("parameters"));
  if (record.expected.contains("error")) return parsed.ok() ? "should be refused" : "";
  if (!parsed.ok()) return "refused: " + text_of(parsed);
  if (kind == "layout") return check_layout(record, parsed.spec);
  if (kind == "normalize") return check_normalize(record, parsed.spec);
  if (kind == "filled") return check_filled(record, parsed.spec);
  return "unknown kind " + kind;
}

}  // namespace
}  // namespace scopa::conformance

int main(int argc, char** argv) {
  return scopa::conformance::run_area("nested", scopa::conformance::check, argc, argv);
}
