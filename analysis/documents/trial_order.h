#pragma once

#include <string>

#include "analysis/documents/trial_sheet.h"
#include "analysis/leaderboard.h"
#include "sdk/base/status.h"

namespace scopa::analysis {

/// All trials, sorted by any column of the sheet; a leading '-' turns the order round. Numbers sort
/// as numbers, texts after them, and what is missing stands last in both directions; what is equal
/// stands as in the leaderboard. Errors: kInvalidArgument for a name that is no column.
Result<TrialList> sorted_by(const TrialSheet& sheet, const std::string& column);

}  // namespace scopa::analysis
