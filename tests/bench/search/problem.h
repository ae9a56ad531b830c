#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/search/space.h"
#include "rehearsal/problem.h"
#include "rehearsal/rehearse.h"
#include "sdk/base/states.h"
#include "sdk/base/status.h"
#include "sdk/base/value.h"

namespace scopa::bench {

/// Something to be searched, and how good what was found is. A value type; what it holds may be
/// called from several threads at once.
struct Problem {
  std::string id;    ///< `base`, and what was changed of it: "well8+crash0.1"
  std::string base;  ///< all variants of one function, surrogate or data set share it
  /// "smooth", "inner", "rugged", "high-dimensional", "discrete", "conditional", "noisy",
  /// "failing", "real".
  std::string group;
  std::string config;      ///< the sweep file as JSON
  std::string conditions;  ///< as `init` of ask-tell takes them; empty: none
  std::uint64_t steps = 1;
  Goal goal = Goal::kMinimize;
  double best = 0;    ///< the best value without noise
  double median = 1;  ///< ... of a random configuration
  double mean_full_seconds = 1;
  bool only_in_time = false;  ///< it is for asynchronous runs alone

  /// The value after the last step, without noise.
  std::function<Result<double>(const Params&)> exact;
  /// What trial `number` of a run with `seed` reports instead of it; empty: itself.
  std::function<double(double exact, std::uint64_t seed, std::uint64_t number)> observed;
  /// Whether it fails instead; empty: never.
  std::function<Result<bool>(const Params&, std::uint64_t seed, std::uint64_t number)> fails;
  /// The whole curve, where there is one.
  std::function<Result<rehearsal::Problem::Run>(const Params&)> curve;
  /// What is trained each time: trial `number` of a run with `seed`, its curve, cost and end. Takes
  /// the place of `observed`, `fails` and `curve`; `exact` is infinite where each training fails.
  std::function<Result<rehearsal::Training>(const Params&, std::uint64_t seed,
                                            std::uint64_t number)>
      train;

  /// 0 for the optimum, 1 for a typical random configuration.
  double regret(double value) const { return (value - best) / (median - best); }
};

/// What a run that looks at final values sees of a trial.
struct Seen {
  double value = 0;  ///< unless it fails
  bool fails = false;
};
Result<Seen> seen_of(const Problem& problem, const Params& params, std::uint64_t seed,
                     std::uint64_t number);

/// What a run in virtual time sees of it: the whole curve; one that fails ends with a part of it.
Result<rehearsal::Training> whole_training(const Problem& problem, const Params& params,
                                           std::uint64_t seed, std::uint64_t number);

/// All variants of a base are in the half that its name's hash says, never in both: what is chosen
/// by one half is reported by the other.
enum class Half : std::uint8_t { kChoosing, kJudging };
Half half_of(std::string_view base);
std::string_view name_of(Half half);

/// A quantile-scaled parameter of a function as a number; kInvalidArgument if there is none.
Result<double> number_in(const Params& params, const std::string& name);

/// Of the problem's sweep file, the same for all of its runs.
Result<std::shared_ptr<const search::Space>> space_of(const Problem& problem);

/// Without a group; its own norm.
Problem from_rehearsal(rehearsal::Problem problem);

/// Fills in `median`: of 1,001 configurations that the sweep file's own distributions give.
Status measure_median(Problem* problem);

// Variants, each in the group that it is named for.

enum class Noise : std::uint8_t { kNormal, kHeavy };  ///< kHeavy: Student's t, 3 degrees of freedom
/// `scale` in units of median - best.
Problem with_noise(Problem problem, Noise noise, double scale);
/// A share of the trials fails whatever their configuration.
Problem with_crashes(Problem problem, double share);
/// What fails is told by the parameters that are numbers: where `where` is true of their values,
/// in the order of the sweep file. `name` says it.
Problem with_failures(Problem problem, const std::string& name,
                      std::function<bool(const std::vector<double>&)> where);

}  // namespace scopa::bench
