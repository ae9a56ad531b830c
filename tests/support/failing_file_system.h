#pragma once

#include <rocksdb/file_system.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace scopa::store {

/// A disk that fails on demand, below RocksDB, and that knows what of each file was synced. Reading
/// always works. From any thread.
///
///     auto disk = std::make_shared<FailingFileSystem>();
///     auto engine = RocksEngine::open({.folder = folder, .file_system = disk});
///     disk->set_fault(FailingFileSystem::Fault::kFull);
class FailingFileSystem final : public rocksdb::FileSystemWrapper {
 public:
  /// What goes wrong, until told otherwise.
  enum class Fault : std::uint8_t {
    kNone,
    kWrite,  ///< whatever changes a file or a folder fails
    kSync,   ///< only syncs fail
    kFull,   ///< there is no room: of what is appended a half is written
  };

  FailingFileSystem() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FailingFileSystem"; }

  void set_fault(Fault fault);
  /// From the `n`-th operation from now on (the next is 1) that `fault` can hit, it is set.
  void set_fault_at(std::uint64_t n, Fault fault);
  /// Each sync takes so much longer.
  void set_sync_time(std::chrono::microseconds time);

  /// Operations so far that a fault can hit, and those that one has hit.
  std::uint64_t operations() const;
  std::uint64_t hits() const;
  bool fault_is_set() const;

  /// As if the power had gone: of each file only what was synced is left, and of the rest a part
  /// from its beginning, drawn from `seed`; 0 keeps nothing of it. When nobody has a file open.
  /// Returns the number of bytes that are lost.
  std::uint64_t lose_power(std::uint64_t seed);

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* folder,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus GetFreeSpace(const std::string& path, const rocksdb::IOOptions& options,
                                 std::uint64_t* free, rocksdb::IODebugContext* debug) override;

 private:
  friend class FailingFile;
  friend class FailingFolder;

  enum class Kind : std::uint8_t { kChange, kAppend, kSync };
  struct Sizes {
    std::uint64_t written = 0;
    std::uint64_t synced = 0;
  };

  /// Counts an operation; its failure, if it is to fail.
  rocksdb::IOStatus check(Kind kind);
  void appended(const std::string& path, std::uint64_t bytes);
  void synced(const std::string& path);
  void wait_for_sync() const;

  mutable std::mutex mutex_;
  Fault fault_ = Fault::kNone;
  Fault next_fault_ = Fault::kNone;
  std::uint64_t until_next_ = 0;  // 0: none is to come
  std::uint64_t operations_ = 0;
  std::uint64_t hits_ = 0;
  std::chrono::microseconds sync_time_{};
  std::map<std::string, Sizes> sizes_;
};

}  // namespace scopa::store
