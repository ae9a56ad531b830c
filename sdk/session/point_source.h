#pragma once

#include <cstddef>
#include <cstdint>

#include "sdk/base/point_block.h"

namespace scopa::session {

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
};

}  // namespace scopa::session
