#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace scopa::session {

/// Looks up an environment variable; tests pass their own.
using Environment = std::function<std::optional<std::string>(std::string_view)>;

/// The environment of this process.
Environment process_environment();
/// All of it as NAME=value.
std::vector<std::string> process_variables();

/// Whether this process is a SLURM job, where devices and the end of time come from SLURM.
bool is_in_slurm(const Environment& env);

/// "a,b" → {"a", "b"}, without spaces and empty parts.
std::vector<std::string> split_list(std::string_view text);

}  // namespace scopa::session
