#include <charconv>
#include <chrono>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>

#include "broker/store/lock_file.h"
#include "broker/store/rocks.h"
#include "broker/store/rocks_store.h"
#include "broker/store/store.h"

namespace scopa::store {
namespace {

/// Bumped when a key or value changes; docs/storage.md has the recipe.
constexpr std::uint64_t kSchemaVersion = 1;
constexpr const char* kSchemaKey = "schema";
constexpr const char* kSoftwareKey = "software";
constexpr const char* kCreatedKey = "created_us";
/// A live broker may delete files between a reader's look at the list and its opening them.
constexpr int kReadOnlyTries = 5;

namespace fs = std::filesystem;

std::int64_t unix_us_now() {
  using std::chrono::microseconds;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<microseconds>(now).count();
}

Status write_schema(const Database& database) {
  rocksdb::WriteBatch batch;
  rocksdb::ColumnFamilyHandle* meta = database.family[kMeta];
  rocksdb::Status put = batch.Put(meta, kSchemaKey, std::to_string(kSchemaVersion));
  if (put.ok()) put = batch.Put(meta, kSoftwareKey, "scopa " SCOPA_VERSION);
  if (put.ok()) put = batch.Put(meta, kCreatedKey, std::to_string(unix_us_now()));
  rocksdb::WriteOptions synced;
  synced.sync = true;
  if (put.ok()) put = database.db->Write(synced, &batch);
  return to_status(put, "writing the schema version");
}

bool has_events(const Database& database) {
  const std::unique_ptr<rocksdb::Iterator> events(
      database.db->NewIterator(rocksdb::ReadOptions(), database.family[kEvents]));
  events->SeekToFirst();
  return events->Valid() || !events->status().ok();
}

Status check_schema(const Database& database, const std::string& path, bool read_only) {
  std::string text;
  const rocksdb::Status got =
      database.db->Get(rocksdb::ReadOptions(), database.family[kMeta], kSchemaKey, &text);
  if (got.IsNotFound() && !has_events(database)) {
    if (read_only) return {Code::kNotFound, "the store `" + path + "` is empty"};
    return write_schema(database);
  }
  if (!got.ok() && !got.IsNotFound()) return to_status(got, "reading the schema version");
  std::uint64_t version = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), version);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || version == 0) {
    return {Code::kCorruption, "the store `" + path + "` has no readable schema version"};
  }
  if (version > kSchemaVersion) {
    std::string software;
    database.db->Get(rocksdb::ReadOptions(), database.family[kMeta], kSoftwareKey, &software)
        .PermitUncheckedError();
    return {Code::kUnsupported,
            "the store `" + path + "` has schema version " + std::to_string(version) +
                (software.empty() ? "" : " (made by " + software + ")") +
                "; this is scopa " SCOPA_VERSION " and knows versions up to " +
                std::to_string(kSchemaVersion),
            "use the newer scopa, or another folder with --dir"};
  }
  return Status::ok();
}

Result<Database> open_read_only(const std::string& path) {
  for (int tries = 1;; ++tries) {
    auto database = open_database(path, true);
    if (database || tries == kReadOnlyTries) return database;
    std::this_thread::sleep_for(std::chrono::milliseconds(10 * tries));
  }
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::string& folder, OpenMode mode,
                                           Durability durability) {
  const bool read_only = mode == OpenMode::kReadOnly;
  const std::string path = (fs::path(folder) / "store").string();
  std::error_code error;
  std::optional<LockFile> lock;
  if (read_only) {
    if (!fs::exists(path + "/CURRENT", error)) {
      return Status{Code::kNotFound, "there is no store in `" + folder + "`",
                    "name the folder of a broker or of `scopa run` with --dir"};
    }
  } else {
    fs::create_directories(path, error);
    if (error) {
      return Status{Code::kResource, "cannot make the folder `" + path + "`: " + error.message()};
    }
    SCOPA_ASSIGN_OR_RETURN(lock, LockFile::acquire((fs::path(folder) / "broker.pid").string()));
  }
  SCOPA_ASSIGN_OR_RETURN(Database database,
                         read_only ? open_read_only(path) : open_database(path, false));
  SCOPA_RETURN_IF_ERROR(check_schema(database, path, read_only));
  return std::unique_ptr<Store>(
      new RocksStore(std::move(lock), std::move(database), read_only, durability));
}

}  // namespace scopa::store
