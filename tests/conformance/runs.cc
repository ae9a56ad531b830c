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

std::vector<std::size_t> searchable_leaves(const search::Space& space) {
  std::vector<std::size_t> leaves;
  for (const std::size_t i : space.order()) {
    if (space.domain(i).distribution().kind != spec::DistributionKind::kConstant) {
      leaves.push_back(i);
    }
  }
  return leaves;
}

Json coordinates_of(const Params& params, const search::Space& space) {
  Json row = Json::array();
  for (const std::size_t i : searchable_leaves(space)) {
    const search::Domain& domain = space.domain(i);
    const Value* value = find_param(params, space.name(i));
    double number = 0;
    if (value == nullptr) {
      row.push_back(0);
    } else if (domain.is_categorical()) {
      const auto index = domain.index_of(*value);
      row.push_back(index ? domain.cdf(static_cast<double>(*index)) : 0);
    } else {
      row.push_back(as_number(*value, &number) ? domain.cdf(number) : 0);
    }
  }
  return row;
}

}  // namespace scopa::conformance
