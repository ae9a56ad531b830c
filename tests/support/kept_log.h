#pragma once

#include <algorithm>
#include <iterator>
#include <vector>

#include "broker/core/core.h"

/// What a test keeps of the log instead of a store, and does with it as a store and its broker do.
namespace scopa::core {

/// What an event that is there says to be removed goes.
inline void drop_removed(std::vector<Event>* events, std::vector<PointsAppended>* points) {
  const std::vector<Event> all = *events;
  for (const Event& event : all) {
    if (!removes(event.body)) continue;
    const auto* trial = std::get_if<TrialRemoved>(&event.body);
    std::erase_if(*points, [&](const PointsAppended& each) {
      return each.seq < event.seq && each.attempt.sweep == event.sweep &&
             (trial == nullptr || each.attempt.trial == trial->trial);
    });
    if (trial != nullptr) continue;
    std::erase_if(*events, [&](const Event& each) {
      return each.sweep == event.sweep && each.seq < event.seq;
    });
  }
}

/// The sweep is read again from what is kept of it.
inline Status reread_kept(Core& core, const SweepId& sweep, const std::vector<Event>& events,
                          const std::vector<PointsAppended>& points, Instant now, Turn* turn) {
  std::vector<Event> all;
  std::vector<PointsAppended> reports;
  std::copy_if(events.begin(), events.end(), std::back_inserter(all),
               [&](const Event& event) { return event.sweep == sweep; });
  std::copy_if(points.begin(), points.end(), std::back_inserter(reports),
               [&](const PointsAppended& each) { return each.attempt.sweep == sweep; });
  return core.reread(sweep, all, reports, now, turn);
}

}  // namespace scopa::core
