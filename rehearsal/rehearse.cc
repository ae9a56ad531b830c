#include "rehearsal/rehearse.h"

#include <cmath>
#include <queue>
#include <utility>

#include "broker/solo/solo_sweep.h"
#include "sdk/base/time.h"

namespace scopa::rehearsal {
namespace {

constexpr std::uint64_t kWorkersMax = 100'000;

Status wrong_rehearsal(const std::string& what, const std::string& remedy) {
  return {Code::kInvalidArgument, "rehearsal: " + what, remedy};
}

class Course {
 public:
  Course(solo::SoloSweep* sweep, const Objective& objective, const Rehearsal& limits)
      : sweep_(sweep), objective_(objective), limits_(limits), workers_(limits.workers) {}

  Result<std::vector<Rehearsed>> run() {
    for (std::size_t worker = 0; worker < workers_.size(); ++worker) {
      SCOPA_RETURN_IF_ERROR(take(worker, 0));
    }
    while (!steps_.empty()) {
      const Step next = steps_.top();
      if (limits_.seconds_max > 0 && next.at > limits_.seconds_max) break;
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
  };

  static Instant instant(double seconds) {
    return solo::SoloSweep::kEpoch + std::chrono::microseconds(std::llround(seconds * 1e6));
  }

  // The step at which a worker reports next.
  static double steps_done(const Worker& worker) {
    return static_cast<double>(worker.training.first_step + worker.reported);
  }

  Status take(std::size_t index, double now) {
    if (limits_.trials_max > 0 && trials_.size() >= limits_.trials_max) return Status::ok();
    SCOPA_ASSIGN_OR_RETURN(const auto asked, sweep_->ask(instant(now)));
    if (asked.trial == nullptr) {
      if (!asked.done) waiting_.push_back(index);
      return Status::ok();
    }
    Worker& worker = workers_[index];
    SCOPA_ASSIGN_OR_RETURN(worker.training, objective_(asked.trial->params, asked.trial->number));
    if (worker.training.values.empty() || !(worker.training.step_seconds > 0)) {
      return wrong_rehearsal(
          "the objective gave no value or no time for trial " + std::to_string(asked.trial->number),
          "it needs at least one value, and more than 0 s a step");
    }
    worker.trial = trials_.size();
    worker.reported = 0;
    Rehearsed trial;
    trial.trial = asked.trial->number;
    trial.params = asked.trial->params;
    trial.started = trial.ended = now;
    trials_.push_back(std::move(trial));
    steps_.push({now + steps_done(worker) * worker.training.step_seconds, index});
    return Status::ok();
  }

  // Whether the trial has ended with it.
  Result<bool> finish_step(const Step& step) {
    Worker& worker = workers_[step.worker];
    Rehearsed& trial = trials_[worker.trial];
    trial.value = worker.training.values[worker.reported];
    trial.ended = step.at;
    trial.steps = worker.training.first_step + worker.reported;
    SCOPA_ASSIGN_OR_RETURN(const bool stop,
                           sweep_->report(trial.trial, static_cast<std::int64_t>(trial.steps),
                                          trial.value, instant(step.at)));
    ++worker.reported;
    const bool is_last = worker.reported == worker.training.values.size();
    if (!is_last && !stop) {
      steps_.push({trial.started + steps_done(worker) * worker.training.step_seconds, step.worker});
      return false;
    }
    trial.state = is_last ? TrialState::kCompleted : TrialState::kPruned;
    SCOPA_RETURN_IF_ERROR(sweep_->tell(trial.trial, trial.state, trial.value, instant(step.at)));
    return true;
  }

  solo::SoloSweep* sweep_;
  const Objective& objective_;
  Rehearsal limits_;
  std::vector<Worker> workers_;
  std::vector<std::size_t> waiting_;
  std::vector<Rehearsed> trials_;
  std::priority_queue<Step, std::vector<Step>, std::greater<>> steps_;
};

}  // namespace

Result<std::vector<Rehearsed>> rehearse(const std::string& spec, std::uint64_t seed,
                                        const Objective& objective, const Rehearsal& rehearsal) {
  if (rehearsal.workers == 0 || rehearsal.workers > kWorkersMax) {
    return wrong_rehearsal("it takes 1 to " + std::to_string(kWorkersMax) + " workers", "");
  }
  SCOPA_ASSIGN_OR_RETURN(const auto sweep, solo::SoloSweep::create(spec, seed));
  const wire::SweepInfo info = sweep->info();
  const bool ends = rehearsal.trials_max > 0 || rehearsal.seconds_max > 0 || info.run_cap > 0;
  if (!ends && info.method != "grid") {
    return wrong_rehearsal("nothing ends this sweep", "give it a run_cap, or a limit of time");
  }
  return Course(sweep.get(), objective, rehearsal).run();
}

}  // namespace scopa::rehearsal
