#pragma once

#include <memory>
#include <span>

#include "broker/core/event.h"
#include "broker/core/sweep.h"
#include "sdk/base/status.h"

namespace scopa::core {

/// The sweep that a log leads to, with its files from `files`: as after a restart, all events are
/// applied first, and then the points, so that they are read with the newest text of the sweep
/// file. `events` begins with SweepCreated; both are in the order of their sequence numbers.
/// Errors: those of Sweep::create; kCorruption for a log that does not begin with the sweep, points
/// that cannot be read, or points of a trial that is not there.
Result<std::unique_ptr<Sweep>> sweep_from_log(const SweepId& id, std::span<const Event> events,
                                              std::span<const PointsAppended> points,
                                              SpecLibrary* files);

}  // namespace scopa::core
