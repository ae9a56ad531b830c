#include "sdk/session/worker_loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include "sdk/base/limits.h"
#include "sdk/base/text.h"
#include "sdk/session/environment.h"
#include "sdk/session/failure_cause.h"
#include "sdk/session/journal_source.h"

namespace scopa::session {

namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

/// Between two looks at the sizes of a journal's files.
constexpr milliseconds kDamageLook{100};

/// Messages taken before trials are looked after again.
constexpr int kMessagesPerTurn = 1000;

/// A clock that never goes back, in the type that Session wants.
Instant monotonic_now() {
  return Instant(std::chrono::duration_cast<microseconds>(
      std::chrono::steady_clock::now().time_since_epoch()));
}

/// Until the machine goes, as far as anybody says.
microseconds time_left(Notice notice) {
  const microseconds usual = notice == Notice::kLong ? limits::kNoticeLong : limits::kNoticeShort;
  const auto wall_now =
      std::chrono::time_point_cast<microseconds>(std::chrono::system_clock::now());
  return std::min(usual, time_of_job_left(process_environment(), wall_now).value_or(usual));
}

std::string trial_name(const SweepId& sweep, std::uint64_t trial) {
  return sweep + "/" + std::to_string(trial);
}

std::string what_became(const ForgetTrial& forget) {
  if (forget.state) return std::string(name_of(*forget.state));
  switch (forget.stop) {
    case StopReason::kFenced:
      return "ended here: another worker has it; what it logged is kept as an extra attempt";
    case StopReason::kForgotten:
      return "given up: the broker does not know it any more";
    default:
      return "could not be delivered; its journal stays for the next worker here";
  }
}

}  // namespace

Result<std::unique_ptr<WorkerLoop>> WorkerLoop::create(SessionOptions options, Runner* runner,
                                                       std::function<void(std::string_view)> tell) {
  SCOPA_ASSIGN_OR_RETURN(std::unique_ptr<Dealer> dealer,
                         Dealer::open(options.endpoint, options.keys));
  const int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (wake_fd < 0) return Status{Code::kResource, "no event descriptor: too many open files"};
  return std::unique_ptr<WorkerLoop>(
      new WorkerLoop(std::move(options), runner, std::move(tell), std::move(dealer), wake_fd));
}

WorkerLoop::WorkerLoop(SessionOptions options, Runner* runner,
                       std::function<void(std::string_view)> tell, std::unique_ptr<Dealer> dealer,
                       int wake_fd)
    : runner_(runner),
      tell_(std::move(tell)),
      dealer_(std::move(dealer)),
      wake_fd_(wake_fd),
      slots_(static_cast<std::uint32_t>(options.devices.size())),
      session_(std::move(options), monotonic_now()),
      active_(2 * limits::kSlotsMax) {}

WorkerLoop::~WorkerLoop() { close(wake_fd_); }

void WorkerLoop::drain() noexcept { wish(kDrain); }
void WorkerLoop::preempt(Notice notice) noexcept {
  wish(notice == Notice::kShort ? kPreemptSoon : kPreempt);
}
void WorkerLoop::stop() noexcept { wish(kStop); }
void WorkerLoop::stop_at_once() noexcept { wish(kStopAtOnce); }

void WorkerLoop::wish(int wish) noexcept {
  int now = wish_.load();
  while (now < wish && !wish_.compare_exchange_weak(now, wish)) {
  }
  const std::uint64_t one = 1;
  (void)!write(wake_fd_, &one, sizeof one);
}

Totals WorkerLoop::totals() const {
  const std::lock_guard lock(totals_mutex_);
  return totals_;
}

void WorkerLoop::tell(const std::string& text) const {
  if (tell_) tell_(text);
}

