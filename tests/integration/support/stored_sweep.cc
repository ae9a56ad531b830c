#include "tests/integration/support/stored_sweep.h"

#include <utility>

#include "sdk/wire/points.h"

namespace scopa::test {
namespace {

void follow(const core::Event& event, StoredSweep* stored) {
  if (const auto* created = std::get_if<core::TrialCreated>(&event.body)) {
    stored->trials[created->trial] = TrialState::kQueued;
  } else if (const auto* started = std::get_if<core::AttemptStarted>(&event.body)) {
    stored->trials[started->trial] = TrialState::kRunning;
    stored->last_attempt[started->trial] = started->attempt;
  } else if (const auto* ended = std::get_if<core::AttemptEnded>(&event.body)) {
    stored->trials[ended->trial] = static_cast<TrialState>(ended->state);
  } else if (const auto* changed = std::get_if<core::TrialStateChanged>(&event.body)) {
    stored->trials[changed->trial] = static_cast<TrialState>(changed->state);
  }
}

void take(const store::Store::StoredPoints& block, StoredSweep* stored) {
  const std::string place =
      std::to_string(block.attempt.trial) + "." + std::to_string(block.attempt.attempt);
  StoredSweep::Attempt& attempt = stored->attempts[{block.attempt.trial, block.attempt.attempt}];
  if (block.from != attempt.applied) {
    stored->faults.push_back("trial " + place + ": block at " + std::to_string(block.from) +
                             " after offset " + std::to_string(attempt.applied));
  }
  attempt.applied = block.to;
  const auto view = wire::PointsView::parse(block.block);
  if (!view) {
    stored->faults.push_back("trial " + place + ": " + view.status().to_string());
    return;
  }
  for (std::size_t i = 0; i < view->size(); ++i) {
    attempt.points.push_back(
        {std::string(view->metrics()[view->metric(i)]), view->step(i), view->value(i)});
  }
  stored->reports.push_back(
      {block.seq, block.attempt, block.from, block.to, std::string(block.block)});
}

}  // namespace

StoredSweep StoredSweep::read(const std::string& folder, const SweepId& sweep) {
  StoredSweep stored;
  const auto store = store::Store::open(folder, store::OpenMode::kReadOnly);
  if (!store) {
    stored.faults.push_back(store.status().to_string());
    return stored;
  }
  const Status events = (*store)->each_event([&](const core::Event& event) {
    if (event.sweep != sweep) return Status::ok();
    follow(event, &stored);
    stored.events.push_back(event);
    return Status::ok();
  });
  const Status points = (*store)->each_points([&](const store::Store::StoredPoints& block) {
    if (block.attempt.sweep == sweep) take(block, &stored);
    return Status::ok();
  });
  if (!events) stored.faults.push_back(events.to_string());
  if (!points) stored.faults.push_back(points.to_string());
  return stored;
}

}  // namespace scopa::test
