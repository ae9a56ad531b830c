#include "tests/integration/crash/crash_audit.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <variant>

#include "broker/core/core.h"
#include "broker/core/replay.h"
#include "broker/server/rebuild.h"
#include "broker/store/store.h"
#include "sdk/wire/points.h"

namespace scopa::test {
namespace {

std::string name_of_attempt(const Overheard::Attempt& attempt) {
  return "trial " + std::to_string(attempt.first) + " attempt " + std::to_string(attempt.second);
}

double expected_value(const StoredSweep::Point& point, const Overheard::Attempt& attempt) {
  if (point.metric == "loss") return ledger_loss(attempt.first, point.step);
  if (point.metric == "attempt") return ledger_attempt(attempt.second, point.step);
  return std::nan("");
}

class Audit {
 public:
  Audit(const SweepId& sweep, const CrashEvidence& evidence) : sweep_(sweep), e_(evidence) {}

  std::vector<std::string> run() {
    for (const std::string& fault : e_.stored.faults) wrong("store: " + fault);
    check_ledger();
    check_stored_points();
    check_acknowledged();
    check_log();
    check_counts();
    check_curves();
    check_replay();
    return std::move(wrong_);
  }
  std::uint64_t checked() const { return checked_; }

 private:
  void wrong(std::string what) { wrong_.push_back(std::move(what)); }

  // What a trainer wrote down is stored under its attempt, all of it.
  void check_ledger() {
    std::map<Overheard::Attempt, int> seen;
    for (const LedgerEntry& entry : e_.ledger) {
      const Overheard::Attempt attempt{entry.trial, entry.attempt};
      const std::string name = name_of_attempt(attempt);
      if (!seen.try_emplace(attempt, entry.pid).second) wrong(name + " was run by two processes");
      if (!entry.complaint.empty()) wrong(name + ":" + entry.complaint);
      const auto stored = e_.stored.attempts.find(attempt);
      std::set<std::pair<std::string, std::int64_t>> steps;
      if (stored != e_.stored.attempts.end()) {
        for (const auto& point : stored->second.points) steps.insert({point.metric, point.step});
      }
      std::uint64_t missing = 0;
      for (std::int64_t step = entry.first; step < entry.next; ++step) {
        for (const char* metric : {"loss", "attempt"}) missing += 1 - steps.count({metric, step});
      }
      if (missing > 0) {
        wrong(name + ": " + std::to_string(missing) + " of " +
              std::to_string(2 * (entry.next - entry.first)) + " logged points are not stored");
      }
      // Killed between logging a step and writing it down: that step.
      for (const auto& [metric, step] : steps) {
        if (step < entry.first || step > entry.next) {
          wrong(name + ": a point of step " + std::to_string(step) + " that it never logged");
        }
      }
    }
    for (const auto& [attempt, points] : e_.stored.attempts) {
      if (!points.points.empty() && !seen.contains(attempt)) {
        wrong(name_of_attempt(attempt) + " has points and was never run");
      }
    }
  }

  // Once, and unchanged.
  void check_stored_points() {
    for (const auto& [attempt, points] : e_.stored.attempts) {
      std::set<std::pair<std::string, std::int64_t>> steps;
      for (const auto& point : points.points) {
        ++checked_;
        if (!steps.insert({point.metric, point.step}).second) {
          wrong(name_of_attempt(attempt) + " has " + point.metric + " of step " +
                std::to_string(point.step) + " twice");
        }
        if (point.value != expected_value(point, attempt)) {
          wrong(name_of_attempt(attempt) + ": " + point.metric + " of step " +
                std::to_string(point.step) + " is not what was logged");
        }
      }
    }
  }

