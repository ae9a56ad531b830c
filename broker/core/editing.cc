// A sweep whose file gets a new text.
#include <utility>

#include "broker/core/state.h"
#include "broker/core/sweep_from_log.h"
#include "broker/search/sampler.h"
#include "broker/spec/same_search.h"
#include "sdk/base/text.h"

namespace scopa::core {
namespace {

// What the new text says, when the sweep can go on with it.
Result<std::shared_ptr<const SpecFile>> read_edit(const Sweep& sweep, const wire::Edit& edit) {
  if (sweep.state == SweepState::kCancelled) {
    return Status{Code::kConflict, "sweep `" + sweep.name + "` was cancelled, it cannot be edited",
                  "create another sweep from the new file: `scopa create FILE`"};
  }
  SCOPA_ASSIGN_OR_RETURN(auto read, read_spec_file(printable(edit.file_name, limits::kNameBytesMax),
                                                   edit.spec, SpecOrigin::kNew));
  if (const auto key = spec::search_differs(*sweep.spec, read->spec)) {
    return Status{Code::kConflict,
                  "`" + printable(*key, limits::kNameBytesMax) + "` of sweep `" + sweep.name +
                      "` cannot be changed: its trials so far rest on it",
                  "create another sweep from the new file: `scopa create FILE`"};
  }
  SCOPA_RETURN_IF_ERROR(search::check_searchable(read->spec, sweep.seed));
  return read;
}

}  // namespace

void Core::State::on(ClientId from, wire::Edit& edit) {
  const auto id = find_sweep(edit.sweep);
  if (!id) return refuse(from, edit.request, id.status());
  Sweep& target = *sweep(*id);
  auto read = read_edit(target, edit);
  if (!read) return refuse(from, edit.request, read.status());
  if (edit.spec != target.file->text) {
    const auto held = files_.share(std::move(*read));  // so that it is not read again for the event
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
