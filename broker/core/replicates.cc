// Trials that the spec asks for by itself: its first points, and more runs of a configuration.
#include <utility>

#include "broker/core/state.h"

namespace scopa::core {

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
