#include "sdk/session/journal_place.h"

#include <signal.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

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

/// Process numbers mean nothing outside their container.
std::string pid_space() {
  std::array<char, 64> text{};
  const ssize_t n = readlink("/proc/self/ns/pid", text.data(), text.size() - 1);
  return n > 0 ? std::string(text.data(), static_cast<std::size_t>(n)) : "none";
}

struct Owner {
  pid_t worker = 0;
  std::uint64_t worker_start = 0;
  pid_t leader = 0;
  std::uint64_t leader_start = 0;
  std::string space;
};

bool is_alive(pid_t pid, std::uint64_t start) {
  return pid > 0 && start != 0 && start_ticks(pid) == start;
}

}  // namespace

Result<JournalPlace> JournalPlace::make(const std::string& memory_root,
                                        const std::string& fallback_root, const std::string& name) {
  std::string root = fallback_root;
  if (!memory_root.empty() && make_private_folder(memory_root) && has_room(memory_root)) {
    root = memory_root;
  }
  JournalPlace place(root + "/" + name);
  std::error_code error;
  fs::remove_all(place.folder_, error);  // of an attempt of the same name, long over
  if (!fs::create_directories(place.folder_, error)) {
    return Status{Code::kResource,
                  "cannot make the folder " + place.folder_ + ": " + error.message()};
  }
  SCOPA_RETURN_IF_ERROR(place.write_owner(0));
  return place;
}

Status JournalPlace::write_owner(pid_t leader) const {
  std::ofstream out(folder_ + "/owner", std::ios::trunc);
  out << getpid() << ' ' << start_ticks(getpid()) << ' ' << leader << ' '
      << (leader > 0 ? start_ticks(leader) : 0) << ' ' << pid_space() << '\n';
  out.flush();
  if (out) return Status::ok();
  return {Code::kResource, "cannot write to " + folder_ + ": is the disk full?"};
}

Status JournalPlace::note_trainer(pid_t leader) const { return write_owner(leader); }

void JournalPlace::remove() const {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

std::uint64_t clear_leftovers(const std::string& memory_root) {
  std::uint64_t ended = 0;
  std::error_code error;
  if (!fs::is_directory(memory_root, error) || !make_private_folder(memory_root)) return 0;
  std::vector<fs::path> folders;
  for (fs::directory_iterator at(memory_root, error), end; !error && at != end;
       at.increment(error)) {
    folders.push_back(at->path());
  }
  const std::string space = pid_space();
  for (const fs::path& folder : folders) {
    Owner owner;
    std::ifstream in(folder / "owner");
    if (!(in >> owner.worker >> owner.worker_start >> owner.leader >> owner.leader_start >>
          owner.space)) {
      continue;  // not one of ours, or just being made
    }
    if (owner.space != space || is_alive(owner.worker, owner.worker_start)) continue;
    if (owner.leader > 1 && is_alive(owner.leader, owner.leader_start)) {
      kill(-owner.leader, SIGKILL);
      ++ended;
    }
    fs::remove_all(folder, error);
  }
  return ended;
}

}  // namespace scopa::session
