#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace scopa::pruning {

/// The first step of the last quarter of a training, past 3/4 of max_steps; without max_steps a
/// step that no trial reaches. Scopa's own pruners stop nobody from here on: little is left to
/// save, and what has come so far is worth its end.
std::uint64_t last_quarter(std::optional<std::int64_t> max_steps);

/// Those of `rungs`, which ascend, that lie before it.
std::vector<std::uint64_t> before_last_quarter(std::vector<std::uint64_t> rungs,
                                               std::optional<std::int64_t> max_steps);

}  // namespace scopa::pruning
