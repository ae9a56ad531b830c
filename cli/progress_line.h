#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "analysis/progress.h"
#include "sdk/wire/messages.h"

namespace scopa::cli {

/// The live line of `scopa run` and `scopa status -w`, at most `width` characters:
///
///     fox-12  ████████░░░░ 18/30  2 running  7 pruned · best val_acc 0.8612 #17 (4 ago) · 42s left
///
/// Where room is short, first the range of the estimate goes, then the age of the best trial, the
/// metric's name, the bar, and last the end of the line.
std::string progress_line(const wire::SweepInfo& sweep,
                          const std::optional<analysis::Remaining>& left, std::size_t width,
                          bool color);

/// Trials that have ended, all there will be (0 where nobody knows), and those still to come. With
/// replicates, which only some configurations get, the configurations to come are taken to need as
/// many runs as those so far.
std::uint64_t ended_trials(const wire::SweepInfo& sweep);
std::uint64_t expected_trials(const wire::SweepInfo& sweep);
std::uint64_t trials_left(const wire::SweepInfo& sweep);

/// "best val_acc 0.8612 #17", without `metric` "best 0.8612 #17", or empty.
std::string best_text(const wire::SweepInfo& sweep, bool metric = true);

}  // namespace scopa::cli
