#pragma once

#include <string>

#include "sdk/base/status.h"

namespace scopa::worker {

/// A claim on a device of this machine, held as long as the object lives and given up by the
/// kernel when the process dies, however that happens.
class GpuLock {
 public:
  /// Takes `folder`/gpu-ID.lock without waiting.
  /// Errors: kConflict when another worker has it, with its process id; kResource.
  static Result<GpuLock> take(const std::string& folder, const std::string& id);

  GpuLock(GpuLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  GpuLock& operator=(GpuLock&& other) noexcept;
  ~GpuLock();

 private:
  explicit GpuLock(int fd) : fd_(fd) {}
  int fd_ = -1;
};

}  // namespace scopa::worker
