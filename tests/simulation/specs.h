#pragma once

#include <string>

#include "tests/simulation/random.h"

namespace scopa::sim {

/// A small sweep file from one of a few families: random, grid and model-based search, each pruner,
/// replicates, caps, budgets, time and step limits, retries.
std::string draw_spec(Random* random);
/// One with more trials than most, without a budget.
std::string draw_long_spec(Random* random);

}  // namespace scopa::sim
