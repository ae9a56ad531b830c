#include "sdk/session/session.h"

#include <algorithm>
#include <type_traits>
#include <utility>

#include "sdk/base/text.h"

namespace scopa::session {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// Heartbeats are answered, so a longer silence means that nobody listens any more.
microseconds silence_allowed(microseconds heartbeat) {
  return heartbeat * 2 + std::chrono::seconds(2);
}

std::string seconds_text(microseconds d) { return std::to_string(d.count() / 1'000'000) + " s"; }

bool is_transient(Code code) {
  return code == Code::kUnavailable || code == Code::kDeadlineExceeded || code == Code::kResource;
}

/// What a broker says only when it can write.
template <class M>
constexpr bool kIsOfAWorkingBroker =
    std::is_same_v<M, wire::Assign> || std::is_same_v<M, wire::Ack> ||
    std::is_same_v<M, wire::Released>;

void keep_earliest(std::optional<Instant>* a, Instant b) {
  if (!*a || b < **a) *a = b;
}

}  // namespace

Session::Session(SessionOptions options, Instant now)
    : options_(std::move(options)), random_(options_.seed), heard_at_(now) {
  slots_.resize(std::clamp<std::size_t>(options_.devices.size(), 1, limits::kSlotsMax));
  options_.devices.resize(slots_.size(), "cpu");
  greet_again_at_ = now;
}

microseconds Session::jittered(microseconds d) {
  random_ += 0x9e3779b97f4a7c15U;  // splitmix64
  std::uint64_t z = random_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  z ^= z >> 31;
  const double share = 0.5 + 0.5 * static_cast<double>(z >> 11) * 0x1p-53;
  return microseconds(static_cast<std::int64_t>(static_cast<double>(d.count()) * share));
}

void Session::greet(Instant now, bool reconnect, Actions* actions) {
  if (reconnect) actions->push_back(Connect{});
  wire::Hello hello;
  hello.role = "worker";
  hello.worker = options_.worker;
  hello.host = options_.host;
  hello.pid = options_.pid;
  hello.software = "scopa " SCOPA_SOFTWARE;
  actions->push_back(Send{std::move(hello)});
  link_ = Link::kGreeting;
  greet_again_at_ = now + limits::kGreetingTimeout + jittered(backoff_);
  backoff_ = std::min<microseconds>(backoff_ * 2, limits::kReconnectMax);
}

void Session::welcome(const wire::Welcome& m, Instant now) {
  if (link_ == Link::kUp) return;
  link_ = Link::kUp;
  was_welcome_ = true;
  backoff_ = limits::kReconnectFirst;
  heartbeat_ =
      std::clamp<microseconds>(milliseconds(std::clamp<std::int64_t>(m.heartbeat_ms, 1, 600'000)),
                               milliseconds(10), limits::kHeartbeat * 12);
  if (m.heartbeat_ms <= 0) heartbeat_ = limits::kHeartbeat;
  beat_at_ = now + jittered(heartbeat_) / 2;
  frame_bytes_max_ = limits::kFrameBytesMax;
  if (m.frame_bytes_max > 0) {
    frame_bytes_max_ = std::min<std::size_t>(frame_bytes_max_, m.frame_bytes_max);
  }
  for (Slot& slot : slots_) {
    slot.ask_sent = false;
    if (slot.stream) slot.stream->restart();
    if (slot.adopting) slot.ask_at = now;
  }
  for (AttemptStream& stream : returned_) stream.restart();
}

void Session::check_link(Instant now, Actions* actions) {
  const bool was_up = link_ == Link::kUp;
  const microseconds silent_for = std::chrono::duration_cast<microseconds>(now - heard_at_);
  if (was_up && silent_for > silence_allowed(heartbeat_)) {
    greet(now, true, actions);
  } else if (!was_up && now >= greet_again_at_) {
    greet(now, true, actions);
  }
  if (link_ != Link::kUp && !told_lost_ && silent_for > limits::kGreetingTimeout * 2) {
    told_lost_ = true;
    actions->push_back(Tell{"broker at " + options_.endpoint + " does not answer; " +
                            (running() > 0 ? "trials go on, their points are kept" : "trying on")});
  }
  if (told_lost_ && link_ == Link::kUp) {
    told_lost_ = false;
    actions->push_back(Tell{"broker at " + options_.endpoint + " answers"});
  }
}

void Session::check_patience(Instant now, Actions* actions) {
  if (running() > 0) return;
  const std::size_t undelivered = count_in(Phase::kDelivering);
  if (stopping_ && !stopped_at_) stopped_at_ = now;
  const auto silent_for = now - heard_at_;
  const bool away = link_ != Link::kUp;
  const microseconds patience = undelivered > 0 ? limits::kPatienceResults : options_.patience;
  const bool unheard = away && silent_for > patience;
  const bool overdue = stopped_at_ && now - *stopped_at_ > limits::kPatienceStopped &&
                       undelivered + returned_.size() > 0;
  if (!unheard && !overdue) return;
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].phase == Phase::kDelivering) forget(i, std::nullopt, actions);
  }
  if (undelivered > 0) {
    fail({Code::kUnavailable,
          "the results of " + std::to_string(undelivered) + " trial(s) could not be delivered to " +
              options_.endpoint,
          "the broker gives these trials to another worker when their leases expire"});
  } else if (unheard) {
    fail({Code::kUnavailable,
          "no broker has answered at " + options_.endpoint + " for " +
              seconds_text(std::chrono::duration_cast<microseconds>(silent_for)),
          "start one with `scopa broker`, or name its endpoint"});
  }
  done_ = true;
}

