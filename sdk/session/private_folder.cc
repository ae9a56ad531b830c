#include "sdk/session/private_folder.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace scopa::session {

std::string user_folder(const std::string& base) {
  return base + "/scopa-" + std::to_string(geteuid());
}

Status make_private_folder(const std::string& path) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    return {Code::kResource, "cannot make the folder " + path + ": " + std::strerror(errno)};
  }
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) {
    return {Code::kResource, "cannot look at the folder " + path + ": " + std::strerror(errno)};
  }
  if (!S_ISDIR(info.st_mode) || info.st_uid != geteuid() || (info.st_mode & 0022) != 0) {
    return {Code::kResource, path + " is not a folder that you alone can write to",
            "look at it with `ls -ld " + path + "` and remove it"};
  }
  return Status::ok();
}

}  // namespace scopa::session
