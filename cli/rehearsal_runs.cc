#include "cli/rehearsal_runs.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

#include "cli/format.h"
#include "cli/live_line.h"
#include "rehearsal/rehearse.h"

namespace scopa::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kRunsTick{50};
constexpr milliseconds kRunsSilence{500};
constexpr milliseconds kRunsInterval{250};

/// All runs, one after the other by whoever is free.
class Runs {
 public:
  Runs(const RehearsalPlan& plan, const RehearsalObjective& objective,
       const std::function<bool()>& leave)
      : plan_(plan),
        objective_(objective),
        leave_(leave),
        outcomes_(plan.settings.size(), std::vector<rehearsal::Outcome>(plan.seeds)),
        errors_(plan.settings.size() * plan.seeds) {}

  std::size_t size() const { return errors_.size(); }
  std::size_t done() const { return done_; }
  bool is_over() const { return done_ == size() || failed_; }

  void work() {
    for (std::size_t k = next_++; k < size() && !failed_; k = next_++) {
      // Seed by seed, so that all settings come along alike.
      const std::size_t seed = k / plan_.settings.size();
      const std::size_t setting = k % plan_.settings.size();
      auto outcome = run(plan_.settings[setting], plan_.first_seed + seed);
      if (outcome) {
        outcomes_[setting][seed] = std::move(*outcome);
      } else {
        errors_[k] = outcome.status();
        failed_ = true;
      }
      ++done_;
    }
  }

  Result<RehearsalOutcomes> result() {
    for (const Status& error : errors_) SCOPA_RETURN_IF_ERROR(error);
    return std::move(outcomes_);
  }

 private:
  Result<rehearsal::Outcome> run(const RehearsalSetting& setting, std::uint64_t seed) const {
    rehearsal::Rehearsal limits;
    limits.workers = setting.workers;
    limits.run_cap = plan_.trials;
    limits.seconds_max = plan_.seconds;
    limits.target = plan_.target;
    const rehearsal::Objective inner = objective_.with_seed(seed);
    const rehearsal::Objective objective =
        [&](const Params& params, std::uint64_t number) -> Result<rehearsal::Training> {
      if (leave_()) return Status{Code::kUnavailable, "interrupted"};
      return inner(params, number);
    };
    const auto trials = rehearsal::rehearse(setting.file.text, seed, objective, limits);
    if (!trials) return trials.status().with_prefix(setting.name);
    return rehearsal::outcome_of(*trials, plan_.goal);
  }

  const RehearsalPlan& plan_;
  const RehearsalObjective& objective_;
  const std::function<bool()>& leave_;
  RehearsalOutcomes outcomes_;
  std::vector<Status> errors_;  // by run
  std::atomic<std::size_t> next_ = 0, done_ = 0;
  std::atomic<bool> failed_ = false;
};

void watch(const Context& context, const Runs& runs) {
  LiveLine line(context);
  const auto started = LiveLine::Clock::now();
  auto told = started;
  while (!runs.is_over()) {
    std::this_thread::sleep_for(kRunsTick);
    const auto now = LiveLine::Clock::now();
    if (now - started < kRunsSilence || now - told < kRunsInterval) continue;
    told = now;
    const std::string what =
        std::to_string(runs.done()) + " of " + count_of(runs.size(), "sweep") + " rehearsed";
    const double seconds = std::chrono::duration<double>(now - started).count();
    line.update(bar(runs.done(), runs.size(), 12) + "  " + what + "  " + short_duration(seconds),
                what, what, now);
  }
}

}  // namespace

Result<RehearsalOutcomes> run_rehearsals(const Context& context, const RehearsalPlan& plan,
                                         const RehearsalObjective& objective,
                                         const std::function<bool()>& leave) {
  Runs runs(plan, objective, leave);
  const std::size_t cores = std::max(std::thread::hardware_concurrency(), 1U);
  const std::size_t count = objective.one_thread ? 1 : std::min(cores, runs.size());
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back([&runs] { runs.work(); });
  watch(context, runs);
  for (std::thread& thread : threads) thread.join();
  return runs.result();
}

}  // namespace scopa::cli
