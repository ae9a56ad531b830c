#include "broker/core/log_check.h"

#include <utility>
#include <variant>

#include "broker/core/became.h"

namespace scopa::core {
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

template <class State>
std::string text(State state) {
  return std::string(name_of(state));
}

std::string name(std::uint64_t trial, std::uint32_t attempt) {
  return "attempt " + std::to_string(attempt) + " of trial " + std::to_string(trial);
}

}  // namespace

LogCheck::TrialEntry* LogCheck::trial(std::uint64_t number) {
  if (number < trials_.size()) return &trials_[number];
  wrong("names trial " + std::to_string(number) + ", of which there is none");
  return nullptr;
}

LogCheck::AttemptState* LogCheck::attempt(std::uint64_t number, std::uint32_t which) {
  TrialEntry* of = trial(number);
  if (of == nullptr) return nullptr;
  if (which >= 1 && which <= of->attempts.size()) return &of->attempts[which - 1];
  wrong("names " + name(number, which) + ", of which there is none");
  return nullptr;
}

void LogCheck::add(const Event& event) {
  seq_ = event.seq;
  const bool creates = std::holds_alternative<SweepCreated>(event.body);
  if (is_removed_) {
    wrong("comes after the sweep was removed");
  } else if (std::holds_alternative<SweepRemoved>(event.body)) {
    if (is_created_) wrong("removes the sweep, and there are entries of it");
  } else if (creates == is_created_) {
    wrong(creates ? "creates the sweep again" : "comes before the sweep was created");
  }
  std::visit([this](const auto& body) { on(body); }, event.body);
}

void LogCheck::on(const SweepCreated& e) {
  is_created_ = true;
  run_cap_ = e.run_cap;
}

void LogCheck::on(const SweepStateChanged& e) {
  const auto to = static_cast<SweepState>(e.state);
  if (!may_become(state_, to)) {
    wrong("the sweep goes from " + text(state_) + " to " + text(to));
  }
  if (to == SweepState::kFinished) {
    for (std::size_t i = 0; i < trials_.size(); ++i) {
      if (trials_[i].state != TrialState::kRunning) continue;
      wrong("the sweep is finished while trial " + std::to_string(i) + " runs");
    }
  }
  state_ = to;
}

void LogCheck::on(const TrialCreated& e) {
  if (e.trial != trials_.size()) {
    wrong("creates trial " + std::to_string(e.trial) + " where trial " +
          std::to_string(trials_.size()) + " should be");
    if (e.trial < trials_.size()) return;
    if (e.trial > trials_.size() + 1000) return;  // a damaged number must not ask for gigabytes
  }
  if (e.replicate == 0) {
    ++heads_;
  } else if (e.replicate_of >= trials_.size()) {
    wrong("is a run of the configuration of trial " + std::to_string(e.replicate_of) +
          ", of which there is none");
  }
  const bool is_proposed = e.origin == static_cast<std::uint8_t>(Origin::kSampler);
  // After an edit, trials without a value do not count, and the cap may be another one.
  if (is_proposed && !is_edited_ && run_cap_ != 0 && heads_ > run_cap_) {
    wrong("configuration " + std::to_string(heads_) + " was proposed with a run cap of " +
          std::to_string(run_cap_));
  }
  if (is_proposed && state_ != SweepState::kRunning) {
    wrong("a configuration was proposed while the sweep was " + text(state_));
  }
  if (!e.token.empty() && !tokens_.insert(e.token).second) {
    wrong("trial " + std::to_string(e.trial) + " is the second one of one enqueue request");
  }
  while (trials_.size() <= e.trial) trials_.emplace_back();
}

void LogCheck::on(const TrialStateChanged& e) {
  TrialEntry* of = trial(e.trial);
  if (of == nullptr) return;
  const auto to = static_cast<TrialState>(e.state);
  const bool allowed = (to == TrialState::kQueued && has_ended(of->state)) ||
                       (to == TrialState::kCancelled && of->state == TrialState::kQueued);
  if (!allowed) {
    wrong("trial " + std::to_string(e.trial) + " goes from " + text(of->state) + " to " + text(to) +
          " without an attempt");
  }
  of->state = to;
}

void LogCheck::on(const AttemptStarted& e) {
  TrialEntry* of = trial(e.trial);
  if (of == nullptr) return;
  const std::string which = name(e.trial, e.attempt);
  if (of->state != TrialState::kQueued) {
    wrong(which + " starts while the trial is " + text(of->state));
  }
  if (state_ != SweepState::kRunning) wrong(which + " starts while the sweep is " + text(state_));
  if (e.attempt != of->attempts.size() + 1) {
    return wrong(which + " follows attempt " + std::to_string(of->attempts.size()));
  }
  of->attempts.emplace_back();
  of->state = TrialState::kRunning;
}

void LogCheck::on(const StopDecided& e) {
  AttemptState* of = attempt(e.trial, e.attempt);
  if (of == nullptr) return;
  if (!of->live) wrong(name(e.trial, e.attempt) + " is told to stop and does not run");
  if (of->stopped) wrong(name(e.trial, e.attempt) + " is told to stop a second time");
  of->stopped = true;
  of->for_divergence = is_for_divergence(e);
}

