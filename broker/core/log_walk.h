#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <unordered_map>
#include <variant>
#include <vector>

#include "broker/core/event.h"
#include "broker/core/spec_library.h"
#include "broker/core/sweep.h"
#include "broker/search/history.h"
#include "sdk/base/status.h"

namespace scopa::core {

/// The log of one sweep, in whatever order it comes, put in the order in which it was written.
class SweepLog {
 public:
  explicit SweepLog(SweepId sweep) : sweep_(std::move(sweep)) {}

  void add(Event event) { events_.push_back(std::move(event)); }
  void add(PointsAppended points) { points_.push_back(std::move(points)); }
  const SweepId& sweep() const { return sweep_; }
  std::size_t events() const { return events_.size(); }
  std::size_t reports() const { return points_.size(); }

 private:
  friend class LogWalk;
  SweepId sweep_;
  std::vector<Event> events_;
  std::vector<PointsAppended> points_;
};

/// Steps through a log as the broker wrote it: after each step `sweep()` is what the broker's was,
/// and history() what its model had been told up to the snapshot last asked for. Checks what it
/// reads: a log that someone has altered gives an error, never a fault.
///
///     SCOPA_ASSIGN_OR_RETURN(LogWalk walk, LogWalk::begin(&log));
///     while (walk.has_next()) { look at walk.next(); SCOPA_RETURN_IF_ERROR(walk.step()); }
class LogWalk {
 public:
  /// `log` is sorted and must live on. Errors: kCorruption when it does not begin with the sweep's
  /// creation, or when two entries have the same number; those of Sweep::create.
  static Result<LogWalk> begin(SweepLog* log);

  bool has_next() const { return event_ < log_->events_.size() || point_ < log_->points_.size(); }
  /// What comes next: an event or a report.
  const Event* next_event() const;
  const PointsAppended* next_report() const;
  std::uint64_t next_seq() const;
  /// Applies it. Errors: kCorruption when it names what does not exist, or does not follow from
  /// what was before: an attempt that starts twice, reports with a hole between them.
  Status step();
  /// What the last step took of a report; empty after an event.
  const Sweep::Appended& appended() const { return appended_; }

  /// Whether points that the broker had when it wrote what comes next have been removed since: what
  /// they led to cannot be recomputed.
  bool lacks_points() const { return next_seq() > lacking_from_ && next_seq() <= lacking_to_; }

  const Sweep& sweep() const { return *sweep_; }
  std::size_t done() const { return event_ + point_; }
  std::size_t size() const { return log_->events_.size() + log_->points_.size(); }

  /// What the sampler had been told up to `snapshot`, which is no less than at the call before and
  /// not beyond the last step.
  const search::History& history(std::uint64_t snapshot);

 private:
  explicit LogWalk(const SweepLog* log) : log_(log) {}
  void look_for_removals();
  bool is_removed_later(std::uint64_t trial, std::uint64_t seq) const;
  Status check(const Event& event) const;
  Status check(const PointsAppended& report) const;
  Status check_attempt(std::uint64_t seq, const EventBody& body) const;
  Status reread(std::uint64_t seq);
  void tell(std::uint64_t seq, std::vector<search::HistoryChange> changes);

  const SweepLog* log_;
  SpecLibrary files_;
  std::unique_ptr<Sweep> sweep_;
  std::size_t event_ = 0;
  std::size_t point_ = 0;
  Sweep::Appended appended_;
  std::unordered_map<std::uint64_t, std::uint64_t> removed_;  // trials; seq of the latest removal
  std::uint64_t lacking_from_ = 0, lacking_to_ = 0;           // between these
  search::History history_;
  std::deque<std::pair<std::uint64_t, search::HistoryChange>> ahead_;  // of history_
};

}  // namespace scopa::core
