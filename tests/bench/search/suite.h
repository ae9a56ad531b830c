#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "sdk/base/status.h"
#include "tests/bench/search/problem.h"

namespace scopa::bench {

struct Suite {
  std::vector<Problem> problems;
  std::string notice;  ///< what was left out and why; empty: nothing
};

/// The first suite, on which the searches were tuned: the synthetic problems of the list at
/// `synthetic` and, from the folder `data` (may not exist), those of surrogate networks.
Result<Suite> first_suite(const std::filesystem::path& synthetic,
                          const std::filesystem::path& data);

/// What was not: functions with optima inside, rugged and high-dimensional ones, discrete and
/// conditional spaces, and of those (and of `first`) noisy and failing variants.
Result<std::vector<Problem>> wide_suite(const std::vector<Problem>& first);

/// A sweep file's keys that take the place of those of the problem: a JSON object.
struct Setting {
  std::string name;
  std::string keys;
};

/// One measurement: a run at one of its marks.
struct Row {
  std::string mode, setting;
  std::uint64_t seed = 0;
  double mark = 0;    ///< trials, or the share of the budget (asynchronous)
  double regret = 1;  ///< without noise, of the trial that looks best
  std::uint64_t started = 0, completed = 0, pruned = 0, steps = 0;
  std::uint64_t failed = 0;
  // Of trials that were not asked for at the start: from number kEarly on.
  std::uint64_t ordered = 0;    ///< coordinates that have an order
  std::uint64_t on_bounds = 0;  ///< of them, within .001 of one in the quantiles
  std::uint64_t copies = 0;     ///< trials within .05 of an open one in each, same categories
  double cpu_ms = 0;            ///< of the whole run so far, the problem's own time included
};

inline constexpr double kTrialMarks[] = {5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 90, 100};
inline constexpr double kBudgetMarks[] = {0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9, 1};
inline constexpr std::uint64_t kEarly = 20;

/// 100 trials that all take as long, `workers` at a time, each of which reports its final value
/// once. The incumbent is chosen by what was observed; its regret is that of the value without
/// noise, 1 while nothing has completed.
Result<std::vector<Row>> run_trials(const Problem& problem, const Setting& setting,
                                    std::uint64_t seed, std::uint64_t workers);

/// Eight workers in virtual time, which share a budget of 50 full trainings of mean cost and report
/// each step. Regret of the trial that looks best of those that have completed; 1 while none has.
Result<std::vector<Row>> run_asynchronous(const Problem& problem, const Setting& setting,
                                          std::uint64_t seed);

}  // namespace scopa::bench
