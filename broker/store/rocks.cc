#include "broker/store/rocks.h"

#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <cstdarg>
#include <memory>
#include <utility>

#include "broker/store/keys.h"

namespace scopa::store {
namespace {

constexpr std::size_t kMiB = 1 << 20;
/// Bounds the time to recover: about a second of reports in blocks.
constexpr std::size_t kWalBytesMax = 128 * kMiB;
constexpr std::size_t kSeriesBufferBytes = 32 * kMiB;
constexpr std::size_t kOtherBufferBytes = 8 * kMiB;
constexpr int kOpenFilesMax = 512;
constexpr int kBackgroundJobs = 2;
constexpr std::size_t kBlockBytes = 16 << 10;

/// RocksDB's own log file would end the process: Debian's build asserts that a file which failed to
/// be written, as on a full disk, is not written again. What matters comes back as a status.
class QuietLogger final : public rocksdb::Logger {
 public:
  QuietLogger() : Logger(rocksdb::FATAL_LEVEL) {}
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

/// Counts what recovery reads of the log, and keeps it out of memory.
class LogCounter final : public rocksdb::WalFilter {
 public:
  const char* Name() const override { return "scopa.LogCounter"; }
  WalProcessingOption LogRecordFound(unsigned long long, const std::string&,
                                     const rocksdb::WriteBatch& batch, rocksdb::WriteBatch*,
                                     bool*) override {
    // A batch begins with the number of its first key, 8 bytes, little-endian.
    if (batch.Count() == 0) return WalProcessingOption::kIgnoreCurrentRecord;
    const std::string& bytes = batch.Data();
    std::uint64_t first = 0;
    for (int i = 7; i >= 0; --i) first = first << 8 | static_cast<unsigned char>(bytes[i]);
    // What comes behind a hole does not count: a whole log is missing.
    if (last_ == 0 || first <= last_ + 1) {
      last_ = std::max(last_, first + static_cast<std::uint64_t>(batch.Count()) - 1);
    } else {
      has_hole_ = true;
    }
    return WalProcessingOption::kIgnoreCurrentRecord;
  }
  std::uint64_t last() const { return last_; }
  bool has_hole() const { return has_hole_; }

 private:
  bool has_hole_ = false;
  std::uint64_t last_ = 0;
};

}  // namespace

rocksdb::DBOptions db_options(bool read_only) {
  rocksdb::DBOptions options;
  options.create_if_missing = !read_only;
  options.create_missing_column_families = !read_only;
  options.max_background_jobs = kBackgroundJobs;
  options.max_total_wal_size = kWalBytesMax;
  // What recovery finds in the log may not be on the disk yet, as the process that wrote it died
  // before its sync, or the sync failed. It is written out, so that nothing is ever built on it
  // that would outlive it.
  options.avoid_flush_during_recovery = false;
  // A reader beside a live broker holds every file open, so that none is deleted under it.
  options.max_open_files = read_only ? -1 : kOpenFilesMax;
  // One thread writes: what several writers would need only costs.
  options.allow_concurrent_memtable_write = false;
  options.enable_write_thread_adaptive_yield = false;
  options.info_log = std::make_shared<QuietLogger>();
  options.stats_dump_period_sec = 0;
  return options;
}

rocksdb::ColumnFamilyOptions family_options(std::string_view name) {
  rocksdb::ColumnFamilyOptions options;
  options.compression = rocksdb::kLZ4Compression;
  options.write_buffer_size = kOtherBufferBytes;
  options.max_write_buffer_number = 3;
  rocksdb::BlockBasedTableOptions table;
  table.block_size = kBlockBytes;
  if (name == kFamilyNames[kSeries]) {
    options.write_buffer_size = kSeriesBufferBytes;
    // The reports of one attempt come in ascending order: the next one lies beside the last.
    options.memtable_insert_with_hint_prefix_extractor.reset(
        rocksdb::NewFixedPrefixTransform(kAttemptKeyBytes));
  }
  if (name == kFamilyNames[kProgress]) {
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  }
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

Database& Database::operator=(Database&& other) noexcept {
  Database old;
  std::swap(env, old.env);
  std::swap(db, old.db);
  std::swap(handles, old.handles);
  env = std::move(other.env);
  db = std::move(other.db);
  handles = std::exchange(other.handles, {});
  family = other.family;
  return *this;
}

Database::~Database() {
  for (rocksdb::ColumnFamilyHandle* handle : handles) {
    db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
  }
}

Result<Database> open_database(const std::string& path, bool read_only,
                               const std::shared_ptr<rocksdb::FileSystem>& file_system,
                               rocksdb::WalFilter* log) {
  Database database;
  rocksdb::DBOptions options = db_options(read_only);
  options.wal_filter = log;
  if (log != nullptr) options.max_open_files = kOpenFilesMax;
  if (file_system != nullptr) {
    database.env = rocksdb::NewCompositeEnv(file_system);
    options.env = database.env.get();
  }
  std::vector<std::string> names;
  // Fails where there is nothing yet; then all of ours are created.
  rocksdb::DB::ListColumnFamilies(options, path, &names).PermitUncheckedError();
  if (names.empty()) names.emplace_back(rocksdb::kDefaultColumnFamilyName);
  for (const char* name : kFamilyNames) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
  }
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const std::string& name : names) families.emplace_back(name, family_options(name));
  rocksdb::DB* db = nullptr;
  const rocksdb::Status opened =
      read_only ? rocksdb::DB::OpenForReadOnly(options, path, families, &database.handles, &db)
                : rocksdb::DB::Open(options, path, families, &database.handles, &db);
  if (!opened.ok()) return to_status(opened, "opening the store `" + path + "`");
  database.db.reset(db);
  for (rocksdb::ColumnFamilyHandle* handle : database.handles) {
    for (std::size_t i = 0; i < kFamilies; ++i) {
      if (handle->GetName() == kFamilyNames[i]) database.family[i] = handle;
    }
  }
  return database;
}

Result<std::uint64_t> count_writes(const std::string& path,
                                   const std::shared_ptr<rocksdb::FileSystem>& file_system) {
  LogCounter log;
  SCOPA_ASSIGN_OR_RETURN(const Database database, open_database(path, true, file_system, &log));
  if (log.has_hole()) return log.last();
  return std::max<std::uint64_t>(database.db->GetLatestSequenceNumber(), log.last());
}

Status to_status(const rocksdb::Status& status, std::string_view doing) {
  if (status.ok()) return Status::ok();
  const std::string message = std::string(doing) + ": " + status.ToString();
  if (status.IsCorruption()) {
    return {Code::kCorruption, message, "keep a copy of the folder; restore the latest backup"};
  }
  if (status.IsNoSpace() || status.subcode() == rocksdb::Status::kNoSpace) {
    return {Code::kResource, message, "the disk is full: make room"};
  }
  if (status.IsIOError()) return {Code::kResource, message, "check the disk and its permissions"};
  return {Code::kUnavailable, message};
}

}  // namespace scopa::store
