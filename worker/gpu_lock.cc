#include "worker/gpu_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "sdk/base/text.h"
#include "sdk/session/private_folder.h"

namespace scopa::worker {

namespace {

std::string file_name(const std::string& id) {
  std::string name;
  for (const char c : id.substr(0, 200)) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_';
    name += plain ? c : '_';
  }
  return "gpu-" + name + ".lock";
}

std::string holder(int fd) {
  std::array<char, 32> text{};
  const ssize_t n = pread(fd, text.data(), text.size() - 1, 0);
  std::string pid(text.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid.empty() ? "unknown" : printable(pid, 32);
}

}  // namespace

Result<GpuLock> GpuLock::take(const std::string& folder, const std::string& id) {
  SCOPA_RETURN_IF_ERROR(session::make_private_folder(folder));
  const std::string path = folder + "/" + file_name(id);
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) {
    return Status{Code::kResource, "cannot open the lock " + path + ": " + std::strerror(errno)};
  }
  GpuLock lock(fd);
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    return Status{Code::kConflict,
                  "GPU " + id + " is in use by another scopa worker, process " + holder(fd),
                  "choose other GPUs with --gpus, or give that worker more slots with --slots"};
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  // Only for the message above: whoever fails to write it still holds the lock.
  (void)!ftruncate(fd, 0);
  (void)!pwrite(fd, pid.data(), pid.size(), 0);
  return lock;
}

GpuLock& GpuLock::operator=(GpuLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

GpuLock::~GpuLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace scopa::worker
