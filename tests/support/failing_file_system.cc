#include "tests/support/failing_file_system.h"

#include <filesystem>
#include <random>
#include <system_error>
#include <thread>
#include <utility>

namespace scopa::store {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

class FailingFile final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FailingFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string path,
              FailingFileSystem* disk)
      : FSWritableFileOwnerWrapper(std::move(file)), path_(std::move(path)), disk_(disk) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    const IOStatus allowed = disk_->check(FailingFileSystem::Kind::kAppend);
    const Slice part(data.data(), allowed.ok() ? data.size() : data.size() / 2);
    if (!allowed.ok() && !allowed.IsNoSpace()) return allowed;
    const IOStatus status = FSWritableFileOwnerWrapper::Append(part, options, debug);
    if (status.ok()) disk_->appended(path_, part.size());
    return allowed.ok() ? status : allowed;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  // The machine's own disk is not asked: what lose_power() takes is known here.
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return sync(); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return sync(); }

 private:
  IOStatus sync() {
    disk_->wait_for_sync();
    IOStatus status = disk_->check(FailingFileSystem::Kind::kSync);
    if (status.ok()) disk_->synced(path_);
    return status;
  }

  const std::string path_;
  FailingFileSystem* const disk_;
};

class FailingFolder final : public rocksdb::FSDirectoryWrapper {
 public:
  FailingFolder(std::unique_ptr<rocksdb::FSDirectory> folder, FailingFileSystem* disk)
      : FSDirectoryWrapper(std::move(folder)), disk_(disk) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return disk_->check(FailingFileSystem::Kind::kSync);
  }
  IOStatus FsyncWithDirOptions(const IOOptions&, IODebugContext*,
                               const rocksdb::DirFsyncOptions&) override {
    return disk_->check(FailingFileSystem::Kind::kSync);
  }

 private:
  FailingFileSystem* const disk_;
};

// ---- what goes wrong ----------------------------------------------------------------------------

void FailingFileSystem::set_fault(Fault fault) {
  const std::lock_guard guard(mutex_);
  fault_ = fault;
  until_next_ = 0;
}

void FailingFileSystem::set_fault_at(std::uint64_t n, Fault fault) {
  const std::lock_guard guard(mutex_);
  fault_ = Fault::kNone;
  until_next_ = n;
  next_fault_ = fault;
}

void FailingFileSystem::set_sync_time(std::chrono::microseconds time) {
  const std::lock_guard guard(mutex_);
  sync_time_ = time;
}

std::uint64_t FailingFileSystem::operations() const {
  const std::lock_guard guard(mutex_);
  return operations_;
}

std::uint64_t FailingFileSystem::hits() const {
  const std::lock_guard guard(mutex_);
  return hits_;
}

bool FailingFileSystem::fault_is_set() const {
  const std::lock_guard guard(mutex_);
  return fault_ != Fault::kNone;
}

IOStatus FailingFileSystem::check(Kind kind) {
  const std::lock_guard guard(mutex_);
  const auto can_hit = [kind](Fault fault) {
    return fault == Fault::kWrite || (fault == Fault::kSync && kind == Kind::kSync) ||
           (fault == Fault::kFull && kind == Kind::kAppend);
  };
  ++operations_;
  if (until_next_ > 0 && can_hit(next_fault_) && --until_next_ == 0) fault_ = next_fault_;
  if (!can_hit(fault_)) return IOStatus::OK();
  ++hits_;
  if (fault_ == Fault::kFull) return IOStatus::NoSpace("the disk is full");
  return IOStatus::IOError(kind == Kind::kSync ? "the disk does not sync"
                                               : "the disk does not write");
}

void FailingFileSystem::wait_for_sync() const {
  std::chrono::microseconds time{};
  {
    const std::lock_guard guard(mutex_);
    time = sync_time_;
  }
  if (time.count() > 0) std::this_thread::sleep_for(time);
}

// ---- what is on the disk ------------------------------------------------------------------------

