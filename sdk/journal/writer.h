#pragma once

#include <time.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sdk/base/status.h"
#include "sdk/journal/extra_file.h"
#include "sdk/journal/header_file.h"
#include "sdk/journal/layout.h"

namespace scopa::journal {

/// The trial journal from the trainer's side: puts points in, reads the flags.
///
/// Thread-safe, and any number of processes may write to one journal. After fork() both go on: the
/// files are shared. Nothing waits for another thread or process. log() takes no lock, allocates
/// nothing and makes no system call, except twice in a segment (65,536 points): half-way the thread
/// that takes that record makes the next segment, and each process maps it once.
class Writer {
 public:
  /// Joins the journal in `folder`. Errors: as of open_header(), and kResource.
  static Result<std::unique_ptr<Writer>> open(const std::string& folder);
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer();

  const TrialHeader& trial() const { return file_.trial; }

  /// The id that log() takes for `name`. A look through all names, for the first use of one.
  Result<std::uint32_t> metric(std::string_view name) {
    return register_name(header().names, name);
  }

  /// Keeps a point. False when there is no room for it; then it has been counted, and is kept as
  /// its metric's last until there is room or a later one takes its place.
  bool log(std::uint32_t metric, std::int64_t step, double value, std::int64_t time_us);

  /// Counts points that could not be kept.
  void drop(Drop reason, std::uint64_t points = 1);
  /// Points dropped by all who write to this journal.
  std::uint64_t dropped() const;
  std::uint64_t dropped(Drop reason) const {
    return header().notes.dropped[static_cast<std::size_t>(reason)].load(std::memory_order_relaxed);
  }

  /// Says that this process has opened the journal to train, and that its training is complete.
  void attach() { header().notes.attached.fetch_add(1, std::memory_order_relaxed); }
  void finish() { header().notes.finished.fetch_add(1, std::memory_order_relaxed); }

  /// Leaves a note when it tells of a stop: a trainer that ends without having known of one has
  /// trained to its end.
  std::uint32_t stop_reason() {
    const auto reason = header().way_back.stop_reason.load(std::memory_order_acquire);
    if (reason != 0) header().notes.stop_seen.store(1, std::memory_order_relaxed);
    return reason;
  }
  /// Leaves a note that somebody looks: the others are not worth waiting for.
  std::uint32_t checkpoint_requests() {
    auto& looks = header().notes.looks_for_requests;
    if (looks.load(std::memory_order_relaxed) == 0) looks.store(1, std::memory_order_relaxed);
    return header().way_back.checkpoint_requests.load(std::memory_order_acquire);
  }
  /// Notes that the checkpoint at trial().checkpoint holds all up to `step`, 0 or more. One thread
  /// of one process at a time.
  void note_checkpoint(std::int64_t step);
  /// Notes whether it goes on from the checkpoint that it was offered.
  void note_resumed(bool resumes) {
    header().notes.resumes.store(resumes ? 1 : 0, std::memory_order_relaxed);
  }

  /// Notes that the trainer asked for a parameter: `name` is in the trial header, or (`given`) in
  /// the trainer's arguments, or it is none.
  void note_param(std::string_view name, bool given);
  /// Notes that it took all parameters at once.
  void note_all_params();
  /// Notes that a parameter's value could not be read as what it was asked for.
  void note_param_error(std::string_view text);

  /// Notes that the process that trains leaves with `code`.
  void note_exit(int code) {
    header().notes.exit_code.store((static_cast<std::uint32_t>(code) & 0xFF) + 1,
                                   std::memory_order_relaxed);
  }

  static std::int64_t now_us() {
    timespec now{};
    ::clock_gettime(CLOCK_REALTIME, &now);
    return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
  }

 private:
  Writer(std::string folder, HeaderFile file);

  Header& header() const { return *header_; }
  bool extend(std::uint64_t at, std::int64_t now_us);
  bool ensure_segment(std::uint64_t segment);
  void raise_writable(std::uint64_t records);
  void prepare_segment(std::uint64_t segment);
  Record* late_segment(std::uint64_t segment);
  Extra* extra() const { return reinterpret_cast<Extra*>(extra_.data()); }
  [[gnu::cold, gnu::noinline]] bool keep_as_last(std::uint32_t metric, std::int64_t step,
                                                 double value, std::int64_t time_us);
  void log_lasts();

  // Read at each point and hardly ever written, so all of them stay in every core's cache.
  Header* header_;
  std::atomic<std::uint64_t> writable_{0};  // below it, records may be reserved
  std::array<std::atomic<Record*>, limits::kSegmentsMax> segments_{};

  std::atomic<std::int64_t> retry_at_us_{0};  // after a failure, not before
  std::string folder_;
  HeaderFile file_;
  MappedFile extra_;                      // empty: none
  std::atomic<bool> keeps_lasts_{false};  // since there was room the last time
};

inline bool Writer::log(std::uint32_t metric, std::int64_t step, double value,
                        std::int64_t time_us) {
  std::atomic<std::uint64_t>& reserved = header_->reserved;
  const std::uint64_t seen = reserved.load(std::memory_order_relaxed);
  if (seen >= writable_.load(std::memory_order_relaxed)) [[unlikely]] {
    if (!extend(seen, time_us)) return keep_as_last(metric, step, value, time_us);
  }
  const std::uint64_t at = reserved.fetch_add(1, std::memory_order_relaxed);
  const std::uint64_t segment = at / limits::kSegmentRecords;
  const std::uint64_t position = at % limits::kSegmentRecords;
  Record* records =
      segment < segments_.size() ? segments_[segment].load(std::memory_order_acquire) : nullptr;
  if (records == nullptr) [[unlikely]] {
    // Others have moved the counter by thousands between the look and the add. The place is ours:
    // left empty, it would hold up whoever reads.
    records = late_segment(segment);
    if (records == nullptr) return keep_as_last(metric, step, value, time_us);
  }
  Record& record = records[position];
  record.value = value;
  record.step = step;
  record.time_us = time_us;
  record.tag.store(record_tag(at, metric), std::memory_order_release);
  if (position == limits::kSegmentRecords / 2) [[unlikely]]
    prepare_segment(segment + 1);
  return true;
}

}  // namespace scopa::journal
