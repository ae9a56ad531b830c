#include "broker/core/sweep.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "broker/spec/parse.h"

namespace scopa::core {
namespace {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
Overloaded(Fs...) -> Overloaded<Fs...>;

bool is_usable(const Trial& trial, bool has_metric) {
  if (trial.state == TrialState::kPruned) return true;
  return trial.state == TrialState::kCompleted && (!has_metric || !trial.curve.empty());
}

}  // namespace

Result<std::unique_ptr<Sweep>> Sweep::create(const SweepId& id, const SweepCreated& created,
                                             std::int64_t at_us) {
  spec::Parsed parsed = spec::parse(created.spec);
  if (!parsed.ok()) {
    for (const spec::Diagnostic& found : parsed.diagnostics) {
      if (found.severity != spec::Severity::kError) continue;
      return Status{Code::kInvalidArgument,
                    created.file_name + ":" + std::to_string(found.line) + ":" +
                        std::to_string(found.column) + ": " + found.message + " [" + found.code +
                        "]",
                    found.help};
    }
  }
  auto sweep = std::make_unique<Sweep>();
  sweep->id = id;
  sweep->token = created.token;
  sweep->name = created.name;
  sweep->file_name = created.file_name;
  sweep->spec_text = created.spec;
  sweep->seed = created.seed;
  sweep->run_cap = created.run_cap;
  sweep->created_us = at_us;
  sweep->updated_us = at_us;
  sweep->pruner_ = pruning::make_pruner(parsed.spec);
  sweep->spec = std::make_shared<const spec::SweepSpec>(std::move(parsed.spec));
  return sweep;
}

void Sweep::apply(const Event& event) {
  updated_us = event.at_us;
  std::visit(Overloaded{
                 [](const SweepCreated&) {},
                 [&](const SweepStateChanged& e) { state_changed(e); },
                 [&](const RunCapChanged& e) { run_cap = e.run_cap; },
                 [&](const TrialCreated& e) { created(e, event.at_us); },
                 [&](const AttemptStarted& e) { attempt_started(e, event.at_us); },
                 [&](const StopDecided& e) {
                   if (Trial* trial = find(e.trial); trial && trial->live_attempt()) {
                     trial->live_attempt()->stop = e;
                   }
                 },
                 [&](const AttemptEnded& e) { attempt_ended(e, event.at_us); },
                 [&](const TrialStateChanged& e) {
                   if (Trial* trial = find(e.trial)) {
                     set_state(trial, static_cast<TrialState>(e.state));
                     trial->reason = e.reason;
                     trial->ended_us = has_ended(trial->state) ? event.at_us : 0;
                   }
                 },
                 [&](const Noticed& e) { notices_.push_back(e.text); },
             },
             event.body);
}

void Sweep::created(const TrialCreated& event, std::int64_t at_us) {
  Trial trial;
  trial.number = trials_.size();
  trial.origin = static_cast<Origin>(event.origin);
  trial.params = event.params;
  trial.created_us = at_us;
  seen_.insert(canonical_text(event.params));
  if (trial.origin == Origin::kSampler) ++suggestions;
  if (!event.token.empty()) enqueue_tokens_[event.token] = trial.number;
  queued_.insert(trial.number);
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
  trial->attempts.push_back(std::move(attempt));
  trial->reason.clear();
  trial->ended_us = 0;
  set_state(trial, TrialState::kRunning);
}

void Sweep::attempt_ended(const AttemptEnded& event, std::int64_t at_us) {
  Trial* trial = find(event.trial);
  Attempt* attempt = trial == nullptr ? nullptr : trial->live_attempt();
  if (attempt == nullptr || attempt->number != event.attempt) return;
  const auto to = static_cast<TrialState>(event.state);
  attempt->ended_us = at_us;
  attempt->ended = event.reason.empty() ? std::string(name_of(to)) : event.reason;
  attempt->lease_lost = event.lease_lost;
  trial->reason = event.reason;
  trial->ended_us = has_ended(to) ? at_us : 0;
  set_state(trial, to);
  if (is_usable(*trial, spec->metric.has_value())) {
    any_success = true;
  } else if (to == TrialState::kFailed || to == TrialState::kCompleted) {
    ++start_failures;
  }
}

void Sweep::state_changed(const SweepStateChanged& event) {
  state = static_cast<SweepState>(event.state);
  reason = event.reason;
  if (state == SweepState::kRunning) start_failures = 0;
}

void Sweep::set_state(Trial* trial, TrialState to) {
  queued_.erase(trial->number);
  running_.erase(trial->number);
  trial->state = to;
  if (to == TrialState::kQueued) queued_.insert(trial->number);
  if (to == TrialState::kRunning) running_.insert(trial->number);
}

void Sweep::start_over(Trial* trial) {
  if (!trial->curve.empty() && pruner_) pruner_->forget(TrialNumber{trial->number});
  trial->curve.clear();
}

Sweep::Appended Sweep::append(std::uint64_t number, std::uint32_t attempt, std::uint64_t to,
                              const wire::PointsView& points) {
  Appended appended;
  Trial& trial = trials_[number];
  for (Attempt& each : trial.attempts) {
    if (each.number == attempt) each.points = std::max(each.points, to);
  }
  remember_metrics(points);
  if (!spec->metric || trial.attempts.empty() || trial.attempts.back().number != attempt) {
    return appended;
  }
  const auto& names = points.metrics();
  const auto goal = std::find(names.begin(), names.end(), spec->metric->name);
  if (goal == names.end()) return appended;
  const auto goal_index = static_cast<std::uint16_t>(goal - names.begin());
  for (std::size_t i = 0; i < points.size(); ++i) {
    if (points.metric(i) != goal_index) continue;
    const search::CurvePoint point{points.step(i), points.value(i)};
    if (!std::isfinite(point.value)) {
      if (!appended.diverged) appended.diverged = point;
      continue;
    }
    if (trial.curve.empty() || is_better(spec->metric->goal, point.value, trial.best)) {
      trial.best = point.value;
    }
    trial.curve.push_back(point);
    appended.values.push_back(point);
    if (pruner_ && pruner_->observe(TrialNumber{number}, point.step, point.value)) {
      appended.verdicts_may_change = true;
    }
  }
  return appended;
}

void Sweep::remember_metrics(const wire::PointsView& points) {
  for (const std::string_view metric : points.metrics()) {
    if (metrics_.size() >= limits::kMetricNamesMax) return;
    std::string text(metric);
    if (metric_set_.insert(text).second) metrics_.push_back(std::move(text));
  }
}

bool Sweep::has_noticed(const std::string& text) const {
  return std::find(notices_.begin(), notices_.end(), text) != notices_.end();
}

const Trial* Sweep::enqueued_by(const std::string& enqueue_token) const {
  const auto it = enqueue_tokens_.find(enqueue_token);
  return it == enqueue_tokens_.end() ? nullptr : find(it->second);
}

std::vector<pruning::Verdict> Sweep::judge() const {
  if (!pruner_) return {};
  std::vector<TrialNumber> candidates;
  for (const std::uint64_t number : running_) {
    const Attempt* attempt = trials_[number].live_attempt();
    if (attempt != nullptr && !attempt->stop) candidates.push_back(TrialNumber{number});
  }
  return pruner_->judge(candidates);
}

const Trial* Sweep::best() const {
  if (!spec->metric) return nullptr;
  const Trial* best = nullptr;
  for (const Trial& trial : trials_) {
    if (trial.curve.empty() || trial.state == TrialState::kFailed) continue;
    // By value alone, as the leaderboard ranks: were completed trials put first, the best value
    // would get worse when the first trial completes.
    if (best == nullptr || is_better(spec->metric->goal, *trial.value(), *best->value())) {
      best = &trial;
    }
  }
  return best;
}

wire::SweepInfo Sweep::info() const {
  wire::SweepInfo info;
  info.id = id;
  info.name = name;
  info.description = spec->description;
  info.state = static_cast<std::uint8_t>(state);
  info.reason = reason;
  info.method = spec::name_of(spec->method);
  if (spec->metric) {
    info.metric = spec->metric->name;
    info.goal = static_cast<std::uint8_t>(spec->metric->goal);
  }
  info.run_cap = run_cap;
  info.seed = seed;
  std::uint64_t* const counts[] = {&info.counts.queued,    &info.counts.running,
                                   &info.counts.completed, &info.counts.pruned,
                                   &info.counts.failed,    &info.counts.cancelled};
  for (const Trial& trial : trials_) ++*counts[static_cast<std::size_t>(trial.state)];
  if (const Trial* leader = best()) {
    info.has_best = true;
    info.best_trial = leader->number;
    info.best_value = *leader->value();
  }
  info.created_us = created_us;
  info.updated_us = updated_us;
  info.metrics = metrics_;
  info.notices = notices_;
  for (const spec::Parameter& parameter : spec->parameters) {
    info.parameters.push_back(parameter.name);
  }
  if (pruner_) {
    info.pruner = pruner_->name();
    info.rungs = pruner_->rungs();
  }
  return info;
}

wire::TrialInfo Sweep::trial_info(const Trial& trial) const {
  wire::TrialInfo info;
  info.sweep = id;
  info.trial = trial.number;
  info.state = static_cast<std::uint8_t>(trial.state);
  info.origin = trial.origin == Origin::kSampler ? "sampler" : "enqueued";
  info.params = trial.params;
  info.has_value = !trial.curve.empty();
  if (info.has_value) {
    info.value = trial.curve.back().value;
    info.best = trial.best;
    info.last_step = trial.curve.back().step;
  }
  info.values = trial.curve.size();
  info.created_us = trial.created_us;
  info.ended_us = trial.ended_us;
  info.reason = trial.reason;
  for (const Attempt& attempt : trial.attempts) {
    info.attempts.push_back({attempt.number, attempt.worker, attempt.host, attempt.device,
                             attempt.started_us, attempt.ended_us, attempt.points, attempt.ended});
  }
  if (!trial.attempts.empty()) {
    info.started_us = trial.attempts.front().started_us;
    const auto& stop = trial.attempts.back().stop;
    if (stop && trial.state != TrialState::kCompleted) {
      info.stopped = true;
      info.stop_rung = stop->rung;
      info.stop_value = stop->value;
      info.stop_threshold = stop->threshold;
    }
  }
  return info;
}

}  // namespace scopa::core
