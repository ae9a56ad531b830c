#include "broker/store/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "broker/store/lock_file.h"

namespace scopa::store {
namespace {

namespace fs = std::filesystem;

Status failed(const std::string& doing, const std::error_code& error) {
  const bool is_full = error == std::errc::no_space_on_device;
  return {
      Code::kResource, doing + ": " + error.message(),
      is_full ? "make room there, or choose another disk" : "check the disk and its permissions"};
}

/// The folder for a copy: what is in it goes again unless the copy succeeds.
class Target {
 public:
  /// `parts`: what the copy makes in it.
  Target(std::string folder, std::vector<std::string> parts)
      : folder_(std::move(folder)), parts_(std::move(parts)) {}
  Target(const Target&) = delete;
  Target& operator=(const Target&) = delete;
  ~Target() {
    if (kept_) return;
    std::error_code ignored;
    for (const std::string& part : parts_) fs::remove_all(folder_ + "/" + part, ignored);
    if (made_) fs::remove_all(folder_, ignored);
  }

  Status make() {
    std::error_code error;
    fs::path path = fs::absolute(folder_, error).lexically_normal();
    if (!path.has_filename()) path = path.parent_path();  // it was given with a slash at its end
    const fs::path parent = path.parent_path();
    if (!fs::exists(parent, error)) {
      return {Code::kNotFound, "there is no folder `" + parent.string() + "`", "make it first"};
    }
    made_ = fs::create_directory(folder_, error);
    if (error) return failed("making the folder `" + folder_ + "`", error);
    if (!made_) return Status::ok();
    fs::permissions(folder_, fs::perms::owner_all, error);
    return error ? failed("changing the permissions of `" + folder_ + "`", error) : Status::ok();
  }
  void keep() { kept_ = true; }

 private:
  const std::string folder_;
  const std::vector<std::string> parts_;
  bool made_ = false;
  bool kept_ = false;
};

Status sync(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return failed("opening `" + path + "`", {errno, std::generic_category()});
  const int synced = fsync(file);
  const std::error_code error(errno, std::generic_category());
  close(file);
  return synced == 0 ? Status::ok() : failed("syncing `" + path + "`", error);
}

Status copy_files(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::create_directory(to, error);
  if (error) return failed("making the folder `" + to + "`", error);
  fs::permissions(to, fs::perms::owner_all, error);
  if (error) return failed("changing the permissions of `" + to + "`", error);
  fs::directory_iterator entries(from, error);
  if (error) return failed("reading the folder `" + from + "`", error);
  for (const fs::directory_entry& entry : entries) {
    // The lock of RocksDB is of whoever has the store open.
    if (!entry.is_regular_file(error) || entry.path().filename() == "LOCK") continue;
    const std::string copy = to + "/" + entry.path().filename().string();
    fs::copy_file(entry.path(), copy, error);
    if (error) return failed("copying to `" + copy + "`", error);
    SCOPA_RETURN_IF_ERROR(sync(copy));
  }
  return sync(to);
}

/// Of a copy that was interrupted, as by the death of its broker, only this is left.
constexpr const char* kUnfinished = "store.tmp";

bool is_unfinished(const std::string& folder) {
  std::error_code error;
  std::size_t entries = 0;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().filename() != kUnfinished) return false;
    ++entries;
  }
  return !error && entries == 1;
}

Status make_room(const std::string& folder) {
  std::error_code error;
  if (!fs::exists(fs::symlink_status(folder, error))) return Status::ok();
  if (fs::is_directory(folder, error)) {
    if (fs::is_empty(folder, error)) return Status::ok();
    if (is_unfinished(folder)) {
      fs::remove_all(folder + "/" + kUnfinished, error);
      return error ? failed("removing `" + folder + "/" + kUnfinished + "`", error) : Status::ok();
    }
  }
  const bool is_store = fs::exists(folder + "/store", error);
  return {Code::kConflict,
          is_store ? "there is a store or a backup in `" + folder + "` already"
                   : "there is something in `" + folder + "`",
          "name a folder that is empty, or not there yet"};
}

}  // namespace

Status copy_store(const Engine& engine, const std::string& folder) {
  SCOPA_RETURN_IF_ERROR(make_room(folder));
  std::error_code error;
  Target target(folder, {"store", kUnfinished});
  SCOPA_RETURN_IF_ERROR(target.make());
  SCOPA_RETURN_IF_ERROR(engine.copy_to(folder + "/store"));
  fs::permissions(folder + "/store", fs::perms::owner_all, error);
  if (error) return failed("changing the permissions of `" + folder + "/store`", error);
  SCOPA_RETURN_IF_ERROR(sync(folder));
  target.keep();
  return Status::ok();
}

Status restore_store(const std::string& from, const std::string& to) {
  std::error_code error;
  if (!fs::exists(from + "/store/CURRENT", error)) {
    return {Code::kNotFound, "there is no backup in `" + from + "`",
            "name a folder that `scopa backup` made"};
  }
  Target target(to, {kUnfinished});
  SCOPA_RETURN_IF_ERROR(target.make());
  SCOPA_ASSIGN_OR_RETURN(const LockFile lock, LockFile::acquire(to + "/broker.pid"));
  if (fs::exists(to + "/store", error)) {
    return {Code::kConflict, "there is a store in `" + to + "` already",
            "restore into another folder, or move that store away"};
  }
  // Under its name only when all of it is there.
  SCOPA_RETURN_IF_ERROR(copy_files(from + "/store", to + "/" + kUnfinished));
  fs::rename(to + "/" + kUnfinished, to + "/store", error);
  if (error) return failed("renaming `" + to + "/" + kUnfinished + "`", error);
  SCOPA_RETURN_IF_ERROR(sync(to));
  target.keep();
  return Status::ok();
}

std::uint64_t bytes_in(const std::string& folder) {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code ignored;
    if (at->is_regular_file(ignored)) bytes += at->file_size(ignored);
  }
  return bytes;
}

}  // namespace scopa::store
