#include "broker/core/checker.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "broker/core/stop_rules.h"
#include "broker/core/wording.h"

namespace scopa::core {
namespace {

bool same(double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); }

bool same(const StopDecided& a, const StopDecided& b) {
  return a.trial == b.trial && a.attempt == b.attempt && a.reason == b.reason && a.rung == b.rung &&
         same(a.value, b.value) && same(a.threshold, b.threshold) && a.message == b.message;
}

// All that is compared, with all digits of the numbers.
std::string text_of(const StopDecided& stop) {
  std::string text(name_of(static_cast<StopReason>(stop.reason)));
  if (static_cast<StopReason>(stop.reason) == StopReason::kPruned) {
    text += " at rung " + std::to_string(stop.rung) + " with " + to_text(Value(stop.value)) +
            " against " + to_text(Value(stop.threshold));
  }
  return text + ": " + stop.message;
}

}  // namespace

Checker::Checker(LogWalk* walk, Explanation* into)
    : walk_(*walk),
      into_(into),
      sampler_(search::make_sampler(*walk->sweep().spec, walk->sweep().seed)) {}

Status Checker::run(const Replay::Progress& progress) {
  constexpr std::size_t kTellEvery = 256;
  while (walk_.has_next()) {
    if (const Event* event = walk_.next_event()) {
      before(*event);
      SCOPA_RETURN_IF_ERROR(walk_.step());
      if (std::holds_alternative<SweepEdited>(event->body)) {
        sampler_ = search::make_sampler(*walk_.sweep().spec, walk_.sweep().seed);
      }
    } else {
      const PointsAppended& report = *walk_.next_report();
      miss_the_rest();
      const bool lacked = walk_.lacks_points();
      SCOPA_RETURN_IF_ERROR(walk_.step());
      after(report, lacked);
    }
    if (progress && walk_.done() % kTellEvery == 0) progress(walk_.done(), walk_.size());
  }
  miss_the_rest();
  outcome_.trials = walk_.sweep().trials().size();
  return Status::ok();
}

void Checker::after(const PointsAppended& report, bool lacked) {
  const Sweep& sweep = walk_.sweep();
  if (sweep.rules != kRules || lacked) return;
  const Trial& trial = *sweep.find(report.attempt.trial);
  due_seq_ = report.seq;
  std::vector<pruning::Grounds> grounds;
  auto stops =
      stops_after_points(sweep, trial, walk_.appended(), into_ != nullptr ? &grounds : nullptr);
  grounds.resize(stops.size());
  for (std::size_t i = 0; i < stops.size(); ++i) {
    due_.push_back({std::move(stops[i]), std::move(grounds[i])});
  }
  due_end_ = target_reached(sweep, trial, walk_.appended());
}

void Checker::before(const Event& event) {
  if (const auto* made = std::get_if<TrialCreated>(&event.body)) {
    created(event, *made);
  } else if (const auto* decided = std::get_if<StopDecided>(&event.body)) {
    stop(event, *decided);
  } else if (const auto* changed = std::get_if<SweepStateChanged>(&event.body)) {
    end(event, *changed);
  } else if (const auto* ended = std::get_if<AttemptEnded>(&event.body)) {
    miss(ended->trial, ended->attempt);
  }
}

// ---- parameters ---------------------------------------------------------------------------------

void Checker::created(const Event& event, const TrialCreated& created) {
  const auto origin = static_cast<Origin>(created.origin);
  if (is_about(created.trial)) {
    into_->seq = event.seq;
    into_->origin = origin;
    into_->suggestion = created.suggestion;
    into_->snapshot = created.snapshot;
  }
  if (origin == Origin::kSampler) {
    suggestion(event.seq, created);
  } else if (origin == Origin::kInitial) {
    initial(event.seq, created);
  } else if (origin == Origin::kReplicate) {
    replicate(event.seq, created);
  }
}

void Checker::suggestion(std::uint64_t seq, const TrialCreated& created) {
  const bool learns = walk_.sweep().spec->method == spec::Method::kBayes;
  if (skips(created.trial, learns ? Needs::kPoints : Needs::kNothing)) return;
  ++outcome_.suggestions;
  const Sweep& sweep = walk_.sweep();
  const std::string recorded = to_json(created.params);
  checked(created.trial, "suggestion " + std::to_string(created.suggestion));
  if (created.snapshot >= seq || created.snapshot < last_snapshot_) {
    return differ({Replay::What::kSuggestion, seq, created.trial, 0, recorded,
                   "a suggestion from entry " + std::to_string(created.snapshot) +
                       ", which the model could not have had"});
  }
  last_snapshot_ = created.snapshot;
  if (created.suggestion != sweep.suggestions) {
    return differ({Replay::What::kSuggestion, seq, created.trial, 0,
                   "suggestion " + std::to_string(created.suggestion),
                   "suggestion " + std::to_string(sweep.suggestions)});
  }
  if (into_ != nullptr && !is_about(created.trial)) return;
  const search::History& history = walk_.history(created.snapshot);
  std::optional<Params> params;
  if (into_ == nullptr) {
    params = sampler_->suggest(history, created.suggestion);
  } else {
    params = sampler_->explain(history, created.suggestion, &into_->why.emplace());
  }
  if (params && *params == created.params) return;
  differ({Replay::What::kSuggestion, seq, created.trial, 0, recorded,
          params ? to_json(*params) : "none: the space is used up"});
}

