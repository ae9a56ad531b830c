#include "broker/core/state.h"

namespace scopa::core {
namespace {}  // namespace

void Core::State::look_for_remarks(Sweep& target) {
  const std::size_t open = target.queued().size() + target.running().size();
  if (!lint::is_time_to_look(target.trials().size() - open)) return;
  for (const lint::LiveRemark& remark : lint::live_remarks(*target.spec, target.live_trials())) {
    notice(target, remark);
  }
}

void Core::State::notice(Sweep& target, const lint::LiveRemark& remark) {
  if (!target.has_room_for_notice() || target.has_notice_of(remark.head())) return;
  emit(target.id, Noticed{remark.line()});
}

}  // namespace scopa::core
