#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "broker/spec/parse.h"

namespace scopa::spec {

/// What a finding is about. Its code (`S012`) is what users search for: append, never renumber.
enum class Rule : std::uint8_t {
  kFileTooLarge,
  kNotText,
  kSyntax,
  kTooComplex,
  kNotASweep,
  kRepeatedKey,
  kUnknownKey,
  kMissingKey,
  kWrongType,
  kUnknownWord,
  kUnknownDistribution,
  kLogBound,
  kOutOfRange,
  kMinMax,
  kIntegerBounds,
  kTooFew,
  kProbabilities,
  kParameterName,
  kKeyNotForDistribution,
  kNoDistribution,
  kExclusiveKeys,
  kHyperbandForm,
  kMethodCannot,
  kUnknownMacro,
  kCondition,
  kTooMany,
  kSameName,
  kNumberTooLarge,
  kYamlFeature,
  kExpression,
  kDuration,
  kPrunerForm,
  kInitial,
  kExponentBounds,
  kIgnored,
  kTextNotBoolean,
  kBothHyperbandForms,
  kGridLeavesOutMax,
};

struct RuleRow {
  Rule rule;
  std::string_view code;
  Severity severity;
  std::string_view title;
};

/// Every rule once, in the order of the codes. docs/spec.md repeats it; a test compares them.
std::span<const RuleRow> rule_table();
const RuleRow& row_of(Rule rule);

}  // namespace scopa::spec
