// The part of Session that deals with asks and trials.
#include <algorithm>
#include <utility>

#include "sdk/base/text.h"
#include "sdk/session/session.h"

namespace scopa::session {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

bool names(const wire::AttemptRef& ref, const wire::AttemptRef& other) {
  return ref.trial == other.trial && ref.attempt == other.attempt && ref.sweep == other.sweep;
}

}  // namespace

std::size_t Session::count_in(Phase phase) const {
  return static_cast<std::size_t>(std::count_if(
      slots_.begin(), slots_.end(), [&](const Slot& slot) { return slot.phase == phase; }));
}

std::size_t Session::running() const { return count_in(Phase::kRunning); }

Session::Slot* Session::find(const wire::AttemptRef& ref) {
  for (Slot& slot : slots_) {
    if (slot.stream && names(slot.stream->ref(), ref)) return &slot;
  }
  return nullptr;
}

AttemptStream* Session::find_returned(const wire::AttemptRef& ref) {
  for (AttemptStream& stream : returned_) {
    if (names(stream.ref(), ref)) return &stream;
  }
  return nullptr;
}

bool Session::may_ask() const {
  return !draining_ && !finished_ && (options_.count == 0 || assigned_ < options_.count);
}

// What is asked for, or found and perhaps this worker's to run, takes its place in the count.
bool Session::may_ask_for_one_more() const {
  if (!may_ask()) return false;
  if (options_.count == 0) return true;
  const auto pending = std::count_if(slots_.begin(), slots_.end(), [&](const Slot& slot) {
    return slot.phase == Phase::kAsking ||
           (slot.adopting && slot.stream->ref().sweep == options_.sweep);
  });
  return assigned_ + static_cast<std::uint64_t>(pending) < options_.count;
}

void Session::ask_where_due(Instant now, Actions* actions) {
  for (std::uint32_t i = 0; i < options_.devices.size(); ++i) {
    Slot& slot = slots_[i];
    if (slot.phase == Phase::kIdle) {
      if (now < std::max(slot.ask_at, ask_from_) || !may_ask_for_one_more()) continue;
      slot.phase = Phase::kAsking;
      slot.request = ++requests_;
      slot.ask_sent = false;
    }
    if (slot.phase != Phase::kAsking || (slot.ask_sent && now < slot.ask_at)) continue;
    wire::Ask ask;
    ask.request = slot.request;
    ask.sweep = options_.sweep;
    ask.slot = i;
    ask.device = options_.devices[i];
    actions->push_back(Send{std::move(ask)});
    slot.ask_sent = true;
    slot.ask_at = now + limits::kResendAfter + jittered(limits::kResendAfter);
  }
}

void Session::refuse_ask(Slot& slot, const wire::Error& m, Instant now) {
  const Code code = static_cast<Code>(m.code);
  const bool again = code == Code::kUnavailable || code == Code::kDeadlineExceeded ||
                     code == Code::kResource || code == Code::kConflict;
  if (again) {
    // The same request again: the broker may have assigned a trial to it all the same.
    slot.refusals = std::min<std::uint32_t>(slot.refusals + 1, 6);
    slot.ask_sent = true;
    slot.ask_at = now + jittered(std::min<microseconds>(limits::kAskRetry * (1U << slot.refusals),
                                                        limits::kReconnectMax));
    return;
  }
  slot.phase = Phase::kIdle;
  fail(m.status());
}

void Session::no_work(const wire::NoWork& m, Instant now, Actions* actions) {
  for (Slot& slot : slots_) {
    if (slot.phase != Phase::kAsking || slot.request != m.request) continue;
    slot.phase = Phase::kIdle;
    slot.refusals = 0;
    refusals_ = 0;
    if (m.finished) finished_ = true;
    if (m.quarantined) quarantine(m, actions);
    const auto wait = m.retry_after_ms <= 0
                          ? microseconds(limits::kAskRetry)
                          : microseconds(milliseconds(std::min<std::int64_t>(
                                m.retry_after_ms, milliseconds(limits::kNoWorkMax).count())));
    slot.ask_at = now + jittered(wait);
    return;
  }
}

void Session::quarantine(const wire::NoWork& m, Actions* actions) {
  if (draining_) return;
  const std::string reason = m.reason.empty() ? "its trials fail, others' do not"
                                              : printable(m.reason, limits::kStderrTailBytes);
  // Why, its end says; where nothing runs that is at once.
  const auto running = std::count_if(
      slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.phase == Phase::kRunning; });
  if (running > 0) {
    actions->push_back(Tell{"quarantined, no more trials for this worker; " +
                            std::to_string(running) + " running, which may end (`scopa status " +
                            options_.sweep + "` says why)"});
  }
  fail({Code::kConflict, "quarantined: " + reason,
        "look at its trials with `scopa show " + options_.sweep +
            "`; when this machine is in order, `scopa resume " + options_.sweep +
            "` lets it in again"});
}

