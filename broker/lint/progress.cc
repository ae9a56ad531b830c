#include "broker/lint/progress.h"

#include <algorithm>
#include <limits>
#include <memory>

#include "broker/pruning/pruner.h"

namespace scopa::lint {
namespace {

constexpr std::size_t kCompletedForPruner = 3;

bool has_run_its_course(const LiveTrial& trial) {
  return trial.state == TrialState::kCompleted || trial.state == TrialState::kPruned ||
         trial.state == TrialState::kDiverged;
}

/// How far the trials came that ended by themselves.
struct Reach {
  std::size_t trials = 0;
  std::size_t values = 0;
  std::int64_t step = std::numeric_limits<std::int64_t>::min();
};

Reach reach_of(const std::vector<LiveTrial>& trials) {
  Reach reach;
  for (const LiveTrial& trial : trials) {
    if (trial.state != TrialState::kCompleted || trial.goal_values == 0) continue;
    ++reach.trials;
    reach.values = std::max(reach.values, trial.goal_values);
    reach.step = std::max(reach.step, trial.last_step);
  }
  return reach;
}

const spec::Pruner& inside(const spec::Pruner& pruner) {
  const auto* patient = std::get_if<spec::Patient>(&pruner.kind);
  return patient != nullptr && !patient->wraps.empty() ? patient->wraps.front() : pruner;
}

/// The key that says where the pruner begins.
struct FirstKey {
  std::string operator()(const spec::Hyperband& h) const { return h.max_iter ? "s" : "min_iter"; }
  std::string operator()(const spec::Asha&) const { return "min_resource"; }
  std::string operator()(const spec::Percentile& p) const {
    return p.warmup > 0 ? "warmup" : "interval";
  }
  std::string operator()(const spec::Predictive&) const { return "warmup"; }
  std::string operator()(const spec::Threshold&) const { return "warmup"; }
  std::string operator()(const spec::Patient& p) const {
    return p.warmup > p.patience ? "warmup" : "patience";
  }
};

/// Where the pruner may stop a trial first: in values of the goal metric for hyperband, else steps.
std::int64_t first_place(const spec::SweepSpec& spec) {
  const spec::Pruner& pruner = inside(*spec.pruner);
  if (const auto* threshold = std::get_if<spec::Threshold>(&pruner.kind)) return threshold->warmup;
  if (const auto* patient = std::get_if<spec::Patient>(&pruner.kind)) {
    return std::max(patient->patience, patient->warmup);
  }
  const auto made = pruning::make_pruner(spec);
  const auto rungs = made ? made->rungs() : std::vector<std::uint64_t>();
  return rungs.empty() ? std::numeric_limits<std::int64_t>::max()
                       : static_cast<std::int64_t>(rungs.front());
}

std::string count(std::int64_t n, const std::string& noun) {
  return std::to_string(n) + " " + noun + (n == 1 ? "" : "s");
}

}  // namespace

std::optional<Stall> stall_of(Goal goal, const std::vector<LiveTrial>& trials) {
  const LiveTrial* best = nullptr;
  std::size_t since = 0;
  for (const LiveTrial& trial : trials) {
    if (!has_run_its_course(trial)) continue;
    const bool counts = trial.value && trial.state != TrialState::kDiverged;
    if (counts && (best == nullptr || is_better(goal, *trial.value, *best->value))) {
      best = &trial;
      since = 0;
    } else {
      ++since;
    }
  }
  if (best == nullptr) return {};
  return Stall{best->number, since};
}

std::string why_never_pruned(const spec::SweepSpec& spec, const std::vector<LiveTrial>& trials) {
  if (!spec.pruner || !spec.metric) return {};
  const Reach reach = reach_of(trials);
  if (reach.trials < kCompletedForPruner) return {};
  const spec::Pruner& pruner = inside(*spec.pruner);
  const std::string name = "`" + std::string(spec::name_of(*spec.pruner)) + "`";
  const std::int64_t first = first_place(spec);
  if (first == std::numeric_limits<std::int64_t>::max()) return {};  // said of the file
  const std::string key = std::visit(FirstKey{}, pruner.kind);
  if (std::holds_alternative<spec::Hyperband>(pruner.kind)) {
    const auto values = static_cast<std::int64_t>(reach.values);
    if (values >= first) return {};
    return name + " compares trials after " + count(first, "value") + ", and none logs more than " +
           count(values, "value") + ": log it more often, or lower `" + key + "`";
  }
  if (std::holds_alternative<spec::Predictive>(pruner.kind) && spec.max_steps &&
      reach.step < *spec.max_steps) {
    return name + " learns from trials that come to step " + std::to_string(*spec.max_steps) +
           ", and all end at step " + std::to_string(reach.step) +
           " at the latest: write `max_steps: " +
           std::to_string(std::max<std::int64_t>(reach.step, 1)) + "`";
  }
  if (reach.step >= first) return {};
  return name + " begins at step " + std::to_string(first) + ", and trials end at step " +
         std::to_string(reach.step) + " at the latest: lower `" + key + "`, or log later steps";
}

}  // namespace scopa::lint
