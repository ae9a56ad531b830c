#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/documents/trial_sheet.h"
#include "analysis/leaderboard.h"
#include "cli/args.h"
#include "cli/query.h"
#include "sdk/base/status.h"

namespace scopa::cli {

/// Which trials, in which order and with which columns: the same options of every command that
/// lists trials.
struct TrialSelectionOptions {
  std::vector<std::string> columns;
  std::string sort;
  std::string where;
};
void declare_selection(Args& args, TrialSelectionOptions* o);

/// `--columns "trial,lr" --columns loss` as a list; a comma within backticks is part of a name.
std::vector<std::string> column_names(const std::vector<std::string>& given);

struct TrialSelection {
  analysis::TrialList trials;
  std::optional<std::vector<analysis::TrialSheet::Column>> columns;  ///< none: the usual ones
};
/// Errors: kInvalidArgument that names the option.
Result<TrialSelection> select_trials(const analysis::TrialSheet& sheet,
                                     const TrialSelectionOptions& o);

}  // namespace scopa::cli
