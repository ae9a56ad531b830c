#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "sdk/base/states.h"
#include "sdk/wire/messages.h"

/// What a sweep tells. Pure functions of a snapshot of its trials; the pointers that come back
/// point into that snapshot.
namespace scopa::analysis {

using TrialList = std::vector<const wire::TrialInfo*>;

/// What a trial ranks by: the value of its curve so far, as the spec reduces it; with replicates,
/// of the first run of a configuration the mean of the completed ones.
double ranked_value(const wire::TrialInfo& trial);

/// Whether a trial can be called best: it has a finite value of the goal metric, has not failed or
/// diverged, and is the first run of its configuration. Pruned and running trials count with their
/// value so far.
bool is_ranked(const wire::TrialInfo& trial);

/// All trials, best first. Ranked ones come by value (equal values: the earlier trial first), then
/// failed and diverged ones by value, then those without a value by number, then replicates by
/// number. So a failure is never first and a missing value always behind.
TrialList leaderboard(std::span<const wire::TrialInfo> trials, Goal goal);

/// The `k` best of the ranked trials.
TrialList best_k(std::span<const wire::TrialInfo> trials, Goal goal, std::size_t k);

/// A list without the replicates, for which their first run speaks.
TrialList without_replicates(TrialList trials);

/// How long a trial has run: the time of its attempts together, of the one that runs up to now.
/// What it waited in between is left out. Never below 0; none before it started.
std::optional<double> duration_s(const wire::TrialInfo& trial, std::int64_t now_us);
/// The same of one attempt. Clocks that were set back make it 0.
std::int64_t running_us(const wire::AttemptInfo& attempt, std::int64_t now_us);

}  // namespace scopa::analysis
