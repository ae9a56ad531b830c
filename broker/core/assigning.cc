// How a free slot gets a trial: queued ones first, then what the sampler proposes.
#include <algorithm>
#include <chrono>
#include <utility>

#include "broker/core/elsewhere.h"
#include "broker/core/naming.h"
#include "broker/core/state.h"
#include "broker/core/stop_rules.h"

namespace scopa::core {
namespace {

// Runs of different configurations are compared on the same seeds: what one of them owes to its
// seed, the others do as well.
std::uint64_t seed_of(const Sweep& sweep, const Trial& trial) {
  return trial_seed(sweep.seed, sweep.spec->replicates > 1 ? trial.replicate : trial.number);
}

}  // namespace

void Core::State::on(ClientId from, wire::Ask& ask) {
  Sweep* target = sweep(ask.sweep);
  if (target == nullptr) {
    return refuse(from, ask.request, find_sweep(ask.sweep).status());
  }
  const std::string& worker = clients_[static_cast<std::uint64_t>(from)].worker;
  workers_[worker].sweep = ask.sweep;
  if (answer_again(from, ask, *target)) return;
  if (target->conduct().is_quarantined({worker, workers_[worker].host})) {
    return no_work(*target, {from, worker, std::move(ask)});
  }
  if (target->waiting.size() >= limits::kWaitingAsksMax) {
    return refuse(from, ask.request,
                  {Code::kUnavailable, "too many slots wait", "ask again later"});
  }
  // Of one worker no more than it can have slots, or it could take all places.
  const auto own = std::count_if(target->waiting.begin(), target->waiting.end(),
                                 [&](const WaitingAsk& each) { return each.worker == worker; });
  if (static_cast<std::size_t>(own) >= limits::kSlotsMax) {
    return refuse(from, ask.request,
                  {Code::kUnavailable, "as many asks of this worker wait as it can have slots",
                   "wait for their answers"});
  }
  target->waiting.push_back({from, worker, std::move(ask)});
  dispatch(*target);
}

// An ask whose answer was lost with a connection comes again under its number; a second trial for
// it would leave the first one without anybody to run it.
bool Core::State::answer_again(ClientId from, const wire::Ask& ask, Sweep& target) {
  const std::string& worker = clients_[static_cast<std::uint64_t>(from)].worker;
  for (WaitingAsk& each : target.waiting) {
    if (each.worker == worker && each.ask.request == ask.request) {
      each.client = from;
      return true;
    }
  }
  for (const std::uint64_t number : target.running()) {
    const Attempt* attempt = target.find(number)->live_attempt();
    if (attempt->worker == worker && attempt->request == ask.request) {
      hear(from, {target.id, number, attempt->number});
      const Trial& trial = *target.find(number);
      wire::Assign assign{ask.request,
                          target.id,
                          number,
                          attempt->number,
                          trial.params,
                          target.spec->command,
                          target.spec->program,
                          target.spec->metric ? target.spec->metric->name : "",
                          target.spec->metric ? static_cast<std::uint8_t>(target.spec->metric->goal)
                                              : std::uint8_t{0},
                          seed_of(target, trial),
                          target.name,
                          trial.replicate};
      assign.grace_ms = std::chrono::ceil<std::chrono::milliseconds>(target.spec->grace).count();
      if (attempt->offered) {
        assign.checkpoint = attempt->offered->path;
        assign.resume_step = attempt->offered->step;
      }
      send(from, std::move(assign));
      return true;
    }
  }
  return false;
}

void Core::State::assign(Sweep& target, std::uint64_t number, const WaitingAsk& waiting) {
  const Trial& trial = *target.find(number);
  AttemptStarted started;
  started.trial = number;
  started.attempt = trial.attempts.empty() ? 1 : trial.attempts.back().number + 1;
  started.worker = waiting.worker;
  started.host = workers_[waiting.worker].host;
  started.device = waiting.ask.device;
  started.slot = waiting.ask.slot;
  started.request = waiting.ask.request;
  emit(target.id, started);
  answer_again(waiting.client, waiting.ask, target);
}

// The first slot that waits and may run a trial that does.
std::optional<Core::State::Match> Core::State::match(Sweep& target) {
  if (!target.has_queued()) return std::nullopt;
  for (std::size_t i = 0; i < target.waiting.size(); ++i) {
    const std::string& worker = target.waiting[i].worker;
    const auto trial = queued_for(target, {worker, workers_[worker].host}, now_);
    if (trial) return Match{i, *trial};
  }
  return std::nullopt;
}

void Core::State::dispatch(Sweep& target) {
  bool has_assigned = false;
  while (!target.waiting.empty()) {
    if (target.state == SweepState::kRunning) {
      if (const auto found = match(target)) {
        const auto at = target.waiting.begin() + static_cast<std::ptrdiff_t>(found->ask);
        const WaitingAsk ask = std::move(*at);
        target.waiting.erase(at);
        assign(target, found->trial, ask);
        has_assigned = true;
        continue;
      }
      if (!target.cap_is_used_up() && !target.space_used_up) return want_suggestion(target);
    }
    finish_if_done(target);
    const WaitingAsk ask = std::move(target.waiting.front());
    target.waiting.pop_front();
    no_work(target, ask);
  }
  if (has_assigned) look_ahead(target);
}

// Whether the sampler is what the next ask would be answered by.
bool Core::State::may_suggest(const Sweep& target) {
  return target.state == SweepState::kRunning && !target.has_queued() && !target.space_used_up &&
         !target.cap_is_used_up();
}

// Somebody works on the sweep, and nobody waits. What random and grid search propose costs nothing.
void Core::State::look_ahead(Sweep& target) {
  if (target.next_is_told || target.suggestion_wanted || !target.model_is_open) return;
  if (target.spec->method != spec::Method::kBayes || !may_suggest(target)) return;
  tell_next(target, target.suggestions);
}

void Core::State::tell_next(Sweep& target, std::optional<std::uint64_t> suggestion) {
  target.next_is_told = suggestion.has_value();
  turn_->model.push_back(ModelNext{target.id, suggestion});
}

// One at a time: the next suggestion must see the trial that this one becomes.
void Core::State::want_suggestion(Sweep& target) {
  if (target.suggestion_wanted) return;
  target.suggestion_wanted = true;
  target.next_is_told = false;
  open_model(target);
  turn_->model.push_back(ModelWanted{target.id, target.suggestions, last_seq_});
}

void Core::State::suggested(const Suggested& suggestion) {
  Sweep* found = sweep(suggestion.sweep);
  if (found == nullptr || !found->suggestion_wanted) return;
  if (suggestion.snapshot < found->model_from) return;
  Sweep& target = *found;
  target.suggestion_wanted = false;
  const bool still_wanted = target.state == SweepState::kRunning && !target.waiting.empty() &&
                            !match(target) && !target.cap_is_used_up();
  if (!still_wanted) return dispatch(target);
  if (!suggestion.params) {
    target.space_used_up = true;
    return dispatch(target);
  }
  // Someone may have enqueued the very same configuration meanwhile: ask again, the model knows by
  // now.
  constexpr int kDuplicatesMax = 3;
  if (target.has_tried(canonical_text(*suggestion.params))) {
    target.space_used_up = ++target.duplicate_suggestions >= kDuplicatesMax;
    return dispatch(target);
  }
  target.duplicate_suggestions = 0;
  TrialCreated created;
  created.trial = target.trials().size();
  created.params = *suggestion.params;
  created.suggestion = suggestion.suggestion;
  created.snapshot = suggestion.snapshot;
  emit(target.id, created);
  dispatch(target);
}

void Core::State::no_work(const Sweep& target, const WaitingAsk& waiting) {
  constexpr std::int64_t kPausedRetryMs = 2000;
  wire::NoWork reply;
  reply.request = waiting.ask.request;
  reply.sweep = target.id;
  reply.finished = has_ended(target.state) || target.state == SweepState::kStopping;
  if (!reply.finished) {
    const bool paused = target.state == SweepState::kPaused;
    reply.retry_after_ms = paused ? kPausedRetryMs : limits::kAskRetry.count();
    for (const Conduct::Quarantine& each : target.conduct().quarantined()) {
      const bool is_it =
          each.name == (each.is_host ? workers_[waiting.worker].host : waiting.worker);
      if (!is_it) continue;
      reply.quarantined = true;
      reply.reason = each.reason;
      return send(waiting.client, std::move(reply));
    }
  }
  if (target.state != SweepState::kRunning) {
    reply.reason = "sweep is " + std::string(name_of(target.state)) +
                   (target.reason.empty() ? "" : ": " + target.reason);
  } else if (target.has_queued()) {
    reply.reason = "what waits was lost here and goes elsewhere, if anybody takes it soon";
  } else {
    reply.reason =
        (target.cap_is_used_up() ? "run cap " + std::to_string(target.run_cap) + " is reached"
                                 : std::string("every configuration has been handed out")) +
        ", " + std::to_string(target.running().size()) + " still running";
  }
  send(waiting.client, std::move(reply));
}

void Core::State::finish_if_done(Sweep& target) {
  std::string reason = reason_to_finish(target, target.space_used_up);
  if (!reason.empty()) set_state(target, SweepState::kFinished, std::move(reason));
}

}  // namespace scopa::core
