#include "broker/store/lock_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

#include "sdk/base/text.h"

namespace scopa::store {
namespace {

/// "process 4711 (scopa)", as far as it can be known.
std::string holder_of(const std::string& path) {
  std::string pid;
  std::getline(std::ifstream(path), pid);
  if (pid.empty() || pid.find_first_not_of("0123456789") != std::string::npos) {
    return "another process";
  }
  std::string name;
  std::getline(std::ifstream("/proc/" + pid + "/comm"), name);
  // Without a name it runs on another host of a shared file system, or has just ended.
  return "process " + pid + (name.empty() ? "" : " (" + printable(name, 64) + ")");
}

}  // namespace

Result<LockFile> LockFile::acquire(const std::string& path) {
  // Closed on exec: a trainer that inherited it would hold the lock after the broker's death.
  LockFile lock(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.file_ < 0) {
    return Status{Code::kResource, "cannot open `" + path + "`: " + std::strerror(errno)};
  }
  if (flock(lock.file_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return Status{Code::kResource, "cannot lock `" + path + "`: " + std::strerror(errno)};
    }
    return Status{Code::kConflict,
                  "the store is in use by " + holder_of(path) + " (lock `" + path + "`)",
                  "talk to that broker instead, stop it, or choose another folder with --dir"};
  }
  const std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(lock.file_, 0) != 0 ||
      pwrite(lock.file_, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return Status{Code::kResource, "cannot write `" + path + "`: " + std::strerror(errno)};
  }
  return lock;
}

LockFile::LockFile(LockFile&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

LockFile& LockFile::operator=(LockFile&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

LockFile::~LockFile() {
  if (file_ >= 0) close(file_);
}

}  // namespace scopa::store
