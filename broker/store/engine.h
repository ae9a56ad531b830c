#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sdk/base/status.h"

/// An ordered key-value store as LogStore needs one: families of keys that sort as bytes, writes
/// that are all or nothing, and a write-ahead log that a crash can cut short.
///
/// RocksEngine is the one of the product; tests/support/memory_engine.h the one of simulations,
/// where a crash loses what was not synced. tests/unit/broker/store/contract_test.cc holds both to
/// what is said here.
namespace scopa::store {

enum Family : std::size_t { kEvents = 0, kSeries = 1, kProgress = 2, kMeta = 3, kFamilies = 4 };
inline constexpr std::array<const char*, kFamilies> kFamilyNames = {"events", "series", "progress",
                                                                    "meta"};

/// What one write changes; of the writing thread.
class Batch {
 public:
  virtual ~Batch() = default;
  virtual void clear() = 0;
  /// The value is the `parts`, one after the other; copied.
  virtual Status put(Family family, std::string_view key,
                     std::span<const std::string_view> parts) = 0;
  virtual Status remove(Family family, std::string_view key) = 0;
  /// All keys from `begin` up to but without `end`: those that are there, and those that this batch
  /// has put so far.
  virtual Status remove_range(Family family, std::string_view begin, std::string_view end) = 0;

  Status put(Family family, std::string_view key, std::string_view value) {
    return put(family, key, std::span(&value, 1));
  }
};

/// The keys of one family as they were when the cursor was made. Not valid where nothing is left
/// or reading failed, and status() tells these apart.
class Cursor {
 public:
  virtual ~Cursor() = default;
  virtual void seek_first() = 0;
  /// To the first key that is not less than `key`.
  virtual void seek(std::string_view key) = 0;
  /// To the last key that is not greater than `key`.
  virtual void seek_for_prev(std::string_view key) = 0;
  virtual void next() = 0;  ///< only when valid
  virtual bool valid() const = 0;
  /// Only when valid; they hold until the cursor moves.
  virtual std::string_view key() const = 0;
  virtual std::string_view value() const = 0;
  virtual Status status() const = 0;
};

/// One thread may write while others read.
class Engine {
 public:
  enum class Scan : std::uint8_t {
    kSome,   ///< a look-up here and there
    kWhole,  ///< the family from its first key to its last
  };

  virtual ~Engine() = default;

  virtual std::unique_ptr<Batch> make_batch() = 0;
  /// All of the batch or nothing. With `sync` it survives the loss of power when this returns;
  /// without, the death of the process. `batch` is one of make_batch(). After a failure the batch
  /// is not to be seen, and every write is refused, until reopen(): then it may have come back,
  /// whole, as after a crash.
  virtual Status write(Batch& batch, bool sync) = 0;

  /// Cursors end before the engine, and before reopen().
  virtual std::unique_ptr<Cursor> cursor(Family family, Scan scan) const = 0;
  virtual Result<std::optional<std::string>> get(Family family, std::string_view key) const = 0;

  virtual bool read_only() const = 0;

  /// Closes it and opens what is there, as a new process would, without giving up the lock that
  /// keeps others out; what is found is made durable before anything is built on it. When that
  /// fails, what can be read stays readable and writes are refused. Nobody else may use the engine
  /// meanwhile. Not for engines that were opened read-only.
  virtual Status reopen() = 0;

  /// Whether the data still are where they were when it was opened. Quick, and from any thread.
  /// Errors: kResource when somebody has deleted, moved or replaced them; writes then fail, too.
  virtual Status look() const { return Status::ok(); }

  /// Whether a write could succeed now: there is room, and a small file can be written and synced
  /// beside the data. Errors: kResource, with the place. From any thread.
  virtual Status probe() const = 0;

  /// Gives back the room of what was removed between `begin` and `end`, at the cost of writing what
  /// is left there anew; does nothing where the disk has no room for that. From any thread, beside
  /// write(), not beside reopen(); ends soon once `cancelled` is set. Errors: kResource.
  virtual Status compact(Family family, std::string_view begin, std::string_view end,
                         std::atomic<bool>& cancelled) const {
    (void)family, (void)begin, (void)end, (void)cancelled;
    return Status::ok();
  }

  /// Makes a copy of all that is written so far in `folder`, which is not there yet: a folder that
  /// an engine of this kind opens. From any thread, beside write(), not beside reopen(). After a
  /// failure some of it may be there. Errors: kResource, kUnsupported.
  virtual Status copy_to(const std::string& folder) const = 0;
};

}  // namespace scopa::store
