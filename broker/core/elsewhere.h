#pragma once

#include <cstdint>
#include <optional>

#include "broker/core/conduct.h"
#include "broker/core/sweep.h"
#include "sdk/base/time.h"

/// Which queued trial goes to whom. What an attempt has lost goes preferably to another host than
/// it was lost on, or at least to another worker: for limits::kElsewhereWait, as long as one of
/// those is at work. A preference, never a condition: nothing starves, and nothing waits where
/// there is no elsewhere.
namespace scopa::core {

/// Whether another worker, of another host when `other_host`, holds a trial of the sweep or has
/// just ended one and stayed.
bool is_anyone_else_active(const Sweep& sweep, const Place& place, bool other_host, Instant now);

/// The queued trial that the next slot of `place` is to run now, the first that it may.
std::optional<std::uint64_t> queued_for(const Sweep& sweep, const Place& place, Instant now);

}  // namespace scopa::core
