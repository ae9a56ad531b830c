#include "broker/store/rocks_engine.h"

#include <rocksdb/file_system.h>
#include <rocksdb/iterator.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

namespace scopa::store {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kReadAheadBytes = 2 << 20;
constexpr std::size_t kValuePartsMax = 4;
/// For the write-ahead log and for what recovery and compaction write.
constexpr std::uint64_t kFreeBytesMin = 64 << 20;
constexpr std::size_t kProbeBytes = 4096;
/// A live broker may delete files between a reader's look at the list and its opening them.
constexpr int kReadOnlyTries = 5;

class RocksBatch final : public Batch {
 public:
  explicit RocksBatch(const Database& database) : database_(database) {}
  void clear() override { batch_.Clear(); }
  Status put(Family family, std::string_view key,
             std::span<const std::string_view> parts) override {
    if (database_.db == nullptr) return {Code::kUnavailable, "the store is closed"};
    if (parts.size() > kValuePartsMax) return {Code::kInvalidArgument, "a value of too many parts"};
    std::array<rocksdb::Slice, kValuePartsMax> slices;
    for (std::size_t i = 0; i < parts.size(); ++i) slices[i] = slice(parts[i]);
    const rocksdb::Slice key_slice = slice(key);
    return to_status(batch_.Put(database_.family[family], rocksdb::SliceParts(&key_slice, 1),
                                rocksdb::SliceParts(slices.data(), static_cast<int>(parts.size()))),
                     "adding to the batch");
  }
  Status remove(Family family, std::string_view key) override {
    if (database_.db == nullptr) return {Code::kUnavailable, "the store is closed"};
    return to_status(batch_.Delete(database_.family[family], slice(key)), "adding to the batch");
  }
  Status remove_range(Family family, std::string_view begin, std::string_view end) override {
    if (database_.db == nullptr) return {Code::kUnavailable, "the store is closed"};
    return to_status(batch_.DeleteRange(database_.family[family], slice(begin), slice(end)),
                     "adding to the batch");
  }
  rocksdb::WriteBatch& batch() { return batch_; }

 private:
  const Database& database_;
  rocksdb::WriteBatch batch_;
};

class RocksCursor final : public Cursor {
 public:
  explicit RocksCursor(std::unique_ptr<rocksdb::Iterator> iterator, const char* family)
      : iterator_(std::move(iterator)), family_(family) {}
  void seek_first() override { iterator_->SeekToFirst(); }
  void seek(std::string_view key) override { iterator_->Seek(slice(key)); }
  void seek_for_prev(std::string_view key) override { iterator_->SeekForPrev(slice(key)); }
  void next() override { iterator_->Next(); }
  bool valid() const override { return iterator_->Valid(); }
  std::string_view key() const override { return view(iterator_->key()); }
  std::string_view value() const override { return view(iterator_->value()); }
  Status status() const override {
    return to_status(iterator_->status(), std::string("reading ") + family_);
  }

 private:
  const std::unique_ptr<rocksdb::Iterator> iterator_;
  const char* const family_;
};

/// Of an engine that could not even be opened for reading.
class ClosedCursor final : public Cursor {
 public:
  explicit ClosedCursor(Status why) : why_(std::move(why)) {}
  void seek_first() override {}
  void seek(std::string_view) override {}
  void seek_for_prev(std::string_view) override {}
  void next() override {}
  bool valid() const override { return false; }
  std::string_view key() const override { return {}; }
  std::string_view value() const override { return {}; }
  Status status() const override { return why_; }

