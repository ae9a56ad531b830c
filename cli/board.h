#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analysis/documents/trial_sheet.h"
#include "analysis/leaderboard.h"
#include "cli/query.h"
#include "cli/terminal.h"

namespace scopa::cli {

/// The leaderboard as a table: rank, trial, state, value, steps, time, in a pipe also the cause of
/// a failure, then the parameters, those that differ between trials first, then the other metrics'
/// last values. With replicates a configuration is one row, that of its first run, with the mean.
/// Ranks are those of the whole sweep, however `trials` is sorted.
std::string board(const Snapshot& snapshot, const analysis::TrialList& trials,
                  const Terminal& terminal);

/// The same trials with columns of one's choice.
std::string board_of(const analysis::TrialSheet& sheet,
                     const std::vector<analysis::TrialSheet::Column>& columns,
                     const analysis::TrialList& trials, const Terminal& terminal);

Style style_of(TrialState state);
Style style_of(SweepState state);

/// "fox-12 (k3v9q2ha)", or the id alone where it has no name.
std::string title_of(const wire::SweepInfo& sweep);

/// Why a trial failed, in two: "exit 1", and what it printed last (lines; may be empty).
struct Reason {
  std::string what;
  std::string output;
  /// "exit 1: No module named 'timm'": the last line tells most.
  std::string in_a_line() const;
};
Reason split_reason(const std::string& reason);

/// "18 of 30 trials ended: 2 running, 7 pruned, 1 failed"; with replicates "12 of 30 configurations
/// begun, 18 runs ended: ...".
std::string counts_text(const wire::SweepInfo& sweep);

/// "  fox-12 (k3v9q2ha)  running, 18 of 30 trials ended: ..." and a line break, in one line of a
/// terminal.
std::string headline(const wire::SweepInfo& sweep, const Terminal& terminal);

}  // namespace scopa::cli
