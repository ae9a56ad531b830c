// The part of Session that deals with what workers leave behind: a dead one's trials, which are
// adopted, and its own when its machine is taken away.
#include <algorithm>
#include <utility>

#include "sdk/session/session.h"

namespace scopa::session {

std::uint32_t Session::adopt(std::uint32_t slot, Leftover leftover) {
  const bool fits = !leftover.end && slot < options_.devices.size() && !slots_[slot].stream;
  if (!fits) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.emplace_back();
  }
  Slot& s = slots_[slot];
  s.phase = leftover.end ? Phase::kDelivering : Phase::kRunning;
  s.adopting = true;
  s.request = ++requests_;
  s.device = std::move(leftover.device);
  s.source = leftover.source;
  s.stream.emplace(std::move(leftover.attempt));
  s.stream->attach(leftover.source);
  if (leftover.end) {
    const bool requeue = leftover.end->interrupted;
    s.stream->end(std::move(*leftover.end), requeue);
  }
  return slot;
}

void Session::adopt_where_due(Instant now, Actions* actions) {
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (!slot.adopting || (slot.ask_sent && now < slot.ask_at)) continue;
    wire::Adopt message;
    message.request = slot.request;
    message.sweep = slot.stream->ref().sweep;
    message.trial = slot.stream->ref().trial;
    message.attempt = slot.stream->ref().attempt;
    message.slot = i;
    message.device = slot.device;
    actions->push_back(Send{std::move(message)});
    slot.ask_sent = true;
    slot.ask_at = now + limits::kResendAfter + jittered(limits::kResendAfter);
  }
}

void Session::adopted(const wire::Adopted& m, Instant now, Actions* actions) {
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (!slot.adopting || slot.request != m.request) continue;
    slot.adopting = false;
    slot.stream->begin_at(m.to);
    if (m.held && m.sweep == options_.sweep) ++assigned_;
    if (m.held || is_given_up(slot.stop)) return;
    slot.stop = StopReason::kFenced;
    slot.checkpoint_until.reset();
    slot.stream->leave_out_checkpoints();
    if (slot.phase != Phase::kRunning) return;
    end_trial(i, "another worker has the trial", now, actions);
    return;
  }
}

void Session::refuse_adoption(Slot& slot, const wire::Error& m, Instant now, Actions* actions) {
  const Code code = static_cast<Code>(m.code);
  const bool again = code == Code::kUnavailable || code == Code::kDeadlineExceeded ||
                     code == Code::kResource || code == Code::kConflict;
  if (again) {
    slot.refusals = std::min<std::uint32_t>(slot.refusals + 1, 6);
    slot.ask_at = now + jittered(std::min<std::chrono::microseconds>(
                            limits::kAskRetry * (1U << slot.refusals), limits::kReconnectMax));
    return;
  }
  wire::Stop forgotten;
  forgotten.sweep = slot.stream->ref().sweep;
  forgotten.trial = slot.stream->ref().trial;
  forgotten.attempt = slot.stream->ref().attempt;
  forgotten.reason = static_cast<std::uint8_t>(StopReason::kForgotten);
  forgotten.message = m.message;
  stop_attempt(forgotten, now, actions);
}

void Session::checkpoint_kept(const wire::CheckpointKept& m) {
  refusals_ = 0;
  if (Slot* slot = find(wire::attempt_of(m))) slot->stream->checkpoint_kept(m.step);
}

namespace {

std::optional<std::int64_t> last_checkpoint(const PointSource* source) {
  const auto note = source == nullptr ? std::nullopt : source->checkpoint();
  return note ? std::optional(note->step) : std::nullopt;
}

std::string whole_seconds(std::chrono::microseconds d) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(d).count()) + " s";
}

std::string trials_text(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " running trial" : " running trials");
}

// What trainers really get, and of how many that is true.
std::string notice_text(std::chrono::microseconds left, std::size_t saving, std::size_t others) {
  std::string text = "the machine is taken away in " + whole_seconds(left) + ": ";
  if (saving == 0) {
    if (others == 0) return text + "no trial waits for a checkpoint";
    return text + trials_text(others) + (others == 1 ? " stops and goes" : " stop and go") +
           " back to the queue";
  }
  text += trials_text(saving) + (saving == 1 ? " has " : " have ") +
          whole_seconds(times_of(left).checkpoint) + " to save a checkpoint";
  if (others > 0) text += ", " + std::to_string(others) + " without one stop now";
  return text + "; then they go back to the queue";
}

}  // namespace

void Session::preempt(Instant now, Actions* actions, std::chrono::microseconds left) {
  const NoticeTimes times = times_of(left);
  const bool is_news = !no_grace_from_ || now + times.end < *no_grace_from_;
  hurry(now + times.end, now, actions);
  if (stopping_) {
    std::size_t saving = 0;
    for (Slot& slot : slots_) {
      if (!slot.checkpoint_until) continue;
      slot.checkpoint_until = std::min(*slot.checkpoint_until, now + times.checkpoint);
      ++saving;
    }
    if (is_news) actions->push_back(Tell{notice_text(left, saving, 0)});
    return end_preempted(now, actions);
  }
  draining_ = stopping_ = true;
  std::size_t saving = 0;
  std::size_t others = 0;
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (slot.phase != Phase::kRunning || slot.stop != StopReason::kNone) continue;
    const bool saves = slot.source != nullptr && slot.source->saves_checkpoints();
    ++(saves ? saving : others);
    slot.checkpoint_until = saves ? now + times.checkpoint : now;
    slot.checkpoint_before = last_checkpoint(slot.source);
    if (saves) actions->push_back(RequestCheckpoint{i});
  }
  actions->push_back(Tell{notice_text(left, saving, others)});
  end_preempted(now, actions);
}

void Session::end_preempted(Instant now, Actions* actions) {
  for (std::uint32_t i = 0; i < slots_.size(); ++i) {
    Slot& slot = slots_[i];
    if (!slot.checkpoint_until) continue;
    const bool saved = last_checkpoint(slot.source) != slot.checkpoint_before;
    if (!saved && now < *slot.checkpoint_until) continue;
    slot.checkpoint_until.reset();
    slot.stop = StopReason::kWorkerExit;
    end_trial(i, "the worker's machine is taken away", now, actions);
  }
}

}  // namespace scopa::session
