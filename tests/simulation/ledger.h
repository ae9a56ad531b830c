#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/core/event.h"
#include "broker/spec/sweep_spec.h"
#include "tests/simulation/conduct_rules.h"
#include "tests/simulation/trainer.h"
#include "tests/simulation/world.h"

namespace scopa::sim {

struct SavedCheckpoint {
  std::uint32_t attempt = 0;
  std::int64_t step = 0;
};

/// What the ledger knows of one attempt.
struct LedgerAttempt {
  std::uint32_t number = 0;
  std::string worker;
  std::uint64_t request = 0;
  bool live = true;
  bool lease_lost = false;  // at its latest end
  bool extra = false;
  bool removed = false;         // its points
  std::uint32_t suspected = 0;  // so often
  std::uint32_t taken_up = 0;   // by its worker or the next one, after it had been lost
  std::int64_t resumed = -1;
  std::uint64_t points = 0;  // the next offset
  std::optional<core::StopDecided> stop;
  std::optional<SavedCheckpoint> offered;  // the newest when it started
  std::vector<const Journal*> others;      // that its points are not from
  /// Of the goal metric, in the order of the journal.
  std::vector<LoggedPoint> goal;
};

struct LedgerTrial {
  TrialState state = TrialState::kQueued;
  core::Origin origin = core::Origin::kSampler;
  Params params;
  std::uint32_t replicate = 0;
  std::optional<SavedCheckpoint> saved;  // the newest
  std::vector<LedgerAttempt> attempts;
  bool is_removed() const { return !attempts.empty() && attempts.back().removed; }
  LedgerAttempt* live() {
    return attempts.empty() || !attempts.back().live ? nullptr : &attempts.back();
  }
  LedgerAttempt* find(std::uint32_t number) {
    for (LedgerAttempt& each : attempts) {
      if (each.number == number) return &each;
    }
    return nullptr;
  }
};

struct LedgerSweep {
  std::shared_ptr<const spec::SweepSpec> spec;
  std::string token;
  std::uint64_t run_cap = 0;
  std::uint64_t heads = 0;
  bool is_edited = false;
  SweepState state = SweepState::kRunning;
  std::vector<SweepState> states;  // all it has been in
  std::map<std::string, std::uint64_t> enqueued;
  std::vector<LedgerTrial> trials;
  ConductRules conduct;
};

/// The rules, written down a second time and apart from the broker: it reads what is committed,
/// event by event and block by block, and says what must not be. It decides nothing.
class Ledger {
 public:
  /// What the trainers of an attempt have really logged: one, or several when power loss made the
  /// broker forget the first.
  using JournalsOf = std::function<std::vector<const Journal*>(const wire::AttemptRef&)>;
  Ledger(World* world, JournalsOf journals_of)
      : world_(world), journals_of_(std::move(journals_of)) {}

  /// Of what is read from a store: an event that comes later, whose points are gone already.
  void foresee(const core::Event& event);
  void apply(const core::Event& event);
  void append(const core::PointsAppended& points);

  /// It was made of what a store has left, without what had been removed.
  bool is_read_again() const { return !foreseen_.empty(); }
  const std::map<SweepId, LedgerSweep>& sweeps() const { return sweeps_; }
  LedgerSweep* sweep(const SweepId& id);
  LedgerTrial* trial(const SweepId& id, std::uint64_t number);
  LedgerAttempt* attempt(const wire::AttemptRef& ref);

  /// The values of the goal metric that count for a trial: those of the latest attempt, and up to
  /// the checkpoint from which it went on, of the attempt that had saved that, and so on.
  std::vector<LoggedPoint> curve(const LedgerSweep& sweep, const LedgerTrial& trial) const;

 private:
  void on(const core::Event& event, const core::SweepCreated& e);
  void on(const core::Event& event, const core::SweepStateChanged& e);
  void on(const core::Event& event, const core::RunCapChanged& e);
  void on(const core::Event& event, const core::TrialCreated& e);
  void on(const core::Event& event, const core::AttemptStarted& e);
  void on(const core::Event& event, const core::StopDecided& e);
  void on(const core::Event& event, const core::AttemptEnded& e);
  void on(const core::Event& event, const core::TrialStateChanged& e);
  void on(const core::Event&, const core::Noticed&) {}
  void on(const core::Event&, const core::RulesChanged&) {}
  void on(const core::Event& event, const core::SweepEdited& e);
  void on(const core::Event& event, const core::TrialRemoved& e);
  // Whole sweeps are not removed here: removing_test.cc has that.
  void on(const core::Event&, const core::SweepRemoved&) {}
  void on(const core::Event& event, const core::AttemptSuspected& e);
  void on(const core::Event& event, const core::AttemptHeld& e);
  void on(const core::Event& event, const core::AttemptResumed& e);
  void on(const core::Event& event, const core::CheckpointSaved& e);
  void on(const core::Event& event, const core::WorkerQuarantined& e);

  void check_delivered(const SweepId& id, const core::AttemptEnded& e);
  void broken(const std::string& invariant, const std::string& detail) {
    world_->violate(invariant, detail);
  }
  static std::string name(const SweepId& sweep, std::uint64_t trial, std::uint32_t attempt = 0);

  World* world_;
  JournalsOf journals_of_;
  bool is_gone_by_now(const SweepId& id, std::uint64_t number, std::uint64_t seq) const;
  std::map<SweepId, LedgerSweep> sweeps_;
  std::map<std::pair<SweepId, std::uint64_t>, std::uint64_t> foreseen_;  // trials, and when
};

}  // namespace scopa::sim
