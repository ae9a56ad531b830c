#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "broker/core/event.h"
#include "sdk/base/states.h"

namespace scopa::core {

/// Checks the stored log of one sweep against the rules by which it is written: numbers follow each
/// other, states move along their machines, one attempt at a time, the run cap, offsets without
/// hole or overlap. It decides nothing and shares no code with what does.
///
///     LogCheck check([&](std::uint64_t seq, std::string problem) { ... });
///     for (each event in order of seq) check.add(event);
///     for (each report in order of trial, attempt and offset) check.add(points);
///     check.finish();
class LogCheck {
 public:
  /// `seq` is that of the entry, 0 where there is none.
  using Tell = std::function<void(std::uint64_t seq, std::string problem)>;

  explicit LogCheck(Tell tell) : tell_(std::move(tell)) {}

  void add(const Event& event);
  /// `points`: how many are in the block.
  struct Report {
    std::uint64_t seq = 0;
    std::uint64_t trial = 0;
    std::uint32_t attempt = 0;
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    std::uint64_t points = 0;
  };
  void add(const Report& report);
  /// After the last report: what the attempts' ends say of their points.
  void finish();

  /// Trials in each state, by TrialState.
  std::vector<std::uint64_t> counts() const;
  std::uint64_t attempts() const;
  /// Numbers of events and reports that the log says have been removed.
  std::uint64_t removed_entries() const { return removed_entries_; }
  /// Nothing is left of the sweep but that it was there.
  bool is_removed() const { return is_removed_; }
  /// Where the reports of each attempt have come to; for those that have any.
  struct AttemptName {
    std::uint64_t trial = 0;
    std::uint32_t attempt = 0;
    auto operator<=>(const AttemptName&) const = default;
  };
  const std::map<AttemptName, std::uint64_t>& reached() const { return reached_; }

 private:
  struct AttemptState {
    bool live = true;
    bool lease_lost = false;
    bool extra = false;
    bool stopped = false;
    bool for_divergence = false;  // of the stop
    bool removed = false;         // its points
    std::uint64_t ended_seq = 0;  // of the latest end
    std::uint64_t points = 0;     // that it says
  };
  struct TrialEntry {
    TrialState state = TrialState::kQueued;
    std::vector<AttemptState> attempts;  // number 1 first
  };

  void on(const SweepCreated& e);
  void on(const SweepStateChanged& e);
  void on(const RunCapChanged& e) { run_cap_ = e.run_cap; }
  void on(const TrialCreated& e);
  void on(const AttemptStarted& e);
  void on(const StopDecided& e);
  void on(const AttemptEnded& e);
  void on(const TrialStateChanged& e);
  void on(const Noticed&) {}
  void on(const AttemptSuspected& e);
  void on(const AttemptHeld& e);
  void on(const AttemptResumed& e);
  void on(const CheckpointSaved& e);
  void on(const WorkerQuarantined&) {}
  void on(const RulesChanged&) {}
  void on(const SweepEdited&) { is_edited_ = true; }
  void on(const TrialRemoved& e);
  void on(const SweepRemoved& e);

  void wrong(std::string problem) { tell_(seq_, std::move(problem)); }
  TrialEntry* trial(std::uint64_t number);
  AttemptState* attempt(std::uint64_t trial, std::uint32_t number);

  const Tell tell_;
  std::uint64_t seq_ = 0;  // of what is being looked at
  bool is_created_ = false;
  bool is_edited_ = false;
  bool is_removed_ = false;
  std::uint64_t removed_entries_ = 0;
  SweepState state_ = SweepState::kRunning;
  std::uint64_t run_cap_ = 0;
  std::uint64_t heads_ = 0;
  std::unordered_set<std::string> tokens_;
  std::vector<TrialEntry> trials_;
  std::map<AttemptName, std::uint64_t> reached_;
  std::map<AttemptName, std::uint64_t> reached_at_end_;  // before the attempt's latest end
};

}  // namespace scopa::core
