#include "rehearsal/rehearse.h"

#include <algorithm>
#include <cmath>
#include <queue>
#include <utility>

#include "broker/search/reduced.h"
#include "broker/solo/solo_sweep.h"
#include "broker/spec/parse.h"
#include "sdk/base/limits.h"
#include "sdk/base/time.h"

namespace scopa::rehearsal {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

Status wrong_rehearsal(const std::string& what, const std::string& remedy) {
  return {Code::kInvalidArgument, "rehearsal: " + what, remedy};
}

double seconds_of(const std::optional<std::chrono::microseconds>& limit) {
  return limit ? std::chrono::duration<double>(*limit).count() : kNever;
}

std::uint64_t step_of(const Training& training, std::size_t i) {
  return training.steps.empty() ? training.first_step + i
                                : static_cast<std::uint64_t>(training.steps[i]);
}

/// When value `i` is reported, since the start.
double report_time(const Training& training, std::size_t i) {
  if (!training.seconds.empty()) return training.seconds[i];
  return static_cast<double>(step_of(training, i)) * training.step_seconds;
}

bool is_sound(const Training& training) {
  const std::size_t count = training.values.size();
  if (!(training.step_seconds > 0) || !std::isfinite(training.step_seconds)) return false;
  if (count == 0) return training.fails;
  if (!training.steps.empty() && (training.steps.size() != count || training.steps[0] < 0 ||
                                  !std::is_sorted(training.steps.begin(), training.steps.end()))) {
    return false;
  }
  if (!training.seconds.empty() &&
      (training.seconds.size() != count || training.seconds[0] < 0 ||
       !std::is_sorted(training.seconds.begin(), training.seconds.end()))) {
    return false;
  }
  const double all = report_time(training, count - 1);
  return all > 0 && std::isfinite(all);
}

/// A trial is complete with the value that has reached max_steps.
void cut_at(const std::optional<std::int64_t>& max_steps, Training* training) {
  if (!max_steps) return;
  for (std::size_t i = 0; i + 1 < training->values.size(); ++i) {
    if (step_of(*training, i) < static_cast<std::uint64_t>(*max_steps)) continue;
    training->values.resize(i + 1);
    training->fails = false;
    return;
  }
}

/// What the attempts of all trials take together.
class DeviceTime {
 public:
  explicit DeviceTime(double budget) : left_(budget) {}
  void start(double now) { ++running_, started_ += now; }
  void end(double started, double now) { --running_, started_ -= started, left_ -= now - started; }
  /// When the budget is used up if nothing changes.
  double used_up_at() const {
    return running_ == 0 ? kNever : (left_ + started_) / static_cast<double>(running_);
  }

 private:
  double left_;
  double started_ = 0;  // of those that run, added up
  std::uint64_t running_ = 0;
};

class Course {
 public:
  Course(solo::SoloSweep* sweep, const spec::SweepSpec& spec, const Objective& objective,
         const Rehearsal& limits)
      : sweep_(sweep),
        spec_(spec),
        objective_(objective),
        limits_(limits),
        seconds_max_(std::min(limits.seconds_max > 0 ? limits.seconds_max : kNever,
                              seconds_of(spec.budget.wall_time))),
        trial_seconds_max_(seconds_of(spec.max_trial_time)),
        device_(seconds_of(spec.budget.device_time)),
        workers_(limits.workers) {}

  Result<std::vector<Rehearsed>> run() {
    for (std::size_t worker = 0; worker < workers_.size(); ++worker) {
      SCOPA_RETURN_IF_ERROR(take(worker, 0));
    }
    while (!steps_.empty()) {
      const Step next = steps_.top();
      const double end = std::min(seconds_max_, device_.used_up_at());
      if (next.at > end) {
        stop_clock(end);
        break;
      }
      steps_.pop();
      SCOPA_ASSIGN_OR_RETURN(const bool ended, finish_step(next));
      if (!ended) continue;
      SCOPA_RETURN_IF_ERROR(take(next.worker, next.at));
      // What has ended may be what others wait for.
      for (const std::size_t waiting : std::exchange(waiting_, {})) {
        SCOPA_RETURN_IF_ERROR(take(waiting, next.at));
      }
    }
    return std::move(trials_);
  }

 private:
  struct Step {  // that ends
    double at = 0;
    std::size_t worker = 0;
    bool operator>(const Step& other) const {
      return at != other.at ? at > other.at : worker > other.worker;
    }
  };
  struct Worker {
    std::size_t trial = 0;  // in trials_
    Training training;
    std::size_t reported = 0;
    std::vector<search::CurvePoint> curve;  // finite ones
    double best = 0;
  };

  static Instant instant(double seconds) {
    return solo::SoloSweep::kEpoch + std::chrono::microseconds(std::llround(seconds * 1e6));
  }

  void stop_clock(double now) {
    for (Rehearsed& trial : trials_) {
      if (trial.state == TrialState::kRunning) trial.ended = now;
    }
  }

  /// When the worker's trial does something next.
  void plan(std::size_t index) {
    const Worker& worker = workers_[index];
    const Training& training = worker.training;
    const double after =
        training.values.empty() ? training.step_seconds : report_time(training, worker.reported);
    steps_.push({trials_[worker.trial].started + std::min(after, trial_seconds_max_), index});
  }

