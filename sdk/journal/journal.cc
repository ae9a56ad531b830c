#include "sdk/journal/journal.h"

#include <dirent.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "sdk/base/text.h"
#include "sdk/journal/header_file.h"
#include "sdk/journal/layout.h"
#include "sdk/journal/mapped_file.h"
#include "sdk/journal/writer.h"

namespace scopa::journal {
namespace {

class MappedJournal final : public Journal {
 public:
  MappedJournal(std::string folder, HeaderFile file)
      : folder_(std::move(folder)), file_(std::move(file)) {}

  const TrialHeader& header() const override { return file_.trial; }
  const std::string& folder() const override { return folder_; }

  std::uint64_t read(std::uint64_t from, std::size_t records_max, bool writers_gone,
                     PointBlock* block) override;
  std::uint64_t reserved() const override {
    return std::min(file_.header().reserved.load(std::memory_order_acquire), kRecordsMax);
  }

  Status append(const std::string& metric, std::int64_t step, double value,
                std::int64_t time_us) override;

  void set_stop(StopReason reason) override {
    std::uint32_t none = 0;
    file_.header().way_back.stop_reason.compare_exchange_strong(
        none, static_cast<std::uint32_t>(reason), std::memory_order_release,
        std::memory_order_relaxed);
  }
  void request_checkpoint() override {
    file_.header().way_back.checkpoint_requests.fetch_add(1, std::memory_order_release);
  }
  bool attached() const override {
    return file_.header().notes.attached.load(std::memory_order_relaxed) != 0;
  }
  bool stop_seen() const override {
    return file_.header().notes.stop_seen.load(std::memory_order_relaxed) != 0;
  }
  std::optional<SavedCheckpoint> checkpoint() const override;
  bool saves_checkpoints() const override {
    const Notes& notes = file_.header().notes;
    return notes.looks_for_requests.load(std::memory_order_relaxed) != 0 ||
           notes.saves.load(std::memory_order_relaxed) != 0;
  }
  std::int64_t resumed() const override {
    const bool resumes = file_.header().notes.resumes.load(std::memory_order_relaxed) != 0;
    return resumes ? file_.trial.resume_step : -1;
  }
  bool stopped() const override {
    return file_.header().way_back.stop_reason.load(std::memory_order_relaxed) != 0;
  }
  std::optional<int> exit_code() const override {
    const std::uint32_t noted = file_.header().notes.exit_code.load(std::memory_order_relaxed);
    if (noted == 0 || noted > 256) return std::nullopt;
    return static_cast<int>(noted - 1);
  }
  std::uint32_t finished() const override {
    return file_.header().notes.finished.load(std::memory_order_relaxed);
  }
  std::uint64_t dropped() const override {
    std::uint64_t sum = damaged_;
    for (const auto& count : file_.header().notes.dropped) {
      sum += count.load(std::memory_order_relaxed);
    }
    return sum;
  }

 private:
  enum class Found { kRecords, kNothing, kTrouble };

  Found find_segment(std::uint64_t segment, const Record** records);
  bool take(const Record& record, std::uint64_t tag, PointBlock* block);
  std::optional<std::uint32_t> known_metric(std::uint32_t id);
  std::optional<std::uint16_t> column_of(std::uint32_t metric, PointBlock* block);

  std::string folder_;
  HeaderFile file_;
  std::uint64_t segment_ = UINT64_MAX;  // the one that is mapped
  MappedFile mapped_;
  std::uint64_t damaged_ = 0;        // records that are none
  std::uint64_t damaged_below_ = 0;  // counted up to here
  std::unique_ptr<Writer> writer_;   // once append() was called

  // Metrics by id in the journal: names_[metric_by_id_[id]]. Two ids may have one name.
  static constexpr std::uint16_t kUnknown = 0xFFFF;
  std::array<std::uint16_t, limits::kJournalMetricsMax> metric_by_id_ = filled(kUnknown);
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::uint16_t> metric_by_name_;
  std::vector<std::uint16_t> columns_;  // by metric, in the block being filled

