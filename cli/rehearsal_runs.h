#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/rehearsal_objective.h"
#include "cli/sweep_file.h"
#include "rehearsal/measures.h"
#include "rehearsal/outcome.h"
#include "sdk/base/states.h"
#include "sdk/base/status.h"

namespace scopa::cli {

/// One sweep file with a number of workers: what is compared with others.
struct RehearsalSetting {
  std::string name;  ///< for people, different from all others
  SweepFile file;
  std::uint64_t workers = 1;
};

struct RehearsalPlan {
  std::vector<RehearsalSetting> settings;
  std::uint64_t first_seed = 1, seeds = 1;
  std::uint64_t trials = 0;      ///< instead of each file's run_cap; 0: the file's
  double seconds = 0;            ///< of virtual time; 0: what the files say
  rehearsal::Budget budget;      ///< that shares are taken of
  std::optional<double> target;  ///< whose time is measured
  std::string metric;
  Goal goal = Goal::kMinimize;
};

/// By setting, then by seed.
using RehearsalOutcomes = std::vector<std::vector<rehearsal::Outcome>>;

/// Rehearses each setting with each seed, on all cores unless the objective takes one thread, with
/// a line of progress. What comes out does not depend on the number of threads. Errors: those of
/// rehearse(), the first in order of the settings and seeds; kUnavailable when `leave` says so.
Result<RehearsalOutcomes> run_rehearsals(const Context& context, const RehearsalPlan& plan,
                                         const RehearsalObjective& objective,
                                         const std::function<bool()>& leave);

}  // namespace scopa::cli
