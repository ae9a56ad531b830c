#pragma once

#include <optional>
#include <string>
#include <vector>

#include "broker/spec/reading.h"
#include "broker/spec/sweep_spec.h"

namespace scopa::spec {

std::optional<Metric> read_metric(const Node& node, const std::string& path, Place place,
                                  Findings* findings);
std::optional<Hyperband> read_hyperband(const Entry& entry, Findings* findings);
std::vector<std::string> read_command(const Entry& entry, Findings* findings);
/// W&B's own sections, which Scopa accepts and ignores: checked as W&B does.
void check_controller(const Entry& entry, Findings* findings);
void check_scheduler(const Section& root, const Entry& entry, Findings* findings);
void check_metrics(const Section& root, const Entry& entry, Findings* findings);

}  // namespace scopa::spec
