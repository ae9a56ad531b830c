#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "broker/store/engine.h"

namespace scopa::store {

struct MemoryPut {
  Family family;
  std::string key;
  std::optional<std::string> value;  // none: removed
  std::optional<std::string> end;    // of a range that is removed
};

/// What a MemoryEngine writes to, and what outlives it: a disk that can fail, and a machine that
/// can lose its power. All chances come from the seed, in the order of the calls. Used by one
/// thread.
class MemoryDisk {
 public:
  /// What goes wrong, until told otherwise.
  enum class Fault : std::uint8_t {
    kNone,
    kWrite,   ///< no write succeeds; the batch may be in the log all the same
    kSync,    ///< the log takes the batch, and the sync fails; without a sync, writes succeed
    kFull,    ///< there is no room: nothing is written
    kReopen,  ///< writes and probe() succeed, but the store cannot be opened for writing
  };

  explicit MemoryDisk(std::uint64_t seed) : state_(seed) {}

  void set_fault(Fault fault) {
    fault_ = fault;
    writes_until_fault_.reset();
  }
  /// From the write after the next `n` on.
  void set_fault_after(std::uint64_t n, Fault fault) {
    writes_until_fault_ = n;
    next_fault_ = fault;
  }
  Fault fault() const { return fault_; }

  /// The process dies: its engine is of no use any more, what it wrote is all there. A batch whose
  /// write failed may be, too, whole.
  void kill();
  /// The machine dies: of what was not synced, a part from some batch on is lost (a batch that is
  /// torn is as lost, as its checksum is wrong).
  void lose_power();

  /// Batches that were written, durable or not; those that lose_power() took; those that came back
  /// although their write had failed.
  std::uint64_t written() const { return last_; }
  std::uint64_t lost() const { return lost_; }
  std::uint64_t ghosts() const { return ghosts_; }

 private:
  friend class MemoryEngine;
  friend class MemoryCursor;

  /// `value` as of batch number `batch`.
  struct Version {
    std::uint64_t batch;
    std::optional<std::string> value;  // none: removed
  };
  using Versions = std::vector<Version>;  // the newest last
  using Table = std::map<std::string, Versions, std::less<>>;

  std::uint64_t draw(std::uint64_t below);
  Status fault_status(const char* doing) const;
  Status write(const std::vector<MemoryPut>& puts, bool sync);
  void apply(const std::vector<MemoryPut>& puts);
  void set(Family family, const std::string& key, const std::optional<std::string>& value);
  void make_durable();
  void undo_last();
  /// As a new process finds it: all that is there is made durable.
  void recover();

  std::uint64_t state_;
  Fault fault_ = Fault::kNone;
  std::optional<std::uint64_t> writes_until_fault_;
  Fault next_fault_ = Fault::kNone;
  std::array<Table, kFamilies> tables_;
  std::uint64_t last_ = 0;     // number of the newest batch
  std::uint64_t durable_ = 0;  // of the newest that is synced
  std::deque<std::vector<std::pair<Family, std::string>>> unsynced_;  // keys of the others
  std::optional<std::vector<MemoryPut>> ghost_;  // written with failure, may be in the log
  std::uint64_t readers_ = 0;                    // that look at the tables as they were
  std::uint64_t boots_ = 0;                      // an engine of an earlier one is dead
  bool has_writer_ = false;
  std::uint64_t lost_ = 0;
  std::uint64_t ghosts_ = 0;
};

/// An engine without any file, for simulations. Used by one thread.
///
///     auto disk = std::make_shared<MemoryDisk>(seed);
///     auto engine = MemoryEngine::open(disk);                   // the broker starts
///     auto store = LogStore::open(std::move(*engine), Durability::kPower, now_us);
///     disk->lose_power();                                       // and dies
///     engine = MemoryEngine::open(disk);                        // and starts again
class MemoryEngine final : public Engine {
 public:
  /// Errors: kConflict while another one has it open for writing, kResource while the disk fails.
  static Result<std::unique_ptr<MemoryEngine>> open(std::shared_ptr<MemoryDisk> disk,
                                                    bool read_only = false);
  ~MemoryEngine() override;

  std::unique_ptr<Batch> make_batch() override;
  Status write(Batch& batch, bool sync) override;
  std::unique_ptr<Cursor> cursor(Family family, Scan scan) const override;
  Result<std::optional<std::string>> get(Family family, std::string_view key) const override;
  bool read_only() const override { return read_only_; }
  Status reopen() override;
  Status probe() const override;
  Status copy_to(const std::string& folder) const override;

 private:
  MemoryEngine(std::shared_ptr<MemoryDisk> disk, bool read_only);
  bool is_dead() const { return boot_ != disk_->boots_; }

  const std::shared_ptr<MemoryDisk> disk_;
  const bool read_only_;
  const std::uint64_t boot_;
  const std::uint64_t seen_;  // read-only: what was there when it was opened
  Status closed_;
};

}  // namespace scopa::store
