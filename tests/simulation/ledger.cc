#include "tests/simulation/ledger.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "broker/spec/parse.h"
#include "sdk/wire/points.h"

namespace scopa::sim {
namespace {

bool may_become(SweepState from, SweepState to) {
  switch (to) {
    case SweepState::kRunning:
      return from == SweepState::kPaused || from == SweepState::kStopping ||
             from == SweepState::kFinished;
    case SweepState::kPaused:
      return from == SweepState::kRunning;
    case SweepState::kStopping:
      return from == SweepState::kRunning || from == SweepState::kPaused;
    case SweepState::kFinished:
      return from == SweepState::kRunning || from == SweepState::kStopping;
    case SweepState::kCancelled:
      return from != SweepState::kCancelled;
  }
  return false;
}

/// Whether the block holds what the journal has there.
bool is_from(const Journal& journal, const core::PointsAppended& added,
             const wire::PointsView& view) {
  if (journal.points.size() < added.to) return false;
  std::size_t at = 0;
  for (std::uint64_t offset = added.from; offset < added.to; ++offset) {
    const LoggedPoint& logged = journal.points[offset];
    if (logged.is_hole) continue;
    const bool same =
        at < view.size() && view.metrics()[view.metric(at)] == Journal::metrics()[logged.metric] &&
        view.step(at) == logged.step && view.time_us(at) == logged.time_us &&
        std::bit_cast<std::uint64_t>(view.value(at)) == std::bit_cast<std::uint64_t>(logged.value);
    if (!same) return false;
    ++at;
  }
  return at == view.size();
}

std::string text(TrialState state) { return std::string(name_of(state)); }

}  // namespace

std::string Ledger::name(const SweepId& sweep, std::uint64_t trial, std::uint32_t attempt) {
  return sweep + "/" + std::to_string(trial) +
         (attempt == 0 ? "" : " attempt " + std::to_string(attempt));
}

LedgerSweep* Ledger::sweep(const SweepId& id) {
  const auto found = sweeps_.find(id);
  return found == sweeps_.end() ? nullptr : &found->second;
}

LedgerTrial* Ledger::trial(const SweepId& id, std::uint64_t number) {
  LedgerSweep* found = sweep(id);
  return found == nullptr || number >= found->trials.size() ? nullptr : &found->trials[number];
}

LedgerAttempt* Ledger::attempt(const wire::AttemptRef& ref) {
  LedgerTrial* found = trial(ref.sweep, ref.trial);
  return found == nullptr ? nullptr : found->find(ref.attempt);
}

void Ledger::apply(const core::Event& event) {
  if (!std::holds_alternative<core::SweepCreated>(event.body) && sweep(event.sweep) == nullptr) {
    return broken("log", "event " + std::to_string(event.seq) + " of a sweep that is not there");
  }
  std::visit([&](const auto& body) { on(event, body); }, event.body);
  if (LedgerSweep* target = sweep(event.sweep)) {
    target->conduct.apply(event, *target->spec,
                          [&](const std::string& invariant, const std::string& detail) {
                            broken(invariant, event.sweep + ": " + detail);
                          });
  }
}

// ---- sweeps -------------------------------------------------------------------------------------

void Ledger::on(const core::Event& event, const core::SweepCreated& e) {
  for (const auto& [id, each] : sweeps_) {
    if (each.token == e.token) broken("create-once", "token " + e.token + " made two sweeps");
  }
  if (sweeps_.contains(event.sweep)) return broken("create-once", "sweep id used twice");
  LedgerSweep made;
  spec::Parsed parsed = spec::parse(e.spec);
  if (!parsed.ok()) return broken("log", "a sweep was created from a file with errors");
  made.spec = std::make_shared<const spec::SweepSpec>(std::move(parsed.spec));
  made.token = e.token;
  made.run_cap = e.run_cap;
  made.states = {SweepState::kRunning};
  sweeps_[event.sweep] = std::move(made);
}

void Ledger::on(const core::Event& event, const core::SweepStateChanged& e) {
  LedgerSweep& target = *sweep(event.sweep);
  const auto to = static_cast<SweepState>(e.state);
  if (!may_become(target.state, to)) {
    broken("sweep-states", event.sweep + " went from " + std::string(name_of(target.state)) +
                               " to " + std::string(name_of(to)));
  }
  if (to == SweepState::kFinished) {
    for (std::size_t i = 0; i < target.trials.size(); ++i) {
      if (target.trials[i].state != TrialState::kRunning) continue;
      broken("finished-is-idle",
             event.sweep + " finished while trial " + std::to_string(i) + " was running");
    }
  }
  target.state = to;
  target.states.push_back(to);
}

void Ledger::on(const core::Event& event, const core::RunCapChanged& e) {
  sweep(event.sweep)->run_cap = e.run_cap;
}

// ---- trials -------------------------------------------------------------------------------------

void Ledger::on(const core::Event& event, const core::TrialCreated& e) {
  LedgerSweep& target = *sweep(event.sweep);
  const std::string which = name(event.sweep, e.trial);
  if (e.trial != target.trials.size()) broken("numbers", which + " is not the next number");
  LedgerTrial made;
  made.origin = static_cast<core::Origin>(e.origin);
  made.params = e.params;
  made.replicate = e.replicate;
  if (e.replicate == 0) ++target.heads;
  // After an edit, trials without a value do not count.
  if (made.origin == core::Origin::kSampler && target.run_cap != 0 && !target.is_edited &&
      target.heads > target.run_cap) {
    broken("run-cap", which + " is configuration " + std::to_string(target.heads) + " of " +
                          std::to_string(target.run_cap));
  }
  if (made.origin == core::Origin::kSampler && target.state != SweepState::kRunning) {
    broken("sweep-states", which + " was proposed while the sweep did not run");
  }
  if (!e.token.empty() && !target.enqueued.emplace(e.token, e.trial).second) {
    broken("enqueue-once", which + " is the second one of token " + e.token);
  }
  target.trials.push_back(std::move(made));
}

void Ledger::on(const core::Event& event, const core::TrialStateChanged& e) {
  LedgerTrial* target = trial(event.sweep, e.trial);
  if (target == nullptr) return broken("log", "state of a trial that is not there");
  const auto to = static_cast<TrialState>(e.state);
  const bool allowed = (to == TrialState::kQueued && has_ended(target->state)) ||
                       (to == TrialState::kCancelled && target->state == TrialState::kQueued);
  if (!allowed || target->live() != nullptr) {
    broken("trial-states", name(event.sweep, e.trial) + " went from " + text(target->state) +
                               " to " + text(to) + " without an attempt");
  }
  if (to == TrialState::kQueued) {
    const bool rescued = e.requeued == static_cast<std::uint8_t>(core::Requeued::kRescued);
    world_->injected(rescued ? "trial rescued" : "trial retried by hand");
  }
  target->state = to;
}

// ---- attempts -----------------------------------------------------------------------------------

void Ledger::on(const core::Event& event, const core::AttemptStarted& e) {
  LedgerTrial* target = trial(event.sweep, e.trial);
  const std::string which = name(event.sweep, e.trial, e.attempt);
  if (target == nullptr) return broken("log", which + " of a trial that is not there");
  if (target->live() != nullptr) {
    broken("one-attempt", which + " started while attempt " +
                              std::to_string(target->live()->number) + " was live");
  }
  if (target->state != TrialState::kQueued) {
    broken("trial-states", which + " started, its trial was " + text(target->state));
  }
  if (sweep(event.sweep)->state != SweepState::kRunning) {
    broken("sweep-states", which + " started while the sweep did not run");
  }
  const std::uint32_t last = target->attempts.empty() ? 0 : target->attempts.back().number;
  if (e.attempt != last + 1) broken("numbers", which + " follows attempt " + std::to_string(last));
  LedgerAttempt made;
  made.number = e.attempt;
  made.worker = e.worker;
  made.request = e.request;
  made.offered = target->saved;
  target->attempts.push_back(std::move(made));
  target->state = TrialState::kRunning;
}

void Ledger::on(const core::Event& event, const core::StopDecided& e) {
  LedgerAttempt* target = attempt({event.sweep, e.trial, e.attempt});
  const std::string which = name(event.sweep, e.trial, e.attempt);
  if (target == nullptr || !target->live) return broken("log", which + " was stopped but not live");
  if (target->stop) broken("one-stop", which + " was stopped twice");
  target->stop = e;
}

void Ledger::on(const core::Event& event, const core::AttemptEnded& e) {
  LedgerTrial* target = trial(event.sweep, e.trial);
  LedgerAttempt* ended = attempt({event.sweep, e.trial, e.attempt});
  const std::string which = name(event.sweep, e.trial, e.attempt);
  if (ended == nullptr) return broken("log", which + " ended and is not there");
  if (e.points != ended->points && !is_gone_by_now(event.sweep, e.trial, event.seq)) {
    broken("points-once", which + " ended with " + std::to_string(e.points) +
                              " points, stored are " + std::to_string(ended->points));
  }
  if (!e.lease_lost) check_delivered(event.sweep, e);
  if (e.extra) {
    if (ended->live) broken("one-attempt", which + " is live and ended as an extra one");
    ended->extra = true;
    return;
  }
  if (!ended->live) broken("one-attempt", which + " ended and was not live");
  const auto to = static_cast<TrialState>(e.state);
  if (to == TrialState::kRunning) broken("trial-states", which + " ended as running");
  ended->live = false;
  ended->lease_lost = e.lease_lost;
  target->state = to;
}

// A worker releases what it has delivered to the last point.
void Ledger::check_delivered(const SweepId& id, const core::AttemptEnded& e) {
  const auto journals = journals_of_({id, e.trial, e.attempt});
  const bool whole = std::any_of(journals.begin(), journals.end(), [&](const Journal* journal) {
    return journal->writers_gone && journal->points.size() == e.points;
  });
  if (whole || (journals.empty() && e.points == 0)) return;
  broken("delivered-whole", name(id, e.trial, e.attempt) + " was released with " +
                                std::to_string(e.points) + " points, logged were " +
                                std::to_string(journals.empty() ? 0 : journals[0]->points.size()));
}

void Ledger::on(const core::Event& event, const core::AttemptSuspected& e) {
  LedgerAttempt* target = attempt({event.sweep, e.trial, e.attempt});
  if (target == nullptr || !target->live) {
    return broken("log", name(event.sweep, e.trial, e.attempt) + " is suspect and not live");
  }
  ++target->suspected;
}

void Ledger::on(const core::Event& event, const core::AttemptHeld& e) {
  LedgerTrial* target = trial(event.sweep, e.trial);
  LedgerAttempt* held = attempt({event.sweep, e.trial, e.attempt});
  const std::string which = name(event.sweep, e.trial, e.attempt);
  if (held == nullptr) return broken("log", which + " is held and not there");
  if (!held->live) {
    const bool lost_to_nobody = &target->attempts.back() == held && held->lease_lost;
    const bool is_free =
        target->state == TrialState::kQueued || target->state == TrialState::kFailed;
    if (!lost_to_nobody || !is_free || held->extra) {
      broken("one-attempt", which + " was taken up again; the trial was " + text(target->state) +
                                ", its latest attempt " +
                                std::to_string(target->attempts.back().number));
    }
    ++held->taken_up;
  }
  held->live = true;
  held->worker = e.worker;
  target->state = TrialState::kRunning;
}

void Ledger::on(const core::Event& event, const core::AttemptResumed& e) {
  LedgerAttempt* target = attempt({event.sweep, e.trial, e.attempt});
  const std::string which = name(event.sweep, e.trial, e.attempt);
  if (target == nullptr) return broken("log", which + " resumed and is not there");
  if (!target->offered || target->offered->step != e.step) {
    broken("checkpoints", which + " went on from a step that it was not offered");
  }
  target->resumed = e.step;
}

void Ledger::on(const core::Event& event, const core::CheckpointSaved& e) {
  LedgerAttempt* target = attempt({event.sweep, e.trial, e.attempt});
  const std::string which = name(event.sweep, e.trial, e.attempt);
  if (target == nullptr) return broken("log", which + " saved a checkpoint and is not there");
  trial(event.sweep, e.trial)->saved = SavedCheckpoint{e.attempt, e.step};
  const auto journals = journals_of_({event.sweep, e.trial, e.attempt});
  const bool is_backed = std::any_of(journals.begin(), journals.end(), [&](const Journal* journal) {
    return std::any_of(journal->checkpoints.begin(), journal->checkpoints.end(),
                       [&](const auto& c) {
                         return c.step == e.step && c.records <= target->points && c.path == e.path;
                       });
  });
  if (!is_backed && !is_gone_by_now(event.sweep, e.trial, event.seq))
    broken("checkpoints", which + " saved one before its points were stored");
}

void Ledger::on(const core::Event&, const core::WorkerQuarantined& e) {
  if (!e.lifted) world_->injected(e.worker.empty() ? "host quarantined" : "worker quarantined");
}

// ---- what people take away ----------------------------------------------------------------------

void Ledger::foresee(const core::Event& event) {
  const auto* removed = std::get_if<core::TrialRemoved>(&event.body);
  if (removed != nullptr) foreseen_[{event.sweep, removed->trial}] = event.seq;
}

bool Ledger::is_gone_by_now(const SweepId& id, std::uint64_t number, std::uint64_t seq) const {
  const auto found = foreseen_.find({id, number});
  return found != foreseen_.end() && found->second > seq;
}

void Ledger::on(const core::Event& event, const core::SweepEdited&) {
  sweep(event.sweep)->is_edited = true;
  world_->injected("sweep edited");
}

void Ledger::on(const core::Event& event, const core::TrialRemoved& e) {
  LedgerTrial* target = trial(event.sweep, e.trial);
  const std::string which = name(event.sweep, e.trial);
  if (target == nullptr) return broken("log", which + " lost its points and is not there");
  if (!has_ended(target->state)) broken("removal", which + " lost its points and had not ended");
  for (LedgerAttempt& each : target->attempts) each.removed = true;
  target->saved.reset();
  world_->injected("points removed");
}

// ---- points -------------------------------------------------------------------------------------

void Ledger::append(const core::PointsAppended& added) {
  LedgerAttempt* target = attempt(added.attempt);
  const std::string which = name(added.attempt.sweep, added.attempt.trial, added.attempt.attempt);
  if (target == nullptr) return broken("points-once", which + " has points and is not there");
  if (target->removed) return broken("removal", which + " got points after theirs were removed");
  if (added.from != target->points || added.to <= added.from) {
    return broken("points-once", which + " got points [" + std::to_string(added.from) + ", " +
                                     std::to_string(added.to) + ") after " +
                                     std::to_string(target->points));
  }
  target->points = added.to;
  const auto view = wire::PointsView::parse(added.block);
  if (!view) return broken("points-true", which + " has a block that cannot be read");
  bool is_true = false;
  for (const Journal* journal : journals_of_(added.attempt)) {
    if (std::find(target->others.begin(), target->others.end(), journal) != target->others.end()) {
      continue;
    }
    const bool same = is_from(*journal, added, *view);
    is_true = is_true || same;
    if (!same) target->others.push_back(journal);
  }
  if (!is_true) return broken("points-true", which + " has points that no trainer logged so");
  const auto& metric = sweep(added.attempt.sweep)->spec->metric;
  // Of an attempt that had lost its trial: kept, and not counted.
  if (!target->live) return;
  for (std::size_t i = 0; metric && i < view->size(); ++i) {
    if (view->metrics()[view->metric(i)] != metric->name) continue;
    target->goal.push_back({0, view->step(i), view->value(i), view->time_us(i), false});
  }
}

std::vector<LoggedPoint> Ledger::curve(const LedgerSweep& sweep, const LedgerTrial& trial) const {
  std::vector<LoggedPoint> counting;
  std::int64_t step_max = INT64_MAX;
  for (std::size_t i = trial.attempts.size(); i > 0;) {
    const LedgerAttempt& attempt = trial.attempts[i - 1];
    std::vector<LoggedPoint> piece;
    for (const LoggedPoint& point : attempt.goal) {
      if (point.step <= step_max && std::isfinite(point.value)) piece.push_back(point);
    }
    counting.insert(counting.begin(), piece.begin(), piece.end());
    if (attempt.resumed < 0 || !attempt.offered) break;
    step_max = std::min(step_max, attempt.resumed);
    i = attempt.offered->attempt;
  }
  if (sweep.spec->max_steps) {
    const auto last = std::find_if(counting.begin(), counting.end(), [&](const LoggedPoint& p) {
      return p.step >= *sweep.spec->max_steps;
    });
    if (last != counting.end()) counting.erase(last + 1, counting.end());
  }
  return counting;
}

}  // namespace scopa::sim
