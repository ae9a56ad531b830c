#pragma once

#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/options.h>
#include <rocksdb/wal_filter.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "broker/store/engine.h"
#include "sdk/base/status.h"

/// RocksDB as this store uses it. Internal: only .cc files of this folder and the benchmark that
/// compares with raw RocksDB include it.
namespace scopa::store {

rocksdb::DBOptions db_options(bool read_only);
rocksdb::ColumnFamilyOptions family_options(std::string_view name);

/// A database and its families, closed in the right order.
struct Database {
  std::unique_ptr<rocksdb::Env> env;  // null: the machine's own; outlives the rest
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;             // all that were opened
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies> family{};  // ours among them

  Database() = default;
  Database(Database&& other) noexcept = default;
  Database& operator=(Database&& other) noexcept;
  ~Database();
};

/// Opens what is at `path`, with families of other versions if it has any; creates what is missing
/// unless read-only. All goes through `file_system`; null: the machine's own. `log` sees what is
/// read of the write-ahead log, and must outlive the database.
Result<Database> open_database(const std::string& path, bool read_only,
                               const std::shared_ptr<rocksdb::FileSystem>& file_system = {},
                               rocksdb::WalFilter* log = nullptr);

/// How many writes the database at `path` would hold when it is opened: RocksDB's number of the
/// last key that its tables and what can be read of its log have. Changes nothing, and keeps
/// nothing of the log in memory. Errors: those of RocksDB.
Result<std::uint64_t> count_writes(const std::string& path,
                                   const std::shared_ptr<rocksdb::FileSystem>& file_system);

/// RocksDB's failure as ours: kCorruption, kResource (disk full, no permission), kUnavailable.
Status to_status(const rocksdb::Status& status, std::string_view doing);

inline std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }
inline rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace scopa::store
