#pragma once

#include <string>

#include "rehearsal/recorded_objective.h"
#include "sdk/base/point_block.h"
#include "sdk/wire/messages.h"

namespace scopa::rehearsal {

/// A trial as a broker tells of it: its curve of `metric` among `points`, which are those that
/// count for the trial (get_points of attempt 0). Values at a step that is not beyond the last one,
/// or below 0, are left out. Times count from the start of the attempt that logged them; what
/// earlier attempts took counts, waiting between them does not. Where a trainer's clock does not
/// agree with the broker's, the time to the first value is taken to be that between two.
RecordedTrial recorded_trial(const wire::TrialInfo& trial, const PointBlock& points,
                             const std::string& metric);

}  // namespace scopa::rehearsal
