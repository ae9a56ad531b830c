#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "broker/spec/sweep_spec.h"
#include "sdk/base/value.h"
#include "tests/conformance/records.h"

/// Between the records' run configs ({"a": {"value": {"b": 1}}}) and Scopa's flat ones ({"a.b":
/// 1}).
namespace scopa::conformance {

/// The parameters of `spec` that a run's config has, in the order of the spec.
Params params_of(const Json& run_config, const spec::SweepSpec& spec);

/// The run config of `params`.
Json run_config_of(const Params& params, const spec::SweepSpec& spec);

/// The finite values of `metric` in a run's history, in order.
std::vector<double> curve_of(const Json& run, const std::string& metric);

}  // namespace scopa::conformance
