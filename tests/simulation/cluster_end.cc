// What must be true when everything has come to rest.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "broker/core/replay.h"
#include "tests/simulation/cluster.h"
#include "tests/simulation/explained.h"

namespace scopa::sim {
namespace {

constexpr core::ClientId kAsker{UINT64_MAX - 1};
constexpr std::uint64_t kExplainEvery = 20;  // seeds: it costs as much as the replay

/// A curve's one value, as docs/spec.md defines it.
double reduced(const spec::Metric& metric, const std::vector<LoggedPoint>& curve) {
  if (metric.reduce == spec::Reduction::kMean) {
    const std::size_t count = std::min<std::size_t>(metric.reduce_window, curve.size());
    double sum = 0;
    for (std::size_t i = curve.size() - count; i < curve.size(); ++i) sum += curve[i].value;
    return sum / static_cast<double>(count);
  }
  if (metric.reduce == spec::Reduction::kLast) return curve.back().value;
  double best = curve.front().value;
  for (const LoggedPoint& point : curve) {
    if (is_better(metric.goal, point.value, best)) best = point.value;
  }
  return best;
}

std::vector<wire::TrialInfo> trials_of(core::Core& core, const SweepId& id, Instant now) {
  core::Turn turn;
  wire::Hello hello;
  hello.role = "client";
  core.receive(kAsker, hello, now, &turn);
  wire::ListTrials list;
  list.request = 1;
  list.sweep = id;
  core.receive(kAsker, list, now, &turn);
  core.disconnected(kAsker);
  for (const core::Outgoing& words : turn.outgoing) {
    if (const auto* trials = std::get_if<wire::Trials>(&words.message)) return trials->trials;
  }
  return {};
}

std::string told(const wire::TrialInfo& info) {
  return std::to_string(info.values) + " values, the last at step " +
         std::to_string(info.last_step) + ", together " + std::to_string(info.value);
}

std::string text_of(const std::vector<LoggedPoint>& curve) {
  std::string text = std::to_string(curve.size()) + ":";
  for (const LoggedPoint& point : curve) {
    text += " " + std::to_string(point.step) + "=" + std::to_string(point.value);
  }
  return text;
}

}  // namespace

void Cluster::check_end() {
  if (world_.violation()) return;
  const bool looked = broker_.look([this](core::Core& core) {
    for (const auto& [id, sweep] : auditor_.ledger().sweeps()) check_trials(core, id, sweep);
  });
  if (!looked) return world_.violate("everything-ends", "the broker did not come to rest");
  broker_.check_rebuilt();
  broker_.verify_store();
  for (const auto& [id, sweep] : auditor_.ledger().sweeps()) check_decisions(id);
  for (const auto& [id, sweep] : auditor_.ledger().sweeps()) {
    if (!scopa::has_ended(sweep.state)) world_.violate("everything-ends", id + " has not ended");
  }
}

void Cluster::check_trials(core::Core& core, const SweepId& id, const LedgerSweep& sweep) {
  const auto infos = trials_of(core, id, world_.now());
  if (infos.size() != sweep.trials.size()) {
    return world_.violate("counts", id + " has " + std::to_string(infos.size()) +
                                        " trials, the log has " +
                                        std::to_string(sweep.trials.size()));
  }
  for (std::size_t i = 0; i < infos.size(); ++i) {
    const LedgerTrial& trial = sweep.trials[i];
    const std::string which = id + "/" + std::to_string(i);
    if (infos[i].state != static_cast<std::uint8_t>(trial.state)) {
      world_.violate("counts", which + " has another state than the log says");
    }
    if (trial.state == TrialState::kRunning) {
      world_.violate("everything-ends", which + " still runs");
    }
    if (infos[i].removed != trial.is_removed()) {
      world_.violate("removal", which + " is said to be removed, or is and is not said to be");
    }
    check_resumes(id, i, trial);
    if (trial.is_removed() && auditor_.ledger().is_read_again()) continue;  // nobody knows it
    const auto curve = auditor_.ledger().curve(sweep, trial);
    if (!sweep.spec->metric) continue;
    const bool same =
        infos[i].values == curve.size() &&
        (curve.empty() || (infos[i].last_step == curve.back().step &&
                           std::abs(infos[i].value - reduced(*sweep.spec->metric, curve)) < 1e-9));
    if (!same) {
      world_.violate("curves", which + " has " + told(infos[i]) + "; should be " + text_of(curve));
    }
  }
}

// A trainer that went on from a checkpoint: whoever has its points knows it.
void Cluster::check_resumes(const SweepId& id, std::uint64_t number, const LedgerTrial& trial) {
  for (const LedgerAttempt& attempt : trial.attempts) {
    const auto journals = trainers_.journals_of({id, number, attempt.number});
    if (attempt.points == 0 || attempt.extra || journals.size() != 1) continue;
    if (journals[0]->resumed_at == attempt.resumed) continue;
    world_.violate("checkpoints", id + "/" + std::to_string(number) + " attempt " +
                                      std::to_string(attempt.number) + " went on from step " +
                                      std::to_string(journals[0]->resumed_at) + ", the log says " +
                                      std::to_string(attempt.resumed));
  }
}

void Cluster::check_decisions(const SweepId& id) {
  core::Replay replay(id);
  const auto store = broker_.open_to_read();
  if (!store) return;
  Status read = store->each_event([&](const core::Event& event) {
    if (event.sweep == id) replay.add(event);
    return Status::ok();
  });
  if (read) {
    read = store->each_points([&](const store::Store::StoredPoints& p) {
      if (p.attempt.sweep != id) return Status::ok();
      replay.add(core::PointsAppended{p.seq, p.attempt, p.from, p.to, std::string(p.block)});
      return Status::ok();
    });
  }
  const auto outcome = replay.run();
  if (!read || !outcome) return world_.violate("replay", "the log cannot be replayed");
  for (const auto& each : outcome->mismatches) {
    world_.violate("replay", id + ": " + core::to_text(each));
  }
  if (world_.seed() % kExplainEvery == 0) check_explained(&world_, *store, id);
}

}  // namespace scopa::sim