void Session::tick(Instant now, Actions* actions) {
  if (done_) return;
  check_link(now, actions);
  check_refusal(now, actions);
  if (!done_) check_patience(now, actions);
  if (!done_) end_preempted(now, actions);
  if (!done_ && link_ == Link::kUp) {
    adopt_where_due(now, actions);
    ask_where_due(now, actions);
    for (Slot& slot : slots_) {
      const bool mute = slot.adopting || slot.stop == StopReason::kForgotten;
      if (slot.stream && !mute) slot.stream->pump(now, frame_bytes_max_, &out_);
    }
    for (AttemptStream& stream : returned_) stream.pump(now, frame_bytes_max_, &out_);
    for (wire::Message& message : out_) actions->push_back(Send{std::move(message)});
    out_.clear();
    beat(now, actions);
  }
  settle(now);
}

void Session::beat(Instant now, Actions* actions) {
  if (now < beat_at_) return;
  beat_at_ = now + heartbeat_;
  wire::Heartbeat heartbeat;
  heartbeat.request = ++requests_;
  for (const Slot& slot : slots_) {
    if (slot.stream && !slot.adopting && !is_given_up(slot.stop)) {
      heartbeat.running.push_back(slot.stream->ref());
    }
  }
  for (const AttemptStream& stream : returned_) heartbeat.running.push_back(stream.ref());
  actions->push_back(Send{std::move(heartbeat)});
}

void Session::receive(const wire::Message& message, Instant now, Actions* actions) {
  if (done_) return;
  heard_at_ = now;
  if (!std::holds_alternative<wire::Error>(message)) refused_since_.reset();
  std::visit(
      [&](const auto& m) {
        using M = std::decay_t<decltype(m)>;
        if constexpr (kIsOfAWorkingBroker<M>) {
          if (std::exchange(told_unavailable_, false)) {
            actions->push_back(Tell{"broker at " + options_.endpoint + " works again"});
          }
        }
        if constexpr (std::is_same_v<M, wire::Welcome>) {
          welcome(m, now);
        } else if constexpr (std::is_same_v<M, wire::Error>) {
          refuse(m, now, actions);
        } else if constexpr (std::is_same_v<M, wire::Assign>) {
          assign(m, now, actions);
        } else if constexpr (std::is_same_v<M, wire::NoWork>) {
          no_work(m, now, actions);
        } else if constexpr (std::is_same_v<M, wire::Ack>) {
          refusals_ = 0;
          if (Slot* slot = find(wire::attempt_of(m))) {
            slot->stream->ack(m.to, now);
          } else if (AttemptStream* stream = find_returned(wire::attempt_of(m))) {
            stream->ack(m.to, now);
          }
        } else if constexpr (std::is_same_v<M, wire::Stop>) {
          stop_attempt(m, now, actions);
        } else if constexpr (std::is_same_v<M, wire::CheckpointKept>) {
          checkpoint_kept(m);
        } else if constexpr (std::is_same_v<M, wire::Adopted>) {
          adopted(m, now, actions);
        } else if constexpr (std::is_same_v<M, wire::Released>) {
          released(m, actions);
        }
      },
      message);
}