  void check_acknowledged() {
    for (const auto& [attempt, to] : e_.overheard.acked) {
      const auto stored = e_.stored.attempts.find(attempt);
      const std::uint64_t applied = stored == e_.stored.attempts.end() ? 0 : stored->second.applied;
      if (applied < to) {
        wrong(name_of_attempt(attempt) + ": points below " + std::to_string(to) +
              " were acknowledged, those below " + std::to_string(applied) + " are stored");
      }
    }
    std::set<Overheard::Attempt> started, ended;
    std::map<Overheard::Attempt, std::int64_t> saved;
    for (const core::Event& event : e_.stored.events) {
      if (const auto* m = std::get_if<core::AttemptStarted>(&event.body)) {
        started.insert({m->trial, m->attempt});
      } else if (const auto* end = std::get_if<core::AttemptEnded>(&event.body)) {
        ended.insert({end->trial, end->attempt});
      } else if (const auto* save = std::get_if<core::CheckpointSaved>(&event.body)) {
        saved[{save->trial, save->attempt}] = save->step;
      }
    }
    for (const auto& attempt : e_.overheard.assigned) {
      if (!started.contains(attempt)) wrong(name_of_attempt(attempt) + " was assigned, not stored");
    }
    for (const auto& attempt : e_.overheard.released) {
      if (!ended.contains(attempt)) wrong(name_of_attempt(attempt) + " was released, not stored");
    }
    for (const auto& [attempt, step] : e_.overheard.checkpoints) {
      const auto found = saved.find(attempt);
      if (found == saved.end() || found->second < step) {
        wrong(name_of_attempt(attempt) + ": its checkpoint of step " + std::to_string(step) +
              " was acknowledged, not stored");
      }
    }
  }

  // One live attempt of a trial; none of a trainer that failed by itself.
  void check_log() {
    std::map<std::uint64_t, std::uint32_t> live;
    for (const core::Event& event : e_.stored.events) {
      if (const auto* started = std::get_if<core::AttemptStarted>(&event.body)) {
        const auto [held, is_free] = live.try_emplace(started->trial, started->attempt);
        if (!is_free) {
          wrong(name_of_attempt({started->trial, started->attempt}) + " started while attempt " +
                std::to_string(held->second) + " held the trial");
        }
      } else if (const auto* held = std::get_if<core::AttemptHeld>(&event.body)) {
        const auto [now, is_free] = live.try_emplace(held->trial, held->attempt);
        if (!is_free && now->second != held->attempt) {
          wrong(name_of_attempt({held->trial, held->attempt}) + " came back while attempt " +
                std::to_string(now->second) + " held the trial");
        }
      } else if (const auto* ended = std::get_if<core::AttemptEnded>(&event.body)) {
        const auto now = live.find(ended->trial);
        if (now != live.end() && now->second == ended->attempt) live.erase(now);
        if (ended->exit_code != 0) {
          wrong(name_of_attempt({ended->trial, ended->attempt}) + " ended with exit code " +
                std::to_string(ended->exit_code) + ": " + ended->reason);
        }
        if (ended->points_dropped > 0) {
          wrong(name_of_attempt({ended->trial, ended->attempt}) + " dropped points");
        }
      }
    }
    for (const auto& [trial, attempt] : live) {
      wrong(name_of_attempt({trial, attempt}) + " has never ended");
    }
  }

  void check_counts() {
    std::map<TrialState, std::uint64_t> counts;
    for (const auto& [trial, state] : e_.stored.trials) {
      ++counts[state];
      if (!has_ended(state)) wrong("trial " + std::to_string(trial) + " has not ended");
    }
    const auto& told = e_.info.counts;
    if (told.total() != e_.stored.trials.size() ||
        told.completed != counts[TrialState::kCompleted] ||
        told.pruned != counts[TrialState::kPruned] || told.failed != counts[TrialState::kFailed] ||
        told.cancelled != counts[TrialState::kCancelled]) {
      wrong("the counts that the broker tells are not those of its log");
    }
    if (e_.info.state != static_cast<std::uint8_t>(SweepState::kFinished)) {
      wrong("the sweep has not finished");
    }
  }

  // What counts for a trial has each step once; of completed trials, from the first to the last.
  void check_curves() {
    for (const auto& [trial, curve] : e_.curves) {
      std::set<std::pair<std::string, std::int64_t>> steps;
      std::map<std::string, std::int64_t> last;
      for (const auto& point : curve) {
        ++checked_;
        const std::string where = "trial " + std::to_string(trial) + ": " + point.metric +
                                  " of step " + std::to_string(point.step);
        if (!steps.insert({point.metric, point.step}).second) wrong(where + " counts twice");
        if (point.metric == "loss" && point.value != ledger_loss(trial, point.step)) {
          wrong(where + " is not what was logged");
        }
        last[point.metric] = std::max(last[point.metric], point.step);
      }
      const auto state = e_.stored.trials.find(trial);
      if (state == e_.stored.trials.end() || state->second != TrialState::kCompleted) continue;
      for (const auto& [metric, step] : last) {
        for (std::int64_t i = 0; i <= step; ++i) {
          if (!steps.contains({metric, i})) {
            wrong("trial " + std::to_string(trial) + " has completed without " + metric +
                  " of step " + std::to_string(i));
            break;
          }
        }
      }
    }
  }

