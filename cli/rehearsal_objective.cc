#include "cli/rehearsal_objective.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "broker/spec/parse.h"
#include "cli/board.h"
#include "cli/evaluator.h"
#include "cli/format.h"
#include "cli/live_line.h"
#include "cli/problem_files.h"
#include "cli/query.h"
#include "rehearsal/problem_objective.h"
#include "rehearsal/recorded_objective.h"
#include "rehearsal/recorded_trial.h"
#include "sdk/base/text.h"

namespace scopa::cli {
namespace {

using rehearsal::RecordedObjective;
using rehearsal::RecordedTrial;

constexpr std::chrono::milliseconds kReadingSilence{500};

Result<std::vector<RecordedTrial>> read_trials(const Context& context, Link& link,
                                               const wire::SweepInfo& sweep,
                                               const std::string& metric, std::size_t* failed,
                                               const std::function<bool()>& leave) {
  SCOPA_ASSIGN_OR_RETURN(const auto trials, get_trials(link, sweep.id));
  LiveLine line(context);
  const auto started = LiveLine::Clock::now();
  std::vector<RecordedTrial> recorded;
  for (const wire::TrialInfo& trial : trials) {
    if (leave()) return Status{Code::kUnavailable, "interrupted"};
    if (static_cast<TrialState>(trial.state) == TrialState::kFailed) ++*failed;
    if (static_cast<TrialState>(trial.state) == TrialState::kFailed || trial.attempts.empty()) {
      continue;
    }
    SCOPA_ASSIGN_OR_RETURN(const auto points, get_points(link, sweep.id, trial.trial));
    recorded.push_back(rehearsal::recorded_trial(trial, joined(points), metric));
    const auto now = LiveLine::Clock::now();
    if (now - started < kReadingSilence) continue;
    const std::string what = "reading its curves, " + std::to_string(recorded.size()) + " of " +
                             std::to_string(trials.size());
    line.update(title_of(sweep) + "  " + what, title_of(sweep) + ": " + what, what, now);
  }
  return recorded;
}

Result<RehearsalObjective> open_sweep(const Context& context, const std::string& which,
                                      const spec::Metric& metric,
                                      const std::function<bool()>& leave) {
  SCOPA_ASSIGN_OR_RETURN(const auto link, connect(context, Access::kRead));
  wire::GetSweep get;
  get.sweep = which;
  get.with_spec = true;
  SCOPA_ASSIGN_OR_RETURN(const auto reply, ask<wire::SweepReply>(*link, std::move(get)));
  const wire::SweepInfo& sweep = reply.sweep;
  RehearsalObjective objective;
  objective.kind = "sweep";
  objective.name = "sweep " + title_of(sweep);
  objective.metrics = sweep.metrics;
  spec::Parsed parsed = spec::parse(reply.spec);
  if (!parsed.ok_in_store()) {
    return Status{Code::kUnsupported,
                  "this version cannot read the sweep file of " + title_of(sweep)};
  }
  objective.spec = std::move(parsed.spec);
  const bool is_logged =
      std::find(sweep.metrics.begin(), sweep.metrics.end(), metric.name) != sweep.metrics.end();
  if (!is_logged) return objective;  // which the caller reports
  std::size_t failed = 0;
  SCOPA_ASSIGN_OR_RETURN(auto trials,
                         read_trials(context, *link, sweep, metric.name, &failed, leave));
  auto recorded = RecordedObjective::make(*objective.spec, metric.goal, std::move(trials));
  if (!recorded) return recorded.status().with_prefix(objective.name);
  const auto shared = std::make_shared<const RecordedObjective>(std::move(*recorded));
  objective.remarks.push_back("nothing better than " + short_number(shared->best()) +
                              " can be found: the best of the " +
                              count_of(shared->size(), "trial") + " recorded");
  if (failed > 0) objective.remarks.push_back(count_of(failed, "failed trial") + " left out");
  if (!has_ended(static_cast<SweepState>(sweep.state))) {
    objective.remarks.emplace_back("the sweep has not ended: another time it will know more");
  }
  objective.with_seed = [shared](std::uint64_t) -> rehearsal::Objective {
    return [shared](const Params& params, std::uint64_t) -> Result<rehearsal::Training> {
      return shared->training(params);
    };
  };
  return objective;
}

Result<RehearsalObjective> open_problem(const ObjectiveChoice& choice) {
  SCOPA_ASSIGN_OR_RETURN(auto problem, read_problem(choice.data, choice.problem));
  SCOPA_ASSIGN_OR_RETURN(spec::SweepSpec spec, spec_of(problem));
  RehearsalObjective objective;
  objective.kind = "problem";
  objective.name = "problem " + problem.id();
  objective.metrics = {spec.metric ? spec.metric->name : ""};
  const auto shared = std::make_shared<const rehearsal::ProblemObjective>(std::move(problem), spec);
  objective.spec = std::move(spec);
  objective.with_seed = [shared](std::uint64_t seed) -> rehearsal::Objective {
    return [shared, seed](const Params& params, std::uint64_t number) {
      return shared->training(params, seed, number);
    };
  };
  return objective;
}

Result<RehearsalObjective> open_evaluator(const ObjectiveChoice& choice,
                                          const std::function<bool()>& leave) {
  SCOPA_ASSIGN_OR_RETURN(auto started, Evaluator::start(choice.evaluator, choice.patience, leave));
  const std::shared_ptr<Evaluator> shared = std::move(started);
  RehearsalObjective objective;
  objective.kind = "evaluator";
  objective.name = "evaluator `" + printable(choice.evaluator, 200) + "`";
  objective.one_thread = true;
  objective.with_seed = [shared](std::uint64_t) -> rehearsal::Objective {
    return [shared](const Params& params, std::uint64_t) { return shared->train(params); };
  };
  return objective;
}

}  // namespace

Result<RehearsalObjective> open_objective(const Context& context, const ObjectiveChoice& choice,
                                          const spec::Metric& metric,
                                          const std::function<bool()>& leave) {
  if (!choice.from.empty()) return open_sweep(context, choice.from, metric, leave);
  if (!choice.problem.empty()) return open_problem(choice);
  return open_evaluator(choice, leave);
}

}  // namespace scopa::cli