void Session::refuse(const wire::Error& m, Instant now, Actions* actions) {
  const Code code = static_cast<Code>(m.code);
  if (code == Code::kDenied) return refused(m.status(), now, actions);
  if (code == Code::kHelloRequired) {
    // The new broker answers every message of the old conversation so; one hello is enough.
    if (link_ == Link::kUp) greet(now, false, actions);
    return;
  }
  // It is there, but can change nothing: what has no answer is sent again, as ever.
  if (code == Code::kUnavailable && !std::exchange(told_unavailable_, true)) {
    actions->push_back(Tell{"broker: " + printable(m.message, limits::kStderrTailBytes)});
  }
  if (m.request != 0) {
    for (Slot& slot : slots_) {
      if (slot.phase == Phase::kAsking && slot.request == m.request) {
        return refuse_ask(slot, m, now);
      }
      if (slot.adopting && slot.request == m.request) {
        return refuse_adoption(slot, m, now, actions);
      }
    }
    return;
  }
  if (is_transient(code)) return;
  const bool holds_trials = running() + count_in(Phase::kDelivering) > 0;
  if (link_ == Link::kGreeting && !holds_trials) {
    fail(m.status().with_prefix("broker at " + options_.endpoint));
    done_ = true;
    return;
  }
  if (++refusals_ == 1) actions->push_back(Tell{"broker: " + printable(m.message)});
  if (refusals_ < limits::kRefusalsMax) return;
  fail(
      m.status().with_prefix("broker at " + options_.endpoint + " refuses what this worker sends"));
  stop(now, actions);
}

std::optional<Instant> Session::next_deadline() const {
  std::optional<Instant> next;
  if (done_) return next;
  if (leaving_at_) keep_earliest(&next, *leaving_at_ + limits::kLastAnswers);
  if (refused_since_) keep_earliest(&next, *refused_since_ + limits::kPatienceRefused);
  if (stopped_at_) keep_earliest(&next, *stopped_at_ + limits::kPatienceStopped + milliseconds(1));
  for (const Slot& slot : slots_) {
    if (slot.checkpoint_until) keep_earliest(&next, *slot.checkpoint_until);
  }
  if (link_ != Link::kUp) {
    keep_earliest(&next, greet_again_at_);
    return next;
  }
  keep_earliest(&next, beat_at_);
  keep_earliest(&next, heard_at_ + silence_allowed(heartbeat_) + milliseconds(1));
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    const bool may_want_more = i < options_.devices.size() && may_ask_for_one_more();
    if (slot.phase == Phase::kAsking) keep_earliest(&next, slot.ask_at);
    if (slot.phase == Phase::kIdle && may_want_more) {
      keep_earliest(&next, std::max(slot.ask_at, ask_from_));
    }
    if (slot.adopting) keep_earliest(&next, slot.ask_at);
    if (!slot.stream) continue;
    if (const auto due = slot.stream->next_deadline()) keep_earliest(&next, *due);
  }
  for (const AttemptStream& stream : returned_) {
    if (const auto due = stream.next_deadline()) keep_earliest(&next, *due);
  }
  return next;
}

void Session::fail(Status status) {
  if (status_) status_ = std::move(status);
  draining_ = true;
}

void Session::drain(Instant) { draining_ = true; }

// Of the slot's stop. An execution that is being ended already takes it to be faster.
void Session::end_trial(std::uint32_t slot, std::string message, Instant now,
                        Actions* actions) const {
  EndTrial end{slot, slots_[slot].stop, std::move(message)};
  if (is_given_up(end.reason)) end.at_most = limits::kFencedGrace;
  if (no_grace_from_) {
    end.at_most = std::min(end.at_most, std::max<microseconds>(*no_grace_from_ - now, {}));
  }
  actions->push_back(std::move(end));
}

/// No trainer has longer than until `end`, those that are being ended neither.
void Session::hurry(Instant end, Instant now, Actions* actions) {
  if (no_grace_from_ && *no_grace_from_ <= end) return;
  no_grace_from_ = end;
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_[i];
    if (slot.phase != Phase::kRunning || slot.stop == StopReason::kNone) continue;
    end_trial(i, "there is less time", now, actions);
  }
}

void Session::stop_at_once(Instant now, Actions* actions) {
  hurry(now, now, actions);
  stop(now, actions);
}

void Session::stop(Instant now, Actions* actions) {
  draining_ = stopping_ = true;
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (slot.phase != Phase::kRunning || slot.stop != StopReason::kNone) continue;
    slot.stop = StopReason::kWorkerExit;
    slot.checkpoint_until.reset();
    end_trial(i, "the worker is told to stop", now, actions);
  }
}

void Session::settle(Instant now) {
  if (done_) return;
  const bool no_more = !may_ask();
  const std::size_t busy = count_in(Phase::kRunning) + count_in(Phase::kDelivering);
  if (!no_more || busy > 0 || !returned_.empty()) {
    leaving_at_.reset();
    return;
  }
  // An ask on its way may still bring a trial; left without an answer, it would sit out its lease.
  if (!leaving_at_) leaving_at_ = now;
  const bool waits = link_ == Link::kUp && count_in(Phase::kAsking) > 0;
  if (!waits || now - *leaving_at_ >= limits::kLastAnswers) done_ = true;
}

}  // namespace scopa::session
