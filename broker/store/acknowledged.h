#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sdk/base/status.h"

namespace scopa::store {

/// How many writes a store has promised to keep, in a file of its own beside the database: what the
/// write-ahead log is held against when the store is opened again. A log alone cannot tell: where
/// it ends too soon, a crash may have torn a write that nobody was told of, or damage has taken
/// writes that were acknowledged.
///
/// Written after each write and before anybody hears of it, in place and without a sync: after the
/// death of the process it is exact, after a loss of power it may be some seconds old, and so
/// promises less than there is, never more.
struct Acknowledged {
  std::uint64_t written = 0;  ///< numbers of RocksDB: one for each key that is written
  std::uint64_t synced = 0;   ///< of these, what survives the loss of power
  std::string boot;           ///< of the machine that wrote it

  /// How many there must be on a machine of this boot: what was not synced may have gone with the
  /// power since, if it has been started again.
  std::uint64_t promised(std::string_view boot_now) const {
    return boot == boot_now ? std::max(written, synced) : synced;
  }
};

/// Nothing where there is no such file, or one that cannot be read: then nothing is promised.
std::optional<Acknowledged> read_acknowledged(const std::string& path);

/// A random name of this machine's time since its last start; empty where it cannot be had.
std::string boot_id();

/// The file, open for writing.
class AcknowledgedFile {
 public:
  AcknowledgedFile() = default;
  /// Makes it where it is not there. A store is as good without it, so a file that cannot be opened
  /// or written is left alone: what it then says is too little.
  explicit AcknowledgedFile(const std::string& path);
  AcknowledgedFile(AcknowledgedFile&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  AcknowledgedFile& operator=(AcknowledgedFile&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~AcknowledgedFile();

  void write(const Acknowledged& mark) const;
  void sync() const;

 private:
  int file_ = -1;
};

}  // namespace scopa::store
