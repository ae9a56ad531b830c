#include "broker/spec/codes.h"

#include <array>
#include <cstddef>

namespace scopa::spec {
namespace {

constexpr Severity kE = Severity::kError;
constexpr Severity kW = Severity::kWarning;

// S020 and S031 are spoken for by the command line (no such sweep, trials that fail at the start).
constexpr std::array kRules = {
    RuleRow{Rule::kFileTooLarge, "S001", kE, "the file is larger than 1 MiB"},
    RuleRow{Rule::kNotText, "S002", kE, "the file is not UTF-8 text"},
    RuleRow{Rule::kSyntax, "S003", kE, "the file is not YAML or JSON"},
    RuleRow{Rule::kTooComplex, "S004", kE, "too deeply nested, or too many values"},
    RuleRow{Rule::kNotASweep, "S005", kE, "the file is empty or no map of keys"},
    RuleRow{Rule::kRepeatedKey, "S006", kE, "a key is given twice"},
    RuleRow{Rule::kUnknownKey, "S007", kE, "unknown key"},
    RuleRow{Rule::kMissingKey, "S008", kE, "a required key is missing"},
    RuleRow{Rule::kWrongType, "S009", kE, "a value has the wrong type"},
    RuleRow{Rule::kUnknownWord, "S010", kE, "a value is not one of the allowed words"},
    RuleRow{Rule::kUnknownDistribution, "S011", kE, "unknown distribution"},
    RuleRow{Rule::kLogBound, "S012", kE, "a log distribution needs min > 0"},
    RuleRow{Rule::kOutOfRange, "S013", kE, "a number is outside its allowed range"},
    RuleRow{Rule::kMinMax, "S014", kE, "min is not less than max"},
    RuleRow{Rule::kIntegerBounds, "S015", kE, "int_uniform needs integer bounds"},
    RuleRow{Rule::kTooFew, "S016", kE, "a list or map has too few entries"},
    RuleRow{Rule::kProbabilities, "S017", kE, "probabilities do not fit the values"},
    RuleRow{Rule::kParameterName, "S018", kE, "a parameter's name is not allowed"},
    RuleRow{Rule::kKeyNotForDistribution, "S019", kE, "a key does not belong to the distribution"},
    RuleRow{Rule::kNoDistribution, "S021", kE, "the distribution cannot be told from the keys"},
    RuleRow{Rule::kExclusiveKeys, "S022", kE, "keys that exclude each other"},
    RuleRow{Rule::kHyperbandForm, "S023", kE, "hyperband has no rungs as it is written"},
    RuleRow{Rule::kMethodCannot, "S024", kE, "valid, but Scopa cannot search it this way"},
    RuleRow{Rule::kUnknownMacro, "S025", kE, "a command macro is unknown or misplaced"},
    RuleRow{Rule::kCondition, "S026", kE, "a condition (`when`) that cannot hold"},
    RuleRow{Rule::kTooMany, "S027", kE, "more, or longer, than the limits allow"},
    RuleRow{Rule::kSameName, "S028", kE, "two parameters have the same dotted name"},
    RuleRow{Rule::kNumberTooLarge, "S029", kE, "a number that cannot be represented"},
    RuleRow{Rule::kYamlFeature, "S030", kE, "a YAML feature that sweep files do not use"},
    RuleRow{Rule::kExpression, "S032", kE, "an expression that cannot be read or used"},
    RuleRow{Rule::kDuration, "S033", kE, "not a duration, or out of its range"},
    RuleRow{Rule::kPrunerForm, "S034", kE, "a pruner that could not work as it is written"},
    RuleRow{Rule::kInitial, "S035", kE, "an initial point that does not fit the parameters"},
    RuleRow{Rule::kExponentBounds, "S040", kW, "bounds are exponents of e"},
    RuleRow{Rule::kIgnored, "S041", kW, "accepted and ignored"},
    RuleRow{Rule::kTextNotBoolean, "S042", kW, "yes, no, on and off are text"},
    RuleRow{Rule::kBothHyperbandForms, "S043", kW, "both forms of hyperband are given"},
    RuleRow{Rule::kGridLeavesOutMax, "S044", kW, "a q_uniform grid stops below max"},
};

}  // namespace

std::span<const RuleRow> rule_table() { return kRules; }

const RuleRow& row_of(Rule rule) { return kRules[static_cast<std::size_t>(rule)]; }

}  // namespace scopa::spec
