#include "broker/core/sweep.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "broker/core/became.h"
#include "broker/core/wording.h"
#include "broker/search/reduced.h"
#include "broker/search/sampler.h"

namespace scopa::core {
namespace {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

}  // namespace

std::unique_ptr<Sweep> Sweep::create(const SweepId& id, const SweepCreated& created,
                                     std::int64_t at_us, std::shared_ptr<const SpecFile> read) {
  auto sweep = std::make_unique<Sweep>();
  sweep->hold(std::move(read));
  sweep->id = id;
  sweep->token = created.token;
  sweep->name = created.name;
  sweep->file_name = created.file_name;
  sweep->seed = created.seed;
  sweep->run_cap = created.run_cap;
  sweep->rules = created.rules;
  sweep->project = created.project.empty() ? sweep->spec->project : created.project;
  sweep->created_us = at_us;
  sweep->updated_us = at_us;
  sweep->pruner_ = pruning::make_pruner(*sweep->spec);
  return sweep;
}

Result<std::unique_ptr<Sweep>> Sweep::create(const SweepId& id, const SweepCreated& created,
                                             std::int64_t at_us, SpecLibrary* files) {
  SCOPA_ASSIGN_OR_RETURN(auto read, files->read(created.file_name, created.spec));
  return create(id, created, at_us, std::move(read));
}

void Sweep::hold(std::shared_ptr<const SpecFile> read) {
  file = std::move(read);
  spec = std::shared_ptr<const spec::SweepSpec>(file, &file->spec);
}

void Sweep::apply(const Event& event, SpecLibrary* files) {
  updated_us = event.at_us;
  renewed_.reset();
  if (!std::holds_alternative<SweepCreated>(event.body)) ++entries_;
  std::visit(Overloaded{
                 [](const SweepCreated&) {},
                 [&](const SweepStateChanged& e) { state_changed(e, event.at_us); },
                 [&](const RunCapChanged& e) { run_cap = e.run_cap; },
                 [&](const TrialCreated& e) { created(e, event.at_us); },
                 [&](const AttemptStarted& e) { attempt_started(e, event.at_us); },
                 [&](const StopDecided& e) {
                   if (Trial* trial = find(e.trial); trial && trial->live_attempt()) {
                     trial->live_attempt()->stop = e;
                   }
                 },
                 [&](const AttemptEnded& e) { attempt_ended(e, event.seq, event.at_us); },
                 [&](const AttemptSuspected& e) {
                   Trial* trial = find(e.trial);
                   Attempt* attempt = trial == nullptr ? nullptr : trial->attempt(e.attempt);
                   if (attempt != nullptr && attempt->is_live()) attempt->suspect = true;
                 },
                 [&](const AttemptHeld& e) { attempt_held(e); },
                 [&](const AttemptResumed& e) { attempt_resumed(e); },
                 [&](const CheckpointSaved& e) { checkpoint_saved(e); },
                 [&](const TrialStateChanged& e) { trial_state_changed(e, event.at_us); },
                 [&](const Noticed& e) { notices_.push_back(e.text); },
                 [&](const WorkerQuarantined& e) {
                   conduct_.apply(e);
                   failure_streak_.forget();
                 },
                 [&](const RulesChanged& e) { rules = e.rules; },
                 [&](const SweepEdited& e) { edited(e, files); },
                 [&](const TrialRemoved& e) { removed(e); },
                 [](const SweepRemoved&) {},
             },
             event.body);
}

// The curves and the pruner are those of the old text until the points are read again.
void Sweep::edited(const SweepEdited& event, SpecLibrary* files) {
  auto read = files->read(event.file_name, event.spec);
  if (!read) return;  // it was checked before it was written down
  const std::shared_ptr<const spec::SweepSpec> before = spec;
  hold(std::move(*read));
  if (spec->run_cap != before->run_cap) run_cap = spec->run_cap;
  if (project == before->project) project = spec->project;
  file_name = event.file_name;
  pruner_ = pruning::make_pruner(*spec);
  trials_before_edit_ = trials_.size();
  start_failures = 0;
  failure_streak_.forget();
}

std::uint64_t Sweep::forgiven() const {
  const bool has_metric = spec->metric.has_value();
  return static_cast<std::uint64_t>(std::count_if(
      trials_.begin(), trials_.begin() + static_cast<std::ptrdiff_t>(trials_before_edit_),
      [&](const Trial& trial) { return trial.is_head() && trial.is_without_value(has_metric); }));
}

void Sweep::created(const TrialCreated& event, std::int64_t at_us) {
  Trial trial;
  trial.number = trials_.size();
  trial.origin = static_cast<Origin>(event.origin);
  trial.params = event.params;
  trial.created_us = at_us;
  trial.queued_us = at_us;
  seen_.insert(canonical_text(event.params));
  trial.head = trial.number;
  if (trial.origin == Origin::kSampler) ++suggestions;
  if (Trial* head = event.replicate > 0 ? find(event.replicate_of) : nullptr) {
    trial.head = head->number;
    trial.replicate = event.replicate;
    head->runs.push_back(trial.number);
  } else {
    ++heads_;
  }
  if (!event.token.empty()) enqueue_tokens_[event.token] = trial.number;
  queued_.emplace(0, trial.number);
  trials_.push_back(std::move(trial));
}

void Sweep::attempt_started(const AttemptStarted& event, std::int64_t at_us) {
  Trial* trial = find(event.trial);
  if (trial == nullptr) return;
  start_over(trial);
  Attempt attempt;
  attempt.number = event.attempt;
  attempt.worker = event.worker;
  attempt.host = event.host;
  attempt.device = event.device;
  attempt.request = event.request;
  attempt.started_us = at_us;
  attempt.offered = trial->saved;
  usage_.attempt_started(at_us);
  trial->attempts.push_back(std::move(attempt));
  trial->reason.clear();
  trial->cause = Cause::kNone;
  trial->ended_us = 0;
  set_state(trial, TrialState::kRunning);
}

void Sweep::attempt_ended(const AttemptEnded& event, std::uint64_t seq, std::int64_t at_us) {
  Trial* trial = find(event.trial);
  Attempt* attempt = trial == nullptr ? nullptr : trial->attempt(event.attempt);
  if (attempt == nullptr) return;
  points_dropped_ +=
      event.points_dropped - std::exchange(attempt->points_dropped, event.points_dropped);
  attempt->forced = static_cast<wire::Forced>(event.forced);
  if (!event.folder.empty()) attempt->folder = event.folder;
  if (event.extra) {
    attempt->late = true;
    attempt->ended = shortened(
        attempt->ended + "; delivered late" + (event.reason.empty() ? "" : ": " + event.reason),
        limits::kEndedBytes);
    return;
  }
  if (attempt != trial->live_attempt()) return;
  const TrialState to = became(event, attempt->stop && is_for_divergence(*attempt->stop));
  attempt->ended_us = std::max(at_us, attempt->started_us);  // clocks were set back before now
  attempt->ended_seq = seq;
  attempt->points_at_end = event.points;
  attempt->cause = static_cast<Cause>(event.cause);
  attempt->suspect = false;
  usage_.attempt_ended(attempt->started_us, at_us);
  if (!event.lease_lost) attempt->metrics.over();
  if (event.failed) ++trial->failures;
  if (event.lease_lost || attempt->cause == Cause::kNode) ++trial->node_losses;
  if (attempt->cause == Cause::kPreempted) ++trial->preemptions;
  attempt->ended = event.reason.empty() ? std::string(name_of(to))
                                        : shortened(event.reason, limits::kEndedBytes);
  attempt->lease_lost = event.lease_lost;
  attempt->became = to;
  trial->reason = shortened(event.reason, limits::kReasonBytes);
  trial->cause = to == TrialState::kFailed ? attempt->cause : Cause::kNone;
  trial->ended_us = has_ended(to) ? at_us : 0;
  trial->prefers_elsewhere = to == TrialState::kQueued;
  trial->queued_us = at_us;
  if (has_ended(to)) trial->curve.shrink_to_fit();
  set_state(trial, to);
  if (to == TrialState::kDiverged && pruner_) pruner_->forget(TrialNumber{trial->number});
  switch (conduct_.ended(*trial, *attempt, event, at_us)) {
    case Conduct::End::Kind::kFailure:
      failure_streak_.failed(trial->number, attempt->cause);
      break;
    case Conduct::End::Kind::kSuccess:
      failure_streak_.succeeded();
      break;
    case Conduct::End::Kind::kNeither:
      break;
  }
  if (trial->is_useful(spec->metric.has_value())) {
    any_success = true;
  } else if (to == TrialState::kFailed || to == TrialState::kCompleted) {
    ++start_failures;
  }
}

void Sweep::attempt_held(const AttemptHeld& event) {
  Trial* trial = find(event.trial);
  Attempt* attempt = trial == nullptr ? nullptr : trial->attempt(event.attempt);
  if (attempt == nullptr || attempt != &trial->attempts.back()) return;
  attempt->suspect = false;
  if (attempt->worker != event.worker) {
    attempt->worker = event.worker;
    attempt->host = event.host;
    attempt->device = event.device;
    attempt->request = Attempt::kNotAskedFor;
  }
  if (attempt->is_live()) return;
  usage_.attempt_held(attempt->started_us, attempt->ended_us);
  attempt->ended_us = 0;
  attempt->ended_seq = 0;
  attempt->became = TrialState::kRunning;
  attempt->ended.clear();
  attempt->lease_lost = false;
  attempt->cause = Cause::kNone;
  if (trial->node_losses > 0) --trial->node_losses;
  if (trial->state == TrialState::kFailed && start_failures > 0) --start_failures;
  trial->reason.clear();
  trial->cause = Cause::kNone;
  trial->ended_us = 0;
  set_state(trial, TrialState::kRunning);
}

void Sweep::trial_state_changed(const TrialStateChanged& event, std::int64_t at_us) {
  Trial* trial = find(event.trial);
  if (trial == nullptr) return;
  const auto to = static_cast<TrialState>(event.state);
  if (to == TrialState::kQueued && trial->state != to) {
    const bool rescued = event.requeued == static_cast<std::uint8_t>(Requeued::kRescued);
    trial->rescues = rescued ? trial->rescues + 1 : 0;
    trial->prefers_elsewhere = rescued;
    trial->queued_us = at_us;
    if (!event.token.empty()) {
      retry_tokens_[event.token].push_back({trial->number, trial->cause});
    }
    // What ended as it was meant to, or went astray, begins anew.
    const bool goes_on = trial->state == TrialState::kCancelled ||
                         (trial->state == TrialState::kFailed && trial->cause != Cause::kNan);
    if (!goes_on) trial->saved.reset();
    trial->failures = 0;
    trial->node_losses = 0;
    trial->preemptions = 0;
  }
  set_state(trial, to);
  trial->reason = event.reason;
  trial->cause = Cause::kNone;
  trial->ended_us = has_ended(to) ? at_us : 0;
}

bool Sweep::has_tried_all() const {
  if (has_used_up_space) return true;
  // What was enqueued need not be of the space that is counted.
  const bool enqueued = std::any_of(trials_.begin(), trials_.end(), [](const Trial& trial) {
    return trial.origin == Origin::kEnqueued;
  });
  if (enqueued) return false;
  const auto size = search::space_size(*spec);
  return size && seen_.size() >= *size;
}

void Sweep::state_changed(const SweepStateChanged& event, std::int64_t at_us) {
  const bool ran = state == SweepState::kRunning;
  state = static_cast<SweepState>(event.state);
  reason = event.reason;
  // In logs of before the event said so. After an edit it depends on values, which come later in a
  // replay.
  const bool followed = trials_before_edit_ == 0 && ran && state == SweepState::kFinished;
  if (event.used_up || (followed && !cap_is_used_up())) has_used_up_space = true;
  if (has_ended(state)) {
    usage_.sweep_ended(at_us);
  } else if (state == SweepState::kRunning) {
    usage_.sweep_resumed(at_us);
    start_failures = 0;
    failure_streak_.forget();
  }
}

void Sweep::set_state(Trial* trial, TrialState to) {
  if (trial->state == TrialState::kQueued) {
    queued_.erase({trial->failures, trial->number});
  }
  running_.erase(trial->number);
  trial->state = to;
  if (to == TrialState::kQueued) queued_.emplace(trial->failures, trial->number);
  if (to == TrialState::kRunning) running_.insert(trial->number);
}

bool Sweep::owes_replicates(const Trial& trial) const {
  return spec->replicates > 1 && trial.is_head() && trial.runs.empty() &&
         trial.state == TrialState::kCompleted && trial.value();
}

bool Sweep::has_notice_of(const std::string& head) const {
  return std::any_of(notices_.begin(), notices_.end(),
                     [&](const std::string& notice) { return notice.starts_with(head); });
}

const Trial* Sweep::enqueued_by(const std::string& enqueue_token) const {
  const auto it = enqueue_tokens_.find(enqueue_token);
  return it == enqueue_tokens_.end() ? nullptr : find(it->second);
}

const std::vector<Sweep::RetriedTrial>* Sweep::retried_by(const std::string& retry_token) const {
  const auto it = retry_tokens_.find(retry_token);
  return it == retry_tokens_.end() ? nullptr : &it->second;
}

std::vector<std::uint64_t> Sweep::queued() const {
  std::vector<std::uint64_t> numbers;
  for (const auto& [failures, number] : queued_) numbers.push_back(number);
  return numbers;
}

std::vector<pruning::Verdict> Sweep::judge(std::vector<pruning::Grounds>* grounds) const {
  if (!pruner_) return {};
  std::vector<TrialNumber> candidates;
  for (const std::uint64_t number : running_) {
    const Attempt* attempt = trials_[number].live_attempt();
    if (!trials_[number].is_head() || has_reached_max_steps(trials_[number])) continue;
    if (attempt != nullptr && !attempt->stop) candidates.push_back(TrialNumber{number});
  }
  return grounds == nullptr ? pruner_->judge(candidates) : pruner_->explain(candidates, grounds);
}

}  // namespace scopa::core
