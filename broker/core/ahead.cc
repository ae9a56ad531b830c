#include "broker/core/ahead.h"

#include <algorithm>

namespace scopa::core {
namespace {

using ChangeKind = search::HistoryChange::Kind;

}  // namespace

std::optional<Suggested> Ahead::hear(const ModelTask& task, Time now) {
  if (const auto* wanted = std::get_if<ModelWanted>(&task)) return want(*wanted, now);
  if (const auto* opened = std::get_if<ModelOpened>(&task)) {
    Of& of = sweeps_[opened->sweep];
    plan(opened->sweep, &of, std::nullopt);
    of = Of{};
    of.version = of.void_before = ++versions_;
    of.snapshot = opened->seq;
  } else if (const auto* changed = std::get_if<ModelChanged>(&task)) {
    const auto found = sweeps_.find(changed->sweep);
    if (found != sweeps_.end()) this->changed(*changed, &found->second, now);
  } else if (const auto* next = std::get_if<ModelNext>(&task)) {
    const auto found = sweeps_.find(next->sweep);
    if (found == sweeps_.end()) return std::nullopt;
    Of& of = found->second;
    of.next = next->suggestion;
    if (!of.next) {
      plan(next->sweep, &of, std::nullopt);
    } else if (of.is_slow()) {
      plan(next->sweep, &of, now);
    }
  } else if (const auto* closed = std::get_if<ModelClosed>(&task)) {
    const auto found = sweeps_.find(closed->sweep);
    if (found == sweeps_.end()) return std::nullopt;
    plan(closed->sweep, &found->second, std::nullopt);
    sweeps_.erase(found);
  }
  return std::nullopt;
}

void Ahead::changed(const ModelChanged& changed, Of* of, Time now) {
  const search::HistoryChange& change = changed.change;
  of->version = ++versions_;
  of->snapshot = changed.seq;
  const bool is_state = change.kind == ChangeKind::kState;
  const bool waits = is_state && change.state == TrialState::kQueued;
  if (change.kind == ChangeKind::kAdded || waits) of->void_before = of->version;
  if (!of->next || !is_state || !has_ended(change.state)) return;
  if (of->is_slow()) return plan(changed.sweep, of, now + limits::kAheadQuiet);
  if (of->skips > 0) {
    --of->skips;
    return;
  }
  plan(changed.sweep, of, now);
}

void Ahead::plan(const SweepId& sweep, Of* of, std::optional<Time> due) {
  if (of->due) due_.erase({*of->due, sweep});
  of->due = due;
  if (due) due_.emplace(*due, sweep);
}

// ---- asks ---------------------------------------------------------------------------------------

std::optional<Suggested> Ahead::want(const ModelWanted& wanted, Time now) {
  const auto found = sweeps_.find(wanted.sweep);
  if (found == sweeps_.end()) {
    waiting_.push_back({});
    return std::nullopt;
  }
  Of& of = found->second;
  of.next.reset();
  plan(wanted.sweep, &of, std::nullopt);
  Time wait = waiting_cost_ + of.cost;
  if (job_) {
    wait += std::max(job_->expected - (now - job_->began), Time{0});
    if (job_->sweep == wanted.sweep && job_->version == of.version) wait -= of.cost;
  }
  if (auto ready = answer(wanted, &of, of.version, wait)) return ready;
  of.wanted = wanted.suggestion;
  waiting_.push_back({of.version, of.cost});
  waiting_cost_ += of.cost;
  return std::nullopt;
}

std::optional<Suggested> Ahead::turn(const ModelWanted& wanted) {
  const Waiting waiting = waiting_.front();
  waiting_.pop_front();
  waiting_cost_ -= waiting.cost;
  const auto found = sweeps_.find(wanted.sweep);
  if (found == sweeps_.end()) return std::nullopt;
  Of& of = found->second;
  of.wanted.reset();
  auto ready = answer(wanted, &of, waiting.version, of.cost);
  if (!ready && of.ready) {
    of.wastes = std::min(of.wastes + 1, limits::kAheadWastesMax);
    of.skips = (1U << of.wastes) - 1;
    of.ready.reset();
  }
  return ready;
}

// `version` is of what had been decided when it was asked for, `wait` what a fresh one costs.
std::optional<Suggested> Ahead::answer(const ModelWanted& wanted, Of* of, std::uint64_t version,
                                       Time wait) {
  if (!of->ready || of->ready->suggestion != wanted.suggestion) return std::nullopt;
  Ready& ready = *of->ready;
  const bool is_fresh = ready.version == version;
  const bool is_of_use = ready.params && ready.version >= of->void_before;
  if (!is_fresh && (!is_of_use || wait <= limits::kAskWaitMax)) return std::nullopt;
  Suggested suggested{wanted.sweep, wanted.suggestion, is_fresh ? wanted.snapshot : ready.snapshot,
                      std::move(ready.params), is_fresh ? Computed::kAhead : Computed::kOvertaken};
  of->ready.reset();
  of->wastes = 0;
  return suggested;
}

void Ahead::took(const SweepId& sweep, Time time) {
  if (const auto found = sweeps_.find(sweep); found != sweeps_.end()) found->second.cost = time;
}

// ---- ahead of them ------------------------------------------------------------------------------

std::optional<Ahead::Time> Ahead::due() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

std::optional<Ahead::Job> Ahead::next(Time now) {
  if (job_ || !waiting_.empty() || due_.empty() || due_.begin()->first > now) return std::nullopt;
  const SweepId sweep = due_.begin()->second;
  Of& of = sweeps_.at(sweep);
  plan(sweep, &of, std::nullopt);
  if (of.ready && of.ready->version == of.version) return next(now);
  job_ = Job{sweep, *of.next, of.snapshot, of.version, now, of.cost};
  return job_;
}

void Ahead::done(const Job& job, std::optional<Params> params, Time took) {
  job_.reset();
  const auto found = sweeps_.find(job.sweep);
  if (found == sweeps_.end()) return;
  Of& of = found->second;
  of.cost = took;
  if (of.wanted != job.suggestion && of.next != job.suggestion) return;
  of.ready = Ready{job.suggestion, job.snapshot, job.version, std::move(params)};
}

}  // namespace scopa::core
