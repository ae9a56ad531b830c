#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace scopa::worker {

/// Bounds a trial's log, which its trainer writes itself: the first bytes and the last ones are
/// kept, and a line between them says what was cut out. While the trainer runs, what lies between
/// is given back to the disk (as a hole in the file, where the file system can do that); when
/// nobody writes any more the file becomes head, line and tail. One thread.
class LogCap {
 public:
  LogCap(std::string file, std::uint64_t head_bytes, std::uint64_t tail_bytes)
      : file_(std::move(file)), head_bytes_(head_bytes), tail_bytes_(tail_bytes) {}
  ~LogCap();
  LogCap(const LogCap&) = delete;
  LogCap& operator=(const LogCap&) = delete;

  /// Looks at its size; every few milliseconds.
  void look();
  /// Nobody writes any more.
  void finish();

 private:
  /// 0 where there is no such file, or it is no regular one.
  std::uint64_t size();

  std::string file_;
  std::uint64_t head_bytes_;
  std::uint64_t tail_bytes_;
  int fd_ = -1;
  std::uint64_t given_back_ = 0;  // up to here
  bool has_holes_ = true;         // the file system, as far as is known
};

}  // namespace scopa::worker