Status WorkerLoop::adopt(std::uint32_t slot, const std::string& device,
                         std::unique_ptr<Execution> execution, std::optional<TrialEnd> end) {
  if (slots_ + adopted_ >= active_.size()) {
    return {Code::kResource, "too many attempts of dead workers at once"};
  }
  ++adopted_;
  const journal::TrialHeader& trial = execution->journal().header();
  auto source = std::make_unique<JournalSource>(&execution->journal());
  Leftover leftover;
  leftover.attempt = {trial.sweep, trial.trial, trial.attempt};
  leftover.device = device;
  leftover.source = source.get();
  const bool is_over = end.has_value();
  if (end) {
    source->set_writers_gone();
    end->folder = trial.folder;
    if (const auto damage = execution->journal().damage(); !damage.empty()) spoil(damage, &*end);
    leftover.end = std::move(end);
  }
  tell("trial " + trial_name(trial.sweep, trial.trial) + " of a dead worker adopted attempt=" +
       std::to_string(trial.attempt) + (is_over ? ", its trainer has ended" : ""));
  Active& active = active_[session_.adopt(slot, std::move(leftover))];
  active.source = std::move(source);
  active.execution = std::move(execution);
  active.is_over = is_over;
  return Status::ok();
}

Status WorkerLoop::run() {
  while (true) {
    const Instant now = monotonic_now();
    obey(now);
    receive(now);
    poll_executions(now);
    session_.tick(now, &actions_);
    perform(now);
    if (session_.done()) break;
    wait(now);
  }
  for (Active& active : active_) active = Active{};
  return session_.status();
}

void WorkerLoop::obey(Instant now) {
  const int wish = wish_.load();
  if (wish == obeyed_) return;
  std::uint64_t ignored = 0;
  (void)!read(wake_fd_, &ignored, sizeof ignored);
  obeyed_ = wish;
  const std::size_t running = session_.running();
  if (wish == kDrain) {
    tell("no new trials; waiting for " + std::to_string(running) + " running");
    session_.drain(now);
  } else if (wish == kPreempt || wish == kPreemptSoon) {
    session_.preempt(now, &actions_, time_left(wish == kPreempt ? Notice::kLong : Notice::kShort));
  } else if (wish == kStopAtOnce) {
    tell("ending " + std::to_string(running) + " running trials without any time to save");
    session_.stop_at_once(now, &actions_);
  } else {
    tell("ending " + std::to_string(running) + " running trials; they go back to the queue");
    session_.stop(now, &actions_);
  }
}

void WorkerLoop::receive(Instant now) {
  for (int i = 0; i < kMessagesPerTurn; ++i) {
    const auto message = dealer_->receive();
    if (!message) return look_at_handshakes(now);
    session_.receive(*message, now, &actions_);
  }
}

void WorkerLoop::look_at_handshakes(Instant now) {
  if (const auto why = dealer_->refusal()) session_.refused(*why, now, &actions_);
}

void WorkerLoop::poll_executions(Instant now) {
  for (std::uint32_t slot = 0; slot < active_.size(); ++slot) {
    if (active_[slot].execution && !active_[slot].is_over) poll_execution(slot, now);
  }
}

void WorkerLoop::poll_execution(std::uint32_t slot, Instant now) {
  Active& active = active_[slot];
  auto end = active.execution->poll(now);
  look_at_journal(slot, end.has_value(), now);
  if (!end) return;
  active.is_over = true;
  active.source->set_writers_gone();
  end->folder = active.execution->journal().header().folder;
  if (!active.damage.empty()) spoil(active.damage, &*end);
  // One that was stopped or failed may have come no further.
  const bool went_well =
      end->exit_code == 0 && end->signal == 0 && !active.execution->journal().stopped();
  if (went_well && active.started_at && active.first_point) {
    end->notes.late = came_late(*active.started_at, *active.first_point, now) &&
                      active.source->has_several_steps();
  }
  session_.ended(slot, std::move(*end), now, &actions_);
}

/// A trial whose journal is cut short can neither be told anything nor be heard: it is ended.
void WorkerLoop::look_at_journal(std::uint32_t slot, bool at_the_end, Instant now) {
  Active& active = active_[slot];
  journal::Journal& journal = active.execution->journal();
  if (!active.first_point && journal.reserved() > 0) active.first_point = now;
  const bool is_time = at_the_end || now - active.looked_at >= kDamageLook;
  if (!active.damage.empty() || !is_time) return;
  active.looked_at = now;
  active.damage = journal.damage();
  if (active.damage.empty()) return;
  tell("trial " + trial_name(journal.header().sweep, journal.header().trial) + ": " +
       active.damage);
  active.execution->stop(StopReason::kCancelled, now, limits::kFencedGrace);
}

