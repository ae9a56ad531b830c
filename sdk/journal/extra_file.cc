#include "sdk/journal/extra_file.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "sdk/base/text.h"

namespace scopa::journal {
namespace {

std::uint32_t count_of(std::uint64_t tag) { return static_cast<std::uint32_t>(tag >> 32); }

std::optional<LastPoint> whole(const Last& last, std::uint32_t metric, std::uint64_t tag) {
  if (tag == 0) return std::nullopt;
  const std::uint64_t bits = last.value_bits.load(std::memory_order_relaxed);
  const std::int64_t step = last.step.load(std::memory_order_relaxed);
  const std::int64_t time_us = last.time_us.load(std::memory_order_relaxed);
  if (last_tag(count_of(tag), metric, bits, step, time_us) != tag) return std::nullopt;
  return LastPoint{step, std::bit_cast<double>(bits), time_us};
}

std::optional<std::string_view> text_of(const NoteText& note) {
  const std::uint32_t bytes = note.bytes.load(std::memory_order_acquire);
  if (bytes == 0 || bytes > note.text.size()) return std::nullopt;
  return std::string_view(note.text.data(), bytes);
}

}  // namespace

std::string extra_path(const std::string& folder) { return folder + "/extra"; }

Status create_extra(const std::string& folder) {
  const ExtraFixed fixed{kExtraMagic, kExtraVersion, limits::kJournalMetricsMax};
  const std::string_view bytes(reinterpret_cast<const char*>(&fixed), sizeof fixed);
  return publish_file(folder, extra_path(folder), sizeof(Extra), {{offsetof(Extra, fixed), bytes}});
}

MappedFile open_extra(const std::string& folder) {
  auto file = MappedFile::open(extra_path(folder), sizeof(Extra));
  if (!file) return {};
  ExtraFixed fixed{};
  std::memcpy(&fixed, file->data() + offsetof(Extra, fixed), sizeof fixed);
  const bool ours = fixed.magic == kExtraMagic && fixed.version == kExtraVersion &&
                    fixed.metrics_max == limits::kJournalMetricsMax;
  return ours ? std::move(*file) : MappedFile{};
}

void keep_last(Extra& extra, std::uint32_t metric, const LastPoint& point) {
  if (metric >= extra.lasts.size()) return;
  auto& places = extra.lasts[metric];
  const std::uint64_t first = places[0].tag.load(std::memory_order_acquire);
  const std::uint64_t second = places[1].tag.load(std::memory_order_acquire);
  const std::uint32_t count = std::max(count_of(first), count_of(second)) + 1;
  Last& older = places[count_of(first) <= count_of(second) ? 0 : 1];
  const auto bits = std::bit_cast<std::uint64_t>(point.value);
  older.tag.exchange(0, std::memory_order_acq_rel);  // before the rest, which a store would not be
  older.value_bits.store(bits, std::memory_order_relaxed);
  older.step.store(point.step, std::memory_order_relaxed);
  older.time_us.store(point.time_us, std::memory_order_relaxed);
  older.tag.store(last_tag(count, metric, bits, point.step, point.time_us),
                  std::memory_order_release);
}

std::optional<LastPoint> last_of(const Extra& extra, std::uint32_t metric) {
  if (metric >= extra.lasts.size()) return std::nullopt;
  const auto& places = extra.lasts[metric];
  const std::uint64_t first = places[0].tag.load(std::memory_order_acquire);
  const std::uint64_t second = places[1].tag.load(std::memory_order_acquire);
  const bool second_is_newer = count_of(second) > count_of(first);
  const auto newer =
      second_is_newer ? whole(places[1], metric, second) : whole(places[0], metric, first);
  if (newer) return newer;
  return second_is_newer ? whole(places[0], metric, first) : whole(places[1], metric, second);
}

std::optional<LastPoint> take_last(Extra& extra, std::uint32_t metric) {
  const auto point = last_of(extra, metric);
  if (point) {
    for (Last& place : extra.lasts[metric]) place.tag.store(0, std::memory_order_release);
  }
  return point;
}

void add_note(NoteList& list, std::string_view text) {
  text = text.substr(0, sizeof(NoteText::text));
  if (text.empty()) return;
  for (const NoteText& note : list.texts) {
    if (text_of(note) == text) return;
  }
  if (list.claimed.load(std::memory_order_relaxed) >= list.texts.size()) return;
  const std::uint32_t at = list.claimed.fetch_add(1, std::memory_order_relaxed);
  if (at >= list.texts.size()) return;
  NoteText& note = list.texts[at];
  std::memcpy(note.text.data(), text.data(), text.size());
  note.bytes.store(static_cast<std::uint32_t>(text.size()), std::memory_order_release);
}

std::vector<std::string> notes_in(const NoteList& list) {
  std::vector<std::string> texts;
  for (const NoteText& note : list.texts) {
    const auto raw = text_of(note);
    if (!raw) continue;
    std::string text = printable(*raw, limits::kNameBytesMax);
    if (std::find(texts.begin(), texts.end(), text) == texts.end())
      texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace scopa::journal
