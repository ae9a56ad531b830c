#pragma once

#include <cstddef>
#include <vector>

#include "broker/search/history.h"
#include "broker/search/observations.h"
#include "broker/search/why.h"

namespace scopa::search {

/// These trials as a model took them, from the best to the worst: those with a value, then those
/// that failed, then those that run or wait.
std::vector<Why::Member> members_of(const History& history, const Observations& observations,
                                    std::vector<std::size_t> trials);

}  // namespace scopa::search