void WorkerLoop::perform(Instant now) {
  // An action may bring others to the end of the list: a trial that cannot start is released.
  for (std::size_t i = 0; i < actions_.size(); ++i) {
    Action action = std::move(actions_[i]);
    if (auto* send = std::get_if<Send>(&action)) {
      dealer_->send(send->message);
    } else if (std::holds_alternative<Connect>(action)) {
      dealer_->reconnect();
    } else if (auto* start = std::get_if<StartTrial>(&action)) {
      perform(*start, now);
    } else if (auto* request = std::get_if<RequestCheckpoint>(&action)) {
      Active& active = active_[request->slot];
      if (active.execution && !active.is_over) active.execution->journal().request_checkpoint();
    } else if (auto* end = std::get_if<EndTrial>(&action)) {
      Active& active = active_[end->slot];
      if (active.execution && !active.is_over)
        active.execution->stop(end->reason, now, end->at_most);
    } else if (auto* forget = std::get_if<ForgetTrial>(&action)) {
      perform(*forget);
    } else if (auto* line = std::get_if<Tell>(&action)) {
      tell(line->text);
    }
  }
  actions_.clear();
}

void WorkerLoop::perform(StartTrial& start, Instant now) {
  Active& active = active_[start.slot];
  const std::string name = trial_name(start.assign.sweep, start.assign.trial);
  auto execution = runner_->start(start.slot, start.assign, now);
  if (!execution) {
    TrialEnd end;
    end.outcome = wire::Outcome::kNotStarted;
    end.cause = cause_of_start_failure(execution.status());
    end.message = printable(execution.status().message(), limits::kStderrTailBytes);
    tell("trial " + name + " could not be started: " + end.message);
    session_.ended(start.slot, std::move(end), now, &actions_);
    session_.tick(now, &actions_);
    return;
  }
  active.execution = std::move(*execution);
  active.source = std::make_unique<JournalSource>(&active.execution->journal());
  active.is_over = false;
  active.damage.clear();
  active.started_at = now;
  active.first_point.reset();
  session_.started(start.slot, active.source.get());
  points_at_ = now;
  tell("trial " + name + " started slot=" + std::to_string(start.slot) +
       (start.assign.attempt > 1 ? " attempt=" + std::to_string(start.assign.attempt) : ""));
}

void WorkerLoop::perform(const ForgetTrial& forget) {
  Active& active = active_[forget.slot];
  const bool undelivered = !forget.state && forget.stop == StopReason::kNone;
  const std::string lost = active.source ? active.source->what_was_lost() : "";
  if (active.execution && !undelivered) active.execution->forget();
  active = Active{};
  tell("trial " + trial_name(forget.attempt.sweep, forget.attempt.trial) + " " +
       what_became(forget) + lost);
  const std::lock_guard lock(totals_mutex_);
  ++totals_.trials;
  switch (forget.state.value_or(TrialState::kQueued)) {
    case TrialState::kCompleted:
      ++totals_.completed;
      break;
    case TrialState::kPruned:
      ++totals_.pruned;
      break;
    case TrialState::kFailed:
      ++totals_.failed;
      break;
    case TrialState::kCancelled:
      ++totals_.cancelled;
      break;
    case TrialState::kDiverged:
      ++totals_.diverged;
      break;
    case TrialState::kQueued:
    case TrialState::kRunning:
      ++totals_.requeued;
      break;
  }
}

void WorkerLoop::note_new_points(Instant now) {
  std::uint64_t points = 0;
  for (const Active& active : active_) {
    if (active.source) points += active.source->available();
  }
  if (points == points_seen_) return;
  points_seen_ = points;
  points_at_ = now;
}

void WorkerLoop::wait(Instant now) {
  note_new_points(now);
  fds_.clear();
  fds_.push_back(wake_fd_);
  microseconds time = std::chrono::seconds(60);
  const auto until = [&](std::optional<Instant> due) {
    if (due) time = std::min<microseconds>(time, std::max<microseconds>(*due - now, {}));
  };
  for (const Active& active : active_) {
    if (!active.execution || active.is_over) continue;
    active.execution->wait_fds(&fds_);
    until(active.execution->next_deadline());
    const bool quiet = now - points_at_ > std::chrono::seconds(1);
    until(now + (quiet ? limits::kJournalPollQuiet : limits::kJournalPoll));
  }
  until(session_.next_deadline());
  dealer_->wait(fds_, std::chrono::ceil<milliseconds>(time));
}

}  // namespace scopa::session
