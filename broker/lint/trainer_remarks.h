#pragma once

#include <vector>

#include "broker/lint/live.h"
#include "broker/spec/sweep_spec.h"
#include "sdk/wire/messages.h"

namespace scopa::lint {

/// What a worker noticed of how one trial's trainer uses its parameters and metrics: a parameter
/// that is searched and was never asked for, with what the trainer asked for instead; one that it
/// could not convert; metrics that were not taken, and why; points that all came at the end though
/// something waits for them. One remark of each kind and subject is enough for a sweep.
std::vector<LiveRemark> trainer_remarks(const spec::SweepSpec& spec,
                                        const wire::TrainerNotes& notes);

/// What the values of all ended trials together show: most log NaN before their first value; most
/// diverge; different configurations lead to exactly the same curve.
std::vector<LiveRemark> value_remarks(const spec::SweepSpec& spec,
                                      const std::vector<LiveTrial>& trials);

}  // namespace scopa::lint
