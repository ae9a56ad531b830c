#include "cli/store_user.h"

#include <sys/stat.h>

#include <fstream>
#include <sstream>

namespace scopa::cli {
namespace {

/// "1: FLOCK  ADVISORY  WRITE 4711 fd:00:1234 0 EOF": by whom, and of which file. The device is
/// that of the disk, which some file systems hide from stat().
bool holds(const std::string& line, std::int64_t process, std::uint64_t inode) {
  std::istringstream in(line);
  std::string number, kind, manner, access, file;
  std::int64_t holder = 0;
  if (!(in >> number >> kind >> manner >> access >> holder >> file)) return false;
  const std::size_t colon = file.rfind(':');
  return kind == "FLOCK" && access == "WRITE" && holder == process && colon != std::string::npos &&
         file.substr(colon + 1) == std::to_string(inode);
}

}  // namespace

std::optional<std::int64_t> store_user(const std::string& folder) {
  const std::string path = folder + "/broker.pid";
  struct stat info {};
  std::int64_t process = 0;
  if (stat(path.c_str(), &info) != 0 || !(std::ifstream(path) >> process)) return std::nullopt;
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    if (holds(line, process, info.st_ino)) return process;
  }
  return std::nullopt;
}

}  // namespace scopa::cli
