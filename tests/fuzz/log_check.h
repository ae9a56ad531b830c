#pragma once

#include <string>

#include "broker/store/log_item.h"
#include "broker/store/store.h"

namespace scopa::fuzz {

/// Reads a sweep's log page by page, whatever is in it, replays it and explains its first trials:
/// either it is said what is wrong with it, or both find the same. What did not hold; empty: all.
std::string check_replay(const store::Store& store, const SweepId& sweep);

}  // namespace scopa::fuzz
