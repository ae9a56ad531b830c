#pragma once

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/status.h"

/// RocksDB as this store uses it. Internal: only .cc files of this folder and the benchmark that
/// compares with raw RocksDB include it.
namespace scopa::store {

enum Family : std::size_t { kEvents = 0, kSeries = 1, kProgress = 2, kMeta = 3, kFamilies = 4 };
inline constexpr std::array<const char*, kFamilies> kFamilyNames = {"events", "series", "progress",
                                                                    "meta"};

rocksdb::DBOptions db_options(bool read_only);
rocksdb::ColumnFamilyOptions family_options(std::string_view name);

/// A database and its families, closed in the right order.
struct Database {
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;             // all that were opened
  std::array<rocksdb::ColumnFamilyHandle*, kFamilies> family{};  // ours among them

  Database() = default;
  Database(Database&& other) noexcept = default;
  Database& operator=(Database&& other) noexcept = default;
  ~Database();
};

/// Opens what is at `path`, with families of other versions if it has any; creates what is missing
/// unless read-only.
Result<Database> open_database(const std::string& path, bool read_only);

/// RocksDB's failure as ours: kCorruption, kResource (disk full, no permission), kUnavailable.
Status to_status(const rocksdb::Status& status, std::string_view doing);

inline std::string_view view(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }
inline rocksdb::Slice slice(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace scopa::store
