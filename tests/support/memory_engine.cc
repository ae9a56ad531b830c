#include "tests/support/memory_engine.h"

#include <algorithm>

namespace scopa::store {
namespace {

const Status kDead(Code::kUnavailable, "the process that had the store open is dead");

}  // namespace

/// Keys whose value is older than the cursor.
class MemoryCursor final : public Cursor {
 public:
  MemoryCursor(std::shared_ptr<MemoryDisk> disk, Family family, std::uint64_t upto)
      : disk_(std::move(disk)), table_(disk_->tables_[family]), upto_(upto), at_(table_.end()) {
    ++disk_->readers_;
  }
  ~MemoryCursor() override { --disk_->readers_; }
  MemoryCursor(const MemoryCursor&) = delete;
  MemoryCursor& operator=(const MemoryCursor&) = delete;

  void seek_first() override { forward(table_.begin()); }
  void seek(std::string_view key) override { forward(table_.lower_bound(key)); }
  void seek_for_prev(std::string_view key) override {
    at_ = table_.upper_bound(key);
    while (at_ != table_.begin()) {
      if (visible(*--at_)) return;
    }
    at_ = table_.end();
  }
  void next() override { forward(std::next(at_)); }
  bool valid() const override { return at_ != table_.end(); }
  std::string_view key() const override { return at_->first; }
  std::string_view value() const override { return *visible(*at_)->value; }
  Status status() const override { return Status::ok(); }

  static const MemoryDisk::Version* version(const MemoryDisk::Versions& versions,
                                            std::uint64_t upto) {
    const auto newer = std::find_if(versions.rbegin(), versions.rend(),
                                    [upto](const auto& v) { return v.batch <= upto; });
    return newer == versions.rend() || !newer->value ? nullptr : &*newer;
  }

 private:
  const MemoryDisk::Version* visible(const MemoryDisk::Table::value_type& entry) const {
    return version(entry.second, upto_);
  }
  void forward(MemoryDisk::Table::const_iterator from) {
    at_ = std::find_if(from, table_.cend(),
                       [this](const auto& entry) { return visible(entry) != nullptr; });
  }

  const std::shared_ptr<MemoryDisk> disk_;
  const MemoryDisk::Table& table_;
  const std::uint64_t upto_;
  MemoryDisk::Table::const_iterator at_;
};

namespace {

class MemoryBatch final : public Batch {
 public:
  void clear() override { puts_.clear(); }
  Status put(Family family, std::string_view key,
             std::span<const std::string_view> parts) override {
    std::string value;
    for (const std::string_view part : parts) value += part;
    puts_.push_back({family, std::string(key), std::move(value), {}});
    return Status::ok();
  }
  Status remove(Family family, std::string_view key) override {
    puts_.push_back({family, std::string(key), {}, {}});
    return Status::ok();
  }
  Status remove_range(Family family, std::string_view begin, std::string_view end) override {
    puts_.push_back({family, std::string(begin), {}, std::string(end)});
    return Status::ok();
  }
  const std::vector<MemoryPut>& puts() const { return puts_; }

