#pragma once

#include <memory>
#include <string>

#include "broker/core/core.h"
#include "broker/store/store.h"
#include "tests/simulation/world.h"

namespace scopa::sim {

/// A core made from what the store holds, as a restart makes it; null and a violation when the
/// store does not hold together.
std::unique_ptr<core::Core> rebuild_core(World* world, const store::Store& store,
                                         const core::Options& options);

/// All that a core tells of its sweeps and trials at `now`, as text; `workers`, which is of one
/// process only, left out.
std::string picture_of(core::Core& core, Instant now);

/// What a core decides on `message` of `worker`: its stops and ends, and the points it takes.
std::string decisions_on(core::Core& core, const std::string& worker, const wire::Message& message,
                         Instant now);
/// The same, of a turn.
std::string decisions_in(const core::Turn& turn);

}  // namespace scopa::sim
