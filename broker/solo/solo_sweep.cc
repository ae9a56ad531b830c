#include "broker/solo/solo_sweep.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>
#include <variant>

#include "broker/spec/parse.h"
#include "sdk/base/limits.h"
#include "sdk/base/point_block.h"
#include "sdk/wire/points.h"

namespace scopa::solo {
namespace {

constexpr core::ClientId kOwner{1};
constexpr core::ClientId kWorker{2};
constexpr std::string_view kName = "solo";

template <class T>
const T* find_answer(const std::vector<wire::Message>& answers) {
  for (const wire::Message& answer : answers) {
    if (const T* found = std::get_if<T>(&answer)) return found;
  }
  return nullptr;
}

bool is_same(double a, double b) {  // NaN is the same as NaN
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

}  // namespace

SoloSweep::SoloSweep() : core_({.broker_id = std::string(kName)}) {}

Result<std::unique_ptr<SoloSweep>> SoloSweep::create(const std::string& spec, std::uint64_t seed,
                                                     std::uint64_t run_cap) {
  std::unique_ptr<SoloSweep> made(new SoloSweep);
  made->send(kOwner, wire::Hello{.role = "client"}, kEpoch);
  made->send(
      kWorker,
      wire::Hello{.role = "worker", .worker = std::string(kName), .host = std::string(kName)},
      kEpoch);
  wire::Create create;
  create.request = 1;
  create.token = kName;
  create.file_name = "config";
  create.spec = spec;
  create.seed = seed;
  create.run_cap = run_cap;
  const auto answers = made->send(kOwner, std::move(create), kEpoch);
  if (const auto* error = find_answer<wire::Error>(answers)) return error->status();
  made->sweep_ = find_answer<wire::Created>(answers)->sweep;
  made->metric_ = made->info().metric;
  made->max_steps_ = spec::parse(spec).spec.max_steps;
  return made;
}

std::vector<wire::Message> SoloSweep::send(core::ClientId from, wire::Message message,
                                           Instant now) {
  std::vector<wire::Message> answers;
  core::Turn turn;
  core_.receive(from, std::move(message), now, &turn);
  while (true) {
    for (core::Outgoing& out : turn.outgoing) {
      follow(out.message);
      answers.push_back(std::move(out.message));
    }
    const std::vector<core::ModelTask> tasks = std::move(turn.model);
    turn.clear();
    if (tasks.empty()) return answers;
    for (const core::ModelTask& task : tasks) {
      if (const auto suggested = models_.perform(task)) core_.suggested(*suggested, now, &turn);
    }
  }
}

// A stop may be decided by what another trial has reported.
void SoloSweep::follow(const wire::Message& message) {
  const auto* stop = std::get_if<wire::Stop>(&message);
  if (stop == nullptr) return;
  const auto open = open_.find(stop->trial);
  if (open == open_.end() || open->second.attempt.attempt != stop->attempt) return;
  // One that goes on beyond max_steps is complete, not stopped.
  if (static_cast<StopReason>(stop->reason) == StopReason::kStepLimit) return;
  open->second.should_stop = true;
}

wire::SweepInfo SoloSweep::info() const { return core_.sweep_info(sweep_).value(); }

Result<SoloSweep::Asked> SoloSweep::ask(Instant now) {
  if (open_.size() >= limits::kSoloTrialsOpenMax) {
    return Status{Code::kResource,
                  std::to_string(open_.size()) + " trials are open, as many as there can be",
                  "tell what has become of some"};
  }
  for (const bool again : {false, true}) {
    const auto answers =
        send(kWorker, wire::Ask{.request = ++asks_, .sweep = sweep_, .device = "solo"}, now);
    if (const auto* error = find_answer<wire::Error>(answers)) return error->status();
    if (const auto* given = find_answer<wire::Assign>(answers)) {
      Open& open = open_[given->trial];
      open = {};
      open.trial = {given->trial, given->params};
      open.attempt = {sweep_, given->trial, given->attempt};
      given_ = std::max(given_, given->trial + 1);
      return Asked{.trial = &open.trial, .done = false, .reason = {}};
    }
    const auto* none = find_answer<wire::NoWork>(answers);
    if (none == nullptr) break;
    const bool paused = info().state == static_cast<std::uint8_t>(SweepState::kPaused);
    if ((!paused && !none->quarantined) || again) {
      return Asked{.trial = nullptr, .done = none->finished, .reason = none->reason};
    }
    // Nobody is there who would look into it and resume.
    send(kOwner, wire::Control{1, sweep_, static_cast<std::uint8_t>(wire::Action::kResume)}, now);
  }
  return Status{Code::kUnavailable, "the sweep gave no answer", "ask again"};
}

Result<SoloSweep::Open*> SoloSweep::find(std::uint64_t trial) {
  if (const auto open = open_.find(trial); open != open_.end()) return &open->second;
  const std::string which = "trial " + std::to_string(trial);
  if (trial < given_) return Status{Code::kConflict, which + " has ended"};
  return Status{Code::kNotFound, "there is no " + which, "name one that `ask` has given"};
}

void SoloSweep::add_point(Open& open, std::int64_t step, double value, Instant now) {
  PointBlock block;
  block.metrics = {metric_};
  block.metric = {0};
  block.step = {step};
  block.value = {value};
  block.time_us = {to_unix_us(now)};
  wire::Report report{sweep_, open.attempt.trial, open.attempt.attempt, open.points,
                      open.points + 1};
  wire::encode_points(block, &report.points);
  ++open.points;
  open.last_step = step;
  open.last_value = value;
  if (max_steps_ && step >= *max_steps_ && std::isfinite(value)) open.is_complete = true;
  send(kWorker, std::move(report), now);
}

Result<bool> SoloSweep::report(std::uint64_t trial, std::int64_t step, double value, Instant now) {
  SCOPA_ASSIGN_OR_RETURN(Open * open, find(trial));
  add_point(*open, step, value, now);
  return open->should_stop;
}

Status SoloSweep::tell(std::uint64_t trial, TrialState state, std::optional<double> value,
                       Instant now) {
  const auto found = find(trial);
  if (!found) return found.status();
  Open& open = **found;
  if (state != TrialState::kCompleted && state != TrialState::kPruned &&
      state != TrialState::kFailed && state != TrialState::kDiverged) {
    return {Code::kInvalidArgument, "a trial cannot end as " + std::string(name_of(state)),
            "completed, pruned, diverged or failed"};
  }
  const bool logged_nan = open.points > 0 && !std::isfinite(open.last_value);
  if (state == TrialState::kDiverged && !logged_nan) {
    value = std::numeric_limits<double>::quiet_NaN();
  }
  if (state == TrialState::kCompleted && !value && open.points == 0 && !metric_.empty()) {
    return {Code::kInvalidArgument,
            "trial " + std::to_string(trial) + " is completed and has no value"};
  }
  const bool is_news = value && !(open.points > 0 && is_same(*value, open.last_value));
  if (is_news && state != TrialState::kFailed && !open.is_complete) {
    add_point(open, open.points == 0 ? 1 : open.last_step + (open.last_step < INT64_MAX ? 1 : 0),
              *value, now);
  }
  wire::Release release;
  release.sweep = sweep_;
  release.trial = trial;
  release.attempt = open.attempt.attempt;
  release.to = open.points;
  release.ran_to_end = state == TrialState::kCompleted;
  if (state == TrialState::kFailed) {
    release.exit_code = 1;
  } else if (state == TrialState::kPruned) {
    release.outcome = static_cast<std::uint8_t>(wire::Outcome::kGaveUp);
  }
  send(kWorker, std::move(release), now);
  open_.erase(trial);
  return Status::ok();
}

}  // namespace scopa::solo
