#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "sdk/base/point_block.h"
#include "sdk/wire/worker_messages.h"

namespace scopa::session {

/// A checkpoint that a trainer has saved.
struct CheckpointNote {
  std::int64_t step = 0;      ///< the last one that it holds
  std::uint64_t records = 0;  ///< that were logged before it was noted
  std::string path;
};

/// Where the points of one attempt come from: a journal, or in a test a list. One thread.
class PointSource {
 public:
  virtual ~PointSource() = default;
  /// An upper bound of the offsets that can be read; cheap, asked for every few milliseconds.
  virtual std::uint64_t available() const = 0;
  /// Appends points from record `from` on to `block`, at most `records_max` records, and returns
  /// the offset after the last one read; `from` when there is nothing yet. Any offset can be read
  /// again: that is how lost reports are repeated.
  virtual std::uint64_t read(std::uint64_t from, std::size_t records_max, PointBlock* block) = 0;

  /// The latest checkpoint, if there is one.
  virtual std::optional<CheckpointNote> checkpoint() const { return std::nullopt; }
  /// Whether the trainer saves one when it is asked to: it looks for such requests, or has saved
  /// one already.
  virtual bool saves_checkpoints() const { return false; }
  /// The step after which the trainer goes on, from the checkpoint that it was given; -1: it began
  /// at the beginning. Asked for with the first point at the earliest.
  virtual std::int64_t resumed() const { return -1; }
  /// Points that were lost before they could be read. Asked for when all others have been.
  virtual std::uint64_t dropped() const { return 0; }
  /// Adds what the points and their journal tell of how the trainer works. Asked for likewise.
  virtual void add_notes(wire::TrainerNotes*) const {}
};

}  // namespace scopa::session
