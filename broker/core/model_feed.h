#pragma once

#include <vector>

#include "broker/core/event.h"
#include "broker/core/sweep.h"
#include "broker/search/history.h"

namespace scopa::core {

/// Replicates of a configuration are one trial to the model: its first run, whose value becomes the
/// mean of all that are complete. The numbers of the others are missing in the history.

/// What an event that `sweep` has applied means to the sampler's history: nothing, or a change or
/// two.
std::vector<search::HistoryChange> history_changes(const Sweep& sweep, const EventBody& body);

/// What accepted points mean: the values that Sweep::append returned.
std::vector<search::HistoryChange> history_changes(const Sweep& sweep, std::uint64_t trial,
                                                   const Sweep::Appended& appended);

/// The changes that lead from nothing to the sweep as it stands. They give the same history as all
/// changes one by one.
std::vector<search::HistoryChange> whole_history(const Sweep& sweep);

}  // namespace scopa::core
