// What attempts save to go on from, and who has gone on from it.
#include <algorithm>
#include <utility>

#include "broker/core/state.h"

namespace scopa::core {

void Core::State::on(ClientId from, wire::Checkpoint& checkpoint) {
  const wire::AttemptRef ref = wire::attempt_of(checkpoint);
  const Heard heard = hear(from, ref);
  if (heard.standing == Standing::kForgotten) return;
  if (heard.standing == Standing::kOver) return push_over(from, ref);
  if (heard.standing == Standing::kExtra) return push_fenced(from, ref);
  if (checkpoint.step < 0 || checkpoint.path.empty() ||
      checkpoint.path.size() > limits::kPathBytesMax) {
    return refuse(from, 0,
                  {Code::kInvalidArgument,
                   "checkpoint: `step` must be 0 or more and `path` have 1 "
                   "to " +
                       std::to_string(limits::kPathBytesMax) + " bytes"});
  }
  const auto& saved = heard.attempt->saved;
  if (!saved || saved->step != checkpoint.step || saved->path != checkpoint.path) {
    emit(ref.sweep,
         CheckpointSaved{ref.trial, ref.attempt, checkpoint.step, std::move(checkpoint.path)});
  }
  send(from, wire::CheckpointKept{ref.sweep, ref.trial, ref.attempt, checkpoint.step});
}

/// With the first word of an attempt about its points: `step` is where it went on, -1 for nowhere.
void Core::State::note_resumed(const Heard& heard, std::int64_t step) {
  const Attempt& attempt = *heard.attempt;
  if (heard.standing != Standing::kHeld || step < 0 || attempt.points > 0 || attempt.resumed >= 0 ||
      !attempt.offered) {
    return;
  }
  emit(heard.sweep->id,
       AttemptResumed{heard.trial->number, attempt.number, std::min(step, attempt.offered->step)});
}

}  // namespace scopa::core
