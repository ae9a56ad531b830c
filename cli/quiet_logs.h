#pragma once

#include <string>
#include <string_view>

namespace scopa::cli {

/// Broker and worker log a line per change of state. In `scopa run` these would tear
/// the live line, so they go to `folder/name` instead; where that cannot be opened, nowhere.
void quiet_logs(const std::string& folder, const std::string& name);

/// In `scopa broker` they are talk like any other: stderr.
void log_to_stderr();

/// A line in that log.
void log_line(std::string_view line);

}  // namespace scopa::cli