  static std::array<std::uint16_t, limits::kJournalMetricsMax> filled(std::uint16_t value) {
    std::array<std::uint16_t, limits::kJournalMetricsMax> array{};
    array.fill(value);
    return array;
  }
};

std::optional<SavedCheckpoint> MappedJournal::checkpoint() const {
  const Notes& notes = file_.header().notes;
  // A writer is at work on the other entry; only one that laps the reader needs another look.
  for (int tries = 0; tries < 16; ++tries) {
    const std::uint32_t saves = notes.saves.load(std::memory_order_acquire);
    if (saves == 0 || file_.trial.checkpoint.empty()) return std::nullopt;
    const Saved& latest = notes.saved[saves % 2];
    const SavedCheckpoint found{latest.step.load(std::memory_order_acquire),
                                latest.before.load(std::memory_order_acquire)};
    if (notes.saves.load(std::memory_order_acquire) != saves) continue;
    if (found.step < 0) return std::nullopt;
    return found;
  }
  return std::nullopt;
}

MappedJournal::Found MappedJournal::find_segment(std::uint64_t segment, const Record** records) {
  if (segment != segment_) {
    auto file = MappedFile::open(segment_path(folder_, segment), kSegmentBytes);
    if (!file) return file.status().code() == Code::kResource ? Found::kTrouble : Found::kNothing;
    mapped_ = std::move(*file);
    segment_ = segment;
  }
  *records = reinterpret_cast<const Record*>(mapped_.data());
  return Found::kRecords;
}

std::optional<std::uint32_t> MappedJournal::known_metric(std::uint32_t id) {
  if (id >= metric_by_id_.size()) return std::nullopt;
  std::uint16_t& metric = metric_by_id_[id];
  if (metric == kUnknown) {
    const auto raw = name_at(file_.header().names, id);
    if (!raw) return std::nullopt;
    std::string name = printable(*raw, limits::kNameBytesMax);
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

std::uint64_t MappedJournal::read(std::uint64_t from, std::size_t records_max, bool writers_gone,
                                  PointBlock* block) {
  columns_.assign(columns_.size(), kUnknown);
  const std::uint64_t end = reserved();
  std::uint64_t at = from;
  for (std::size_t taken = 0; at < end && taken < records_max;) {
    const std::uint64_t segment = at / limits::kSegmentRecords;
    const Record* records = nullptr;
    const Found found = find_segment(segment, &records);
    if (found == Found::kTrouble || (found == Found::kNothing && !writers_gone)) break;
    if (found == Found::kNothing) {
      at = std::min(end, (segment + 1) * limits::kSegmentRecords);
      continue;
    }
    const Record& record = records[at % limits::kSegmentRecords];
    const std::uint64_t tag = record.tag.load(std::memory_order_acquire);
    if (tag == 0) {
      if (!writers_gone) break;
      ++at;
      continue;
    }
    const auto metric = tag_is_of(tag, at) ? known_metric(metric_of(tag)) : std::nullopt;
    if (!metric) {  // Bytes that no writer of ours has put there.
      if (at >= damaged_below_) ++damaged_, damaged_below_ = at + 1;
      ++at;
      continue;
    }
    const auto column = column_of(*metric, block);
    if (!column) break;
    block->metric.push_back(*column);
    block->step.push_back(record.step);
    block->value.push_back(record.value);
    block->time_us.push_back(record.time_us);
    ++taken;
    ++at;
  }
  return at;
}

Status MappedJournal::append(const std::string& metric, std::int64_t step, double value,
                             std::int64_t time_us) {
  if (!writer_) {
    SCOPA_ASSIGN_OR_RETURN(writer_, Writer::open(folder_));
  }
  auto id = writer_->metric(metric);
  if (!id) {
    writer_->drop(Drop::kName);
    return id.status();
  }
  if (writer_->log(*id, step, value, time_us)) return Status::ok();
  return {Code::kResource, folder_ + ": no room for more points"};
}

}  // namespace

Result<std::unique_ptr<Journal>> Journal::create(const std::string& folder,
                                                 const TrialHeader& header) {
  const std::filesystem::path parent = std::filesystem::path(folder).parent_path();
  std::error_code error;
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) return errno_status(parent.string(), error.value());
  if (::mkdir(folder.c_str(), 0700) != 0) return errno_status(folder, errno);
  Status status = create_header(folder, header);
  if (status) status = publish_file(folder, segment_path(folder, 0), kSegmentBytes, {});
  if (status) {
    auto journal = open(folder);
    if (journal) return journal;
    status = journal.status();
  }
  (void)remove(folder);
  return status;
}

Result<std::unique_ptr<Journal>> Journal::open(const std::string& folder) {
  SCOPA_ASSIGN_OR_RETURN(HeaderFile file, open_header(folder));
  return std::unique_ptr<Journal>(new MappedJournal(folder, std::move(file)));
}

Status remove(const std::string& folder) {
  DIR* listing = ::opendir(folder.c_str());
  if (listing == nullptr) return errno == ENOENT ? Status::ok() : errno_status(folder, errno);
  // Only what is ours: a wrong path must not cost anybody a folder.
  while (const dirent* entry = ::readdir(listing)) {
    const std::string_view name = entry->d_name;
    if (name == "header" || name.starts_with("segment-") || name.starts_with(".tmp-")) {
      ::unlinkat(::dirfd(listing), entry->d_name, 0);
    }
  }
  ::closedir(listing);
  if (::rmdir(folder.c_str()) == 0 || errno == ENOENT) return Status::ok();
  return errno_status(folder, errno);
}

}  // namespace scopa::journal
