#include "sdk/session/process_stat.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>

namespace scopa::session {

std::optional<ProcessStat> read_process_stat(const std::string& pid) {
  const int fd = open(("/proc/" + pid + "/stat").c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::array<char, 1024> buffer{};
  const ssize_t n = read(fd, buffer.data(), buffer.size() - 1);
  close(fd);
  const std::string text(buffer.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
  // The second field is a name that may hold anything, also brackets.
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  ProcessStat stat;
  unsigned long long start = 0;
  const int fields = std::sscanf(text.c_str() + name_end + 1,
                                 " %c %*d %d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d "
                                 "%*d %*d %*d %llu",
                                 &stat.state, &stat.group, &start);
  if (fields != 3) return std::nullopt;
  stat.start = start;
  return stat;
}

std::uint64_t start_ticks(pid_t pid) {
  const auto stat = read_process_stat(std::to_string(pid));
  return stat ? stat->start : 0;
}

}  // namespace scopa::session