  void check_replay() {
    core::Replay replay(sweep_);
    for (const auto& event : e_.stored.events) replay.add(event);
    for (const auto& report : e_.stored.reports) replay.add(report);
    const auto outcome = replay.run();
    if (!outcome) return wrong("replay: " + outcome.status().to_string());
    for (const auto& each : outcome->mismatches) wrong("replay: " + core::to_text(each));
  }

  const SweepId& sweep_;
  const CrashEvidence& e_;
  std::vector<std::string> wrong_;
  std::uint64_t checked_ = 0;
};

/// Sequence numbers from which on an attempt's reports do not count: it was given up then.
std::map<Overheard::Attempt, std::uint64_t> given_up(const StoredSweep& stored) {
  std::map<Overheard::Attempt, std::uint64_t> from;
  for (const core::Event& event : stored.events) {
    if (const auto* ended = std::get_if<core::AttemptEnded>(&event.body)) {
      if (ended->lease_lost) from.try_emplace({ended->trial, ended->attempt}, event.seq);
    } else if (const auto* held = std::get_if<core::AttemptHeld>(&event.body)) {
      from.erase({held->trial, held->attempt});
    }
  }
  return from;
}

}  // namespace

Result<Curves> counted_curves(const std::string& folder, const SweepId& sweep,
                              const StoredSweep& stored) {
  SCOPA_ASSIGN_OR_RETURN(const auto store, store::Store::open(folder, store::OpenMode::kReadOnly));
  core::Core core({});
  SCOPA_RETURN_IF_ERROR(server::rebuild(*store, &core));
  const auto ends = given_up(stored);
  std::map<Overheard::Attempt, std::vector<const core::PointsAppended*>> reports;
  for (const auto& report : stored.reports) {
    const Overheard::Attempt attempt{report.attempt.trial, report.attempt.attempt};
    const auto end = ends.find(attempt);
    if (end == ends.end() || report.seq < end->second) reports[attempt].push_back(&report);
  }
  Curves curves;
  for (const auto& [trial, state] : stored.trials) {
    SCOPA_ASSIGN_OR_RETURN(const auto pieces, core.curve_pieces(sweep, TrialNumber{trial}));
    for (const core::CurvePiece& piece : pieces) {
      for (const auto* report : reports[{trial, piece.attempt}]) {
        SCOPA_ASSIGN_OR_RETURN(const auto view, wire::PointsView::parse(report->block));
        for (std::size_t i = 0; i < view.size(); ++i) {
          if (view.step(i) > piece.step_max) continue;
          curves[trial].push_back(
              {std::string(view.metrics()[view.metric(i)]), view.step(i), view.value(i)});
        }
      }
    }
  }
  return curves;
}

void Overheard::add(const wire::Message& message) {
  const auto count = [this] { ++count_; };
  if (const auto* assign = std::get_if<wire::Assign>(&message)) {
    assigned.insert({assign->trial, assign->attempt});
    count();
  } else if (const auto* ack = std::get_if<wire::Ack>(&message)) {
    std::uint64_t& to = acked[{ack->trial, ack->attempt}];
    to = std::max(to, ack->to);
    count();
  } else if (const auto* kept = std::get_if<wire::CheckpointKept>(&message)) {
    std::int64_t& step = checkpoints.try_emplace({kept->trial, kept->attempt}, -1).first->second;
    step = std::max(step, kept->step);
    count();
  } else if (const auto* done = std::get_if<wire::Released>(&message)) {
    released.insert({done->trial, done->attempt});
    count();
  }
}

std::vector<std::string> audit(const SweepId& sweep, const CrashEvidence& evidence,
                               std::uint64_t* checked) {
  Audit audit(sweep, evidence);
  auto wrong = audit.run();
  *checked = audit.checked();
  return wrong;
}

}  // namespace scopa::test
