#include "rehearsal/problem_objective.h"

#include <algorithm>
#include <vector>

namespace scopa::rehearsal {

Params ProblemObjective::active(const Params& params) const {
  std::vector<bool> is_active(space_.size());
  for (const std::size_t i : space_.order()) {  // parents first
    const auto holds = [&](const search::Space::Condition& condition) {
      const Value* value = find_param(params, space_.name(condition.parent));
      if (value == nullptr || !is_active[condition.parent]) return false;
      const auto index = space_.domain(condition.parent).index_of(*value);
      return index &&
             std::binary_search(condition.allowed.begin(), condition.allowed.end(), *index);
    };
    const auto& conditions = space_.conditions(i);
    is_active[i] = std::all_of(conditions.begin(), conditions.end(), holds);
  }
  Params kept;
  for (const Param& param : params) {
    const auto at = space_.find(param.name);
    if (!at || is_active[*at]) kept.push_back(param);
  }
  return kept;
}

Result<Training> ProblemObjective::training(const Params& params, std::uint64_t seed,
                                            std::uint64_t number) const {
  SCOPA_ASSIGN_OR_RETURN(auto run, problem_.run(active(params)));
  run.values.back() = problem_.observed(run.values.back(), seed, number);
  Training training;
  training.values = std::move(run.values);
  training.step_seconds = run.step_seconds;
  return training;
}

}  // namespace scopa::rehearsal
