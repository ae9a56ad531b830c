#include "broker/core/log_walk.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "broker/core/model_feed.h"
#include "broker/core/sweep_from_log.h"
#include "sdk/base/text.h"
#include "sdk/wire/points.h"

namespace scopa::core {
namespace {

// The year 2255: sums of times stay in 64 bits, whatever someone has written there.
constexpr std::int64_t kLatestUs = std::int64_t{1} << 53;

bool by_seq(const auto& a, const auto& b) { return a.seq < b.seq; }

Status corrupt(std::uint64_t seq, const std::string& problem) {
  return {Code::kCorruption, "the log's entry " + std::to_string(seq) + " " + problem,
          "`scopa store verify` examines the whole store"};
}

}  // namespace

Result<LogWalk> LogWalk::begin(SweepLog* log) {
  std::sort(log->events_.begin(), log->events_.end(), by_seq<Event, Event>);
  std::sort(log->points_.begin(), log->points_.end(), by_seq<PointsAppended, PointsAppended>);
  const auto* created =
      log->events_.empty() ? nullptr : std::get_if<SweepCreated>(&log->events_[0].body);
  if (created == nullptr) {
    return Status{Code::kCorruption,
                  "the log of sweep " + printable(log->sweep_) + " does not begin with it"};
  }
  LogWalk walk(log);
  walk.look_for_removals();
  SCOPA_ASSIGN_OR_RETURN(walk.sweep_,
                         Sweep::create(log->sweep_, *created, log->events_[0].at_us, &walk.files_));
  return walk;
}

void LogWalk::look_for_removals() {
  for (const Event& event : log_->events_) {
    const auto* removed = std::get_if<TrialRemoved>(&event.body);
    if (removed == nullptr) continue;
    removed_[removed->trial] = event.seq;
    lacking_to_ = event.seq;
  }
  lacking_from_ = lacking_to_;
  for (const Event& event : log_->events_) {
    const auto* started = std::get_if<AttemptStarted>(&event.body);
    if (started == nullptr || !is_removed_later(started->trial, event.seq)) continue;
    lacking_from_ = event.seq;
    return;
  }
}

bool LogWalk::is_removed_later(std::uint64_t trial, std::uint64_t seq) const {
  const auto removed = removed_.find(trial);
  return removed != removed_.end() && removed->second > seq;
}

const Event* LogWalk::next_event() const {
  if (event_ >= log_->events_.size()) return nullptr;
  const Event& event = log_->events_[event_];
  if (point_ < log_->points_.size() && log_->points_[point_].seq < event.seq) return nullptr;
  return &event;
}

const PointsAppended* LogWalk::next_report() const {
  if (point_ >= log_->points_.size() || next_event() != nullptr) return nullptr;
  return &log_->points_[point_];
}

std::uint64_t LogWalk::next_seq() const {
  const Event* event = next_event();
  return event != nullptr ? event->seq : next_report() != nullptr ? next_report()->seq : 0;
}

// Who took part must have been there: what is missing or too much in between is noticed here.
Status LogWalk::check_attempt(std::uint64_t seq, const EventBody& body) const {
  if (const auto* started = std::get_if<AttemptStarted>(&body)) {
    const Trial& trial = *sweep_->find(started->trial);
    const std::uint32_t next = trial.attempts.empty() ? 1 : trial.attempts.back().number + 1;
    if (trial.state == TrialState::kQueued && started->attempt == next) return Status::ok();
    return corrupt(seq, "starts attempt " + std::to_string(started->attempt) + " of trial " +
                            std::to_string(started->trial) + ", which is " +
                            std::string(name_of(trial.state)) + " and comes to attempt " +
                            std::to_string(next));
  }
  if (const auto* ended = std::get_if<AttemptEnded>(&body)) {
    const Trial& trial = *sweep_->find(ended->trial);
    const Attempt* attempt = ended->extra ? trial.attempt(ended->attempt) : trial.live_attempt();
    if (attempt == nullptr || attempt->number != ended->attempt) {
      return corrupt(seq, "ends attempt " + std::to_string(ended->attempt) + " of trial " +
                              std::to_string(ended->trial) + ", which does not run");
    }
    if (attempt->points == ended->points || is_removed_later(ended->trial, seq)) {
      return Status::ok();
    }
    return corrupt(seq, "ends attempt " + std::to_string(ended->attempt) + " of trial " +
                            std::to_string(ended->trial) + " at point " +
                            std::to_string(ended->points) + ", but its reports end at " +
                            std::to_string(attempt->points));
  }
  return std::visit(
      [&](const auto& m) -> Status {
        if constexpr (requires { m.attempt; }) {
          if (sweep_->find(m.trial)->attempt(m.attempt) == nullptr) {
            return corrupt(seq, "names attempt " + std::to_string(m.attempt) + " of trial " +
                                    std::to_string(m.trial) + ", which is not there");
          }
        }
        return Status::ok();
      },
      body);
}

Status LogWalk::check(const PointsAppended& report) const {
  if (point_ > 0 && log_->points_[point_ - 1].seq == report.seq) {
    return corrupt(report.seq, "is there twice");
  }
  const Trial* trial = sweep_->find(report.attempt.trial);
  if (trial == nullptr) return corrupt(report.seq, "has points of a trial that is not there");
  const Attempt* attempt = trial->attempt(report.attempt.attempt);
  if (attempt == nullptr) {
    return corrupt(report.seq, "has points of an attempt that is not there");
  }
  if (report.from == attempt->points && report.to > report.from) return Status::ok();
  return corrupt(report.seq, "has points " + std::to_string(report.from) + " to " +
                                 std::to_string(report.to) + " of trial " +
                                 std::to_string(report.attempt.trial) + " where point " +
                                 std::to_string(attempt->points) + " comes next");
}

Status LogWalk::check(const Event& event) const {
  const auto seq = event.seq;
  if (event.at_us < 0 || event.at_us > kLatestUs) return corrupt(seq, "has an impossible time");
  if (event_ > 0 && log_->events_[event_ - 1].seq == seq) return corrupt(seq, "is there twice");
  if (point_ < log_->points_.size() && log_->points_[point_].seq == seq) {
    return corrupt(seq, "is an event and a report");
  }
  if (event_ > 0 && std::holds_alternative<SweepCreated>(event.body)) {
    return corrupt(seq, "creates the sweep again");
  }
  if (const auto* created = std::get_if<TrialCreated>(&event.body)) {
    if (created->trial != sweep_->trials().size()) {
      return corrupt(seq, "creates trial " + std::to_string(created->trial) + " where trial " +
                              std::to_string(sweep_->trials().size()) + " should be");
    }
    if (created->replicate > 0 && sweep_->find(created->replicate_of) == nullptr) {
      return corrupt(seq, "is a run of a configuration that is not there");
    }
    return Status::ok();
  }
  return std::visit(
      [&](const auto& m) -> Status {
        if constexpr (requires { m.trial; }) {
          if (sweep_->find(m.trial) == nullptr) {
            return corrupt(seq, "names trial " + std::to_string(m.trial) + ", which is not there");
          }
          return check_attempt(seq, event.body);
        }
        return Status::ok();
      },
      event.body);
}

Status LogWalk::step() {
  appended_ = {};
  if (const Event* event = next_event()) {
    SCOPA_RETURN_IF_ERROR(check(*event));
    ++event_;
    if (std::holds_alternative<SweepEdited>(event->body)) return reread(event->seq);
    sweep_->apply(*event, &files_);
    if (std::holds_alternative<TrialRemoved>(event->body)) {
      // Of several that were removed together, the sweep was read again after the last.
      const Event* next = next_event();
      const bool is_last = next == nullptr || next->seq != event->seq + 1 ||
                           !std::holds_alternative<TrialRemoved>(next->body);
      return is_last ? reread(event->seq) : Status::ok();
    }
    tell(event->seq, history_changes(*sweep_, event->body));
    return Status::ok();
  }
  const PointsAppended& report = log_->points_[point_];
  SCOPA_RETURN_IF_ERROR(check(report));
  ++point_;
  const auto view = wire::PointsView::parse(report.block);
  if (!view) return corrupt(report.seq, "cannot be read: " + view.status().message());
  appended_ =
      sweep_->append(report.seq, report.attempt.trial, report.attempt.attempt, report.to, *view);
  tell(report.seq, history_changes(*sweep_, report.attempt.trial, appended_));
  return Status::ok();
}

// With the new text of the file, or without some of them, the points so far may mean something
// else.
Status LogWalk::reread(std::uint64_t seq) {
  SCOPA_ASSIGN_OR_RETURN(sweep_,
                         sweep_from_log(log_->sweep_, std::span(log_->events_).first(event_),
                                        std::span(log_->points_).first(point_), &files_));
  history_ = {};
  ahead_.clear();
  tell(seq, whole_history(*sweep_));
  return Status::ok();
}

void LogWalk::tell(std::uint64_t seq, std::vector<search::HistoryChange> changes) {
  for (auto& change : changes) ahead_.emplace_back(seq, std::move(change));
}

const search::History& LogWalk::history(std::uint64_t snapshot) {
  while (!ahead_.empty() && ahead_.front().first <= snapshot) {
    history_.apply(ahead_.front().second);
    ahead_.pop_front();
  }
  return history_;
}

}  // namespace scopa::core
