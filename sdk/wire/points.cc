#include "sdk/wire/points.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <span>
#include <utility>

#include "sdk/base/limits.h"
#include "sdk/wire/field_codec.h"

namespace scopa::wire {
namespace {

static_assert(std::endian::native == std::endian::little, "columns are little-endian");

template <class T>
T load(const char* column, std::size_t i) {
  T value;
  std::memcpy(&value, column + i * sizeof(T), sizeof(T));
  return value;
}

/// Whether every value is within 32 bits above the least one, which goes to `base`.
bool is_narrow(std::span<const std::int64_t> column, std::int64_t* base) {
  *base = 0;
  if (column.empty()) return true;
  const auto [least, most] = std::minmax_element(column.begin(), column.end());
  *base = *least;
  const auto range = static_cast<std::uint64_t>(*most) - static_cast<std::uint64_t>(*least);
  return range <= std::numeric_limits<std::uint32_t>::max();
}

void pack_raw(Packer& packer, StringSink& sink, const void* data, std::size_t bytes) {
  packer.pack_bin(static_cast<std::uint32_t>(bytes));
  sink.write(static_cast<const char*>(data), bytes);
}

void pack_integers(Packer& packer, StringSink& sink, std::span<const std::int64_t> column,
                   bool narrow, std::int64_t base) {
  if (!narrow) {
    pack_raw(packer, sink, column.data(), column.size_bytes());
    return;
  }
  packer.pack_bin(static_cast<std::uint32_t>(column.size() * sizeof(std::uint32_t)));
  const std::size_t at = sink.bytes->size();
  sink.bytes->resize(at + column.size() * sizeof(std::uint32_t));
  char* to = sink.bytes->data() + at;
  for (const std::int64_t value : column) {
    const auto delta = static_cast<std::uint32_t>(static_cast<std::uint64_t>(value) -
                                                  static_cast<std::uint64_t>(base));
    std::memcpy(to, &delta, sizeof delta);
    to += sizeof delta;
  }
}

/// The fields of a block as they lie in its bytes.
struct RawBlock {
  const msgpack::object* metrics = nullptr;
  std::uint64_t n = 0;
  std::int64_t step0 = 0, time0 = 0;
  std::string_view metric, step, value, time;
};

bool view_bin(const msgpack::object& object, std::string_view* bytes) {
  if (object.type != msgpack::type::BIN) return false;
  *bytes = {object.via.bin.ptr, object.via.bin.size};
  return true;
}

bool read_raw_field(std::string_view key, const msgpack::object& object, RawBlock* raw) {
  ReadFailure ignored;
  constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
  constexpr auto kMax = std::numeric_limits<std::int64_t>::max();
  if (key == "metrics") {
    raw->metrics = &object;
    return object.type == msgpack::type::ARRAY;
  }
  if (key == "n") return read_unsigned(object, limits::kReportPointsMax, &raw->n, &ignored);
  if (key == "step0") return read_signed(object, kMin, kMax, &raw->step0, &ignored);
  if (key == "time0") return read_signed(object, kMin, kMax, &raw->time0, &ignored);
  if (key == "metric") return view_bin(object, &raw->metric);
  if (key == "step") return view_bin(object, &raw->step);
  if (key == "value") return view_bin(object, &raw->value);
  if (key == "time") return view_bin(object, &raw->time);
  return true;
}

Status wrong(std::string text) { return {Code::kInvalidArgument, "points: " + std::move(text)}; }

Status read_names(const msgpack::object& list, std::vector<std::string_view>* names) {
  const msgpack::object_array& array = list.via.array;
  if (array.size > limits::kReportMetricsMax) {
    return wrong("at most " + std::to_string(limits::kReportMetricsMax) + " metrics in a block");
  }
  names->reserve(array.size);
  for (std::uint32_t i = 0; i < array.size; ++i) {
    const msgpack::object& name = array.ptr[i];
    if (name.type != msgpack::type::STR || name.via.str.size == 0 ||
        name.via.str.size > limits::kNameBytesMax) {
      return wrong("a metric's name must be text of 1 to " + std::to_string(limits::kNameBytesMax) +
                   " bytes");
    }
    names->emplace_back(name.via.str.ptr, name.via.str.size);
  }
  return Status::ok();
}

/// Whether a column has `n` integers of 8 bytes (`*wide`) or of 4 above `base`.
bool check_integers(std::string_view column, std::uint64_t n, std::int64_t base, bool* wide) {
  *wide = n > 0 && column.size() == n * sizeof(std::int64_t);
  if (*wide) return true;
  if (column.size() != n * sizeof(std::uint32_t)) return false;
  return base <= std::numeric_limits<std::int64_t>::max() -
                     static_cast<std::int64_t>(std::numeric_limits<std::uint32_t>::max());
}

}  // namespace

void encode_points(const PointBlock& block, std::string* bytes) {
  bytes->clear();
  StringSink sink{bytes};
  Packer packer(sink);
  std::int64_t step0 = 0;
  std::int64_t time0 = 0;
  const bool narrow_step = is_narrow(block.step, &step0);
  const bool narrow_time = is_narrow(block.time_us, &time0);
  packer.pack_map(8);
  pack_text(packer, "metrics");
  packer.pack_array(static_cast<std::uint32_t>(block.metrics.size()));
  for (const std::string& name : block.metrics) pack_text(packer, name);
  pack_text(packer, "n");
  packer.pack_uint64(block.size());
  pack_text(packer, "step0");
  packer.pack_int64(narrow_step ? step0 : 0);
  pack_text(packer, "time0");
  packer.pack_int64(narrow_time ? time0 : 0);
  pack_text(packer, "metric");
  pack_raw(packer, sink, block.metric.data(), block.metric.size() * sizeof(std::uint16_t));
  pack_text(packer, "step");
  pack_integers(packer, sink, block.step, narrow_step, step0);
  pack_text(packer, "value");
  pack_raw(packer, sink, block.value.data(), block.value.size() * sizeof(double));
  pack_text(packer, "time");
  pack_integers(packer, sink, block.time_us, narrow_time, time0);
}

Result<PointsView> PointsView::parse(std::string_view bytes) {
  auto map = unpack_map(bytes);
  if (!map) return map.status().with_prefix("points");
  RawBlock raw;
  for (std::uint32_t i = 0; i < map->via.map.size; ++i) {
    const msgpack::object_kv& pair = map->via.map.ptr[i];
    if (pair.key.type != msgpack::type::STR) continue;
    const std::string_view key(pair.key.via.str.ptr, pair.key.via.str.size);
    if (!read_raw_field(key, pair.val, &raw)) {
      return wrong("field `" + std::string(key) + "` has a wrong type or is above its limit");
    }
  }
  PointsView view;
  if (raw.metrics == nullptr) return wrong("field `metrics` is missing");
  SCOPA_RETURN_IF_ERROR(read_names(*raw.metrics, &view.metrics_));
  const std::uint64_t n = raw.n;
  if (raw.metric.size() != n * sizeof(std::uint16_t) || raw.value.size() != n * sizeof(double) ||
      !check_integers(raw.step, n, raw.step0, &view.step_wide_) ||
      !check_integers(raw.time, n, raw.time0, &view.time_wide_)) {
    return wrong("columns do not hold `n` values each");
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (load<std::uint16_t>(raw.metric.data(), i) >= view.metrics_.size()) {
      return wrong("field `metric` has an index beyond `metrics`");
    }
  }
  view.size_ = n;
  view.metric_ = raw.metric.data();
  view.step_ = raw.step.data();
  view.value_ = raw.value.data();
  view.time_ = raw.time.data();
  view.step0_ = raw.step0;
  view.time0_ = raw.time0;
  return view;
}

std::uint16_t PointsView::metric(std::size_t i) const { return load<std::uint16_t>(metric_, i); }

std::int64_t PointsView::step(std::size_t i) const {
  return step_wide_ ? load<std::int64_t>(step_, i) : step0_ + load<std::uint32_t>(step_, i);
}

double PointsView::value(std::size_t i) const { return load<double>(value_, i); }

std::int64_t PointsView::time_us(std::size_t i) const {
  return time_wide_ ? load<std::int64_t>(time_, i) : time0_ + load<std::uint32_t>(time_, i);
}

}  // namespace scopa::wire
