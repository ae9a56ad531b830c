#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "analysis/documents/trial_sheet.h"
#include "broker/spec/expression.h"
#include "sdk/base/status.h"

namespace scopa::analysis {

/// A condition on trials in the language of a sweep file's `constraints`:
///
///     lr < 1e-2 and `val/acc` > 0.8
///     state == failed and cause != oom
///
/// A name is a parameter's, else a metric's (its last value), else that of a column of the sheet;
/// one with `/` or `-` stands in backticks. What a trial has not compares false.
class Where {
 public:
  /// Errors: kInvalidArgument that names the place.
  static Result<Where> compile(std::string_view text, const TrialSheet& sheet);

  bool holds(const wire::TrialInfo& trial) const;

 private:
  Where(const TrialSheet& sheet, spec::Expression expression,
        std::vector<TrialSheet::Column> columns)
      : sheet_(&sheet), expression_(std::move(expression)), columns_(std::move(columns)) {}

  const TrialSheet* sheet_;
  spec::Expression expression_;
  std::vector<TrialSheet::Column> columns_;  // that it names, in the order of its indexes
};

}  // namespace scopa::analysis
