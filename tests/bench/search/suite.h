#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "rehearsal/problem.h"
#include "sdk/base/status.h"

namespace scopa::bench {

/// Problems of the suite: the synthetic ones of this repository and, from the folder `data` (may
/// not exist), those of surrogate networks.
struct Suite {
  std::vector<rehearsal::Problem> problems;
  std::string notice;  ///< what was left out and why; empty: nothing
};
Result<Suite> load_suite(const std::filesystem::path& synthetic, const std::filesystem::path& data);

/// A sweep file's keys that take the place of those of the problem: a JSON object.
struct Setting {
  std::string name;
  std::string keys;
};

/// One measurement: the normalised regret of a run at one of its marks.
struct Row {
  std::string problem, kind, mode, setting;
  std::uint64_t seed = 0;
  double mark = 0;  ///< trials (sequential), or the share of the budget (asynchronous)
  double regret = 1;
  std::uint64_t started = 0, completed = 0, pruned = 0, steps = 0;
};

inline constexpr double kTrialMarks[] = {5, 10, 15, 20, 25, 30, 40, 50, 60, 75, 90, 100};
inline constexpr double kBudgetMarks[] = {0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9, 1};

/// 100 trials, one after the other, each of which reports its final value once. The incumbent is
/// chosen by what was observed; its regret is that of the value without noise.
Result<std::vector<Row>> run_sequential(const rehearsal::Problem& problem, const Setting& setting,
                                        std::uint64_t seed);

/// Eight workers in virtual time, which share a budget of 50 full trainings of mean cost and report
/// each step. Regret of the best trial that has completed; 1 while none has.
Result<std::vector<Row>> run_asynchronous(const rehearsal::Problem& problem, const Setting& setting,
                                          std::uint64_t seed);

}  // namespace scopa::bench
