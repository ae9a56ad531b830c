#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>

#include "sdk/base/limits.h"

/// The bytes of a trial journal, shared by two programs that may die at any instruction.
///
/// A journal is a folder. All numbers are little-endian; every file has its full size from the
/// moment its name appears, and its space is allocated, so that no store can meet a full disk.
///
///     header           Header, then the trial header's bytes (trial_header.h)
///     extra            Extra: what was added later; a journal of an older worker has none, and an
///                      older trainer does not look at it
///     segment-00000    kSegmentRecords records, then segment-00001 and so on, made when needed
///     .tmp-PID-N       a file in the making; it gets its name by link(2), which one process wins
///
/// How a point gets in: a writer takes a record by one atomic add to `reserved`, writes value, step
/// and time, and then stores the record's tag with release order. A reader that sees a tag sees
/// the rest. A record whose writer died in between keeps the tag 0: a hole.
///
/// No record is reserved unless its segment is there. Writers look at `reserved` before they add
/// to it and stop kGuardRecords before the end of the last segment that they have mapped; so many
/// threads would have to be between the look and the add at one time to overrun it.
namespace scopa::journal {

static_assert(std::endian::native == std::endian::little, "the journal is little-endian");

inline constexpr std::array<char, 8> kMagic = {'s', 'c', 'o', 'p', 'a', 'j', 'n', 'l'};
inline constexpr std::uint32_t kLayoutVersion = 2;

/// The file `extra` grows at its end: who knows less of it reads what it knows, who knows more
/// finds the file too short and goes without. The version is raised when a part of it changes.
inline constexpr std::array<char, 8> kExtraMagic = {'s', 'c', 'o', 'p', 'a', 'e', 'x', 't'};
inline constexpr std::uint32_t kExtraVersion = 1;

inline constexpr std::size_t kCacheLine = 64;
inline constexpr std::size_t kNamesBytes = 256 << 10;   // all metric names together
inline constexpr std::size_t kTrialBytesMax = 4 << 20;  // the encoded trial header
inline constexpr std::uint64_t kGuardRecords = 4096;    // more than threads that log at once
inline constexpr std::uint64_t kRecordsMax = limits::kSegmentRecords * limits::kSegmentsMax;

/// Why a point was not kept. In the journal: append, never renumber.
enum class Drop : std::uint32_t {
  kNoRoom = 0,    ///< no space for another segment, or the journal has reached its bound
  kName = 1,      ///< an empty or too long metric name, or too many metrics
  kFinished = 2,  ///< logged after the trial had been finished
};
inline constexpr std::size_t kDropReasons = 8;

/// Never changes once the file has its name.
struct Fixed {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t header_bytes;  // sizeof(Header)
  std::uint32_t record_bytes;
  std::uint32_t segment_records;
  std::uint32_t segments_max;
  std::uint32_t metrics_max;
  std::uint32_t names_bytes;
  std::uint32_t trial_bytes;
  std::uint64_t trial_checksum;
  std::uint64_t checksum;  // of the bytes of Fixed before it
};

/// Written by the worker, read by the trainer in its loop: a line of its own stays in the trainer's
/// cache until it changes.
struct WayBack {
  std::atomic<std::uint32_t> stop_reason;          // scopa::StopReason
  std::atomic<std::uint32_t> checkpoint_requests;  // counts up
};

/// A checkpoint that the trainer has saved.
struct Saved {
  std::atomic<std::int64_t> step;     // the last one that it holds
  std::atomic<std::uint64_t> before;  // `reserved` when it was noted: these points belong to it
};

/// Written by the trainer, rarely.
struct Notes {
  std::atomic<std::uint32_t> attached;  // processes that have opened the journal to write
  std::atomic<std::uint32_t> finished;  // processes that said that training is complete
  std::array<std::atomic<std::uint64_t>, kDropReasons> dropped;  // by Drop
  std::atomic<std::uint32_t> stop_seen;           // not 0: somebody was told of the stop
  std::atomic<std::uint32_t> looks_for_requests;  // not 0: somebody looks for checkpoint requests
  std::atomic<std::uint32_t> resumes;  // not 0: it goes on from the checkpoint that it was offered
  std::atomic<std::uint32_t> saves;    // checkpoints noted; the latest is saved[saves % 2]
  std::atomic<std::uint32_t> exit_code;  // 1 more than that of the process that trains; 0: not said
  std::array<Saved, 2> saved;            // by turns, so that the latest is whole at any time
};

/// The metric names. An entry is claimed by moving `claimed` on (count in the upper half, bytes in
/// the lower), then its text is written, then the entry is published. One whose writer died stays
/// 0 and is never used; two writers that register one name at the same time make two entries of it.
struct Names {
  alignas(kCacheLine) std::atomic<std::uint64_t> claimed;
  alignas(kCacheLine) std::array<std::atomic<std::uint64_t>, limits::kJournalMetricsMax> entries;
  std::array<char, kNamesBytes> text;
};

/// Two lines apart, because processors fetch lines in pairs: what one side writes often must not
/// share a pair with what the other reads often.
struct Header {
  alignas(2 * kCacheLine) Fixed fixed;
  alignas(2 * kCacheLine) WayBack way_back;
  alignas(2 * kCacheLine) Notes notes;
  alignas(2 * kCacheLine) std::atomic<std::uint64_t> reserved;  // records, ever
  alignas(2 * kCacheLine) Names names;
};

/// Never changes once the file has its name.
struct ExtraFixed {
  std::array<char, 8> magic;
  std::uint32_t version;
  std::uint32_t metrics_max;
};

/// A text that somebody noted: `bytes` is published last; 0: none. What is longer is cut.
struct NoteText {
  std::atomic<std::uint32_t> bytes;
  std::array<char, 252> text;
};

/// Texts, each once. One is claimed by moving `claimed` on; beyond the last nothing is noted.
struct NoteList {
  std::atomic<std::uint32_t> claimed;
  std::array<NoteText, limits::kTrainerNotesMax> texts;
};

/// How the trainer uses its parameters. Written by it, rarely.
struct ParamNotes {
  std::atomic<std::uint32_t> by_name;  // not 0: it has asked for a parameter by its name
  std::atomic<std::uint32_t> all;      // not 0: it has taken all of them at once
  // A bit for each parameter of the trial header, in its order: it was asked for.
  std::array<std::atomic<std::uint64_t>, (limits::kParametersMax + 63) / 64> read;
  NoteList asked;   // names that it asked for and that neither the sweep nor its arguments have
  NoteList errors;  // values that could not be read as what they were asked for
};

/// A metric's latest point for which there was no room, so that its final value is known. `tag` is
/// written last; torn by two writers or a death, it does not fit the rest (last_tag()).
struct Last {
  std::atomic<std::uint64_t> value_bits;
  std::atomic<std::int64_t> step;
  std::atomic<std::int64_t> time_us;
  std::atomic<std::uint64_t> tag;  // 0: none; the upper half counts the points that were kept here
};

struct Extra {
  alignas(2 * kCacheLine) ExtraFixed fixed;
  alignas(2 * kCacheLine) ParamNotes params;
  // By metric; two by turns, so that one is whole at any time.
  alignas(2 * kCacheLine) std::array<std::array<Last, 2>, limits::kJournalMetricsMax> lasts;
};

struct Record {
  double value;
  std::int64_t step;
  std::int64_t time_us;            // since the Unix epoch
  std::atomic<std::uint64_t> tag;  // 0, or record_tag()
};

inline constexpr std::size_t kSegmentBytes = limits::kSegmentRecords * sizeof(Record);

static_assert(sizeof(Fixed) == 56 && sizeof(Record) == 32 && sizeof(Notes) == 128);
static_assert(offsetof(Header, way_back) == 128 && offsetof(Header, notes) == 256);
static_assert(offsetof(Header, reserved) == 384 && offsetof(Header, names) == 512);
static_assert(offsetof(Names, entries) == 64 && offsetof(Names, text) == 64 + 8 * 4096);
static_assert(sizeof(Header) % kCacheLine == 0);
static_assert(sizeof(ExtraFixed) == 16 && sizeof(NoteText) == 256 && sizeof(Last) == 32);
static_assert(offsetof(Extra, params) == 128 && offsetof(Extra, lasts) % (2 * kCacheLine) == 0);
static_assert(std::is_standard_layout_v<Extra>);
static_assert(std::is_standard_layout_v<Header> && std::is_standard_layout_v<Record>);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free &&
                  std::atomic<std::uint32_t>::is_always_lock_free,
              "atomics that take a lock do not work between processes");
