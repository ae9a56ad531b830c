#include "worker/output_tail.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "sdk/base/limits.h"
#include "sdk/base/text.h"

namespace scopa::worker {

namespace {

constexpr std::size_t kLinesMax = 20;

std::string last_bytes(const std::string& file) {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return {};
  struct stat info {};
  std::string text;
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
    const auto size = static_cast<std::size_t>(info.st_size);
    const std::size_t from = size - std::min(size, limits::kStderrTailBytes);
    text.resize(size - from);
    const ssize_t n = pread(fd, text.data(), text.size(), static_cast<off_t>(from));
    text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    // A line whose beginning was cut off tells nothing, unless it is all there is.
    const std::size_t first_end = text.find('\n');
    if (from > 0 && first_end + 1 < text.size()) text.erase(0, first_end + 1);
  }
  close(fd);
  return text;
}

}  // namespace

std::string output_tail(const std::string& file) {
  const std::string text = last_bytes(file);
  std::vector<std::string> lines;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty()) lines.push_back(printable(line));
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  if (lines.size() > kLinesMax) lines.erase(lines.begin(), lines.end() - kLinesMax);
  std::string out;
  for (const std::string& line : lines) out += (out.empty() ? "" : "\n") + line;
  return out;
}

}  // namespace scopa::worker
