#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sdk/base/status.h"

namespace scopa::pruning {

/// The steps at which trials are compared, ascending, at most limits::kRungsMax, none before
/// `warmup` and all below max_steps. Without `interval` 1, 2, 3, 4, 6, 8, 12, 16 ...; with it the
/// first 65 of its multiples, and from there on four for each doubling.
/// Errors: kInvalidArgument when there is none.
Result<std::vector<std::uint64_t>> comparison_steps(std::int64_t warmup,
                                                    std::optional<std::int64_t> interval,
                                                    std::optional<std::int64_t> max_steps);

}  // namespace scopa::pruning
