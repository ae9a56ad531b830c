// Trials that the spec asks for by itself: its first points, and more runs of a configuration.
#include <string>
#include <unordered_map>
#include <utility>

#include "broker/core/state.h"
#include "broker/search/sampler.h"

namespace scopa::core {

Result<std::vector<Params>> Core::State::initial_points(const Sweep& target) const {
  std::vector<Params> points;
  std::unordered_map<std::string, std::size_t> seen;
  for (const Params& chosen : target.spec->initial) {
    const std::string place = "initial[" + std::to_string(points.size()) + "]";
    auto params = search::complete(*target.spec, chosen, target.seed, points.size());
    if (!params) return params.status().with_prefix(place);
    const auto [first, is_new] = seen.emplace(canonical_text(*params), points.size());
    if (!is_new) {
      return Status{
          Code::kInvalidArgument,
          place + " is the same configuration as initial[" + std::to_string(first->second) + "]",
          "remove one of them; `replicates: N` runs every configuration N times"};
    }
    points.push_back(std::move(*params));
  }
  return points;
}

void Core::State::add_initial(Sweep& target, std::vector<Params> points) {
  for (Params& params : points) {
    if (target.cap_is_used_up()) return;
    TrialCreated created;
    created.trial = target.trials().size();
    created.origin = static_cast<std::uint8_t>(Origin::kInitial);
    created.params = std::move(params);
    emit(target.id, std::move(created));
  }
}

void Core::State::add_replicates(Sweep& target, std::uint64_t number) {
  if (!target.owes_replicates(*target.find(number))) return;
  // A sweep that is being stopped gets them when it is resumed.
  if (target.state != SweepState::kRunning && target.state != SweepState::kPaused) return;
  const Params params = target.find(number)->params;  // trials move in memory
  for (std::uint32_t run = 1; run < target.spec->replicates; ++run) {
    if (target.trials().size() >= limits::kTrialsMax) return;
    TrialCreated created;
    created.trial = target.trials().size();
    created.origin = static_cast<std::uint8_t>(Origin::kReplicate);
    created.params = params;
    created.replicate_of = number;
    created.replicate = run;
    emit(target.id, std::move(created));
  }
}

}  // namespace scopa::core