 private:
  std::vector<MemoryPut> puts_;
};

}  // namespace

/// SplitMix64.
std::uint64_t MemoryDisk::draw(std::uint64_t below) {
  state_ += 0x9e3779b97f4a7c15;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return (z ^ (z >> 31)) % below;
}

Status MemoryDisk::fault_status(const char* doing) const {
  const std::string at = std::string(doing) + ": ";
  switch (fault_) {
    case Fault::kNone:
      return Status::ok();
    case Fault::kWrite:
      return {Code::kResource, at + "the disk does not write", "check the disk"};
    case Fault::kSync:
      return {Code::kResource, at + "the disk does not sync", "check the disk"};
    case Fault::kFull:
      return {Code::kResource, at + "the disk is full", "make room"};
    case Fault::kReopen:
      return {Code::kResource, at + "a file cannot be made", "check the disk"};
  }
  return Status::ok();
}

/// The key has this value as of the batch that is being written.
void MemoryDisk::set(Family family, const std::string& key,
                     const std::optional<std::string>& value) {
  Versions& versions = tables_[family][key];
  if (!versions.empty() && versions.back().batch == last_) {
    versions.back().value = value;
    return;
  }
  // Versions that no crash and no reader can ask for any more.
  if (readers_ == 0) {
    auto durable = versions.end();
    while (durable != versions.begin() && std::prev(durable)->batch > durable_) --durable;
    if (durable != versions.begin()) versions.erase(versions.begin(), std::prev(durable));
  }
  versions.push_back({last_, value});
  unsynced_.back().emplace_back(family, key);
}

void MemoryDisk::apply(const std::vector<MemoryPut>& puts) {
  ++last_;
  unsynced_.emplace_back();
  for (const MemoryPut& put : puts) {
    if (!put.end) {
      set(put.family, put.key, put.value);
      continue;
    }
    Table& table = tables_[put.family];
    for (auto at = table.lower_bound(put.key); at != table.end() && at->first < *put.end; ++at) {
      if (at->second.back().value) set(put.family, at->first, std::nullopt);
    }
  }
}

void MemoryDisk::make_durable() {
  durable_ = last_;
  unsynced_.clear();
}

void MemoryDisk::undo_last() {
  for (const auto& [family, key] : unsynced_.back()) {
    const auto entry = tables_[family].find(key);
    entry->second.pop_back();
    if (entry->second.empty()) tables_[family].erase(entry);
  }
  unsynced_.pop_back();
  --last_;
}

Status MemoryDisk::write(const std::vector<MemoryPut>& puts, bool sync) {
  if (writes_until_fault_ && (*writes_until_fault_)-- == 0) set_fault(next_fault_);
  const bool fails =
      fault_ == Fault::kWrite || fault_ == Fault::kFull || (fault_ == Fault::kSync && sync);
  if (!fails) {
    apply(puts);
    if (sync) make_durable();
    return Status::ok();
  }
  if (fault_ == Fault::kSync || (fault_ == Fault::kWrite && draw(2) == 0)) ghost_ = puts;
  return fault_status("writing to the store");
}

void MemoryDisk::kill() {
  ++boots_;
  has_writer_ = false;
}

void MemoryDisk::lose_power() {
  kill();
  const std::uint64_t keep = durable_ + draw(last_ - durable_ + 1);
  if (keep < last_) ghost_.reset();
  while (last_ > keep) {
    undo_last();
    ++lost_;
  }
}

void MemoryDisk::recover() {
  if (ghost_ && draw(2) == 0) {
    apply(*ghost_);
    ++ghosts_;
  }
  ghost_.reset();
  make_durable();
}

MemoryEngine::MemoryEngine(std::shared_ptr<MemoryDisk> disk, bool read_only)
    : disk_(std::move(disk)), read_only_(read_only), boot_(disk_->boots_), seen_(disk_->last_) {
  if (read_only_) ++disk_->readers_;
}

MemoryEngine::~MemoryEngine() {
  if (read_only_) --disk_->readers_;
  if (!read_only_ && !is_dead()) disk_->has_writer_ = false;
}

Result<std::unique_ptr<MemoryEngine>> MemoryEngine::open(std::shared_ptr<MemoryDisk> disk,
                                                         bool read_only) {
  if (!read_only) {
    if (disk->has_writer_) return Status{Code::kConflict, "the store is open for writing already"};
    SCOPA_RETURN_IF_ERROR(disk->fault_status("opening the store"));
    disk->recover();
    disk->has_writer_ = true;
  }
  return std::unique_ptr<MemoryEngine>(new MemoryEngine(std::move(disk), read_only));
}

std::unique_ptr<Batch> MemoryEngine::make_batch() { return std::make_unique<MemoryBatch>(); }

Status MemoryEngine::write(Batch& batch, bool sync) {
  if (is_dead()) return kDead;
  if (read_only_) return {Code::kInvalidArgument, "the store is open for reading only"};
  if (!closed_) return closed_;
  closed_ = disk_->write(static_cast<MemoryBatch&>(batch).puts(), sync);
  return closed_;
}

std::unique_ptr<Cursor> MemoryEngine::cursor(Family family, Scan) const {
  return std::make_unique<MemoryCursor>(disk_, family, read_only_ ? seen_ : disk_->last_);
}

Result<std::optional<std::string>> MemoryEngine::get(Family family, std::string_view key) const {
  if (is_dead()) return kDead;
  const auto entry = disk_->tables_[family].find(key);
  if (entry == disk_->tables_[family].end()) return std::optional<std::string>();
  const auto* version = MemoryCursor::version(entry->second, read_only_ ? seen_ : disk_->last_);
  return version == nullptr ? std::optional<std::string>() : version->value;
}

Status MemoryEngine::reopen() {
  if (is_dead()) return kDead;
  if (read_only_) return {Code::kInvalidArgument, "the store is open for reading only"};
  SCOPA_RETURN_IF_ERROR(probe());
  closed_ = disk_->fault_status("opening the store");
  if (!closed_) return closed_;
  disk_->recover();
  return Status::ok();
}

Status MemoryEngine::copy_to(const std::string&) const {
  return {Code::kUnsupported, "what is in memory alone cannot be copied"};
}

Status MemoryEngine::probe() const {
  if (is_dead()) return kDead;
  if (disk_->fault_ == MemoryDisk::Fault::kReopen) return Status::ok();
  return disk_->fault_status("writing a file");
}

}  // namespace scopa::store