void FailingFileSystem::appended(const std::string& path, std::uint64_t bytes) {
  const std::lock_guard guard(mutex_);
  sizes_[path].written += bytes;
}

void FailingFileSystem::synced(const std::string& path) {
  const std::lock_guard guard(mutex_);
  sizes_[path].synced = sizes_[path].written;
}

std::uint64_t FailingFileSystem::lose_power(std::uint64_t seed) {
  const std::lock_guard guard(mutex_);
  std::mt19937_64 random(seed);
  std::uint64_t lost = 0;
  for (auto& [path, sizes] : sizes_) {
    std::error_code error;
    const std::uint64_t size = std::filesystem::file_size(path, error);
    // What is preallocated beyond what was written reads as zeros, as after a crash.
    if (error || sizes.written <= sizes.synced) continue;
    const std::uint64_t unsynced = sizes.written - sizes.synced;
    const std::uint64_t kept = sizes.synced + (seed == 0 ? 0 : random() % (unsynced + 1));
    if (kept < size) std::filesystem::resize_file(path, kept, error);
    lost += sizes.written - kept;
    sizes.written = sizes.synced = kept;
  }
  return lost;
}

IOStatus FailingFileSystem::NewWritableFile(const std::string& path,
                                            const rocksdb::FileOptions& options,
                                            std::unique_ptr<rocksdb::FSWritableFile>* file,
                                            IODebugContext* debug) {
  IOStatus status = check(Kind::kChange);
  if (!status.ok()) return status;
  std::unique_ptr<rocksdb::FSWritableFile> made;
  status = FileSystemWrapper::NewWritableFile(path, options, &made, debug);
  if (!status.ok()) return status;
  {
    const std::lock_guard guard(mutex_);
    sizes_[path] = {};
  }
  *file = std::make_unique<FailingFile>(std::move(made), path, this);
  return status;
}

IOStatus FailingFileSystem::NewDirectory(const std::string& path, const IOOptions& options,
                                         std::unique_ptr<rocksdb::FSDirectory>* folder,
                                         IODebugContext* debug) {
  std::unique_ptr<rocksdb::FSDirectory> made;
  const IOStatus status = FileSystemWrapper::NewDirectory(path, options, &made, debug);
  if (status.ok()) *folder = std::make_unique<FailingFolder>(std::move(made), this);
  return status;
}

IOStatus FailingFileSystem::RenameFile(const std::string& from, const std::string& to,
                                       const IOOptions& options, IODebugContext* debug) {
  IOStatus status = check(Kind::kChange);
  if (!status.ok()) return status;
  status = FileSystemWrapper::RenameFile(from, to, options, debug);
  const std::lock_guard guard(mutex_);
  if (status.ok()) sizes_[to] = std::exchange(sizes_[from], {});
  return status;
}

IOStatus FailingFileSystem::LinkFile(const std::string& from, const std::string& to,
                                     const IOOptions& options, IODebugContext* debug) {
  const IOStatus status = check(Kind::kChange);
  return status.ok() ? FileSystemWrapper::LinkFile(from, to, options, debug) : status;
}

IOStatus FailingFileSystem::DeleteFile(const std::string& path, const IOOptions& options,
                                       IODebugContext* debug) {
  IOStatus status = check(Kind::kChange);
  if (!status.ok()) return status;
  status = FileSystemWrapper::DeleteFile(path, options, debug);
  const std::lock_guard guard(mutex_);
  if (status.ok()) sizes_.erase(path);
  return status;
}

IOStatus FailingFileSystem::GetFreeSpace(const std::string& path, const IOOptions& options,
                                         std::uint64_t* free, IODebugContext* debug) {
  {
    const std::lock_guard guard(mutex_);
    if (fault_ == Fault::kFull) {
      *free = 0;
      return IOStatus::OK();
    }
  }
  return FileSystemWrapper::GetFreeSpace(path, options, free, debug);
}

}  // namespace scopa::store
