#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "cli/terminal.h"
#include "sdk/base/states.h"
#include "sdk/wire/messages.h"

/// What failures look like to people: of a sweep by cause, of a trial attempt by attempt.
namespace scopa::cli {

struct FailureGroup {
  Cause cause = Cause::kNone;
  std::size_t count = 0;  ///< trials that have failed of it
  std::string line;       ///< the last line that most of them ended with; may be empty
  std::size_t with_line = 0;
};

/// The failed trials, the most frequent cause first.
std::vector<FailureGroup> failure_groups(std::span<const wire::TrialInfo> trials);
/// "3 oom: CUDA out of memory (2 of 3)".
std::string to_text(const FailureGroup& group);
std::string json_of(const FailureGroup& group);

/// How far the worker had to go to end the attempt; empty: not at all.
std::string forced_text(const wire::AttemptInfo& attempt);

/// One "attempt N" after the other: when, where, how it ended, of what cause, and whether the trial
/// was tried again; below it the last lines of a failed one that another followed. Those of the
/// last attempt are the trial's reason.
std::string attempts_text(const wire::TrialInfo& trial, std::int64_t now_us,
                          const Terminal& terminal);

/// Lines that a trainer printed, below a label.
std::string output_block(const std::string& lines, bool color);

}  // namespace scopa::cli