void Checker::initial(std::uint64_t seq, const TrialCreated& created) {
  if (skips(created.trial, Needs::kNothing)) return;
  ++outcome_.given;
  checked(created.trial, "initial point " + std::to_string(created.trial));
  const Sweep& sweep = walk_.sweep();
  if (!initial_) initial_ = search::initial_points(*sweep.spec, sweep.seed);
  const auto& points = *initial_;
  const bool is_there = points.is_ok() && created.trial < points->size();
  if (is_there && (*points)[created.trial] == created.params) return;
  differ({Replay::What::kSuggestion, seq, created.trial, 0, to_json(created.params),
          is_there ? to_json((*points)[created.trial])
          : points
              ? "none: the sweep file has " + std::to_string(points->size()) + " initial points"
              : "none: " + points.status().message()});
}

void Checker::replicate(std::uint64_t seq, const TrialCreated& created) {
  if (skips(created.trial, Needs::kNothing)) return;
  ++outcome_.given;
  checked(created.trial, "replicate " + std::to_string(created.replicate));
  const Trial* head = walk_.sweep().find(created.replicate_of);
  if (head == nullptr) return;  // the walk refuses it
  const std::size_t run = head->runs.size() + 1;
  if (created.replicate != run || created.params != head->params) {
    differ({Replay::What::kSuggestion, seq, created.trial, 0,
            "run " + std::to_string(created.replicate) + " of trial " +
                std::to_string(created.replicate_of) + " with " + to_json(created.params),
            "run " + std::to_string(run) + " with " + to_json(head->params)});
  }
}

// ---- stops --------------------------------------------------------------------------------------

void Checker::stop(const Event& event, const StopDecided& stop) {
  if (skips(stop.trial, Needs::kPoints)) {
    if (is_about(stop.trial)) explain_stop(event, stop, true, {});
    return;
  }
  ++outcome_.stops;
  checked(stop.trial, "stop of attempt " + std::to_string(stop.attempt));
  pruning::Grounds grounds;
  const std::optional<StopDecided> expected = expect(event, stop, &grounds);
  const bool equal = expected && same(*expected, stop);
  if (is_about(stop.trial)) explain_stop(event, stop, equal, std::move(grounds));
  if (equal) return;
  differ({Replay::What::kStop, event.seq, stop.trial, stop.attempt, text_of(stop),
          expected ? text_of(*expected) : ""});
}

// What the log leads to here for this trial; nothing when it does not lead to a stop.
std::optional<StopDecided> Checker::expect(const Event& event, const StopDecided& stop,
                                           pruning::Grounds* grounds) {
  const Sweep& sweep = walk_.sweep();
  const auto due = std::find_if(due_.begin(), due_.end(), [&](const Due& each) {
    return each.stop.trial == stop.trial && each.stop.attempt == stop.attempt;
  });
  if (due != due_.end()) {
    StopDecided expected = std::move(due->stop);
    *grounds = std::move(due->grounds);
    due_.erase(due);
    return expected;
  }
  const Trial* trial = sweep.find(stop.trial);
  if (trial == nullptr || trial->live_attempt() == nullptr || trial->live_attempt()->stop) {
    return {};
  }
  const Instant at = from_unix_us(event.at_us);
  StopDecided expected = stop;
  expected.attempt = trial->live_attempt()->number;
  expected.rung = 0;
  expected.value = expected.threshold = 0;
  switch (static_cast<StopReason>(stop.reason)) {
    case StopReason::kTimeLimit:
      if (!time_is_up(sweep, *trial, at)) return {};
      return time_limit_stop(sweep, *trial);
    case StopReason::kBudget:
      expected.message = budget_used_up(sweep, at);
      if (expected.message.empty()) return {};
      return expected;
    case StopReason::kCancelled:
      if (sweep.state != SweepState::kCancelled) return {};
      expected.message = kSweepCancelled;
      return expected;
    default:
      return {};
  }
}

