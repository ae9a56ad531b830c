#include "broker/core/conduct.h"

#include <algorithm>

#include "broker/core/causes.h"
#include "sdk/base/limits.h"

namespace scopa::core {
namespace {

using EndKind = Conduct::End::Kind;

EndKind kind_of(const AttemptEnded& event) {
  const auto cause = static_cast<Cause>(event.cause);
  const auto state = static_cast<TrialState>(event.state);
  if (may_be_of_either(cause) || (cause == Cause::kNode && !event.lease_lost))
    return EndKind::kFailure;
  const bool went_well =
      cause == Cause::kNone && event.points > 0 && state == TrialState::kCompleted;
  const bool trained = state == TrialState::kPruned || state == TrialState::kDiverged;
  return went_well || trained ? EndKind::kSuccess : EndKind::kNeither;
}

void add(Streak* streak, std::uint64_t number, const Streak::Failure& failure,
         std::int64_t ran_us) {
  if (streak->count++ == 0) streak->first = number;
  streak->longest_us = std::max(streak->longest_us, ran_us);
  if (streak->failures.size() >= limits::kStreakRemembered) {
    streak->failures.erase(streak->failures.begin());
  }
  streak->failures.push_back(failure);
}

void take_out(std::map<std::string, Streak>* streaks, const std::string& name,
              std::uint64_t trial) {
  const auto found = streaks->find(name);
  if (found == streaks->end()) return;
  const auto erased =
      std::erase_if(found->second.failures, [&](const auto& each) { return each.trial == trial; });
  found->second.count -= static_cast<std::uint32_t>(erased);
  if (found->second.count == 0) streaks->erase(found);
}

const Streak* find(const std::map<std::string, Streak>& streaks, const std::string& name) {
  const auto found = streaks.find(name);
  return found == streaks.end() ? nullptr : &found->second;
}

}  // namespace

bool Streak::has_several_workers() const {
  return std::any_of(failures.begin(), failures.end(),
                     [&](const Failure& each) { return each.worker != failures.front().worker; });
}

EndKind Conduct::ended(const Trial& trial, const Attempt& attempt, const AttemptEnded& event,
                       std::int64_t at_us) {
  const Place here{attempt.worker, attempt.host};
  const EndKind kind = kind_of(event);
  const auto cause = static_cast<Cause>(event.cause);
  ++ends_;
  recent_.push_back({here, at_us, kind, !event.lease_lost && cause != Cause::kPreempted});
  if (recent_.size() > limits::kEndsRemembered) recent_.pop_front();
  if (kind == EndKind::kSuccess) {
    workers_.erase(here.worker);
    hosts_.erase(here.host);
  }
  if (kind != EndKind::kFailure) return kind;
  bool other_worker = false, other_host = false;
  for (const Attempt& before : trial.attempts) {
    if (before.number >= attempt.number || !may_be_of_either(before.cause)) continue;
    if (!may_be_of_either(cause)) break;
    exonerate(trial.number, here, {before.worker, before.host});
    other_worker |= before.worker != here.worker;
    other_host |= before.host != here.host;
  }
  const Streak::Failure failure{trial.number, attempt.number, here.worker};
  const std::int64_t ran_us = std::max<std::int64_t>(0, at_us - attempt.started_us);
  if (!other_worker) add(&workers_[here.worker], ends_, failure, ran_us);
  if (!other_host && !here.host.empty()) add(&hosts_[here.host], ends_, failure, ran_us);
  return kind;
}

void Conduct::exonerate(std::uint64_t trial, const Place& here, const Place& there) {
  if (there.worker != here.worker) take_out(&workers_, there.worker, trial);
  if (there.host != here.host) take_out(&hosts_, there.host, trial);
}

void Conduct::apply(const WorkerQuarantined& event) {
  const bool is_host = event.worker.empty();
  const std::string& name = is_host ? event.host : event.worker;
  auto& all = is_host ? quarantined_hosts_ : quarantined_workers_;
  if (!event.lifted) {
    all[name] = {is_host, name, event.host, event.reason};
    return;
  }
  // It begins anew: what was held against it is forgotten.
  all.erase(name);
  (is_host ? hosts_ : workers_).erase(name);
  if (!is_host) hosts_.erase(event.host);
}

bool Conduct::is_quarantined(const Place& place) const {
  return quarantined_workers_.contains(place.worker) ||
         (!place.host.empty() && quarantined_hosts_.contains(place.host));
}

std::vector<Conduct::Quarantine> Conduct::quarantined() const {
  std::vector<Quarantine> all;
  for (const auto& [name, each] : quarantined_workers_) all.push_back(each);
  for (const auto& [name, each] : quarantined_hosts_) all.push_back(each);
  return all;
}

const Streak* Conduct::streak_of_worker(const std::string& worker) const {
  return find(workers_, worker);
}

const Streak* Conduct::streak_of_host(const std::string& host) const { return find(hosts_, host); }

bool is_beyond_chance(const Streak& streak, std::uint64_t others_failed, std::uint64_t others_not) {
  if (streak.count < limits::kQuarantineFailures || others_not == 0) return false;
  const double rate =
      static_cast<double>(others_failed + 1) / static_cast<double>(others_failed + others_not + 2);
  double chance = 1;
  for (std::uint32_t i = 0; i < streak.count && chance > limits::kQuarantineChance; ++i) {
    chance *= rate;
  }
  return chance <= limits::kQuarantineChance;
}

}  // namespace scopa::core
