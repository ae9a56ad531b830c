#pragma once

#include <string>
#include <vector>

#include "cli/context.h"
#include "cli/rehearsal_runs.h"
#include "rehearsal/measures.h"

namespace scopa::cli {

/// What rehearsals came to, as it is printed.
struct RehearsalReport {
  const RehearsalPlan& plan;
  const RehearsalObjective& objective;
  const RehearsalOutcomes& outcomes;
  /// By setting.
  std::vector<std::vector<rehearsal::Measure>> measures;
  /// What someone should know who reads it: of the objective, and of settings that did not use the
  /// time they had.
  std::vector<std::string> remarks;

  RehearsalReport(const RehearsalPlan& plan, const RehearsalObjective& objective,
                  const RehearsalOutcomes& outcomes);
};

/// For people, and as tables in a pipe: the measures of all settings side by side; of one setting
/// its schedule and where trials were stopped, of several their differences to the first.
std::string rehearsal_text(const RehearsalReport& report, const Terminal& terminal);
/// All of it, as one document.
std::string rehearsal_json(const RehearsalReport& report);
/// A row for each setting and seed, with a header line; what is missing is an empty cell.
std::string rehearsal_csv(const RehearsalReport& report);

/// "0.9123 ± 0.0012": to two digits of the uncertainty. "1h12m ± 3m04s", "41 % ± 2", "23.4 ± 1.2".
std::string interval_text(const analysis::Interval& interval, rehearsal::Unit unit);

}  // namespace scopa::cli
