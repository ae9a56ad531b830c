#pragma once

#include <optional>
#include <string>

#include "broker/spec/reading.h"
#include "broker/spec/sweep_spec.h"

namespace scopa::spec {

/// Reads `metric`, or one item of `metrics`.
std::optional<Metric> read_metric(const Node& node, const std::string& path, Place place,
                                  Findings* findings);

}  // namespace scopa::spec
