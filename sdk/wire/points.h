#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/point_block.h"
#include "sdk/base/status.h"

namespace scopa::wire {

/// A MessagePack map {metrics, n, step0, time0, metric, step, value, time}: the last four are bins
/// of little-endian columns (u16; u32 from step0 or i64; f64; u32 from time0 or i64). About 18
/// bytes a point. The encoding is what the store keeps.
void encode_points(const PointBlock& block, std::string* bytes);

/// A block read in place: no copy, no allocation but for a handful of name views. The bytes must
/// outlive it. Every index and length has been checked.
class PointsView {
 public:
  /// Errors: kInvalidArgument when anything is out of shape or above limits.h.
  static Result<PointsView> parse(std::string_view bytes);

  std::size_t size() const { return size_; }
  const std::vector<std::string_view>& metrics() const { return metrics_; }
  std::uint16_t metric(std::size_t i) const;
  std::int64_t step(std::size_t i) const;
  double value(std::size_t i) const;
  std::int64_t time_us(std::size_t i) const;

 private:
  std::vector<std::string_view> metrics_;
  std::size_t size_ = 0;
  const char* metric_ = nullptr;
  const char* step_ = nullptr;
  const char* value_ = nullptr;
  const char* time_ = nullptr;
  std::int64_t step0_ = 0;
  std::int64_t time0_ = 0;
  bool step_wide_ = false;
  bool time_wide_ = false;
};

}  // namespace scopa::wire
