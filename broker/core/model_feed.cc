#include "broker/core/model_feed.h"

#include <utility>

namespace scopa::core {
namespace {

using Kind = search::HistoryChange::Kind;

search::HistoryChange change(Kind kind, std::uint64_t trial) {
  search::HistoryChange change;
  change.kind = kind;
  change.number = TrialNumber{trial};
  return change;
}

search::HistoryChange added(std::uint64_t trial, const Params& params) {
  search::HistoryChange added = change(Kind::kAdded, trial);
  added.params = params;
  return added;
}

search::HistoryChange state_of(const Trial& trial) {
  search::HistoryChange state = change(Kind::kState, trial.number);
  state.state = trial.state;
  if (has_ended(trial.state)) state.value = trial.value();
  return state;
}

}  // namespace

std::vector<search::HistoryChange> history_changes(const Sweep& sweep, const EventBody& body) {
  std::vector<search::HistoryChange> changes;
  if (const auto* created = std::get_if<TrialCreated>(&body)) {
    changes.push_back(added(created->trial, created->params));
  } else if (const auto* started = std::get_if<AttemptStarted>(&body)) {
    if (started->attempt > 1) changes.push_back(change(Kind::kRestart, started->trial));
    changes.push_back(state_of(*sweep.find(started->trial)));
  } else if (const auto* ended = std::get_if<AttemptEnded>(&body)) {
    changes.push_back(state_of(*sweep.find(ended->trial)));
  } else if (const auto* changed = std::get_if<TrialStateChanged>(&body)) {
    changes.push_back(state_of(*sweep.find(changed->trial)));
  }
  return changes;
}

std::vector<search::HistoryChange> history_changes(std::uint64_t trial,
                                                   const Sweep::Appended& appended) {
  if (appended.values.empty()) return {};
  search::HistoryChange points = change(Kind::kPoints, trial);
  points.points = appended.values;
  return {std::move(points)};
}

std::vector<search::HistoryChange> whole_history(const Sweep& sweep) {
  std::vector<search::HistoryChange> changes;
  for (const Trial& trial : sweep.trials()) {
    changes.push_back(added(trial.number, trial.params));
    if (!trial.curve.empty()) {
      search::HistoryChange points = change(Kind::kPoints, trial.number);
      points.points = trial.curve;
      changes.push_back(std::move(points));
    }
    changes.push_back(state_of(trial));
  }
  return changes;
}

}  // namespace scopa::core