void Checker::explain_stop(const Event& event, const StopDecided& stop, bool equal,
                           pruning::Grounds grounds) {
  const Sweep& sweep = walk_.sweep();
  const spec::SweepSpec& spec = *sweep.spec;
  const Instant at = from_unix_us(event.at_us);
  Explanation::Stop& told = into_->stops.emplace_back();
  told.seq = event.seq;
  told.at_us = event.at_us;
  told.recorded = stop;
  told.equal = equal;
  told.grounds = std::move(grounds);
  const Trial* trial = sweep.find(stop.trial);
  const Attempt* attempt = trial == nullptr ? nullptr : trial->attempt(stop.attempt);
  switch (static_cast<StopReason>(stop.reason)) {
    case StopReason::kPruned:
      told.rule = told.grounds.rule;
      break;
    case StopReason::kDiverged:
      told.rule = "a value that is NaN or infinite, after a finite one, ends a trial (on_nan)";
      break;
    case StopReason::kStepLimit:
      told.rule =
          "a trial is complete with its first value at max_steps or later; what goes on training "
          "after that is told";
      break;
    case StopReason::kTimeLimit:
      told.rule = "no attempt runs for longer than max_trial_time";
      if (spec.max_trial_time) told.limit_us = spec.max_trial_time->count();
      if (attempt != nullptr) told.used_us = event.at_us - attempt->started_us;
      break;
    case StopReason::kBudget: {
      told.rule = "the sweep ends when its budget is used up";
      const spec::Budget& budget = spec.budget;
      if (budget.wall_time && sweep.usage().wall_us(at) >= budget.wall_time->count()) {
        told.used_us = sweep.usage().wall_us(at);
        told.limit_us = budget.wall_time->count();
      } else if (budget.device_time) {
        told.used_us = sweep.usage().device_us(at);
        told.limit_us = budget.device_time->count();
      }
      break;
    }
    case StopReason::kCancelled:
      told.rule = "somebody cancelled the sweep";
      break;
    default:
      break;
  }
}

void Checker::miss(std::uint64_t trial, std::uint32_t attempt) {
  std::erase_if(due_, [&](const Due& due) {
    if (due.stop.trial != trial || due.stop.attempt != attempt) return false;
    differ(
        {Replay::What::kStop, due_seq_, due.stop.trial, due.stop.attempt, "", text_of(due.stop)});
    return true;
  });
}

void Checker::miss_the_rest() {
  for (const Due& due : due_) {
    differ(
        {Replay::What::kStop, due_seq_, due.stop.trial, due.stop.attempt, "", text_of(due.stop)});
  }
  due_.clear();
  if (!due_end_.empty()) differ({Replay::What::kEnd, due_seq_, 0, 0, "", due_end_});
  due_end_.clear();
}

// ---- ends ---------------------------------------------------------------------------------------

void Checker::end(const Event& event, const SweepStateChanged& changed) {
  const Sweep& sweep = walk_.sweep();
  const auto to = static_cast<SweepState>(changed.state);
  const bool follows_from_rules = to == SweepState::kFinished ||
                                  (to == SweepState::kStopping && changed.reason != kStoppedByUser);
  if (follows_from_rules && skips(std::nullopt, Needs::kPoints)) return;
  std::string expected;
  if (to == SweepState::kStopping && !due_end_.empty()) {
    expected = std::exchange(due_end_, {});
  } else if (to == SweepState::kStopping && changed.reason != kStoppedByUser) {
    expected = budget_used_up(sweep, from_unix_us(event.at_us));
  } else if (to == SweepState::kFinished) {
    expected = reason_to_finish(sweep, true);
  } else {
    return;  // somebody's wish, or too many failures at the start
  }
  ++outcome_.ends;
  if (expected == changed.reason) return;
  differ({Replay::What::kEnd, event.seq, 0, 0, changed.reason, expected});
}

// ---- what is told -------------------------------------------------------------------------------

bool Checker::skips(std::optional<std::uint64_t> trial, Needs needs) {
  const std::uint32_t rules = walk_.sweep().rules;
  const bool is_by_others = rules != kRules;
  if (!is_by_others && !(needs == Needs::kPoints && walk_.lacks_points())) return false;
  const auto count = [&](std::uint64_t* by_others, std::uint32_t* others, std::uint64_t* lacking) {
    ++*(is_by_others ? by_others : lacking);
    if (is_by_others) *others = rules;
  };
  if (into_ == nullptr) {
    count(&outcome_.not_recomputed, &outcome_.other_rules, &outcome_.without_points);
  } else if (trial && is_about(*trial)) {
    count(&into_->not_recomputed, &into_->other_rules, &into_->without_points);
  }
  return true;
}

void Checker::checked(std::uint64_t trial, std::string what) {
  if (is_about(trial)) into_->checked.push_back(std::move(what));
}

void Checker::differ(Replay::Mismatch mismatch) {
  if (into_ != nullptr) {
    if (mismatch.what == Replay::What::kEnd || !is_about(mismatch.trial)) return;
    return into_->mismatches.push_back(std::move(mismatch));
  }
  ++outcome_.differ;
  if (outcome_.mismatches.size() < Replay::kMismatchesMax) {
    outcome_.mismatches.push_back(std::move(mismatch));
  }
}

}  // namespace scopa::core
