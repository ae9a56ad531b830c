#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "broker/spec/parse.h"

namespace scopa::lint {

/// What a remark about a valid sweep file is about. Its code (`L001`) is what users search for:
/// append, never renumber.
enum class Rule : std::uint8_t {
  kLinearOverDecades,
  kImpossibleRange,
  kRealForWhole,
  kCoarseStep,
  kLooksLikeRange,
  kNumberInQuotes,
  kOneValue,
  kRepeatedValue,
  kNeverTried,
  kListForRange,
  kTooManyParameters,
  kArchitecture,
  kLargeGrid,
  kFineGrid,
  kShortModelSearch,
  kWideModelSearch,
  kCapBeyondSpace,
  kShortBudget,
  kSeedSearched,
  kComparesEarly,
  kComparesLate,
  kUnreachableRung,
  kFewTrialsToCompare,
  kShortTraining,
  kLengthSearched,
  kGoalAgainstName,
  kMetricIsParameter,
  kNoMetric,
  kUnsatisfiable,
  kInitialPoint,
  kGoalNeverLogged,
  kGoalLoggedOnce,
  kBestAtBorder,
  kCategoryFails,
  kPrunerNeverActs,
  kNoGain,
  kEndedByForce,
  kFailedAfterItsEnd,
  kParameterNeverRead,
  kParameterNotConverted,
  kMetricsLeftOut,
  kPointsAtTheEnd,
  kNanFirst,
  kMostDiverge,
  kSameCurves,
  kPythonWords,
  kSeveralInOne,
  kShellVariable,
  kProgramNotUsed,
  kAbsentParameter,
  kNoProgram,
};

struct RuleRow {
  Rule rule;
  std::string_view code;
  spec::Severity severity;
  bool live;  ///< not found in the file alone: while the sweep runs, or on this machine
  std::string_view title;
};

/// Every rule once, in the order of the codes. docs/lint.md repeats it; a test compares them.
std::span<const RuleRow> rule_table();
const RuleRow& row_of(Rule rule);

}  // namespace scopa::lint
