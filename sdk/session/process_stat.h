#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace scopa::session {

/// What /proc tells of a process.
struct ProcessStat {
  char state = 0;  ///< 'Z': ended, and not yet collected
  pid_t group = 0;
  std::uint64_t start = 0;  ///< in the kernel's ticks since boot
};

/// None when there is no such process. `pid` is a folder name of /proc.
std::optional<ProcessStat> read_process_stat(const std::string& pid);

/// When the kernel started a process: together with the process id it names a process for good.
/// 0: there is no such process.
std::uint64_t start_ticks(pid_t pid);

}  // namespace scopa::session
