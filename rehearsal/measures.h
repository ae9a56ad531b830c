#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/interval.h"
#include "rehearsal/outcome.h"
#include "sdk/base/states.h"

/// What many rehearsals of one setting say, and how two settings differ. Pure.
namespace scopa::rehearsal {

/// What a sweep may use, of which the measures take shares: seconds of virtual time if not 0, else
/// a number of trials if not 0, else whatever time each run took.
struct Budget {
  double seconds = 0;
  std::uint64_t trials = 0;
};

enum class Unit : std::uint8_t { kValue, kSeconds, kCount, kShare };

/// One number for each seed; none where a run has none: no trial had completed by then, the target
/// was not reached.
struct Measure {
  std::string key;    ///< stable, for programs: "best_25"
  std::string label;  ///< for people: "best at 25 % of the time"
  Unit unit = Unit::kValue;
  std::vector<std::optional<double>> by_seed;

  /// Over the seeds that have one.
  std::optional<analysis::Interval> over_seeds() const;
};

/// The shares of the budget at which the best result is measured.
inline constexpr int kShares[] = {10, 25, 50, 100};

/// best_10 ... best_100, target_s (with `has_target`), elapsed_s, device_s, started, completed,
/// pruned, diverged, failed, steps, saved; always in this order.
std::vector<Measure> measures_of(std::span<const Outcome> runs, const Budget& budget,
                                 bool has_target);

/// How `other` differs from `first`, measured with the same seeds in the same order.
enum class Verdict : std::uint8_t {
  kNone,     ///< no seed has both
  kSame,     ///< equal in every seed
  kLess,     ///< certain at 95 %: the interval of the difference is below 0 ...
  kMore,     ///< ... or above 0
  kUnclear,  ///< the interval includes 0, or one seed says nothing
};
struct Difference {
  Verdict verdict = Verdict::kNone;
  std::optional<analysis::Interval> interval;  ///< of `other` minus `first`, seed by seed
};
Difference difference(const Measure& first, const Measure& other);

/// "better" and "worse" of a value, "less" and "more" of what a sweep takes; "same", "unclear",
/// "none".
std::string_view word_of(Verdict verdict, Unit unit, Goal goal);

/// The best result against time, and what had ended by then: means over the runs.
struct Moment {
  double seconds = 0;
  std::optional<analysis::Interval> best;  ///< of the runs in which a trial had completed
  double ended = 0, pruned = 0;            ///< trials so far
};
/// At `count` moments evenly spaced, the last of them at the budget's time or the end of the
/// longest run.
std::vector<Moment> schedule(std::span<const Outcome> runs, const Budget& budget,
                             std::size_t count);

/// Trials that were stopped after so many steps, on average over the runs.
struct Stops {
  std::uint64_t first = 0, last = 0;  ///< steps, both included
  double trials = 0;
};
/// By steps, ascending: a row for each of `rungs` (ascending), with what was stopped there or
/// before the next one; without any, a row for each step. Neighbours are added up where that makes
/// more than `rows_max` rows.
std::vector<Stops> stops_by_rung(std::span<const Outcome> runs,
                                 std::span<const std::uint64_t> rungs, std::size_t rows_max);

}  // namespace scopa::rehearsal
