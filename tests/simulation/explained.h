#pragma once

#include "broker/store/store.h"
#include "tests/simulation/world.h"

namespace scopa::sim {

/// What `scopa explain` says of each trial of a sweep, read page by page as over the wire: a
/// violation where it differs from what the log has, or leaves out a stop. Costs as much as a walk
/// through the log for each trial.
void check_explained(World* world, const store::Store& store, const SweepId& sweep);

}  // namespace scopa::sim
