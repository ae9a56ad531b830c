#include "tests/simulation/conduct_rules.h"

#include <algorithm>

#include "sdk/base/limits.h"

namespace scopa::sim {
namespace {

std::string which(std::uint64_t trial) { return "trial " + std::to_string(trial); }

bool is_trainers(Cause cause) {
  return cause == Cause::kOom || cause == Cause::kCrash || cause == Cause::kUserError;
}

}  // namespace

void ConductRules::apply(const core::Event& event, const spec::SweepSpec& spec,
                         const Broken& broken) {
  if (const auto* started = std::get_if<core::AttemptStarted>(&event.body)) {
    on(*started, broken);
  } else if (const auto* held = std::get_if<core::AttemptHeld>(&event.body)) {
    on(*held);
  } else if (const auto* ended = std::get_if<core::AttemptEnded>(&event.body)) {
    on(*ended, spec, broken);
  } else if (const auto* changed = std::get_if<core::TrialStateChanged>(&event.body)) {
    on(*changed, event.seq, broken);
  } else if (const auto* quarantined = std::get_if<core::WorkerQuarantined>(&event.body)) {
    on(*quarantined, broken);
  }
}

void ConductRules::on(const core::AttemptStarted& e, const Broken& broken) {
  const Place place{e.worker, e.host};
  if (is_quarantined(place)) {
    broken("quarantine", which(e.trial) + " was given to " + e.worker + ", which is quarantined");
  }
  trials_[e.trial].live[e.attempt] = place;
  trials_[e.trial].failed = false;
}

void ConductRules::on(const core::AttemptHeld& e) {
  OneTrial& trial = trials_[e.trial];
  // It had been lost, and was not after all.
  if (!trial.live.contains(e.attempt) && trial.losses > 0) --trial.losses;
  trial.live[e.attempt] = {e.worker, e.host};
  trial.failed = false;
}

void ConductRules::on(const core::AttemptEnded& e, const spec::SweepSpec& spec,
                      const Broken& broken) {
  if (e.extra) return;
  OneTrial& trial = trials_[e.trial];
  const Place place = trial.live[e.attempt];
  trial.live.erase(e.attempt);
  trial.last = place;
  const auto cause = static_cast<Cause>(e.cause);
  const auto state = static_cast<TrialState>(e.state);
  trial.failed = state == TrialState::kFailed;
  if (trial.failed && cause == Cause::kNone)
    broken("causes", which(e.trial) + " failed of nothing");
  if (is_trainers(cause)) ++trial.failures;
  if (cause == Cause::kNode) ++trial.losses;
  if (trial.failures > spec.retries && is_trainers(cause) && state == TrialState::kQueued) {
    broken("bounded-retries", which(e.trial) + " is tried again after " +
                                  std::to_string(trial.failures) + " failures");
  }
  if (trial.losses >= limits::kAttemptsMax && cause == Cause::kNode &&
      state == TrialState::kQueued) {
    broken("bounded-retries", which(e.trial) + " is tried again after it was lost " +
                                  std::to_string(trial.losses) + " times");
  }
  End end{place};
  end.failure = is_trainers(cause) || (cause == Cause::kNode && !e.lease_lost);
  // One that resumed after the last step has shown nothing of its own.
  end.success = state == TrialState::kPruned || state == TrialState::kDiverged ||
                (state == TrialState::kCompleted && e.points > 0);
  ends_.push_back(std::move(end));
}

void ConductRules::on(const core::TrialStateChanged& e, std::uint64_t seq, const Broken& broken) {
  if (static_cast<TrialState>(e.state) != TrialState::kQueued) return;
  OneTrial& trial = trials_[e.trial];
  const bool rescued = e.requeued == static_cast<std::uint8_t>(core::Requeued::kRescued);
  if (rescued && (!trial.failed || !is_quarantined(trial.last))) {
    broken("quarantine", which(e.trial) + " was rescued from nobody");
  }
  trial.rescues = rescued ? trial.rescues + 1 : 0;
  if (trial.rescues > limits::kRescuesMax) {
    broken("bounded-retries", which(e.trial) + " was rescued too often");
  }
  trial.failures = trial.losses = 0;
  trial.failed = false;
  if (e.token.empty()) return;
  const auto [token, fresh] = tokens_.emplace(e.token, seq);
  if (!fresh && token->second + 1 != seq) {
    broken("retry-once", which(e.trial) + " was retried by a repetition of " + e.token);
  }
  token->second = seq;
}

void ConductRules::on(const core::WorkerQuarantined& e, const Broken& broken) {
  const bool by_host = e.worker.empty();
  const std::string key = by_host ? "h" + e.host : "w" + e.worker;
  if (e.lifted) return (void)now_.erase(key);
  const auto is_it = [&](const Place& place) {
    return by_host ? place.host == e.host : place.worker == e.worker;
  };
  const auto is_other = [&](const Place& place) { return !is_it(place) && !is_quarantined(place); };
  std::uint32_t failures = 0;
  bool others_succeed = false;
  for (auto end = ends_.rbegin(); end != ends_.rend(); ++end) {
    if (is_it(end->place) && end->success) break;
    failures += is_it(end->place) && end->failure ? 1 : 0;
    others_succeed |= is_other(end->place) && end->success;
  }
  for (const auto& [number, trial] : trials_) {
    for (const auto& [attempt, place] : trial.live) others_succeed |= is_other(place);
  }
  if (failures < limits::kQuarantineFailures) {
    broken("quarantine", key + " is quarantined after " + std::to_string(failures) + " failures");
  }
  if (!others_succeed) {
    broken("quarantine", key + " is quarantined though nobody else does better");
  }
  now_.insert(key);
  ever_.insert(key);
}

}  // namespace scopa::sim
