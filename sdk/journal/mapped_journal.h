#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sdk/journal/bus_guard.h"
#include "sdk/journal/extra_file.h"
#include "sdk/journal/header_file.h"
#include "sdk/journal/journal.h"
#include "sdk/journal/layout.h"
#include "sdk/journal/mapped_file.h"
#include "sdk/journal/writer.h"

namespace scopa::journal {

/// Journal over the mapped files. Whatever touches them goes through touched() or guarded().
class MappedJournal final : public Journal {
 public:
  MappedJournal(std::string folder, HeaderFile file)
      : folder_(std::move(folder)),
        file_(std::move(file)),
        extra_(open_extra(folder_)),
        header_size_(header_path(folder_)),
        extra_size_(extra_path(folder_)) {}

  const TrialHeader& header() const override { return file_.trial; }
  const std::string& folder() const override { return folder_; }

  std::uint64_t read(std::uint64_t from, std::size_t records_max, bool writers_gone,
                     PointBlock* block) override;
  std::uint64_t reserved() const override {
    if (sealed_at_) return *sealed_at_ + lasts_.size();
    reserved_seen_ = touched(reserved_seen_, [&] {
      return std::min(file_.header().reserved.load(std::memory_order_acquire), kRecordsMax);
    });
    return reserved_seen_;
  }
  void seal() override;

  Status append(const std::string& metric, std::int64_t step, double value,
                std::int64_t time_us) override;

  void set_stop(StopReason reason) override {
    touched(0, [&] {
      std::uint32_t none = 0;
      file_.header().way_back.stop_reason.compare_exchange_strong(
          none, static_cast<std::uint32_t>(reason), std::memory_order_release,
          std::memory_order_relaxed);
      return 0;
    });
  }
  void request_checkpoint() override {
    touched(0, [&] {
      file_.header().way_back.checkpoint_requests.fetch_add(1, std::memory_order_release);
      return 0;
    });
  }
  bool attached() const override { return noted(&Notes::attached) != 0; }
  bool stop_seen() const override { return noted(&Notes::stop_seen) != 0; }
  std::optional<SavedCheckpoint> checkpoint() const override {
    return touched(std::optional<SavedCheckpoint>(), [&] { return latest_checkpoint(); });
  }
  bool saves_checkpoints() const override {
    return noted(&Notes::looks_for_requests) != 0 || noted(&Notes::saves) != 0;
  }
  std::int64_t resumed() const override {
    return noted(&Notes::resumes) != 0 ? file_.trial.resume_step : -1;
  }
  bool stopped() const override {
    return touched(false, [&] {
      return file_.header().way_back.stop_reason.load(std::memory_order_relaxed) != 0;
    });
  }
  std::optional<int> exit_code() const override {
    const std::uint32_t code = noted(&Notes::exit_code);
    if (code == 0 || code > 256) return std::nullopt;
    return static_cast<int>(code - 1);
  }
  std::uint32_t finished() const override { return noted(&Notes::finished); }
  std::uint64_t dropped() const override;
  ParamUse param_use() const override;
  std::string damage() override {
    (void)is_cut();
    return damage_;
  }

 private:
  enum class Found { kRecords, kNothing, kTrouble };

  const Extra* extra() const { return reinterpret_cast<const Extra*>(extra_.data()); }
  std::uint32_t noted(std::atomic<std::uint32_t> Notes::*what) const {
    return touched(0U,
                   [&] { return (file_.header().notes.*what).load(std::memory_order_relaxed); });
  }
  /// What `call` reads in the mapped files; `otherwise` once these have been cut short.
  template <class T, class F>
  T touched(T otherwise, F&& call) const {
    T found = otherwise;
    if (!damage_.empty()) return otherwise;
    if (guarded([&] { found = call(); })) return found;
    note_damage("a file");
    return otherwise;
  }
  void note_damage(const char* file) const {
    if (damage_.empty()) {
      damage_ = std::string("its journal was cut short while it ran: ") + file + " of " + folder_ +
                " has become shorter than it must be";
    }
  }
  bool is_cut() const;
  std::optional<SavedCheckpoint> latest_checkpoint() const;
  std::uint64_t read_records(std::uint64_t from, std::uint64_t until, bool writers_gone,
                             PointBlock* block);
  Found find_segment(std::uint64_t segment, const Record** records);
  Status append_now(const std::string& metric, std::int64_t step, double value,
                    std::int64_t time_us);
  std::uint64_t records_that_can_be() const;
  void lose(std::uint64_t from, std::uint64_t to) {
    if (to <= lost_below_) return;
    lost_ += to - std::max(from, lost_below_);
    lost_below_ = to;
  }
  std::optional<std::uint32_t> known_metric(std::uint32_t id);
  std::optional<std::uint16_t> column_of(std::uint32_t metric, PointBlock* block);
  bool put(std::uint32_t metric, const LastPoint& point, PointBlock* block);

  std::string folder_;
  HeaderFile file_;
  MappedFile extra_;  // empty: a journal without one
  SizeWatch header_size_, extra_size_;
  std::uint64_t segment_ = UINT64_MAX;  // the one that is mapped
  MappedFile mapped_;
  SizeWatch segment_size_;
  mutable std::string damage_;
  mutable std::uint64_t reserved_seen_ = 0;
  std::optional<std::uint64_t> sealed_at_;
  std::vector<std::pair<std::uint32_t, LastPoint>> lasts_;  // by metric, once it is sealed
  std::uint64_t lost_ = 0;          // records that are none, or cannot be read any more
  std::uint64_t lost_below_ = 0;    // counted up to here
  std::uint64_t unwritten_ = 0;     // by append(), and counted nowhere else
  std::unique_ptr<Writer> writer_;  // once append() was called

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

}  // namespace scopa::journal
