// Runs of a sweep on a problem, and what is counted of them.
#include <algorithm>
#include <cmath>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>

#include "broker/search/space.h"
#include "broker/spec/parse.h"
#include "cli/ask_tell_config.h"
#include "rehearsal/rehearse.h"
#include "tests/bench/search/suite.h"

namespace scopa::bench {
namespace {

using Json = nlohmann::ordered_json;
using rehearsal::Rehearsed;

constexpr std::uint64_t kWorkers = 8;
constexpr double kFullTrainings = 50;
constexpr double kOnBound = 0.001;
constexpr double kNear = 0.05;
constexpr std::uint64_t kFine = 100;  // a bound of fewer values is one of few, no corner

Result<std::string> spec_of(const Problem& problem, const Setting& setting, std::uint64_t seed) {
  Json init;
  init["config"] = Json::parse(problem.config);
  const Json keys = Json::parse(setting.keys);
  for (const auto& [key, value] : keys.items()) init["config"][key] = value;
  if (!problem.conditions.empty()) init["conditions"] = Json::parse(problem.conditions);
  init["steps"] = problem.steps;
  return cli::ask_tell_spec(init.dump(), seed);
}

double cpu_ms_now() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// Where the trials of a run lie.
class Places {
 public:
  Places(const std::string& spec, const std::vector<Rehearsed>& trials)
      : space_(spec::parse(spec).spec), trials_(trials) {
    for (const Rehearsed& trial : trials) points_.push_back(space_.locate(trial.params));
  }

  void count(std::size_t trial, Row* row) const {
    if (trial < kEarly) return;
    for (std::size_t j = 0; j < space_.size(); ++j) {
      const search::Domain& domain = space_.domain(j);
      const bool is_fine = !domain.is_finite() || domain.count() >= kFine;
      if (domain.is_categorical() || !is_fine || !points_[trial][j].active) continue;
      const double unit = at(trial, j);
      ++row->ordered;
      if (unit < kOnBound || unit > 1 - kOnBound) ++row->on_bounds;
    }
    for (std::size_t other = 0; other < trial; ++other) {
      if (trials_[other].ended <= trials_[trial].started || !is_near(trial, other)) continue;
      ++row->copies;
      break;
    }
  }

 private:
  double at(std::size_t trial, std::size_t j) const {
    return search::quantile(space_.domain(j), points_[trial][j]);
  }
  bool is_near(std::size_t a, std::size_t b) const {
    for (std::size_t j = 0; j < space_.size(); ++j) {
      const search::Choice& one = points_[a][j];
      const search::Choice& other = points_[b][j];
      if (one.active != other.active) return false;
      if (!one.active) continue;
      if (space_.domain(j).is_categorical()) {
        if (one.index != other.index) return false;
      } else if (std::abs(at(a, j) - at(b, j)) > kNear) {
        return false;
      }
    }
    return true;
  }

  search::Space space_;
  const std::vector<Rehearsed>& trials_;
  std::vector<search::Point> points_;
};

struct Run {
  std::vector<Rehearsed> trials;
  std::vector<double> cpu_ms;  // when it was asked for
};

Result<std::vector<Row>> rows_of(const Problem& problem, const Setting& setting, std::uint64_t seed,
                                 std::uint64_t workers, const Run& run, const Places& places) {
  std::vector<Row> rows;
  Row row;
  row.mode = workers == 1 ? "sequential" : "together";
  row.setting = setting.name;
  row.seed = seed;
  std::optional<std::size_t> best;
  std::optional<std::size_t> looked_at;  // its value without noise may cost several trainings
  std::size_t next = 0;
  for (const double mark : kTrialMarks) {
    for (; next < run.trials.size() && static_cast<double>(next) < mark; ++next) {
      const Rehearsed& trial = run.trials[next];
      ++row.started;
      places.count(next, &row);
      row.cpu_ms = run.cpu_ms[next];
      if (trial.state != TrialState::kCompleted) {
        ++row.failed;
        continue;
      }
      ++row.completed;
      if (!best || is_better(problem.goal, trial.value, run.trials[*best].value)) best = next;
    }
    if (best != looked_at) {
      SCOPA_ASSIGN_OR_RETURN(const double exact, problem.exact(run.trials[*best].params));
      row.regret = problem.regret(exact);
      looked_at = best;
    }
    row.mark = mark;
    rows.push_back(row);
  }
  return rows;
}

}  // namespace

Result<std::vector<Row>> run_trials(const Problem& problem, const Setting& setting,
                                    std::uint64_t seed, std::uint64_t workers) {
  SCOPA_ASSIGN_OR_RETURN(const std::string spec, spec_of(problem, setting, seed));
  Run run;
  const double started = cpu_ms_now();
  const auto objective = [&](const Params& params,
                             std::uint64_t number) -> Result<rehearsal::Training> {
    run.cpu_ms.push_back(cpu_ms_now() - started);
    SCOPA_ASSIGN_OR_RETURN(const Seen seen, seen_of(problem, params, seed, number));
    rehearsal::Training training;
    training.first_step = problem.steps;
    training.fails = seen.fails;
    if (seen.fails) {
      training.step_seconds = static_cast<double>(problem.steps);
    } else {
      training.values = {seen.value};
    }
    return training;
  };
  rehearsal::Rehearsal limits;
  limits.workers = workers;
  limits.trials_max = static_cast<std::uint64_t>(kTrialMarks[std::size(kTrialMarks) - 1]);
  SCOPA_ASSIGN_OR_RETURN(run.trials, rehearsal::rehearse(spec, seed, objective, limits));
  return rows_of(problem, setting, seed, workers, run, Places(spec, run.trials));
}

Result<std::vector<Row>> run_asynchronous(const Problem& problem, const Setting& setting,
                                          std::uint64_t seed) {
  SCOPA_ASSIGN_OR_RETURN(const std::string spec, spec_of(problem, setting, seed));
  const auto objective = [&](const Params& params, std::uint64_t number) {
    return whole_training(problem, params, seed, number);
  };
  rehearsal::Rehearsal limits;
  limits.workers = kWorkers;
  limits.seconds_max = kFullTrainings * problem.mean_full_seconds / static_cast<double>(kWorkers);
  SCOPA_ASSIGN_OR_RETURN(const auto trials, rehearsal::rehearse(spec, seed, objective, limits));
  std::vector<Row> rows;
  for (const double mark : kBudgetMarks) {
    Row row;
    row.mode = "asynchronous";
    row.setting = setting.name;
    row.seed = seed;
    row.mark = mark;
    const Rehearsed* best = nullptr;
    for (const Rehearsed& trial : trials) {
      if (trial.started > mark * limits.seconds_max) continue;
      ++row.started;
      if (trial.ended > mark * limits.seconds_max || trial.state == TrialState::kRunning) continue;
      row.steps += trial.steps;
      if (trial.state == TrialState::kFailed) ++row.failed;
      if (trial.state == TrialState::kPruned) ++row.pruned;
      if (trial.state != TrialState::kCompleted) continue;
      ++row.completed;
      if (best == nullptr || is_better(problem.goal, trial.value, best->value)) best = &trial;
    }
    if (best != nullptr) {
      double value = best->value;
      if (problem.train) {
        SCOPA_ASSIGN_OR_RETURN(value, problem.exact(best->params));
      }
      row.regret = problem.regret(value);
    }
    rows.push_back(row);
  }
  return rows;
}

}  // namespace scopa::bench
