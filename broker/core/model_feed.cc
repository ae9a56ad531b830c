#include "broker/core/model_feed.h"

#include <utility>

#include "broker/core/causes.h"

namespace scopa::core {
namespace {

using ChangeKind = search::HistoryChange::Kind;

search::HistoryChange change(ChangeKind kind, std::uint64_t trial) {
  search::HistoryChange change;
  change.kind = kind;
  change.number = TrialNumber{trial};
  return change;
}

search::HistoryChange added(std::uint64_t trial, const Params& params) {
  search::HistoryChange added = change(ChangeKind::kAdded, trial);
  added.params = params;
  return added;
}

search::HistoryChange state_of(const Sweep& sweep, const Trial& trial) {
  search::HistoryChange state = change(ChangeKind::kState, trial.number);
  state.state = trial.state;
  state.blameless = trial.state == TrialState::kFailed && is_of_the_machine(trial.cause);
  if (!has_ended(trial.state) || !trial.value()) return state;
  const Sweep::Mean mean = sweep.mean_of(trial);
  state.value = mean.mean;
  state.replicates = mean.count;
  state.spread = mean.spread;
  return state;
}

}  // namespace

std::vector<search::HistoryChange> history_changes(const Sweep& sweep, const EventBody& body) {
  std::vector<search::HistoryChange> changes;
  if (const auto* created = std::get_if<TrialCreated>(&body)) {
    if (created->replicate == 0) changes.push_back(added(created->trial, created->params));
  } else if (const auto* started = std::get_if<AttemptStarted>(&body)) {
    const Trial& trial = *sweep.find(started->trial);
    if (!trial.is_head()) return changes;
    if (started->attempt > 1) changes.push_back(change(ChangeKind::kRestart, started->trial));
    changes.push_back(state_of(sweep, trial));
  } else if (const auto* resumed = std::get_if<AttemptResumed>(&body)) {
    // After kRestart: what it went on from is known again.
    const Trial& trial = *sweep.find(resumed->trial);
    if (trial.is_head() && !trial.curve.empty()) {
      changes.push_back(change(ChangeKind::kPoints, trial.number));
      changes.back().points = sweep.kept_curve(trial);
    }
  } else if (const auto* held = std::get_if<AttemptHeld>(&body)) {
    const Trial& trial = *sweep.find(held->trial);
    if (trial.is_head()) changes.push_back(state_of(sweep, trial));
  } else if (const auto* ended = std::get_if<AttemptEnded>(&body); ended && !ended->extra) {
    const Trial& trial = *sweep.find(ended->trial);
    if (trial.is_head() || trial.state == TrialState::kCompleted) {
      changes.push_back(state_of(sweep, *sweep.find(trial.head)));
    }
  } else if (const auto* changed = std::get_if<TrialStateChanged>(&body)) {
    // A replicate that is tried again leaves the mean of its configuration.
    changes.push_back(state_of(sweep, *sweep.find(sweep.find(changed->trial)->head)));
  }
  return changes;
}

std::vector<search::HistoryChange> history_changes(const Sweep& sweep, std::uint64_t trial,
                                                   const Sweep::Appended& appended) {
  if (appended.values.empty() || !sweep.find(trial)->is_head()) return {};
  search::HistoryChange points = change(ChangeKind::kPoints, trial);
  points.points = appended.values;
  return {std::move(points)};
}

std::vector<search::HistoryChange> whole_history(const Sweep& sweep) {
  std::vector<search::HistoryChange> changes;
  for (const Trial& trial : sweep.trials()) {
    if (!trial.is_head()) continue;
    changes.push_back(added(trial.number, trial.params));
    if (!trial.curve.empty()) {
      search::HistoryChange points = change(ChangeKind::kPoints, trial.number);
      points.points = sweep.kept_curve(trial);
      changes.push_back(std::move(points));
    }
    changes.push_back(state_of(sweep, trial));
  }
  return changes;
}

}  // namespace scopa::core
