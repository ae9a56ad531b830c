#pragma once

#include <vector>

#include "broker/core/event.h"
#include "broker/store/store.h"
#include "sdk/base/status.h"

namespace scopa::server {

/// All that is stored of one sweep, both in the order of their sequence numbers.
struct StoredLog {
  SweepId sweep;
  std::vector<core::Event> events;
  std::vector<core::PointsAppended> points;
};

/// Errors: those of the store; kCorruption for entries that cannot be read.
Result<StoredLog> read_stored_log(const store::Store& store, const SweepId& sweep);

}  // namespace scopa::server
