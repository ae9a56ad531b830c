// What people do to sweeps.
#include <algorithm>
#include <utility>

#include "broker/core/naming.h"
#include "broker/core/prepared.h"
#include "broker/core/state.h"
#include "broker/core/stop_rules.h"
#include "broker/core/wording.h"
#include "broker/search/sampler.h"
#include "sdk/base/text.h"

namespace scopa::core {

void Core::State::set_state(Sweep& target, SweepState state, std::string reason) {
  // Who ends with room below the cap, and not since it was told to stop, has nothing left to try.
  const bool used_up = state == SweepState::kFinished && target.state == SweepState::kRunning &&
                       !target.cap_is_used_up();
  emit(target.id, SweepStateChanged{static_cast<std::uint8_t>(state), std::move(reason), used_up});
}

// ---- create -------------------------------------------------------------------------------------

std::shared_ptr<PreparedSweep> prepare(wire::Create create) {
  auto prepared = std::make_shared<PreparedSweep>();
  SweepCreated& created = prepared->created;
  created.token = create.token;
  created.file_name = printable(create.file_name, limits::kNameBytesMax);
  created.rules = kRules;
  created.project = printable(create.project, limits::kNameBytesMax);
  created.spec = std::move(create.spec);
  prepared->create = std::move(create);
  const wire::Create& asked = prepared->create;
  auto read = read_spec_file(created.file_name, created.spec, SpecOrigin::kNew);
  prepared->status = read.status();
  if (!read) return prepared;
  auto made = Sweep::create({}, created, 0, std::move(*read));
  Sweep& target = *made;
  created.run_cap = asked.run_cap != 0 ? asked.run_cap : target.spec->run_cap;
  created.seed =
      asked.seed != 0 ? asked.seed : target.spec->seed.value_or(hash_text(asked.token) >> 1);
  target.run_cap = created.run_cap;
  target.seed = created.seed;
  prepared->status = search::check_searchable(*target.spec, target.seed);
  if (!prepared->status) return prepared;
  auto initial = search::initial_points(*target.spec, target.seed);
  prepared->status = initial.status();
  if (!initial) return prepared;
  prepared->initial = std::move(*initial);
  prepared->sweep = std::move(made);
  return prepared;
}

std::uint64_t request_of(const PreparedSweep& prepared) { return prepared.create.request; }

void Core::State::on(ClientId from, wire::Create& create) {
  if (has_created(from, create)) return;
  this->create(from, *prepare(std::move(create)));
}

/// Whether the request is done with: answered as it was before, or refused whatever the file says.
bool Core::State::has_created(ClientId from, const wire::Create& create) {
  if (create.token.empty() || create.token.size() > limits::kNameBytesMax) {
    refuse(from, create.request,
           {Code::kInvalidArgument,
            "create: `token` must have 1 to " + std::to_string(limits::kNameBytesMax) + " bytes"});
  } else if (const auto made = create_tokens_.find(create.token); made != create_tokens_.end()) {
    send(from, wire::Created{create.request, made->second, sweep(made->second)->name});
  } else if (removed_tokens_.contains(create.token)) {
    refuse(from, create.request,
           {Code::kConflict, "the sweep that this request made has been removed",
            "create another one: `scopa create FILE`"});
  } else if (sweeps_.size() >= limits::kSweepsMax) {
    refuse(
        from, create.request,
        {Code::kResource, "this store holds as many sweeps as it can", "use another store folder"});
  } else {
    return false;
  }
  return true;
}

void Core::State::create(ClientId from, PreparedSweep& prepared) {
  const wire::Create& create = prepared.create;
  if (!knows(from)) return want_hello(from, create.request);
  if (has_created(from, create)) return;
  if (!prepared.status) return refuse(from, create.request, prepared.status);
  SweepId id;
  for (std::uint64_t probe = 0; id.empty() || sweeps_.contains(id) || removed_.contains(id);
       ++probe) {
    id = make_sweep_id(create.token, probe);
  }
  Sweep& target = *prepared.sweep;
  SweepCreated created = std::move(prepared.created);
  created.name = !create.name.empty()         ? printable(create.name, limits::kNameBytesMax)
                 : !target.spec->name.empty() ? printable(target.spec->name, limits::kNameBytesMax)
                                              : make_sweep_name(create.token, sweeps_.size() + 1);
  target.hold(files_.share(target.file));
  target.id = id;
  target.name = created.name;
  target.created_us = target.updated_us = to_unix_us(now_);
  create_tokens_[create.token] = id;
  order_.push_back(id);
  sweeps_[id] = std::move(prepared.sweep);
  emit(id, std::move(created));
  add_initial(target, std::move(prepared.initial));
  send(from, wire::Created{create.request, id, target.name});
}

// ---- control ------------------------------------------------------------------------------------

void Core::State::on(ClientId from, wire::Control& control) {
  auto id = find_sweep(control.sweep);
  if (!id) return refuse(from, control.request, id.status());
  Sweep& target = *sweep(*id);
  Status status;
  switch (static_cast<wire::Action>(control.action)) {
    case wire::Action::kPause:
      if (target.state == SweepState::kRunning) {
        set_state(target, SweepState::kPaused, "by user");
      } else if (target.state != SweepState::kPaused) {
        status = {Code::kConflict, "sweep `" + target.name + "` is " +
                                       std::string(name_of(target.state)) +
                                       ", it cannot be paused"};
      }
      break;
    case wire::Action::kResume:
      status = resume(target, control);
      break;
    case wire::Action::kStop:
      if (!has_ended(target.state) && target.state != SweepState::kStopping) {
        stop_sweep(target, std::string(kStoppedByUser));
      }
      break;
    case wire::Action::kCancel:
      if (target.state != SweepState::kCancelled) cancel_sweep(target);
      break;
    case wire::Action::kLift:
      status = control.worker.empty()
                   ? Status(Code::kInvalidArgument, "control: `worker` names none to let in")
                   : lift(target, control.worker);
      break;
    default:
      status = {Code::kInvalidArgument,
                "control: unknown `action` " + std::to_string(control.action)};
  }
  if (!status) return refuse(from, control.request, status);
  dispatch(target);
  send(from, wire::Done{control.request, target.id, static_cast<std::uint8_t>(target.state)});
}

Status Core::State::resume(Sweep& target, const wire::Control& control) {
  if (const Status status = may_go_on(target); !status) return status;
  std::vector<std::uint64_t> failed, owing;
  for (const Trial& trial : target.trials()) {
    const bool is_useless = trial.state == TrialState::kFailed ||
                            trial.is_without_value(target.spec->metric.has_value());
    if (control.retry_failed && is_useless) failed.push_back(trial.number);
    if (target.owes_replicates(trial)) owing.push_back(trial.number);
  }
  const std::uint64_t cap = control.run_cap != 0 ? control.run_cap : target.run_cap;
  const bool has_room = target.has_room_below(cap);
  const bool nothing_waits = failed.empty() && owing.empty() && !target.has_queued();
  const bool is_done = target.state == SweepState::kFinished && nothing_waits;
  const bool tried_all = is_done && target.has_tried_all();
  if (is_done && (!has_room || tried_all)) {
    return {Code::kConflict, "sweep `" + target.name + "` is finished: " + target.reason,
            tried_all ? "its space holds no other configuration"
                      : "raise its cap: `scopa resume " + target.id + " --run-cap " +
                            std::to_string(target.configurations() + 20) + "`"};
  }
  if (control.run_cap != 0 && control.run_cap != target.run_cap) {
    emit(target.id, RunCapChanged{control.run_cap});
  }
  requeue(target, failed, "");
  SCOPA_RETURN_IF_ERROR(lift(target, ""));
  if (target.state != SweepState::kRunning) set_state(target, SweepState::kRunning, "");
  for (const std::uint64_t number : owing) add_replicates(target, number);
  return Status::ok();
}

void Core::State::stop_sweep(Sweep& target, const std::string& reason) {
  set_state(target, SweepState::kStopping, reason);
  finish_if_done(target);
}

void Core::State::cancel_sweep(Sweep& target) {
  set_state(target, SweepState::kCancelled, "by user");
  for (const std::uint64_t number : target.queued()) {
    emit(target.id, TrialStateChanged{number, static_cast<std::uint8_t>(TrialState::kCancelled),
                                      std::string(kSweepCancelled)});
  }
  const std::vector<std::uint64_t> running(target.running().begin(), target.running().end());
  for (const std::uint64_t number : running) {
    StopDecided stop;
    stop.reason = static_cast<std::uint8_t>(StopReason::kCancelled);
    stop.message = kSweepCancelled;
    decide_stop(target, *target.find(number), std::move(stop));
  }
}

// ---- enqueue ------------------------------------------------------------------------------------

// A sweep that has used up its space takes what is enqueued, and goes on with it: it cannot be
// resumed for anything else.
Status Core::State::may_enqueue(const Sweep& target) const {
  SCOPA_RETURN_IF_ERROR(may_go_on(target));
  const std::string name = "sweep `" + target.name + "` ";
  const bool tried_all = target.state == SweepState::kFinished && target.has_tried_all();
  if (target.cap_is_used_up()) {
    return {Code::kConflict, name + "has used up its run cap of " + std::to_string(target.run_cap),
            tried_all ? "raise `run_cap` in its file: `scopa edit " + target.id + "`"
                      : "raise it: `scopa resume " + target.id + " --run-cap " +
                            std::to_string(target.configurations() + 10) + "`"};
  }
  if ((has_ended(target.state) && !tried_all) || target.state == SweepState::kStopping) {
    return {Code::kConflict, name + "is " + std::string(name_of(target.state)),
            "let it go on first: `scopa resume " + target.id + "`"};
  }
  return Status::ok();
}

void Core::State::on(ClientId from, wire::Enqueue& enqueue) {
  const auto id = find_sweep(enqueue.sweep);
  if (!id) return refuse(from, enqueue.request, id.status());
  Sweep& target = *sweep(*id);
  if (enqueue.token.size() > limits::kNameBytesMax) {
    return refuse(from, enqueue.request, {Code::kInvalidArgument, "enqueue: `token` is too long"});
  }
  if (const Trial* made = enqueue.token.empty() ? nullptr : target.enqueued_by(enqueue.token)) {
    return send(from, wire::Enqueued{enqueue.request, target.id, made->number, made->params});
  }
  const std::string name = "sweep `" + target.name + "` ";
  if (const Status status = may_enqueue(target); !status) {
    return refuse(from, enqueue.request, status);
  }
  if (target.queued_count() >= limits::kQueuedMax || target.trials().size() >= limits::kTrialsMax) {
    return refuse(from, enqueue.request,
                  {Code::kResource, name + "holds as many trials as it can"});
  }
  auto params = search::complete(*target.spec, enqueue.params, target.seed, target.trials().size());
  if (!params) return refuse(from, enqueue.request, params.status());
  TrialCreated created;
  created.trial = target.trials().size();
  created.origin = static_cast<std::uint8_t>(Origin::kEnqueued);
  created.token = enqueue.token;
  created.params = std::move(*params);
  const wire::Enqueued reply{enqueue.request, target.id, created.trial, created.params};
  if (target.state == SweepState::kFinished) set_state(target, SweepState::kRunning, "");
  emit(target.id, std::move(created));
  send(from, reply);
  dispatch(target);
}

}  // namespace scopa::core
