#include "broker/lint/plan.h"

#include <algorithm>
#include <utility>

#include "broker/lint/facts.h"
#include "broker/lint/numbers.h"
#include "broker/search/sampler.h"

namespace scopa::lint {
namespace {

constexpr std::uint64_t kComparedWithoutEnd = 100;
constexpr std::size_t kRungsShown = 8;
constexpr std::size_t kLateShown = 3;
constexpr std::uint64_t kShownSeed = 1;  // for a file without one

/// A patient pruner compares where the one does that it wraps.
const spec::Pruner& innermost(const spec::Pruner& pruner) {
  const auto* patient = std::get_if<spec::Patient>(&pruner.kind);
  return patient != nullptr && !patient->wraps.empty() ? patient->wraps.front() : pruner;
}

bool halves(const spec::Pruner& pruner) {
  return std::holds_alternative<spec::Hyperband>(pruner.kind) ||
         std::holds_alternative<spec::Asha>(pruner.kind);
}

void plan_rungs(const spec::SweepSpec& spec, Plan* plan) {
  if (!spec.pruner || !spec.metric) return;
  const spec::Pruner& pruner = innermost(*spec.pruner);
  plan->rungs_count_values = std::holds_alternative<spec::Hyperband>(pruner.kind);
  plan->compared = plan->end == Plan::End::kOpen ? kComparedWithoutEnd : plan->trials;
  plan->late_rungs = pruning::late_rungs(spec);
  const auto max = static_cast<std::uint64_t>(spec.max_steps.value_or(0));
  std::uint64_t left = plan->compared;
  for (const pruning::RungForecast& rung : pruning::forecast(spec, plan->compared)) {
    const bool in_vain = halves(pruner) && rung.survivors == left && !plan->rungs.empty();
    if ((max > 0 && rung.rung >= max) || left <= 1 || in_vain) break;
    plan->rungs.push_back(rung);
    left = rung.survivors;
  }
}

void plan_savings(const spec::SweepSpec& spec, Plan* plan) {
  if (!spec.max_steps || plan->rungs.empty() || !halves(*spec.pruner)) return;
  const auto end = static_cast<double>(*spec.max_steps);
  double steps = 0;
  double from = 0;
  auto left = static_cast<double>(plan->compared);
  for (const pruning::RungForecast& rung : plan->rungs) {
    const auto at = static_cast<double>(rung.rung);
    steps += left * (at - from);
    from = at;
    left = static_cast<double>(rung.survivors);
  }
  steps += left * (end - from);
  plan->saved = 1 - steps / (static_cast<double>(plan->compared) * end);
}

void plan_first(const spec::SweepSpec& spec, std::size_t count, Plan* plan) {
  search::History history;
  const auto sampler = search::make_sampler(spec, plan->seed);
  const auto take = [&](Params params) {
    search::HistoryChange added;
    added.number = static_cast<TrialNumber>(plan->first.size());
    added.state = TrialState::kRunning;
    added.params = params;
    history.apply(added);
    plan->first.push_back(std::move(params));
  };
  if (plan->end != Plan::End::kOpen) count = std::min<std::size_t>(count, plan->trials);
  for (const Params& chosen : spec.initial) {
    if (plan->first.size() >= count) return;
    if (auto params = search::complete(spec, chosen, plan->seed, plan->first.size())) {
      take(*std::move(params));
    }
  }
  for (std::uint64_t number = 0; plan->first.size() < count; ++number) {
    auto params = sampler->suggest(history, number);
    if (!params) return;
    take(*std::move(params));
  }
}

std::string plural(std::uint64_t n, const std::string& noun) {
  return grouped(n) + " " + noun + (n == 1 ? "" : "s");
}

/// "; nobody is stopped at step 27, in the last quarter of max_steps"
std::string late_text(const Plan& plan) {
  if (plan.late_rungs.empty()) return {};
  std::string steps;
  for (std::size_t k = 0; k < std::min(plan.late_rungs.size(), kLateShown); ++k) {
    steps += (k == 0 ? "" : ", ") + grouped(plan.late_rungs[k]);
  }
  if (plan.late_rungs.size() > kLateShown) steps += " ...";
  return "; nobody is stopped at step " + steps + ", in the last quarter of `max_steps`";
}

}  // namespace

Plan make_plan(const spec::SweepSpec& spec, std::size_t count) {
  Plan plan;
  const Facts facts(spec);
  plan.size = facts.size;
  plan.searched = facts.searched.size();
  for (std::size_t i = 0; i < facts.space.size(); ++i) {
    plan.continuous += facts.space.domain(i).is_finite() ? 0 : 1;
  }
  if (facts.trials) {
    plan.trials = *facts.trials;
    plan.end =
        spec.run_cap > 0 && spec.run_cap == plan.trials ? Plan::End::kRunCap : Plan::End::kSpace;
  }
  plan_rungs(spec, &plan);
  plan_savings(spec, &plan);
  plan.seed = spec.seed.value_or(kShownSeed);
  plan.seed_is_given = spec.seed.has_value();
  plan_first(spec, count, &plan);
  return plan;
}

std::string size_text(const Plan& plan) {
  if (plan.size) return plural(*plan.size, "configuration");
  if (plan.continuous > 0) {
    return "infinite (" + plural(plan.continuous, "continuous parameter") + ")";
  }
  return "more than 2^63 configurations, or too many conditions to count them";
}

std::string trials_text(const Plan& plan, const spec::SweepSpec& spec) {
  std::string text;
  switch (plan.end) {
    case Plan::End::kRunCap:
      text = grouped(plan.trials) + " (`run_cap`)";
      break;
    case Plan::End::kSpace:
      text = grouped(plan.trials) + " (the whole space, each configuration once)";
      break;
    case Plan::End::kOpen:
      text = spec.budget.wall_time || spec.budget.device_time
                 ? "as many as the budget lets through"
                 : "no end: set `run_cap`, or stop it when it is good enough";
      break;
  }
  if (spec.replicates > 1) {
    text += ", each run " + std::to_string(spec.replicates) + " times";
  }
  return text;
}

std::string rungs_text(const Plan& plan, const spec::SweepSpec& spec) {
  if (!spec.pruner) return {};
  const std::string name(spec::name_of(*spec.pruner));
  if (plan.rungs.empty()) {
    const auto& inner = innermost(*spec.pruner).kind;
    if (std::holds_alternative<spec::Predictive>(inner)) {
      return name + ": each trial once it will surely not end among the best";
    }
    const bool compares = !std::holds_alternative<spec::Threshold>(spec.pruner->kind) &&
                          !std::holds_alternative<spec::Patient>(inner);
    return name + (compares ? ": no rung within a training" : ": each trial for itself") +
           late_text(plan);
  }
  std::string text = name + ": of " + plural(plan.compared, "trial") + " ";
  const std::string unit = plan.rungs_count_values ? "value" : "step";
  for (std::size_t k = 0; k < std::min(plan.rungs.size(), kRungsShown); ++k) {
    const auto& rung = plan.rungs[k];
    text += (k == 0 ? "" : ", ") + grouped(rung.survivors);
    if (k == 0) text += rung.survivors == 1 ? " goes on" : " go on";
    text += plan.rungs_count_values ? " after " : " at step ";
    text += plan.rungs_count_values && k == 0 ? plural(rung.rung, unit) : grouped(rung.rung);
  }
  if (plan.rungs.size() > kRungsShown) {
    text += " ... " + grouped(plan.rungs.back().survivors) +
            (plan.rungs_count_values ? " after " : " at step ") + grouped(plan.rungs.back().rung);
  }
  return text + late_text(plan);
}

}  // namespace scopa::lint