 private:
  const Status why_;
};

std::string mark_in(const std::string& path) { return path + "/ACKNOWLEDGED"; }

Status check_promise(const std::string& path, std::uint64_t promised, std::uint64_t writes) {
  if (writes >= promised) return Status::ok();
  return {Code::kCorruption,
          "the store holds " + std::to_string(writes) + " of the " + std::to_string(promised) +
              " writes that were acknowledged: the write-ahead log is damaged, or some of it is "
              "gone",
          "keep a copy of the folder; restore the latest backup, or, to go on with what comes "
          "before the damage, remove `" +
              mark_in(path) + "`"};
}

/// Whether what opening it for writing would find is all that was promised. Afterwards it is too
/// late: opening writes out what the log has, and removes the log.
Status check_before_opening(const RocksEngine::Options& options, const std::string& path) {
  const std::optional<Acknowledged> mark = read_acknowledged(mark_in(path));
  const std::uint64_t promised = mark ? mark->promised(options.boot) : 0;
  if (promised == 0) return Status::ok();
  std::error_code error;
  if (!fs::exists(path + "/CURRENT", error)) return check_promise(path, promised, 0);
  SCOPA_ASSIGN_OR_RETURN(const std::uint64_t writes, count_writes(path, options.file_system));
  return check_promise(path, promised, writes);
}

Result<Database> open_writable(const RocksEngine::Options& options, const std::string& path) {
  SCOPA_RETURN_IF_ERROR(check_before_opening(options, path));
  return open_database(path, false, options.file_system);
}

Result<Database> try_read_only(const RocksEngine::Options& options, const std::string& path) {
  // First the promise, then what is there: beside a broker that writes both grow.
  const std::optional<Acknowledged> mark = read_acknowledged(mark_in(path));
  SCOPA_RETURN_IF_ERROR(check_before_opening(options, path));
  SCOPA_ASSIGN_OR_RETURN(Database database, open_database(path, true, options.file_system));
  SCOPA_RETURN_IF_ERROR(check_promise(path, mark ? mark->promised(options.boot) : 0,
                                      database.db->GetLatestSequenceNumber()));
  return database;
}

Result<Database> open_read_only(const RocksEngine::Options& options, const std::string& path) {
  for (int tries = 1;; ++tries) {
    auto database = try_read_only(options, path);
    if (database || tries == kReadOnlyTries) return database;
    std::this_thread::sleep_for(std::chrono::milliseconds(10 * tries));
  }
}

/// Writes a small file and syncs it.
rocksdb::IOStatus try_to_write(rocksdb::FileSystem& files, const std::string& path) {
  std::unique_ptr<rocksdb::FSWritableFile> file;
  rocksdb::IOStatus status = files.NewWritableFile(path, {}, &file, nullptr);
  if (!status.ok()) return status;
  status = file->Append(std::string(kProbeBytes, '\0'), {}, nullptr);
  if (status.ok()) status = file->Fsync({}, nullptr);
  const rocksdb::IOStatus closed = file->Close({}, nullptr);
  return status.ok() ? closed : status;
}

}  // namespace

RocksEngine::RocksEngine(Options options, std::optional<LockFile> lock, Database database)
    : options_(std::move(options)), lock_(std::move(lock)), database_(std::move(database)) {
  struct stat folder {};
  if (stat(path().c_str(), &folder) == 0) {
    device_ = folder.st_dev;
    inode_ = folder.st_ino;
  }
  if (!options_.read_only) begin();
}

void RocksEngine::begin() {
  // Opening has made all of it durable.
  const std::uint64_t writes = database_.db->GetLatestSequenceNumber();
  acknowledged_ = {writes, writes, options_.boot};
  file_ = AcknowledgedFile(mark_in(path()));
  file_.write(acknowledged_);
}

Result<std::unique_ptr<RocksEngine>> RocksEngine::open(Options options) {
  const std::string path = options.folder + "/store";
  std::error_code error;
  std::optional<LockFile> lock;
  if (options.read_only) {
    if (!fs::exists(path + "/CURRENT", error)) {
      if (error == std::errc::permission_denied) {
        return Status{Code::kDenied, "the store in `" + options.folder + "` is not yours to read",
                      "ask whoever runs the broker for a key, or work as that user"};
      }
      return Status{Code::kNotFound, "there is no store in `" + options.folder + "`",
                    "name the folder of a broker or of `scopa run` with --dir"};
    }
  } else {
    fs::create_directories(path, error);
    if (error) {
      return Status{Code::kResource, "cannot make the folder `" + path + "`: " + error.message()};
    }
    SCOPA_ASSIGN_OR_RETURN(lock, LockFile::acquire(options.folder + "/broker.pid"));
  }
  SCOPA_ASSIGN_OR_RETURN(Database database, options.read_only ? open_read_only(options, path)
                                                              : open_writable(options, path));
  return std::unique_ptr<RocksEngine>(
      new RocksEngine(std::move(options), std::move(lock), std::move(database)));
}

std::unique_ptr<Batch> RocksEngine::make_batch() { return std::make_unique<RocksBatch>(database_); }

Status RocksEngine::write(Batch& batch, bool sync) {
  if (options_.read_only) return {Code::kInvalidArgument, "the store is open for reading only"};
  if (!closed_) return closed_;
  closed_ = look();
  if (!closed_) return closed_;
  rocksdb::WriteOptions options;
  options.sync = sync;
  rocksdb::WriteBatch& writes = static_cast<RocksBatch&>(batch).batch();
  closed_ = to_status(database_.db->Write(options, &writes), "writing to the store");
  if (!closed_) return closed_;
  acknowledged_.written = database_.db->GetLatestSequenceNumber();
  if (sync) acknowledged_.synced = acknowledged_.written;
  file_.write(acknowledged_);
  return closed_;
}

Status RocksEngine::look() const {
  struct stat folder {};
  const bool is_there = stat(path().c_str(), &folder) == 0 && folder.st_dev == device_ &&
                        folder.st_ino == inode_ && access((path() + "/CURRENT").c_str(), F_OK) == 0;
  if (is_there) return Status::ok();
  return {Code::kResource,
          "the folder `" + path() + "` has been deleted, moved or replaced while it was in use",
          "move it back where it was; or stop this broker, and start one on a backup"};
}