void LogCheck::on(const AttemptEnded& e) {
  AttemptState* of = attempt(e.trial, e.attempt);
  if (of == nullptr) return;
  const std::string which = name(e.trial, e.attempt);
  of->points = e.points;
  if (e.extra) {  // the trial stays what it is
    if (of->live) wrong(which + " ends as an extra one and has the trial");
    of->extra = true;
    of->ended_seq = 0;  // it says of all points, whenever they came
    return;
  }
  const TrialState to = became(e, of->for_divergence);
  if (to == TrialState::kRunning) return wrong(which + " ends, and its trial runs on");
  if (!of->live) wrong(which + " ends a second time");
  of->live = false;
  of->lease_lost = e.lease_lost;
  of->ended_seq = seq_;
  trial(e.trial)->state = to;
}

void LogCheck::on(const AttemptSuspected& e) {
  AttemptState* of = attempt(e.trial, e.attempt);
  if (of != nullptr && !of->live) wrong(name(e.trial, e.attempt) + " is suspect and does not run");
}

void LogCheck::on(const AttemptHeld& e) {
  AttemptState* of = attempt(e.trial, e.attempt);
  if (of == nullptr) return;
  TrialEntry& entry = *trial(e.trial);
  if (!of->live) {
    const bool is_free = entry.state == TrialState::kQueued || entry.state == TrialState::kFailed;
    if (!is_free || !of->lease_lost || of->extra || of != &entry.attempts.back()) {
      wrong(name(e.trial, e.attempt) + " is taken up again, which it may not be");
    }
  }
  of->live = true;
  entry.state = TrialState::kRunning;
}

void LogCheck::on(const AttemptResumed& e) {
  if (attempt(e.trial, e.attempt) != nullptr && e.step < 0) {
    wrong(name(e.trial, e.attempt) + " goes on after step " + std::to_string(e.step));
  }
}

void LogCheck::on(const TrialRemoved& e) {
  TrialEntry* of = trial(e.trial);
  if (of == nullptr) return;
  if (!has_ended(of->state)) {
    wrong("removes the points of trial " + std::to_string(e.trial) + ", which is " +
          text(of->state));
  }
  for (AttemptState& each : of->attempts) each.removed = true;
  removed_entries_ += e.reports;
}

void LogCheck::on(const SweepRemoved& e) {
  is_removed_ = true;
  removed_entries_ += e.entries;
}

void LogCheck::on(const CheckpointSaved& e) { (void)attempt(e.trial, e.attempt); }

void LogCheck::add(const Report& report) {
  seq_ = report.seq;
  const AttemptState* of = attempt(report.trial, report.attempt);
  if (of == nullptr) return;
  const std::string which = name(report.trial, report.attempt);
  if (of->removed) wrong("has points of " + which + ", whose points were removed");
  std::uint64_t& at = reached_[{report.trial, report.attempt}];
  if (report.from != at || report.to <= report.from) {
    wrong("points [" + std::to_string(report.from) + ", " + std::to_string(report.to) + ") of " +
          which + " follow point " + std::to_string(at));
  }
  if (report.to > report.from && report.points > report.to - report.from) {
    wrong("points [" + std::to_string(report.from) + ", " + std::to_string(report.to) + ") of " +
          which + " are " + std::to_string(report.points));
  }
  at = report.to;
  if (of->ended_seq == 0 || report.seq < of->ended_seq) {
    reached_at_end_[{report.trial, report.attempt}] = report.to;
  }
}

void LogCheck::finish() {
  seq_ = 0;
  if (!is_created_ && !is_removed_) wrong("nothing creates the sweep");
  for (std::uint64_t number = 0; number < trials_.size(); ++number) {
    const TrialEntry& entry = trials_[number];
    for (std::uint32_t i = 0; i < entry.attempts.size(); ++i) {
      const AttemptState& each = entry.attempts[i];
      if (each.live && i + 1 != entry.attempts.size()) {
        wrong(name(number, i + 1) + " has not ended, and another has begun");
      }
      if (each.live || each.removed) continue;
      const auto found = reached_at_end_.find({number, i + 1});
      const std::uint64_t stored = found == reached_at_end_.end() ? 0 : found->second;
      if (stored == each.points) continue;
      wrong(name(number, i + 1) + " ended with " + std::to_string(each.points) +
            " points, stored are " + std::to_string(stored));
    }
    const bool runs = entry.state == TrialState::kRunning;
    if (runs != (!entry.attempts.empty() && entry.attempts.back().live)) {
      wrong("trial " + std::to_string(number) + " is " + text(entry.state) +
            (runs ? " without an attempt" : " and has an attempt that runs"));
    }
  }
}

std::vector<std::uint64_t> LogCheck::counts() const {
  std::vector<std::uint64_t> counts(static_cast<std::size_t>(kTrialStateLast) + 1);
  for (const TrialEntry& entry : trials_) ++counts[static_cast<std::size_t>(entry.state)];
  return counts;
}

std::uint64_t LogCheck::attempts() const {
  std::uint64_t count = 0;
  for (const TrialEntry& entry : trials_) count += entry.attempts.size();
  return count;
}

}  // namespace scopa::core