static_assert(limits::kSegmentRecords % 2 == 0 && kGuardRecords * 4 <= limits::kSegmentRecords);
static_assert(limits::kJournalMetricsMax < 0x8000'0000u && kNamesBytes <= 0xFFFF'FFFFu);

/// What publishes record number `at`: its metric, and the lower half of its own number, by which a
/// reader tells a record from bytes that strayed there.
constexpr std::uint64_t record_tag(std::uint64_t at, std::uint32_t metric) {
  return (at << 32) | 0x8000'0000u | metric;
}
constexpr bool tag_is_of(std::uint64_t tag, std::uint64_t at) {
  return (tag >> 32) == (at & 0xFFFF'FFFFu) && (tag & 0x8000'0000u) != 0;
}
constexpr std::uint32_t metric_of(std::uint64_t tag) {
  return static_cast<std::uint32_t>(tag) & 0x7FFF'FFFFu;
}

/// Of the point number `count` that was kept as a metric's last.
constexpr std::uint64_t last_tag(std::uint32_t count, std::uint32_t metric,
                                 std::uint64_t value_bits, std::int64_t step,
                                 std::int64_t time_us) {
  std::uint64_t hash = 0xCBF2'9CE4'8422'2325u;
  for (const std::uint64_t part :
       {value_bits, static_cast<std::uint64_t>(step), static_cast<std::uint64_t>(time_us),
        (std::uint64_t{count} << 32) | metric}) {
    hash = (hash ^ part) * 0x9E37'79B9'7F4A'7C15u;
    hash ^= hash >> 29;
  }
  return (std::uint64_t{count} << 32) | (hash & 0xFFFF'FFFFu) | 1;
}

constexpr std::uint64_t name_entry(std::uint32_t offset, std::uint32_t bytes) {
  return (std::uint64_t{bytes} << 32) | offset;
}

/// FNV-1a. It finds accidents, not forgeries.
constexpr std::uint64_t checksum_of(std::string_view bytes) {
  std::uint64_t hash = 0xCBF2'9CE4'8422'2325u;
  for (const char c : bytes) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100'0000'01B3u;
  return hash;
}

std::string header_path(const std::string& folder);
std::string extra_path(const std::string& folder);
std::string segment_path(const std::string& folder, std::uint64_t segment);

}  // namespace scopa::journal