rocksdb::FileSystem& RocksEngine::file_system() const {
  return options_.file_system ? *options_.file_system : *rocksdb::FileSystem::Default();
}

std::unique_ptr<Cursor> RocksEngine::cursor(Family family, Scan scan) const {
  if (database_.db == nullptr) return std::make_unique<ClosedCursor>(closed_);
  rocksdb::ReadOptions options;
  if (scan == Scan::kWhole) {
    options.fill_cache = false;
    options.readahead_size = kReadAheadBytes;
  }
  return std::make_unique<RocksCursor>(std::unique_ptr<rocksdb::Iterator>(database_.db->NewIterator(
                                           options, database_.family[family])),
                                       kFamilyNames[family]);
}

Result<std::optional<std::string>> RocksEngine::get(Family family, std::string_view key) const {
  if (database_.db == nullptr) return closed_;
  std::string value;
  const rocksdb::Status got =
      database_.db->Get(rocksdb::ReadOptions(), database_.family[family], slice(key), &value);
  if (got.IsNotFound()) return std::optional<std::string>();
  if (!got.ok()) return to_status(got, std::string("reading ") + kFamilyNames[family]);
  return std::optional<std::string>(std::move(value));
}

Status RocksEngine::reopen() {
  if (options_.read_only) return {Code::kInvalidArgument, "the store is open for reading only"};
  // While the disk still fails, what is open is better than what could be opened again: it does
  // not show what was never acknowledged.
  SCOPA_RETURN_IF_ERROR(probe());
  database_ = Database();
  auto opened = open_writable(options_, path());
  if (opened) {
    database_ = std::move(*opened);
    closed_ = Status::ok();
    begin();
    return Status::ok();
  }
  closed_ = opened.status();
  if (auto readable = open_database(path(), true, options_.file_system)) {
    database_ = std::move(*readable);
  }
  return closed_;
}

Status RocksEngine::compact(Family family, std::string_view begin, std::string_view end,
                            std::atomic<bool>& cancelled) const {
  if (database_.db == nullptr) return {Code::kUnavailable, "the store is closed"};
  rocksdb::ColumnFamilyHandle* const handle = database_.family[family];
  const rocksdb::Range range(slice(begin), slice(end));
  std::uint64_t bytes = 0, free = 0;
  rocksdb::SizeApproximationOptions sizes;
  sizes.include_memtables = true;
  SCOPA_RETURN_IF_ERROR(
      to_status(database_.db->GetApproximateSizes(sizes, handle, &range, 1, &bytes),
                std::string("looking at the size of ") + kFamilyNames[family]));
  const rocksdb::IOStatus known = file_system().GetFreeSpace(options_.folder, {}, &free, nullptr);
  // What finds the disk full ends all writing.
  if (!known.ok() || free < kFreeBytesMin + 2 * bytes) return Status::ok();
  rocksdb::CompactRangeOptions how;
  how.exclusive_manual_compaction = false;
  how.canceled = &cancelled;
  const rocksdb::Status done = database_.db->CompactRange(how, handle, &range.start, &range.limit);
  if (cancelled) return Status::ok();
  return to_status(done, std::string("giving back the room of ") + kFamilyNames[family]);
}

Status RocksEngine::copy_to(const std::string& folder) const {
  if (database_.db == nullptr) return {Code::kUnavailable, "the store is closed"};
  rocksdb::Checkpoint* made = nullptr;
  SCOPA_RETURN_IF_ERROR(
      to_status(rocksdb::Checkpoint::Create(database_.db.get(), &made), "copying the store"));
  const std::unique_ptr<rocksdb::Checkpoint> checkpoint(made);
  // The log is copied as it is: a flush that finds the disk full would end all writing.
  std::uint64_t writes = 0;
  SCOPA_RETURN_IF_ERROR(to_status(checkpoint->CreateCheckpoint(folder, UINT64_MAX, &writes),
                                  "copying the store to `" + folder + "`"));
  const AcknowledgedFile copy(mark_in(folder));
  copy.write({writes, writes, options_.boot});
  copy.sync();
  return Status::ok();
}

Status RocksEngine::probe() const {
  SCOPA_RETURN_IF_ERROR(look());
  rocksdb::FileSystem& files = file_system();
  std::uint64_t free = 0;
  rocksdb::IOStatus status = files.GetFreeSpace(options_.folder, {}, &free, nullptr);
  if (status.ok() && free < kFreeBytesMin) {
    return {Code::kResource,
            "only " + std::to_string(free >> 20) + " MiB are free in `" + options_.folder + "`",
            "make room on that disk: " + std::to_string(kFreeBytesMin >> 20) +
                " MiB are needed to go on"};
  }
  const std::string file = options_.folder + "/.probe";
  status = try_to_write(files, file);
  files.DeleteFile(file, {}, nullptr).PermitUncheckedError();
  return to_status(status, "writing a file in `" + options_.folder + "`");
}

}  // namespace scopa::store
