#include "broker/core/state.h"

namespace scopa::core {
namespace {}  // namespace

void Core::State::look_for_remarks(Sweep& target) {
  const std::vector<Trial>& trials = target.trials();
  const std::size_t open = target.queued().size() + target.running().size();
  if (!lint::is_time_to_look(trials.size() - open)) return;
  std::vector<lint::LiveTrial> view;
  view.reserve(trials.size());
  for (const Trial& trial : trials) {
    view.push_back({trial.number, trial.state, &trial.params, trial.values(), trial.value()});
  }
  for (const lint::LiveRemark& remark : lint::live_remarks(*target.spec, view)) {
    notice(target, remark);
  }
}

void Core::State::notice(Sweep& target, const lint::LiveRemark& remark) {
  if (!target.has_room_for_notice() || target.has_notice_of(remark.head())) return;
  emit(target.id, Noticed{remark.line()});
}

}  // namespace scopa::core
