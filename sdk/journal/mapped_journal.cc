// The part of a mapped journal that is not the reading of its points.
#include "sdk/journal/mapped_journal.h"

#include <cstring>
#include <filesystem>
#include <system_error>

#include "sdk/base/text.h"

namespace scopa::journal {

bool MappedJournal::is_cut() const {
  if (header_size_.is_shorter_than(file_.file.bytes())) note_damage("the header");
  if (extra_.data() != nullptr && extra_size_.is_shorter_than(extra_.bytes()))
    note_damage("`extra`");
  if (mapped_.data() != nullptr && segment_size_.is_shorter_than(kSegmentBytes)) {
    note_damage("a segment");
  }
  return !damage_.empty();
}

std::optional<SavedCheckpoint> MappedJournal::latest_checkpoint() const {
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

std::uint64_t MappedJournal::dropped() const {
  const std::uint64_t noted = touched(std::uint64_t{0}, [&] {
    std::uint64_t sum = 0;
    for (const auto& count : file_.header().notes.dropped) {
      sum += count.load(std::memory_order_relaxed);
    }
    return sum;
  });
  return noted - std::min<std::uint64_t>(noted, lasts_.size()) + lost_ + unwritten_;
}

ParamUse MappedJournal::param_use() const {
  ParamUse use;
  // A copy: reading it must not fail half-way.
  alignas(ParamNotes) std::array<char, sizeof(ParamNotes)> copy{};
  const bool there =
      extra() != nullptr && touched(false, [&] {
        std::memcpy(copy.data(), reinterpret_cast<const char*>(&extra()->params), copy.size());
        return true;
      });
  if (!there) return use;
  const auto& notes = *reinterpret_cast<const ParamNotes*>(copy.data());
  use.asked = notes_in(notes.asked);
  use.errors = notes_in(notes.errors);
  if (notes.all.load() != 0 || notes.by_name.load() == 0) return use;
  for (std::size_t i = 0; i < file_.trial.params.size() && i / 64 < notes.read.size(); ++i) {
    if ((notes.read[i / 64].load() >> (i % 64) & 1) != 0) continue;
    if (use.unread.size() >= limits::kTrainerNotesMax) break;
    use.unread.push_back(printable(file_.trial.params[i].name, limits::kNameBytesMax));
  }
  return use;
}

// A record is reserved only where its segment is: what says otherwise is noise.
std::uint64_t MappedJournal::records_that_can_be() const {
  const std::uint64_t said = reserved();
  std::uint64_t end = 0;
  for (std::uint64_t segment = 0; segment * limits::kSegmentRecords < said; ++segment) {
    std::error_code error;
    if (segment == segment_ || std::filesystem::exists(segment_path(folder_, segment), error)) {
      end = (segment + 1) * limits::kSegmentRecords;
    }
  }
  return std::min(said, end);
}

void MappedJournal::seal() {
  if (sealed_at_) return;
  const std::uint64_t end = records_that_can_be();
  for (std::uint32_t id = 0; extra() != nullptr && id < limits::kJournalMetricsMax; ++id) {
    const auto last = touched(std::optional<LastPoint>(), [&] { return last_of(*extra(), id); });
    if (!last) continue;
    const auto metric = known_metric(id);
    if (metric) lasts_.emplace_back(*metric, *last);
  }
  sealed_at_ = end;
}

Status MappedJournal::append(const std::string& metric, std::int64_t step, double value,
                             std::int64_t time_us) {
  std::optional<Status> done;
  if (damage_.empty() && !guarded([&] { done = append_now(metric, step, value, time_us); })) {
    note_damage("a file");
  }
  if (damage_.empty() && done) return *done;
  ++unwritten_;
  return {Code::kCorruption, damage_};
}

Status MappedJournal::append_now(const std::string& metric, std::int64_t step, double value,
                                 std::int64_t time_us) {
  if (!writer_) {
    auto writer = Writer::open(folder_);
    if (!writer) {
      ++unwritten_;
      return writer.status();
    }
    writer_ = std::move(*writer);
  }
  auto id = writer_->metric(metric);
  if (!id) {
    writer_->drop(Drop::kName);
    return id.status();
  }
  if (writer_->log(*id, step, value, time_us)) return Status::ok();
  return {Code::kResource, folder_ + ": no room for more points"};
}

}  // namespace scopa::journal
