#pragma once

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "broker/store/acknowledged.h"
#include "broker/store/engine.h"
#include "broker/store/lock_file.h"
#include "broker/store/rocks.h"

namespace scopa::store {

/// The engine of the product: RocksDB in `folder/store`, locked by `folder/broker.pid` when it is
/// open for writing. Internal, as it includes RocksDB.
class RocksEngine final : public Engine {
 public:
  struct Options {
    std::string folder;
    bool read_only = false;
    /// Through which everything is written and read; null: the machine's own. For tests that make
    /// the disk fail.
    std::shared_ptr<rocksdb::FileSystem> file_system;
    /// See boot_id(); tests that take the power from a disk name another one.
    std::string boot = boot_id();
  };
  /// Makes what is missing, unless read-only. What holds less than was promised (acknowledged.h) is
  /// kCorruption, and nothing of it is changed. Errors: those of Store::open.
  static Result<std::unique_ptr<RocksEngine>> open(Options options);

  std::unique_ptr<Batch> make_batch() override;
  Status write(Batch& batch, bool sync) override;
  std::unique_ptr<Cursor> cursor(Family family, Scan scan) const override;
  Result<std::optional<std::string>> get(Family family, std::string_view key) const override;
  bool read_only() const override { return options_.read_only; }
  Status reopen() override;
  Status look() const override;
  Status probe() const override;
  Status compact(Family family, std::string_view begin, std::string_view end,
                 std::atomic<bool>& cancelled) const override;
  Status copy_to(const std::string& folder) const override;

 private:
  RocksEngine(Options options, std::optional<LockFile> lock, Database database);
  std::string path() const { return options_.folder + "/store"; }
  rocksdb::FileSystem& file_system() const;
  /// All that is there is promised from now on.
  void begin();

  const Options options_;
  std::optional<LockFile> lock_;  // released last
  Database database_;             // without a db when not even reading is possible
  dev_t device_ = 0;              // the folder of the database, which nobody may change
  ino_t inode_ = 0;
  AcknowledgedFile file_;
  Acknowledged acknowledged_;
  Status closed_;  // why nothing can be written
};

}  // namespace scopa::store
