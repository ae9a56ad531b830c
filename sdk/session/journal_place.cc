#include "sdk/session/journal_place.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "sdk/session/private_folder.h"
#include "sdk/session/process_stat.h"

namespace scopa::session {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kRoomNeeded = 64ULL << 20;

bool has_room(const std::string& folder) {
  struct statvfs info {};
  if (statvfs(folder.c_str(), &info) != 0) return false;
  return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize >= kRoomNeeded;
}

Status cannot(const std::string& what, int error) {
  return {Code::kResource, "cannot " + what + ": " + std::strerror(error)};
}

/// The lock file gets its name when it is locked: nobody can come in between.
Result<int> make_lock(const std::string& folder) {
  const std::string path = folder + "/lock";
  const std::string unnamed = path + ".new";
  const int fd = ::open(unnamed.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return cannot("make " + path, errno);
  if (flock(fd, LOCK_EX | LOCK_NB) == 0 && std::rename(unnamed.c_str(), path.c_str()) == 0) {
    return fd;
  }
  const int error = errno;
  ::close(fd);
  return cannot("lock " + path, error);
}

Result<int> take_lock(const std::string& folder) {
  const std::string path = folder + "/lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) {
    return Status{Code::kNotFound, folder + " is no journal's place"};
  }
  if (fd < 0) return cannot("open " + path, errno);
  struct stat mine {};
  struct stat there {};
  if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd);
    return Status{Code::kConflict, folder + " is in use"};
  }
  // Its owner may have removed it in between, and even made it anew.
  if (fstat(fd, &mine) != 0 || stat(path.c_str(), &there) != 0 || mine.st_ino != there.st_ino) {
    ::close(fd);
    return Status{Code::kNotFound, folder + " is gone"};
  }
  return fd;
}

/// Makes `path` hold `text`, or leaves it as it is.
Status replace_file(const std::string& path, const std::string& text) {
  const std::string beside = path + ".new";
  std::ofstream out(beside, std::ios::trunc);
  out << text;
  out.close();
  if (out && std::rename(beside.c_str(), path.c_str()) == 0) return Status::ok();
  return {Code::kResource, "cannot write " + path + ": is the disk full?"};
}

}  // namespace

std::string memory_root(const Environment& env) {
  const auto named = env("SCOPA_MEMORY");
  return named && !named->empty() ? *named : user_folder("/dev/shm");
}

std::string process_space() {
  std::array<char, 64> text{};
  const ssize_t n = readlink("/proc/self/ns/pid", text.data(), text.size() - 1);
  return n > 0 ? std::string(text.data(), static_cast<std::size_t>(n)) : "none";
}

Result<JournalPlace> JournalPlace::make(const std::string& memory_root,
                                        const std::string& fallback_root, const std::string& name,
                                        PlaceOwner owner) {
  const bool private_root = !memory_root.empty() && make_private_folder(memory_root);
  const bool in_memory = private_root && has_room(memory_root);
  JournalPlace place;
  place.folder_ = (in_memory ? memory_root : fallback_root) + "/" + name;
  std::error_code error;
  fs::remove_all(place.folder_, error);  // of an attempt of the same name, long over
  if (!fs::create_directories(place.folder_, error)) {
    return Status{Code::kResource,
                  "cannot make the folder " + place.folder_ + ": " + error.message()};
  }
  SCOPA_ASSIGN_OR_RETURN(place.lock_, make_lock(place.folder_));
  if (private_root && !in_memory) {
    const std::string link = memory_root + "/" + name;
    if (symlink(place.folder_.c_str(), link.c_str()) == 0) place.link_ = link;
  }
  place.owner_ = std::move(owner);
  place.owner_.space = process_space();
  SCOPA_RETURN_IF_ERROR(place.write_owner());
  return place;
}

Result<JournalPlace> JournalPlace::take(const std::string& memory_root, const std::string& name) {
  JournalPlace place;
  place.folder_ = memory_root + "/" + name;
  std::error_code error;
  const fs::path target = fs::read_symlink(place.folder_, error);
  if (!error) {
    place.link_ = place.folder_;
    place.folder_ = target.string();
  }
  auto lock = take_lock(place.folder_);
  if (!lock) {
    // Only the link is left of it.
    if (lock.status().code() == Code::kNotFound && !place.link_.empty() &&
        !fs::exists(place.folder_, error)) {
      unlink(place.link_.c_str());
    }
    return lock.status();
  }
  place.lock_ = *lock;
  if (!place.read_owner()) place.owner_ = PlaceOwner{};
  return place;
}

JournalPlace& JournalPlace::operator=(JournalPlace&& other) noexcept {
  std::swap(folder_, other.folder_);
  std::swap(link_, other.link_);
  std::swap(lock_, other.lock_);
  std::swap(owner_, other.owner_);
  return *this;
}

JournalPlace::~JournalPlace() {
  if (lock_ >= 0) ::close(lock_);
}

Status JournalPlace::write_owner() const {
  return replace_file(folder_ + "/owner",
                      "space " + owner_.space + "\ntrainer " + std::to_string(owner_.trainer) +
                          " " + std::to_string(owner_.trainer_start) + "\nendpoint " +
                          owner_.endpoint + "\ndevice " + owner_.device + "\ngrace " +
                          std::to_string(owner_.grace.count()) + "\n");
}

bool JournalPlace::read_owner() {
  std::ifstream in(folder_ + "/owner");
  for (std::string line; std::getline(in, line);) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos) return false;
    const std::string value = line.substr(space + 1);
    if (line.starts_with("space ")) owner_.space = value;
    if (line.starts_with("endpoint ")) owner_.endpoint = value;
    if (line.starts_with("device ")) owner_.device = value;
    if (line.starts_with("grace ")) {
      owner_.grace = std::chrono::milliseconds(std::strtoll(value.c_str(), nullptr, 10));
    }
    if (line.starts_with("trainer ")) {
      long pid = 0;
      unsigned long long start = 0;
      if (std::sscanf(value.c_str(), "%ld %llu", &pid, &start) != 2) return false;
      owner_.trainer = static_cast<pid_t>(pid);
      owner_.trainer_start = start;
    }
  }
  return !owner_.space.empty();
}

Status JournalPlace::note_trainer(pid_t leader) {
  owner_.trainer = leader;
  owner_.trainer_start = start_ticks(leader);
  return write_owner();
}

Status JournalPlace::note_end(const std::string& text) const {
  return replace_file(folder_ + "/end", text);
}

std::string JournalPlace::noted_end() const {
  std::ifstream in(folder_ + "/end");
  return {std::istreambuf_iterator<char>(in), {}};
}

void JournalPlace::remove() const {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
  if (!link_.empty()) unlink(link_.c_str());
}

}  // namespace scopa::session
