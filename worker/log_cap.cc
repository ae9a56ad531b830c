#include "worker/log_cap.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace scopa::worker {
namespace {

constexpr std::uint64_t kPage = 4096;
/// How much more there must be than is kept, before anything is done.
constexpr std::uint64_t kSlackShare = 8;
/// Head and tail end and begin with whole lines, if a line's end is so near.
constexpr std::uint64_t kLineLook = 4096;

std::string read_at(int fd, std::uint64_t from, std::uint64_t bytes) {
  std::string text(bytes, '\0');
  const ssize_t n = pread(fd, text.data(), text.size(), static_cast<off_t>(from));
  text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  return text;
}

bool write_at(int fd, std::uint64_t at, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = pwrite(fd, text.data(), text.size(), static_cast<off_t>(at));
    if (n <= 0) return false;
    at += static_cast<std::uint64_t>(n);
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::uint64_t line_end_before(int fd, std::uint64_t at) {
  const std::uint64_t from = at - std::min(at, kLineLook);
  const std::size_t end = read_at(fd, from, at - from).rfind('\n');
  return end == std::string::npos ? at : from + end + 1;
}

std::uint64_t line_begin_after(int fd, std::uint64_t at) {
  const std::size_t end = read_at(fd, at, kLineLook).find('\n');
  return end == std::string::npos ? at : at + end + 1;
}

}  // namespace

LogCap::~LogCap() {
  if (fd_ >= 0) close(fd_);
}

std::uint64_t LogCap::size() {
  if (fd_ < 0) fd_ = open(file_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  struct stat info {};
  if (fd_ < 0 || fstat(fd_, &info) != 0 || !S_ISREG(info.st_mode)) return 0;
  return static_cast<std::uint64_t>(info.st_size);
}

void LogCap::look() {
  const std::uint64_t kept = head_bytes_ + tail_bytes_;
  const std::uint64_t now = has_holes_ ? size() : 0;
  if (now <= kept + kept / kSlackShare) return;
  if (now < given_back_) given_back_ = 0;  // its trainer has begun it anew
  const std::uint64_t from = (head_bytes_ + kPage - 1) / kPage * kPage;
  const std::uint64_t to = (now - tail_bytes_) / kPage * kPage;
  if (to < std::max(given_back_, from) + kept / kSlackShare) return;
  has_holes_ = fallocate(fd_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(from),
                         static_cast<off_t>(to - from)) == 0;
  given_back_ = to;
}

void LogCap::finish() {
  const std::uint64_t now = size();
  const std::uint64_t kept = head_bytes_ + tail_bytes_;
  if (now <= kept + kept / kSlackShare) return;
  const std::uint64_t head = line_end_before(fd_, head_bytes_);
  const std::uint64_t tail = line_begin_after(fd_, now - tail_bytes_);
  std::uint64_t at = head;
  const std::string line = "[scopa] " + std::to_string(tail - head) +
                           " bytes were cut out here: of a long log its beginning and its end are "
                           "kept\n";
  if (tail - head <= line.size() || !write_at(fd_, at, line)) return;
  at += line.size();
  constexpr std::uint64_t kChunk = 1 << 20;
  for (std::uint64_t from = tail; from < now;) {
    const std::string chunk = read_at(fd_, from, std::min(kChunk, now - from));
    if (chunk.empty() || !write_at(fd_, at, chunk)) return;
    from += chunk.size();
    at += chunk.size();
  }
  (void)!ftruncate(fd_, static_cast<off_t>(at));
}

}  // namespace scopa::worker
