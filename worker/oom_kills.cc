#include "worker/oom_kills.h"

#include <fstream>
#include <optional>
#include <vector>

namespace scopa::worker {
namespace {

/// The number after the word `oom_kill` at the beginning of a line.
std::optional<std::uint64_t> count_in(const std::string& file) {
  std::ifstream in(file);
  std::string word;
  std::string rest;
  while (in >> word) {
    std::uint64_t count = 0;
    if (word == "oom_kill" && in >> count) return count;
    std::getline(in, rest);
  }
  return std::nullopt;
}

/// In a container the path of the cgroup may be that of the host; then the mount's root is the
/// container's own.
std::vector<std::string> candidates(const std::string& root) {
  std::vector<std::string> files;
  std::ifstream in(root + "proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("0::")) continue;
    const std::string mount = root + "sys/fs/cgroup";
    const std::string path = line.substr(3);
    if (path != "/") files.push_back(mount + path + "/memory.events");
    files.push_back(mount + "/memory.events");
  }
  files.push_back(root + "proc/vmstat");
  return files;
}

}  // namespace

OomKills OomKills::read(const std::string& root) {
  OomKills kills;
  for (const std::string& file : candidates(root)) {
    if (const auto count = count_in(file)) {
      kills.source_ = file;
      kills.count_ = *count;
      break;
    }
  }
  return kills;
}

}  // namespace scopa::worker