  Status take(std::size_t index, double now) {
    if (limits_.trials_max > 0 && trials_.size() >= limits_.trials_max) return Status::ok();
    SCOPA_ASSIGN_OR_RETURN(const auto asked, sweep_->ask(instant(now)));
    if (asked.trial == nullptr) {
      if (!asked.done) waiting_.push_back(index);
      return Status::ok();
    }
    const std::string name = "trial " + std::to_string(asked.trial->number);
    if (trials_.size() >= limits::kRehearsalTrialsMax) {
      return wrong_rehearsal(
          "it comes to more than " + std::to_string(limits::kRehearsalTrialsMax) + " trials",
          "give it fewer trials, or less time");
    }
    Worker& worker = workers_[index];
    worker = {};
    SCOPA_ASSIGN_OR_RETURN(worker.training, objective_(asked.trial->params, asked.trial->number));
    if (!is_sound(worker.training)) {
      return wrong_rehearsal("the objective gave no value or no time for " + name,
                             "it needs at least one value, and more than 0 s a step");
    }
    cut_at(spec_.max_steps, &worker.training);
    worker.trial = trials_.size();
    Rehearsed trial;
    trial.trial = asked.trial->number;
    trial.params = asked.trial->params;
    trial.started = trial.ended = now;
    const std::size_t count = worker.training.values.size();
    trial.steps_whole = count == 0 ? 0 : step_of(worker.training, count - 1);
    trials_.push_back(std::move(trial));
    device_.start(now);
    plan(index);
    return Status::ok();
  }

  /// Whether the trial should stop.
  Result<bool> report(Worker* worker, Rehearsed* trial) {
    trial->value = worker->training.values[worker->reported];
    trial->steps = step_of(worker->training, worker->reported);
    ++worker->reported;
    if (std::isfinite(trial->value) && spec_.metric) {
      const auto& metric = *spec_.metric;
      const bool is_best =
          worker->curve.empty() || is_better(metric.goal, trial->value, worker->best);
      if (is_best) worker->best = trial->value;
      worker->curve.push_back({static_cast<std::int64_t>(trial->steps), trial->value});
      trial->reduced = search::reduced(metric, worker->curve, worker->best);
      if (limits_.target && !trial->target_at &&
          !is_better(metric.goal, *limits_.target, trial->reduced)) {
        trial->target_at = trial->ended;
      }
    }
    return sweep_->report(trial->trial, static_cast<std::int64_t>(trial->steps), trial->value,
                          instant(trial->ended));
  }

  TrialState state_after(const Worker& worker, const Rehearsed& trial, bool is_last) const {
    const bool is_empty = worker.reported == 0;
    if (is_empty) return TrialState::kFailed;
    if (!std::isfinite(trial.value)) {
      return spec_.on_nan == spec::OnNan::kFail ? TrialState::kFailed : TrialState::kDiverged;
    }
    if (!is_last) return TrialState::kPruned;
    return worker.training.fails ? TrialState::kFailed : TrialState::kCompleted;
  }

  // Whether the trial has ended with it.
  Result<bool> finish_step(const Step& step) {
    Worker& worker = workers_[step.worker];
    Rehearsed& trial = trials_[worker.trial];
    trial.ended = step.at;
    const Training& training = worker.training;
    bool stop = false;
    const bool has_time =
        !training.values.empty() && report_time(training, worker.reported) <= trial_seconds_max_;
    if (has_time) {
      SCOPA_ASSIGN_OR_RETURN(stop, report(&worker, &trial));
      if (!stop && worker.reported < training.values.size()) {
        plan(step.worker);
        return false;
      }
    }
    trial.state = state_after(worker, trial, worker.reported == training.values.size());
    const bool failed = trial.state == TrialState::kFailed;
    SCOPA_RETURN_IF_ERROR(sweep_->tell(trial.trial, trial.state,
                                       failed ? std::nullopt : std::optional<double>(trial.value),
                                       instant(step.at)));
    device_.end(trial.started, step.at);
    return true;
  }

  solo::SoloSweep* sweep_;
  const spec::SweepSpec& spec_;
  const Objective& objective_;
  Rehearsal limits_;
  double seconds_max_;
  double trial_seconds_max_;
  DeviceTime device_;
  std::vector<Worker> workers_;
  std::vector<std::size_t> waiting_;
  std::vector<Rehearsed> trials_;
  std::priority_queue<Step, std::vector<Step>, std::greater<>> steps_;
};

}  // namespace

Result<std::vector<Rehearsed>> rehearse(const std::string& spec, std::uint64_t seed,
                                        const Objective& objective, const Rehearsal& rehearsal) {
  if (rehearsal.workers == 0 || rehearsal.workers > limits::kRehearsalWorkersMax) {
    return wrong_rehearsal(
        "it takes 1 to " + std::to_string(limits::kRehearsalWorkersMax) + " workers", "");
  }
  SCOPA_ASSIGN_OR_RETURN(const auto sweep, solo::SoloSweep::create(spec, seed, rehearsal.run_cap));
  const wire::SweepInfo info = sweep->info();
  const bool ends = rehearsal.trials_max > 0 || rehearsal.seconds_max > 0 || info.run_cap > 0 ||
                    info.wall_budget_us > 0 || info.device_budget_us > 0;
  if (!ends && info.method != "grid") {
    return wrong_rehearsal("nothing ends this sweep", "give it a run_cap, or a limit of time");
  }
  const spec::SweepSpec parsed = spec::parse(spec).spec;
  return Course(sweep.get(), parsed, objective, rehearsal).run();
}

}  // namespace scopa::rehearsal
