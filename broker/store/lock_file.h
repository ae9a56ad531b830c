#pragma once

#include <string>

#include "sdk/base/status.h"

namespace scopa::store {

/// A file that one process holds locked and in which it has written its process id, so that a
/// second one can say who is in the way. The lock ends with the process, however it ends; the file
/// stays.
class LockFile {
 public:
  /// Errors: kConflict when another holds it (names it), kResource when the file cannot be made.
  static Result<LockFile> acquire(const std::string& path);
  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&& other) noexcept;
  ~LockFile();

 private:
  explicit LockFile(int file) : file_(file) {}
  int file_ = -1;
};

}  // namespace scopa::store
