#pragma once

#include <string>

namespace scopa::worker {

/// The last lines of a trial's log, at most 20 and limits::kStderrTailBytes, printable; empty when
/// there are none.
std::string output_tail(const std::string& file);

}  // namespace scopa::worker
