// How points are read from a mapped journal.
#include "sdk/base/text.h"
#include "sdk/journal/mapped_journal.h"

namespace scopa::journal {

MappedJournal::Found MappedJournal::find_segment(std::uint64_t segment, const Record** records) {
  if (segment != segment_) {
    const std::string path = segment_path(folder_, segment);
    auto file = MappedFile::open(path, kSegmentBytes);
    if (!file) return file.status().code() == Code::kResource ? Found::kTrouble : Found::kNothing;
    mapped_ = std::move(*file);
    segment_size_ = SizeWatch(path);
    segment_ = segment;
  }
  *records = reinterpret_cast<const Record*>(mapped_.data());
  return Found::kRecords;
}

std::optional<std::uint32_t> MappedJournal::known_metric(std::uint32_t id) {
  if (id >= metric_by_id_.size()) return std::nullopt;
  std::uint16_t& metric = metric_by_id_[id];
  if (metric == kUnknown) {
    std::array<char, limits::kNameBytesMax> raw;
    const std::size_t bytes = touched(std::size_t{0}, [&] {
      const auto name = name_at(file_.header().names, id);
      return name ? name->copy(raw.data(), raw.size()) : 0;
    });
    if (bytes == 0) return std::nullopt;
    std::string name = printable({raw.data(), bytes}, limits::kNameBytesMax);
    const auto found = metric_by_name_.find(name);
    if (found != metric_by_name_.end()) {
      metric = found->second;
    } else {
      metric = static_cast<std::uint16_t>(names_.size());
      metric_by_name_.emplace(name, metric);
      names_.push_back(std::move(name));
    }
  }
  return metric;
}

std::optional<std::uint16_t> MappedJournal::column_of(std::uint32_t metric, PointBlock* block) {
  if (columns_.size() <= metric) columns_.resize(names_.size(), kUnknown);
  std::uint16_t& column = columns_[metric];
  if (column == kUnknown) {
    const auto found = std::find(block->metrics.begin(), block->metrics.end(), names_[metric]);
    if (found == block->metrics.end() && block->metrics.size() >= limits::kReportMetricsMax) {
      return std::nullopt;
    }
    column = static_cast<std::uint16_t>(found - block->metrics.begin());
    if (found == block->metrics.end()) block->metrics.push_back(names_[metric]);
  }
  return column;
}

bool MappedJournal::put(std::uint32_t metric, const LastPoint& point, PointBlock* block) {
  const auto column = column_of(metric, block);
  if (!column) return false;
  block->metric.push_back(*column);
  block->step.push_back(point.step);
  block->value.push_back(point.value);
  block->time_us.push_back(point.time_us);
  return true;
}

std::uint64_t MappedJournal::read(std::uint64_t from, std::size_t records_max, bool writers_gone,
                                  PointBlock* block) {
  if (is_cut()) return from;
  const std::size_t points = block->size();
  columns_.assign(columns_.size(), kUnknown);
  const std::uint64_t end = sealed_at_.value_or(reserved());
  const std::uint64_t until = from + std::min<std::uint64_t>(records_max, UINT64_MAX - from);
  std::uint64_t at = from;
  // One guard for all records. A fault comes where a record or a name is copied, and nothing is
  // owned there.
  if (!guarded([&] { at = read_records(from, std::min(end, until), writers_gone, block); })) {
    note_damage("a file");
  }
  if (!damage_.empty()) {
    block->metric.resize(points);
    block->step.resize(points);
    block->value.resize(points);
    block->time_us.resize(points);
    return from;
  }
  for (; at >= end && at < std::min(end + lasts_.size(), until); ++at) {
    const auto& [metric, point] = lasts_[at - end];
    if (!put(metric, point, block)) break;
  }
  return at;
}

std::uint64_t MappedJournal::read_records(std::uint64_t from, std::uint64_t until,
                                          bool writers_gone, PointBlock* block) {
  std::uint64_t at = from;
  while (at < until) {
    const std::uint64_t segment = at / limits::kSegmentRecords;
    const Record* records = nullptr;
    const Found found = find_segment(segment, &records);
    if (found == Found::kTrouble && !sealed_at_) break;
    if (found == Found::kNothing && !writers_gone) break;
    if (found != Found::kRecords) {
      const std::uint64_t to = std::min(until, (segment + 1) * limits::kSegmentRecords);
      if (found == Found::kTrouble) lose(at, to);
      at = to;
      continue;
    }
    LastPoint point;
    const std::uint64_t tag = touched(std::uint64_t{0}, [&] {
      const Record& record = records[at % limits::kSegmentRecords];
      const std::uint64_t published = record.tag.load(std::memory_order_acquire);
      point = {record.step, record.value, record.time_us};
      return published;
    });
    if (!damage_.empty() || (tag == 0 && !writers_gone)) break;
    if (tag != 0) {
      const auto metric = tag_is_of(tag, at) ? known_metric(metric_of(tag)) : std::nullopt;
      if (!metric) {  // Bytes that no writer of ours has put there.
        lose(at, at + 1);
      } else if (!put(*metric, point, block)) {
        break;
      }
    }
    ++at;
  }
  return at;
}

}  // namespace scopa::journal
