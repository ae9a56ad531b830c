#pragma once

#include "tests/simulation/cluster.h"

namespace scopa::sim {

/// From now until `until` something goes wrong every now and then.
void plan_faults(Cluster* cluster, const Scenario& scenario);

}  // namespace scopa::sim