void Session::assign(const wire::Assign& m, Instant, Actions* actions) {
  if (m.sweep != options_.sweep) return;
  const wire::AttemptRef ref = wire::attempt_of(m);
  if (find(ref) != nullptr || find_returned(ref) != nullptr) return;
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (slot.phase != Phase::kAsking || slot.request != m.request) continue;
    refusals_ = 0;
    slot.refusals = 0;
    if (draining_) {
      slot.phase = Phase::kIdle;
      return give_back(m);
    }
    ++assigned_;
    slot.phase = Phase::kRunning;
    slot.stop = StopReason::kNone;
    slot.stream.emplace(ref);
    actions->push_back(StartTrial{i, m});
    return;
  }
  // An answer to an ask of now is one, whatever the attempt's name: a broker that has lost its
  // power may give the same one anew.
  const bool over = std::any_of(ended_refs_.begin(), ended_refs_.end(),
                                [&](const wire::AttemptRef& other) { return names(other, ref); });
  if (over) return;
  // The second answer to an ask that was sent twice and whose first answer was "no work".
  if (m.request <= requests_) give_back(m);
}

void Session::give_back(const wire::Assign& m) {
  if (returned_.size() >= limits::kSlotsMax) return;
  TrialEnd end;
  end.outcome = wire::Outcome::kKilled;
  end.message = "not started: the worker does not wait for a trial any more";
  end.cause = Cause::kPreempted;
  returned_.emplace_back(wire::attempt_of(m)).end(std::move(end), true);
}

void Session::started(std::uint32_t slot, PointSource* source) {
  if (slot >= slots_.size() || !slots_[slot].stream) return;
  slots_[slot].source = source;
  slots_[slot].stream->attach(source);
}

void Session::ended(std::uint32_t slot, TrialEnd how, Instant now, Actions* actions) {
  if (slot >= slots_.size() || slots_[slot].phase != Phase::kRunning) return;
  Slot& s = slots_[slot];
  s.phase = Phase::kDelivering;
  s.checkpoint_until.reset();
  if (s.stop == StopReason::kForgotten) return forget(slot, std::nullopt, actions);
  const bool given_back = s.stop == StopReason::kWorkerExit && !how.ran_to_end;
  const bool requeue = given_back || how.interrupted;
  if (given_back || (how.interrupted && how.cause == Cause::kNone)) how.cause = Cause::kPreempted;
  if (how.interrupted) ask_from_ = now + limits::kSignalExpected;
  s.stream->end(std::move(how), requeue);
}

void Session::stop_attempt(const wire::Stop& m, Instant now, Actions* actions) {
  const wire::AttemptRef ref = wire::attempt_of(m);
  StopReason reason = static_cast<StopReason>(m.reason);
  if (reason == StopReason::kNone || reason > StopReason::kForgotten) {
    reason = StopReason::kCancelled;
  }
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (!slot.stream || !names(slot.stream->ref(), ref)) continue;
    const bool was_given_up = is_given_up(slot.stop);
    if (!is_given_up(reason) && slot.stop != StopReason::kNone) return;
    if (slot.phase == Phase::kDelivering && !is_given_up(reason)) return;
    if (slot.stop == StopReason::kForgotten) return;
    slot.stop = reason;
    slot.checkpoint_until.reset();
    if (is_given_up(reason)) slot.stream->leave_out_checkpoints();
    if (slot.phase == Phase::kDelivering) {
      if (reason == StopReason::kForgotten) forget(i, std::nullopt, actions);
      return;
    }
    if (!was_given_up) end_trial(i, printable(m.message), now, actions);
    return;
  }
  if (reason != StopReason::kForgotten) return;
  std::erase_if(returned_, [&](const AttemptStream& s) { return names(s.ref(), ref); });
}

void Session::released(const wire::Released& m, Actions* actions) {
  refusals_ = 0;
  const wire::AttemptRef ref = wire::attempt_of(m);
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (slot.phase != Phase::kDelivering || !names(slot.stream->ref(), ref)) continue;
    if (is_given_up(slots_[i].stop)) return forget(i, std::nullopt, actions);
    const bool known = m.state <= static_cast<std::uint8_t>(kTrialStateLast);
    return forget(i, known ? static_cast<TrialState>(m.state) : TrialState::kFailed, actions);
  }
  std::erase_if(returned_, [&](const AttemptStream& s) { return names(s.ref(), ref); });
}

void Session::forget(std::uint32_t slot, std::optional<TrialState> state, Actions* actions) {
  Slot& s = slots_[slot];
  const wire::AttemptRef ref = s.stream->ref();
  const StopReason stop = s.stop;
  ended_refs_.push_back(ref);
  if (ended_refs_.size() > limits::kEndedRemembered) ended_refs_.pop_front();
  s = Slot{};
  actions->push_back(ForgetTrial{slot, ref, state, stop});
}

}  // namespace scopa::session
