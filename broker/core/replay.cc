#include "broker/core/replay.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <utility>

#include "broker/core/stop_rules.h"
#include "broker/core/wording.h"
#include "broker/search/sampler.h"

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

class Checker {
 public:
  explicit Checker(LogWalk* walk)
      : walk_(*walk), sampler_(search::make_sampler(*walk->sweep().spec, walk->sweep().seed)) {}

  Status run(const Replay::Progress& progress) {
    constexpr std::size_t kTellEvery = 256;
    while (walk_.has_next()) {
      if (const Event* event = walk_.next_event()) {
        before(*event);
        SCOPA_RETURN_IF_ERROR(walk_.step());
      } else {
        const PointsAppended& report = *walk_.next_report();
        miss_the_rest();
        SCOPA_RETURN_IF_ERROR(walk_.step());
        after(report);
      }
      if (progress && walk_.done() % kTellEvery == 0) progress(walk_.done(), walk_.size());
    }
    miss_the_rest();
    outcome_.trials = walk_.sweep().trials().size();
    return Status::ok();
  }

  Replay::Outcome take() { return std::move(outcome_); }

 private:
  void after(const PointsAppended& report) {
    const Sweep& sweep = walk_.sweep();
    const Trial& trial = *sweep.find(report.attempt.trial);
    due_seq_ = report.seq;
    due_ = stops_after_points(sweep, trial, walk_.appended());
    due_end_ = target_reached(sweep, trial, walk_.appended());
  }

  void before(const Event& event) {
    if (const auto* created = std::get_if<TrialCreated>(&event.body)) {
      if (created->origin == static_cast<std::uint8_t>(Origin::kSampler)) {
        suggestion(event.seq, *created);
      }
    } else if (const auto* stop = std::get_if<StopDecided>(&event.body)) {
      this->stop(event, *stop);
    } else if (const auto* changed = std::get_if<SweepStateChanged>(&event.body)) {
      end(event, *changed);
    } else if (const auto* ended = std::get_if<AttemptEnded>(&event.body)) {
      miss(ended->trial, ended->attempt);
    }
  }

  void suggestion(std::uint64_t seq, const TrialCreated& created) {
    ++outcome_.suggestions;
    const Sweep& sweep = walk_.sweep();
    const std::string recorded = to_json(created.params);
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
    const auto params = sampler_->suggest(walk_.history(created.snapshot), created.suggestion);
    if (params && *params == created.params) return;
    differ({Replay::What::kSuggestion, seq, created.trial, 0, recorded,
            params ? to_json(*params) : "none: the space is used up"});
  }

  void stop(const Event& event, const StopDecided& stop) {
    ++outcome_.stops;
    const std::optional<StopDecided> expected = expect(event, stop);
    if (expected && same(*expected, stop)) return;
    differ({Replay::What::kStop, event.seq, stop.trial, stop.attempt, text_of(stop),
            expected ? text_of(*expected) : ""});
  }

  // What the log leads to here for this trial; nothing when it does not lead to a stop.
  std::optional<StopDecided> expect(const Event& event, const StopDecided& stop) {
    const Sweep& sweep = walk_.sweep();
    const auto due = std::find_if(due_.begin(), due_.end(), [&](const StopDecided& each) {
      return each.trial == stop.trial && each.attempt == stop.attempt;
    });
    if (due != due_.end()) {
      StopDecided expected = std::move(*due);
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

  void end(const Event& event, const SweepStateChanged& changed) {
    const Sweep& sweep = walk_.sweep();
    const auto to = static_cast<SweepState>(changed.state);
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

  void miss(std::uint64_t trial, std::uint32_t attempt) {
    std::erase_if(due_, [&](const StopDecided& stop) {
      if (stop.trial != trial || stop.attempt != attempt) return false;
      differ({Replay::What::kStop, due_seq_, stop.trial, stop.attempt, "", text_of(stop)});
      return true;
    });
  }

  void miss_the_rest() {
    for (const StopDecided& stop : due_) {
      differ({Replay::What::kStop, due_seq_, stop.trial, stop.attempt, "", text_of(stop)});
    }
    due_.clear();
    if (!due_end_.empty()) differ({Replay::What::kEnd, due_seq_, 0, 0, "", due_end_});
    due_end_.clear();
  }

  void differ(Replay::Mismatch mismatch) {
    ++outcome_.differ;
    if (outcome_.mismatches.size() < Replay::kMismatchesMax) {
      outcome_.mismatches.push_back(std::move(mismatch));
    }
  }

  LogWalk& walk_;
  std::unique_ptr<search::Sampler> sampler_;
  Replay::Outcome outcome_;
  std::uint64_t last_snapshot_ = 0;
  // What the last report leads to and is not yet seen.
  std::uint64_t due_seq_ = 0;
  std::vector<StopDecided> due_;
  std::string due_end_;
};

}  // namespace

std::string_view name_of(Replay::What what) {
  switch (what) {
    case Replay::What::kSuggestion:
      return "suggestion";
    case Replay::What::kStop:
      return "stop";
    case Replay::What::kEnd:
      break;
  }
  return "end";
}

std::string to_text(const Replay::Mismatch& mismatch) {
  std::string text(name_of(mismatch.what));
  if (mismatch.what != Replay::What::kEnd) text += " of trial " + std::to_string(mismatch.trial);
  if (mismatch.what == Replay::What::kStop) {
    text += ", attempt " + std::to_string(mismatch.attempt);
  }
  text += ", entry " + std::to_string(mismatch.seq) + ": ";
  text += mismatch.recorded.empty() ? "not in the log" : "recorded " + mismatch.recorded;
  return text + (mismatch.recomputed.empty() ? "; nothing leads to it"
                                             : "; recomputed " + mismatch.recomputed);
}

Result<Replay::Outcome> Replay::run(const Progress& progress) {
  SCOPA_ASSIGN_OR_RETURN(LogWalk walk, LogWalk::begin(&log_));
  Checker checker(&walk);
  SCOPA_RETURN_IF_ERROR(checker.run(progress));
  Outcome outcome = checker.take();
  outcome.events = log_.events();
  outcome.reports = log_.reports();
  return outcome;
}

}  // namespace scopa::core
