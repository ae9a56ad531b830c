#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "broker/search/space.h"
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

/// The parameters that are no constants, in W&B's order.
std::vector<std::size_t> searchable_leaves(const search::Space& space);

/// W&B's coordinates in [0, 1], one for each searchable leaf: the CDF; 0 where a value is missing.
Json coordinates_of(const Params& params, const search::Space& space);

}  // namespace scopa::conformance
