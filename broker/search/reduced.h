#pragma once

#include <span>

#include "broker/search/history.h"
#include "broker/spec/sweep_spec.h"

namespace scopa::search {

/// The one value that a learning curve stands for, as `metric.reduce` says: its last, its best, or
/// the mean of its last `reduce_window` values (of all while there are fewer). `curve` is not
/// empty; `best` is the best of it. Takes O(window).
///
/// The model, the pruner, the target and the leaderboard all use this one.
double reduced(const spec::Metric& metric, std::span<const CurvePoint> curve, double best);

}  // namespace scopa::search
