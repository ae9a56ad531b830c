#include "worker/output_tail.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/limits.h"
#include "sdk/base/text.h"

namespace scopa::worker {

namespace {

constexpr std::size_t kLinesMax = 20;
/// Of the lines before the tail that look like an error.
constexpr std::size_t kErrorLinesMax = 5;
constexpr std::size_t kErrorLineBytesMax = 200;
/// Where they are looked for: a program that fails tells it at its start or at its end.
constexpr std::size_t kLookedAtBytes = 256 << 10;

/// In lower case.
constexpr std::array<std::string_view, 16> kErrorWords = {
    "error",        "exception", "unknown",       "invalid", "unrecognized", "unsupported",
    "fatal",        "failed",    "failure",       "cannot ", "can't ",       "could not",
    "no such file", "not found", "not permitted", "denied"};

std::string bytes_of(const std::string& file, bool last, std::size_t bytes_max) {
  const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return {};
  struct stat info {};
  std::string text;
  if (fstat(fd, &info) == 0 && S_ISREG(info.st_mode)) {
    const auto size = static_cast<std::size_t>(info.st_size);
    const std::size_t from = last ? size - std::min(size, bytes_max) : 0;
    text.resize(std::min(size - from, bytes_max));
    const ssize_t n = pread(fd, text.data(), text.size(), static_cast<off_t>(from));
    text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    // A line whose beginning was cut off tells nothing, unless it is all there is.
    const std::size_t first_end = text.find('\n');
    if (from > 0 && first_end + 1 < text.size()) text.erase(0, first_end + 1);
  }
  close(fd);
  return text;
}

std::vector<std::string> lines_of(std::string_view text, std::size_t line_bytes_max = 512) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty()) lines.push_back(printable(line, line_bytes_max));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += (out.empty() ? "" : "\n") + line;
  return out;
}

bool looks_like_an_error(std::string_view line) {
  std::string lower(line);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return std::any_of(kErrorWords.begin(), kErrorWords.end(),
                     [&](std::string_view word) { return lower.find(word) != std::string::npos; });
}

}  // namespace

std::string output_tail(const std::string& file) {
  std::vector<std::string> lines = lines_of(bytes_of(file, true, limits::kStderrTailBytes));
  if (lines.size() > kLinesMax) lines.erase(lines.begin(), lines.end() - kLinesMax);
  return joined(lines);
}

std::string failure_excerpt(const std::string& file, const std::string& tail) {
  if (tail.empty()) return tail;
  const std::vector<std::string> last = lines_of(tail);
  std::vector<std::string> errors;
  const bool tail_tells = std::any_of(last.begin(), last.end(), looks_like_an_error);
  const std::size_t errors_max = tail_tells ? 1 : kErrorLinesMax;
  const std::string first = bytes_of(file, false, kLookedAtBytes);
  for (std::string& line : lines_of(first, kErrorLineBytesMax)) {
    if (errors.size() >= errors_max) break;
    const bool told = std::any_of(last.begin(), last.end(), [&](const std::string& other) {
      return other.compare(0, line.size(), line) == 0;
    });
    if (told || !looks_like_an_error(line)) continue;
    if (std::find(errors.begin(), errors.end(), line) == errors.end()) {
      errors.push_back(std::move(line));
    }
  }
  if (errors.empty()) return tail;
  errors.emplace_back("...");
  std::size_t bytes = 0;
  for (const std::string& line : errors) bytes += line.size() + 1;
  std::size_t keep = 0;
  while (keep < last.size() && errors.size() + keep < kLinesMax) {
    bytes += last[last.size() - 1 - keep].size() + 1;
    if (bytes > limits::kStderrTailBytes) break;
    ++keep;
  }
  errors.insert(errors.end(), last.end() - static_cast<std::ptrdiff_t>(keep), last.end());
  return joined(errors);
}

}  // namespace scopa::worker
