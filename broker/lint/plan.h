#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "broker/pruning/expected_survivors.h"
#include "broker/spec/sweep_spec.h"
#include "sdk/base/value.h"

namespace scopa::lint {

/// What a sweep file will lead to, found without running anything.
struct Plan {
  std::optional<std::uint64_t> size;  ///< configurations; nothing when infinite or uncountable
  std::size_t continuous = 0;         ///< parameters without an end of values
  std::size_t searched = 0;           ///< parameters with more than one value

  /// Why the sweep ends: at its cap, with the space, or not by a number of trials.
  enum class End : std::uint8_t { kRunCap, kSpace, kOpen } end = End::kOpen;
  std::uint64_t trials = 0;  ///< configurations that will be tried; 0 for kOpen

  /// Where trials are compared, as far as it matters: below max_steps, while more than one is left.
  /// Survivors of `compared` trials: those of the sweep, or 100 where it has no end.
  std::vector<pruning::RungForecast> rungs;
  std::uint64_t compared = 0;
  std::vector<std::uint64_t> late_rungs;  ///< where nobody is compared: in the last quarter
  bool rungs_count_values = false;        ///< of the goal metric (hyperband); else its steps
  /// The share of all steps that pruning is expected to save; where the file says how long a
  /// training is and the rungs decide for good (hyperband, asha).
  std::optional<double> saved;

  std::uint64_t seed = 0;
  bool seed_is_given = false;  ///< by the file; else the sweep will draw another one
  /// What would be tried first: the sweep's first points, then what its sampler proposes while
  /// nothing has ended.
  std::vector<Params> first;
};

/// The plan with its first `count` configurations.
Plan make_plan(const spec::SweepSpec& spec, std::size_t count);

/// "infinite (5 continuous parameters)", "1,200 configurations".
std::string size_text(const Plan& plan);
/// "30 (`run_cap`)", "no end: ..."
std::string trials_text(const Plan& plan, const spec::SweepSpec& spec);
/// "hyperband: of 30 trials 11 go on after 2 values, 4 after 6"; empty without a pruner.
std::string rungs_text(const Plan& plan, const spec::SweepSpec& spec);

}  // namespace scopa::lint
