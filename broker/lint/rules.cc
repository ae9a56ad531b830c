#include "broker/lint/rules.h"

#include <array>
#include <cstddef>

namespace scopa::lint {
namespace {

constexpr spec::Severity kE = spec::Severity::kError;
constexpr spec::Severity kW = spec::Severity::kWarning;
constexpr spec::Severity kA = spec::Severity::kAdvice;

// L001 ranges, L005 values, L011 size and budget, L021 pruning, L031 the metric, L041 what makes a
// sweep impossible, L051 live, L061 how trainers use what they get, L071 how values are written,
// L081 the command.
constexpr std::array kRules = {
    RuleRow{Rule::kLinearOverDecades, "L001", kW, false, "a linear range over decades"},
    RuleRow{Rule::kImpossibleRange, "L002", kW, false, "a range that the parameter cannot mean"},
    RuleRow{Rule::kRealForWhole, "L003", kW, false, "a whole number drawn from reals"},
    RuleRow{Rule::kCoarseStep, "L004", kW, false, "a step that is too large for its range"},
    RuleRow{Rule::kLooksLikeRange, "L005", kW, false, "a value that looks like a range"},
    RuleRow{Rule::kNumberInQuotes, "L006", kW, false, "numbers in quotes are text"},
    RuleRow{Rule::kOneValue, "L007", kA, false, "a list of one value"},
    RuleRow{Rule::kRepeatedValue, "L008", kW, false, "a value is listed twice"},
    RuleRow{Rule::kNeverTried, "L009", kW, false, "a value that is never tried"},
    RuleRow{Rule::kListForRange, "L010", kA, false, "a list of values where a range would do"},
    RuleRow{Rule::kTooManyParameters, "L011", kA, false, "too many parameters for the trials"},
    RuleRow{Rule::kArchitecture, "L012", kA, false,
            "architecture and training are searched together"},
    RuleRow{Rule::kLargeGrid, "L013", kW, false, "a large grid"},
    RuleRow{Rule::kFineGrid, "L014", kW, false, "a grid over a continuous range"},
    RuleRow{Rule::kShortModelSearch, "L015", kW, false,
            "too few trials to get beyond the random start"},
    RuleRow{Rule::kWideModelSearch, "L016", kW, false, "too many parameters for a model"},
    RuleRow{Rule::kCapBeyondSpace, "L017", kA, false, "the cap is larger than the space"},
    RuleRow{Rule::kShortBudget, "L018", kW, false, "the budget is too short for its trials"},
    RuleRow{Rule::kSeedSearched, "L019", kW, false, "the seed is searched"},
    RuleRow{Rule::kComparesEarly, "L021", kW, false, "trials are compared too early"},
    RuleRow{Rule::kComparesLate, "L022", kW, false, "trials are compared too late"},
    RuleRow{Rule::kUnreachableRung, "L023", kW, false, "a comparison that no trial reaches"},
    RuleRow{Rule::kFewTrialsToCompare, "L024", kW, false, "too few trials to compare"},
    RuleRow{Rule::kShortTraining, "L025", kW, false, "pruning of a short training"},
    RuleRow{Rule::kLengthSearched, "L026", kA, false,
            "the length of the training is searched, and trials are pruned"},
    RuleRow{Rule::kGoalAgainstName, "L031", kW, false, "the goal contradicts the metric's name"},
    RuleRow{Rule::kMetricIsParameter, "L032", kW, false, "the metric has a parameter's name"},
    RuleRow{Rule::kNoMetric, "L033", kA, false, "nothing to rank the trials by"},
    RuleRow{Rule::kUnsatisfiable, "L041", kE, false, "no configuration satisfies the constraints"},
    RuleRow{Rule::kInitialPoint, "L042", kE, false, "an initial point that cannot be completed"},
    RuleRow{Rule::kGoalNeverLogged, "L051", kW, true, "the goal metric is never logged"},
    RuleRow{Rule::kGoalLoggedOnce, "L052", kW, true, "the goal metric is logged only once"},
    RuleRow{Rule::kBestAtBorder, "L053", kA, true, "the best trial is at the border of a range"},
    RuleRow{Rule::kCategoryFails, "L054", kW, true, "all trials of one value fail"},
    RuleRow{Rule::kPrunerNeverActs, "L055", kW, true, "no trial gets to a comparison"},
    RuleRow{Rule::kNoGain, "L056", kA, true, "no better trial for a while"},
    RuleRow{Rule::kEndedByForce, "L061", kW, true, "a trainer does not end when it is told to"},
    RuleRow{Rule::kFailedAfterItsEnd, "L062", kW, true, "a trainer fails after its last step"},
    RuleRow{Rule::kParameterNeverRead, "L063", kW, true, "a parameter is never read"},
    RuleRow{Rule::kParameterNotConverted, "L064", kW, true, "a parameter cannot be converted"},
    RuleRow{Rule::kMetricsLeftOut, "L065", kW, true, "metrics are not taken"},
    RuleRow{Rule::kPointsAtTheEnd, "L066", kW, true, "all points come at the end"},
    RuleRow{Rule::kNanFirst, "L067", kA, true, "NaN before the first value"},
    RuleRow{Rule::kMostDiverge, "L068", kW, true, "most trials diverge"},
    RuleRow{Rule::kSameCurves, "L069", kW, true, "different configurations, the same values"},
    RuleRow{Rule::kPythonWords, "L071", kA, false, "booleans and null in Python's words"},
    RuleRow{Rule::kSeveralInOne, "L081", kW, false, "several arguments in one item"},
    RuleRow{Rule::kShellVariable, "L082", kW, false, "a variable of a shell that is not there"},
    RuleRow{Rule::kProgramNotUsed, "L083", kW, false, "the command leaves the program out"},
    RuleRow{Rule::kAbsentParameter, "L084", kA, false, "an argument that is empty at times"},
    RuleRow{Rule::kNoProgram, "L085", kW, true, "nothing that could be started here"},
};

}  // namespace

std::span<const RuleRow> rule_table() { return kRules; }

const RuleRow& row_of(Rule rule) { return kRules[static_cast<std::size_t>(rule)]; }

}  // namespace scopa::lint
