#pragma once

#include <string>

namespace scopa::worker {

/// The last lines of a trial's log, at most 20 and limits::kStderrTailBytes, printable; empty when
/// there are none.
std::string output_tail(const std::string& file);

/// What a person wants to see of the log of a trial that failed: `tail`, its output_tail(); and
/// where lines before that look like the error (programs often tell it first and their usage
/// afterwards), the first few of them (one, when the tail has such lines too), "..." and less of
/// the tail. Within the same bounds.
std::string failure_excerpt(const std::string& file, const std::string& tail);

}  // namespace scopa::worker
