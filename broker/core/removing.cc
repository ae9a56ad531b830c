// Sweeps, and the points of trials, that people want to be rid of.
#include <algorithm>
#include <utility>

#include "broker/core/state.h"
#include "sdk/base/text.h"

namespace scopa::core {
namespace {

std::string sweep_name(const Sweep& sweep) { return "sweep `" + sweep.name + "`"; }

Status check_whole(const Sweep& sweep, bool force) {
  if (force) return Status::ok();
  const std::string or_force = ", or `scopa rm " + sweep.id + " --force`";
  if (!has_ended(sweep.state)) {
    return {Code::kConflict,
            sweep_name(sweep) + " is " + std::string(name_of(sweep.state)) + " and not removed",
            "end it first: `scopa cancel " + sweep.id + "`" + or_force};
  }
  if (sweep.running().empty()) return Status::ok();
  return {Code::kConflict,
          sweep_name(sweep) + " still has trials whose programs are ending (" +
              std::to_string(sweep.running().size()) + ")",
          "wait for them: `scopa status " + sweep.id + "`" + or_force};
}

Status check_trial(const Sweep& sweep, std::uint64_t number) {
  const Trial* trial = sweep.find(number);
  const std::string which = "trial " + std::to_string(number) + " of " + sweep_name(sweep);
  if (trial == nullptr) {
    return {Code::kNotFound, "there is no " + which, "`scopa trials " + sweep.id + "` lists them"};
  }
  if (has_ended(trial->state)) return Status::ok();
  return {Code::kConflict, which + " is " + std::string(name_of(trial->state)) + " and not removed",
          "wait until it has ended: `scopa show " + sweep.id + "/" + std::to_string(number) + "`"};
}

/// Each once, by number, without those of which nothing is left to remove.
Result<std::vector<std::uint64_t>> trials_to_remove(const Sweep& sweep,
                                                    std::vector<std::uint64_t> numbers) {
  if (numbers.empty() || numbers.size() > limits::kRemovedMax) {
    return Status{Code::kInvalidArgument, "remove: `trials` must name 1 to " +
                                              std::to_string(limits::kRemovedMax) +
                                              ", or `whole` be set"};
  }
  std::sort(numbers.begin(), numbers.end());
  numbers.erase(std::unique(numbers.begin(), numbers.end()), numbers.end());
  for (const std::uint64_t number : numbers) {
    SCOPA_RETURN_IF_ERROR(check_trial(sweep, number));
  }
  std::erase_if(numbers, [&](std::uint64_t number) {
    const Trial& trial = *sweep.find(number);
    return trial.attempts.empty() || trial.is_removed();
  });
  return numbers;
}

}  // namespace

void Core::State::remember_removed(const SweepId& id, const SweepRemoved& removed) {
  removed_[id] = removed.name;
  removed_tokens_.insert(removed.token);
}

Status Core::State::was_removed(const std::string& what) const {
  const auto by_id = removed_.find(what);
  const bool by_name =
      by_id == removed_.end() && std::any_of(removed_.begin(), removed_.end(),
                                             [&](const auto& each) { return each.second == what; });
  if (by_id == removed_.end() && !by_name) return Status::ok();
  return {Code::kNotFound, "sweep `" + printable(what, 64) + "` has been removed",
          "`scopa ls` lists those that are there; a backup from before may still have it"};
}

/// Its workers are told: asks that wait, and what runs, that it has been cancelled. What they say
/// of it later is of nothing that the broker knows.
void Core::State::forget_sweep(Sweep& target) {
  if (!has_ended(target.state)) cancel_sweep(target);
  dispatch(target);
  for (const std::uint64_t number : target.running()) {
    leases_.end({target.id, number, target.find(number)->live_attempt()->number});
    deadlines_.set({target.id, Limit::kTrialTime, number}, std::nullopt);
  }
  deadlines_.set({target.id, Limit::kWallTime, 0}, std::nullopt);
  deadlines_.set({target.id, Limit::kDeviceTime, 0}, std::nullopt);
  const SweepRemoved removed{target.token, target.name, target.entries()};
  record(target, removed);
  if (target.model_is_open) turn_->model.push_back(ModelClosed{target.id});
  last_removed_us_ = std::max(last_removed_us_, to_unix_us(now_));
  const SweepId id = target.id;
  create_tokens_.erase(target.token);
  order_.erase(std::find(order_.begin(), order_.end(), id));
  sweeps_.erase(id);
  remember_removed(id, removed);
}

void Core::State::on(ClientId from, wire::Remove& remove) {
  wire::Removed reply;
  reply.request = remove.request;
  reply.whole = remove.whole;
  if (const auto gone = removed_.find(remove.sweep); gone != removed_.end()) {
    reply.sweep = gone->first;
    reply.name = gone->second;
    reply.before = true;
    return send(from, std::move(reply));
  }
  const auto id = find_sweep(remove.sweep);
  if (!id) return refuse(from, remove.request, id.status());
  Sweep& target = *sweep(*id);
  reply.sweep = *id;
  reply.name = target.name;
  if (remove.whole) {
    if (const Status allowed = check_whole(target, remove.force); !allowed) {
      return refuse(from, remove.request, allowed);
    }
    if (removed_.size() >= limits::kRemovedSweepsMax) {
      return refuse(from, remove.request,
                    {Code::kResource, "this store remembers as many removed sweeps as it can",
                     "use another store folder"});
    }
    if (!remove.dry_run) forget_sweep(target);
    return send(from, std::move(reply));
  }
  auto numbers = trials_to_remove(target, std::move(remove.trials));
  if (!numbers) return refuse(from, remove.request, numbers.status());
  reply.trials = std::move(*numbers);
  if (!remove.dry_run && !reply.trials.empty()) {
    for (const std::uint64_t number : reply.trials) {
      emit(*id, target.remains_of(*target.find(number)));
    }
    turn_->reread.push_back(*id);
  }
  send(from, std::move(reply));
}

}  // namespace scopa::core
