// What the owner of a sweep is told while it runs.
#include "broker/core/causes.h"
#include "broker/core/state.h"
#include "broker/lint/trainer_remarks.h"
#include "broker/spec/duration.h"

namespace scopa::core {

void Core::State::look_for_remarks(Sweep& target) {
  const std::size_t open = target.queued().size() + target.running().size();
  if (!lint::is_time_to_look(target.trials().size() - open)) return;
  for (const lint::LiveRemark& remark : lint::live_remarks(*target.spec, target.live_trials())) {
    notice(target, remark);
  }
}

void Core::State::remark_on_notes(Sweep& target, const wire::TrainerNotes& notes) {
  for (const lint::LiveRemark& remark : lint::trainer_remarks(*target.spec, notes)) {
    notice(target, remark);
  }
}

// After the trainer's own end, which was no answer to a stop, or after one that took force.
void Core::State::remark_on_end(Sweep& target, const Trial& trial, const wire::Release& release) {
  const Attempt& attempt = trial.attempts.back();
  if (attempt.stop) {
    if (attempt.forced == wire::Forced::kNot) return;
    return notice(target, lint::ended_by_force(trial.number, attempt.forced == wire::Forced::kKill,
                                               spec::to_text(target.spec->grace)));
  }
  const bool failed = !release.requeue && cause_of(release) != Cause::kNone;
  if (failed && trial.state == TrialState::kCompleted) {
    notice(target, lint::failed_after_its_end(trial.number, how_it_ended(release)));
  }
}

void Core::State::notice(Sweep& target, const lint::LiveRemark& remark) {
  if (!target.has_room_for_notice() || target.has_notice_of(remark.head())) return;
  emit(target.id, Noticed{remark.line()});
}

}  // namespace scopa::core
