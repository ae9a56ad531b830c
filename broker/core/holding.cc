// Who holds an attempt: leases, those that fell silent, and those that come back.
#include <algorithm>
#include <tuple>
#include <utility>

#include "broker/core/state.h"

namespace scopa::core {

Core::State::Heard Core::State::look_up(const wire::AttemptRef& ref) {
  Heard heard;
  heard.sweep = sweep(ref.sweep);
  if (heard.sweep == nullptr) return heard;
  heard.trial = heard.sweep->find(ref.trial);
  if (heard.trial == nullptr) return heard;
  heard.attempt = heard.trial->attempt(ref.attempt);
  if (heard.attempt == nullptr || heard.attempt->removed) return heard;
  const bool comes_back = heard.attempt == &heard.trial->attempts.back() &&
                          heard.trial->waits_for_its_worker() && !has_ended(heard.sweep->state);
  heard.standing = heard.attempt->is_live() || comes_back ? Standing::kHeld
                   : heard.attempt->takes_extra_points()  ? Standing::kExtra
                                                          : Standing::kOver;
  return heard;
}

/// A worker speaks of an attempt: its lease is renewed, a suspect one is trusted again, and one
/// that was given up and that nobody has taken since goes on. kForgotten has been answered.
Core::State::Heard Core::State::hear(ClientId from, const wire::AttemptRef& ref) {
  Heard heard = look_up(ref);
  const std::string& worker = clients_[static_cast<std::uint64_t>(from)].worker;
  std::string why = "the broker has no such attempt";
  if (heard.standing == Standing::kHeld && heard.attempt->worker != worker) {
    // Its points cannot be told from those of the holder, which delivers the same journal.
    why = "worker " + heard.attempt->worker + " has taken the attempt over";
    heard.standing = Standing::kForgotten;
  }
  if (heard.standing == Standing::kForgotten) {
    send(from, wire::Stop{ref.sweep, ref.trial, ref.attempt,
                          static_cast<std::uint8_t>(StopReason::kForgotten), why});
  } else if (heard.standing == Standing::kHeld) {
    hold(heard, worker, nullptr);
  }
  return heard;
}

void Core::State::hold(const Heard& heard, const std::string& worker, const wire::Adopt* adopt) {
  const Attempt& attempt = *heard.attempt;
  leases_.renew({heard.sweep->id, heard.trial->number, attempt.number}, lease_end());
  if (attempt.is_live() && !attempt.suspect && attempt.worker == worker) return;
  AttemptHeld held;
  held.trial = heard.trial->number;
  held.attempt = attempt.number;
  held.worker = worker;
  held.host = adopt != nullptr ? workers_[worker].host : attempt.host;
  held.device = adopt != nullptr ? adopt->device : attempt.device;
  held.slot = adopt != nullptr ? adopt->slot : 0;
  emit(heard.sweep->id, std::move(held));
}

void Core::State::on(ClientId from, wire::Adopt& adopt) {
  const wire::AttemptRef ref = wire::attempt_of(adopt);
  const Heard heard = look_up(ref);
  // Of another worker: this one has found its journal, so that one is dead.
  if (heard.standing == Standing::kForgotten) return (void)hear(from, ref);
  const bool held = heard.standing == Standing::kHeld;
  const std::string& worker = clients_[static_cast<std::uint64_t>(from)].worker;
  workers_[worker].sweep = ref.sweep;
  if (held) hold(heard, worker, &adopt);
  send(from, wire::Adopted{adopt.request, ref.sweep, ref.trial, ref.attempt, held,
                           heard.attempt->points});
  if (held) push_stop(*heard.sweep, *heard.trial);
}

// ---- silence ------------------------------------------------------------------------------------

void Core::State::expire(const wire::AttemptRef& ref) {
  const Heard heard = look_up(ref);
  if (heard.attempt == nullptr || !heard.attempt->is_live()) return;
  if (heard.attempt->suspect) return lose(heard);
  emit(ref.sweep, AttemptSuspected{ref.trial, ref.attempt});
  leases_.renew(ref,
                now_ + std::min<std::chrono::microseconds>(options_.lease, limits::kSuspectGrace));
}

void Core::State::lose(const Heard& heard) {
  AttemptEnded ended;
  ended.trial = heard.trial->number;
  ended.attempt = heard.attempt->number;
  ended.points = heard.attempt->points;
  ended.lease_lost = true;
  ended.cause = static_cast<std::uint8_t>(Cause::kNode);
  ended.reason = "lease expired: no word from worker " + heard.attempt->worker;
  TrialState state = TrialState::kQueued;
  if (heard.attempt->stop) {
    std::tie(state, ended.reason) = end_after_stop(*heard.sweep, *heard.trial);
    ended.cause = static_cast<std::uint8_t>(cause_of_stop(*heard.attempt, state));
  } else if (heard.sweep->has_reached_max_steps(*heard.trial)) {
    state = TrialState::kCompleted;
    ended.reason = after_the_last_step(*heard.sweep, "lease expired") + ": no word from worker " +
                   heard.attempt->worker;
    ended.cause = static_cast<std::uint8_t>(Cause::kNone);
  } else {
    std::tie(state, ended.reason) = again_elsewhere(*heard.trial, Cause::kNode, ended.reason);
  }
  ended.state = static_cast<std::uint8_t>(state);
  emit(heard.sweep->id, std::move(ended));
  after_end(*heard.sweep, heard.trial->number);
}

void Core::State::push_fenced(ClientId to, const wire::AttemptRef& ref) {
  send(to,
       wire::Stop{ref.sweep, ref.trial, ref.attempt, static_cast<std::uint8_t>(StopReason::kFenced),
                  "this attempt no longer holds the trial"});
}

// It was released: nothing of it can be taken any more, and a worker that still speaks of it has
// missed that. Told that it is fenced, it would go on delivering for ever.
void Core::State::push_over(ClientId to, const wire::AttemptRef& ref) {
  send(to, wire::Stop{ref.sweep, ref.trial, ref.attempt,
                      static_cast<std::uint8_t>(StopReason::kForgotten),
                      "this attempt has been released"});
}

std::string Core::State::holder(const wire::AttemptRef& ref) {
  const Heard heard = look_up(ref);
  return heard.attempt == nullptr ? std::string() : heard.attempt->worker;
}

std::string Core::holder(const wire::AttemptRef& attempt) const { return state_->holder(attempt); }

}  // namespace scopa::core
