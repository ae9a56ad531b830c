#include "tests/conformance/runs.h"

#include <cmath>

namespace scopa::conformance {

Params params_of(const Json& run_config, const spec::SweepSpec& spec) {
  Params params;
  for (const spec::Parameter& parameter : spec.parameters) {
    const Json* at = &run_config;
    for (std::size_t i = 0; i < parameter.path.size() && at != nullptr; ++i) {
      at =
          at->is_object() && at->contains(parameter.path[i]) ? &at->at(parameter.path[i]) : nullptr;
      if (i > 0 || at == nullptr) continue;
      at = at->is_object() && at->contains("value") ? &at->at("value") : nullptr;
    }
    if (at != nullptr) params.push_back({parameter.name, value_of(*at)});
  }
  return params;
}

Json run_config_of(const Params& params, const spec::SweepSpec& spec) {
  Json config = Json::object();
  for (const spec::Parameter& parameter : spec.parameters) {
    const Value* value = find_param(params, parameter.name);
    if (value == nullptr) continue;
    Json* at = &config[parameter.path.at(0)]["value"];
    for (std::size_t i = 1; i < parameter.path.size(); ++i) at = &(*at)[parameter.path[i]];
    *at = json_of(*value);
  }
  return config;
}

std::vector<double> curve_of(const Json& run, const std::string& metric) {
  std::vector<double> values;
  for (const Json& entry : run.value("history", Json::array())) {
    double value = 0;
    if (!entry.contains(metric) || !number_of(entry.at(metric), &value)) continue;
    if (std::isfinite(value)) values.push_back(value);
  }
  return values;
}

}  // namespace scopa::conformance
