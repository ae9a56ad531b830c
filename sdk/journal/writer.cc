#include "sdk/journal/writer.h"

#include <sys/mman.h>

#include <filesystem>
#include <utility>

namespace scopa::journal {
namespace {

// A full disk is asked again no more often than this, so that dropping a point stays cheap.
constexpr std::int64_t kRetryUs = 100'000;

}  // namespace

Result<std::unique_ptr<Writer>> Writer::open(const std::string& folder) {
  SCOPA_ASSIGN_OR_RETURN(HeaderFile file, open_header(folder));
  // Segments are made later, when the trainer may have changed its folder.
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(folder, error);
  if (error) return Status(Code::kResource, folder + ": " + error.message());
  std::unique_ptr<Writer> writer(new Writer(absolute.string(), std::move(file)));
  // So that not even the first log() has to. Where there is no room now, there may be some then.
  (void)writer->extend(writer->header().reserved.load(std::memory_order_relaxed), now_us());
  return writer;
}

Writer::Writer(std::string folder, HeaderFile file)
    : header_(&file.header()),
      folder_(std::move(folder)),
      file_(std::move(file)),
      extra_(open_extra(folder_)) {}

Writer::~Writer() {
  for (auto& segment : segments_) {
    if (Record* records = segment.load(std::memory_order_relaxed)) {
      ::munmap(records, kSegmentBytes);
    }
  }
}

void Writer::drop(Drop reason, std::uint64_t points) {
  header().notes.dropped[static_cast<std::size_t>(reason)].fetch_add(points,
                                                                     std::memory_order_relaxed);
}

std::uint64_t Writer::dropped() const {
  std::uint64_t sum = 0;
  for (const auto& count : header().notes.dropped) sum += count.load(std::memory_order_relaxed);
  return sum;
}

void Writer::note_checkpoint(std::int64_t step) {
  Notes& notes = header().notes;
  const std::uint32_t saves = notes.saves.load(std::memory_order_relaxed) + 1;
  Saved& next = notes.saved[saves % 2];
  next.step.store(step, std::memory_order_relaxed);
  next.before.store(header().reserved.load(std::memory_order_acquire), std::memory_order_relaxed);
  // 0 says that there is none, and the count may go round.
  notes.saves.store(saves == 0 ? 2 : saves, std::memory_order_release);
}

// Each thread that finds no room makes the segment itself rather than wait for another one that
// may have been stopped half-way: the file's name goes to whoever is first, and all map that file.
bool Writer::ensure_segment(std::uint64_t segment) {
  if (segment >= segments_.size()) return false;
  if (segments_[segment].load(std::memory_order_acquire) != nullptr) return true;
  const std::string path = segment_path(folder_, segment);
  auto file = MappedFile::open(path, kSegmentBytes, MappedFile::Pages::kAtOnce);
  if (!file && file.status().code() == Code::kNotFound) {
    const Status made = publish_file(folder_, path, kSegmentBytes, {});
    if (!made && made.code() != Code::kConflict) return false;
    file = MappedFile::open(path, kSegmentBytes, MappedFile::Pages::kAtOnce);
  }
  if (!file) return false;
  Record* expected = nullptr;
  auto* records = reinterpret_cast<Record*>(file->data());
  if (segments_[segment].compare_exchange_strong(expected, records, std::memory_order_acq_rel)) {
    file->release();
  }
  return true;
}

void Writer::raise_writable(std::uint64_t records) {
  std::uint64_t now = writable_.load(std::memory_order_relaxed);
  while (now < records && !writable_.compare_exchange_weak(now, records)) {
  }
}

bool Writer::extend(std::uint64_t at, std::int64_t now_us) try {
  const std::int64_t wait_us = retry_at_us_.load(std::memory_order_relaxed) - now_us;
  if (wait_us > 0 && wait_us <= kRetryUs) return false;
  std::uint64_t last = at / limits::kSegmentRecords;
  bool room = ensure_segment(last);
  if (at % limits::kSegmentRecords >= limits::kSegmentRecords - kGuardRecords) {
    room = room && ensure_segment(++last);
  }
  if (!room) {
    retry_at_us_.store(now_us + kRetryUs, std::memory_order_relaxed);
    return false;
  }
  raise_writable((last + 1) * limits::kSegmentRecords - kGuardRecords);
  if (keeps_lasts_.exchange(false, std::memory_order_relaxed)) log_lasts();
  return true;
} catch (...) {  // The names of files need memory.
  return false;
}

bool Writer::keep_as_last(std::uint32_t metric, std::int64_t step, double value,
                          std::int64_t time_us) {
  drop(Drop::kNoRoom);
  if (extra() == nullptr) return false;
  keep_last(*extra(), metric, {step, value, time_us});
  keeps_lasts_.store(true, std::memory_order_relaxed);
  return false;
}

// There is room again: what was kept is a point like the others, and before those that come now.
void Writer::log_lasts() {
  for (std::uint32_t metric = 0; metric < limits::kJournalMetricsMax; ++metric) {
    const auto point = take_last(*extra(), metric);
    if (!point) continue;
    (void)log(metric, point->step, point->value,
              point->time_us);  // counts it anew if it is dropped
    header().notes.dropped[static_cast<std::size_t>(Drop::kNoRoom)].fetch_sub(
        1, std::memory_order_relaxed);
  }
}

void Writer::note_param(std::string_view name, bool given) {
  if (extra() == nullptr) return;
  ParamNotes& notes = extra()->params;
  if (notes.by_name.load(std::memory_order_relaxed) == 0) notes.by_name.store(1);
  const Params& params = trial().params;
  for (std::size_t i = 0; i < params.size() && i / 64 < notes.read.size(); ++i) {
    if (params[i].name != name) continue;
    const std::uint64_t bit = std::uint64_t{1} << (i % 64);
    if ((notes.read[i / 64].load(std::memory_order_relaxed) & bit) == 0) {
      notes.read[i / 64].fetch_or(bit, std::memory_order_relaxed);
    }
    return;
  }
  if (!given) add_note(notes.asked, name);
}

void Writer::note_all_params() {
  if (extra() != nullptr) extra()->params.all.store(1, std::memory_order_relaxed);
}

void Writer::note_param_error(std::string_view text) {
  if (extra() != nullptr) add_note(extra()->params.errors, text);
}

void Writer::prepare_segment(std::uint64_t segment) try {
  if (!ensure_segment(segment)) return;  // Asked for again when it is needed.
  raise_writable((segment + 1) * limits::kSegmentRecords - kGuardRecords);
} catch (...) {
}

Record* Writer::late_segment(std::uint64_t segment) try {
  return ensure_segment(segment) ? segments_[segment].load(std::memory_order_acquire) : nullptr;
} catch (...) {
  return nullptr;
}

}  // namespace scopa::journal
