#include "worker/process_execution.h"

#include <signal.h>

#include <algorithm>
#include <utility>

#include "sdk/base/limits.h"
#include "sdk/base/text.h"
#include "sdk/session/leftovers.h"
#include "worker/cause.h"
#include "worker/output_tail.h"

namespace scopa::worker {

namespace {

/// Polls between two looks at the log's size.
constexpr std::uint32_t kLogLook = 16;

Instant wall_clock() {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

void keep_earliest(std::optional<Instant>* a, Instant b) {
  if (!*a || b < **a) *a = b;
}

}  // namespace

ProcessExecution::ProcessExecution(ExecutionOptions options, session::JournalPlace place,
                                   std::unique_ptr<journal::Journal> journal,
                                   std::unique_ptr<MetricPipe> pipe,
                                   std::unique_ptr<ProcessGroup> group)
    : options_(std::move(options)),
      place_(std::move(place)),
      journal_(std::move(journal)),
      pipe_(std::move(pipe)),
      group_(std::move(group)),
      log_cap_(options_.log_file, limits::kLogHeadBytes, limits::kLogTailBytes) {}

ProcessExecution::~ProcessExecution() = default;

void ProcessExecution::wait_fds(std::vector<int>* fds) const {
  fds->push_back(pipe_->fd());
  if (phase_ == Phase::kRunning && group_->fd() >= 0) fds->push_back(group_->fd());
}

std::optional<Instant> ProcessExecution::next_deadline() const {
  std::optional<Instant> next;
  for (const auto& due : {term_at_, kill_at_, look_again_at_}) {
    if (due && (!next || *due < *next)) next = due;
  }
  return next;
}

void ProcessExecution::stop(StopReason reason, Instant now, std::chrono::microseconds at_most) {
  if (phase_ == Phase::kOver) return;
  journal_->set_stop(reason);
  const Instant end = now + std::min<std::chrono::microseconds>(options_.grace, at_most);
  if (phase_ == Phase::kCleaning) {
    if (kill_at_) keep_earliest(&kill_at_, end);
    return;
  }
  if (!stopping_) asked_first_ = journal_->attached();
  stopping_ = true;
  if (!asked_first_) {
    if (!terminated_) term_at_ = now;
    keep_earliest(&kill_at_, end);
  } else if (!terminated_) {
    keep_earliest(&term_at_, end);
  }
  send_due_signals(now);
}

void ProcessExecution::send_due_signals(Instant now) {
  if (term_at_ && now >= *term_at_) {
    term_at_.reset();
    terminated_ = true;
    group_->signal(SIGTERM);
    signalled_ = true;
    if (asked_first_) {
      forced_ = wire::Forced::kTerm;
      kill_at_ = now + options_.term_grace;
    }
  }
  if (kill_at_ && now >= *kill_at_) {
    group_->signal(SIGKILL);
    signalled_ = true;
    forced_ = wire::Forced::kKill;
    kill_at_ = now + std::chrono::seconds(1);
  }
}

// The leader has ended, and what else there is of the group may not have.
void ProcessExecution::clean_up(Instant now) {
  phase_ = Phase::kCleaning;
  cleaning_since_ = now;
  term_at_.reset();
  // One that was told to stop may be a script whose program still saves.
  if (group_->has_living_members() && !kill_at_) {
    group_->signal(SIGTERM);
    kill_at_ =
        now + std::min<std::chrono::milliseconds>(options_.term_grace, limits::kStragglerGrace);
    straggles_ = true;
  }
  give_up_at_ = kill_at_.value_or(now) + limits::kUnkillable;
}

std::optional<session::TrialEnd> ProcessExecution::poll(Instant now) {
  if (phase_ == Phase::kOver) return std::nullopt;
  pipe_->drain(wall_clock());
  if (polls_++ % kLogLook == 0) log_cap_.look();
  if (phase_ == Phase::kRunning) {
    leader_end_ = group_->leader_end();
    if (!leader_end_) {
      send_due_signals(now);
      return std::nullopt;
    }
    clean_up(now);
  }
  const bool is_due = kill_at_ && now >= *kill_at_;
  if (look_again_at_ && now < *look_again_at_ && !is_due) return std::nullopt;
  if (is_due) {
    if (!straggles_ && group_->has_living_members()) forced_ = wire::Forced::kKill;
    group_->signal(SIGKILL);
    kill_at_ = now + std::chrono::seconds(1);
  }
  if (group_->has_living_members()) {
    const bool is_long = now - cleaning_since_ > std::chrono::seconds(1);
    look_again_at_ = now + std::chrono::milliseconds(is_long ? 100 : 10);
    if (now < give_up_at_) return std::nullopt;
    unkillable_ = true;
  }
  group_->reap();
  phase_ = Phase::kOver;
  kill_at_.reset();
  look_again_at_.reset();
  pipe_->finish(wall_clock());
  log_cap_.finish();
  session::TrialEnd end = describe();
  end.notes.left_out = pipe_->left_out();
  end.notes.left_out_why = pipe_->left_out_why();
  // For the next worker here, should this one die before the broker knows.
  (void)place_.note_end(session::end_text(end));
  return end;
}

session::TrialEnd ProcessExecution::describe() const {
  if (!leader_end_->known) return describe_adopted();
  session::TrialEnd end;
  EndFacts facts;
  facts.by_signal = leader_end_->by_signal;
  facts.code = leader_end_->code;
  facts.told_to_stop = stopping_;
  if (facts.by_signal) {
    end.outcome = signalled_ ? wire::Outcome::kKilled : wire::Outcome::kSignaled;
    end.signal = facts.code;
    const bool notice = facts.code == SIGTERM || facts.code == SIGUSR1;
    end.interrupted = options_.signals_are_interruptions && !stopping_ && notice;
  } else {
    end.outcome = wire::Outcome::kExited;
    end.exit_code = facts.code;
    end.ran_to_end = end.exit_code == 0 && !signalled_ && !journal_->stop_seen();
  }
  std::string tail;
  const bool failed = facts.by_signal || facts.code != 0;
  if (failed && !stopping_) tail = output_tail(options_.log_file);
  facts.interrupted = end.interrupted;
  facts.oom_kills = OomKills::now().since(oom_kills_before_);
  facts.output = tail;
  Verdict verdict = cause_of_end(facts);
  end.cause = verdict.cause;
  end.message = std::move(verdict.why);
  if (unkillable_) end.message = "some of its processes could not be killed";
  if (!end.message.empty() && !tail.empty()) end.message += '\n';
  end.message += failure_excerpt(options_.log_file, tail);
  end.forced = forced_;
  return end;
}

session::TrialEnd ProcessExecution::describe_adopted() const {
  session::TrialEnd end = session::end_by_journal(*journal_, stopping_ || journal_->stopped());
  end.forced = forced_;
  if (end.exit_code == 0 || stopping_) return end;
  const std::string tail = output_tail(options_.log_file);
  EndFacts facts;
  facts.code = end.exit_code;
  facts.output = tail;
  end.cause = cause_of_end(facts).cause;
  end.message = failure_excerpt(options_.log_file, tail);
  return end;
}

void ProcessExecution::forget() { place_.remove(); }

}  // namespace scopa::worker
