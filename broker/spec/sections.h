#pragma once

#include "broker/spec/reading.h"

namespace scopa::spec {

/// W&B's own sections, which Scopa accepts and ignores: checked as W&B does.
void check_controller(const Entry& entry, Findings* findings);
void check_scheduler(const Section& root, const Entry& entry, Findings* findings);
void check_metrics(const Section& root, const Entry& entry, Findings* findings);

}  // namespace scopa::spec
