// A sweep whose file gets a new text.
#include <utility>

#include "broker/core/prepared.h"
#include "broker/core/state.h"
#include "broker/core/sweep_from_log.h"
#include "broker/spec/same_search.h"
#include "sdk/base/text.h"

namespace scopa::core {
namespace {

// Whether the sweep can go on with what the new text says. That it can be searched at all need not
// be looked at: what is searched is the same.
Status check_edit(const Sweep& sweep, const PreparedEdit& prepared) {
  if (sweep.state == SweepState::kCancelled) {
    return {Code::kConflict, "sweep `" + sweep.name + "` was cancelled, it cannot be edited",
            "create another sweep from the new file: `scopa create FILE`"};
  }
  SCOPA_RETURN_IF_ERROR(prepared.file.status());
  const auto key = spec::search_differs(*sweep.spec, (*prepared.file)->spec);
  if (!key) return Status::ok();
  return {Code::kConflict,
          "`" + printable(*key, limits::kNameBytesMax) + "` of sweep `" + sweep.name +
              "` cannot be changed: its trials so far rest on it",
          "create another sweep from the new file: `scopa create FILE`"};
}

}  // namespace

std::shared_ptr<PreparedEdit> prepare(wire::Edit edit) {
  auto file =
      read_spec_file(printable(edit.file_name, limits::kNameBytesMax), edit.spec, SpecOrigin::kNew);
  return std::make_shared<PreparedEdit>(PreparedEdit{std::move(edit), std::move(file)});
}

std::uint64_t request_of(const PreparedEdit& prepared) { return prepared.edit.request; }

void Core::State::on(ClientId from, wire::Edit& edit) {
  this->edit(from, *prepare(std::move(edit)));
}

void Core::State::edit(ClientId from, PreparedEdit& prepared) {
  wire::Edit& edit = prepared.edit;
  if (!knows(from)) return want_hello(from, edit.request);
  const auto id = find_sweep(edit.sweep);
  if (!id) return refuse(from, edit.request, id.status());
  Sweep& target = *sweep(*id);
  if (const Status allowed = check_edit(target, prepared); !allowed) {
    return refuse(from, edit.request, allowed);
  }
  if (edit.spec != target.file->text) {
    // Held while the event is made of it, so that it is not read again for that.
    const auto held = files_.share(*prepared.file);
    emit(*id, SweepEdited{printable(edit.file_name, limits::kNameBytesMax), std::move(edit.spec)});
    turn_->reread.push_back(*id);
  }
  send(from, wire::Done{edit.request, *id, static_cast<std::uint8_t>(target.state)});
}

Status Core::State::reread(const SweepId& id, std::span<const Event> events,
                           std::span<const PointsAppended> points) {
  Sweep* before = sweep(id);
  if (before == nullptr) return {Code::kNotFound, "no sweep `" + printable(id, 64) + "`"};
  SCOPA_ASSIGN_OR_RETURN(std::unique_ptr<Sweep> again, sweep_from_log(id, events, points, &files_));
  again->waiting = std::move(before->waiting);
  again->model_from = last_seq_;
  sweeps_[id] = std::move(again);
  Sweep& target = *sweep(id);
  for (const std::uint64_t number : target.running()) {
    deadlines_.set({id, Limit::kTrialTime, number}, std::nullopt);
    watch_attempt(target, *target.find(number));
  }
  deadlines_.set({id, Limit::kWallTime, 0}, std::nullopt);
  deadlines_.set({id, Limit::kDeviceTime, 0}, std::nullopt);
  watch_budgets(target);
  finish_if_done(target);
  dispatch(target);
  return Status::ok();
}

}  // namespace scopa::core
