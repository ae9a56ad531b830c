#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sdk/wire/messages.h"

/// The bytes of keys and values; docs/storage.md draws them. Numbers are big-endian, so that keys
/// sort as numbers do.
namespace scopa::store {

inline constexpr std::size_t kSweepBytes = 8;
inline constexpr std::size_t kEventKeyBytes = kSweepBytes + 8;
inline constexpr std::size_t kAttemptKeyBytes = kSweepBytes + 8 + 4;
inline constexpr std::size_t kSeriesKeyBytes = kAttemptKeyBytes + 8;
inline constexpr std::size_t kSeriesHeaderBytes = 8 + 8;

void append_u32(std::uint32_t value, std::string* bytes);
void append_u64(std::uint64_t value, std::string* bytes);
std::uint32_t load_u32(const char* bytes);
std::uint64_t load_u64(const char* bytes);

/// Each replaces `key`, using its room again. `sweep` has kSweepBytes bytes.
void event_key(std::string_view sweep, std::uint64_t seq, std::string* key);
void attempt_key(const wire::AttemptRef& attempt, std::string* key);
void series_key(const wire::AttemptRef& attempt, std::uint64_t from, std::string* key);

/// All keys of a family that belong to a sweep, or to one trial of it in `series` and `progress`.
struct KeyRange {
  std::string begin;
  std::string end;  ///< the first one beyond
};
KeyRange keys_of_sweep(std::string_view sweep);
KeyRange keys_of_trial(std::string_view sweep, std::uint64_t trial);

struct EventKey {
  std::string_view sweep;
  std::uint64_t seq = 0;
};
std::optional<EventKey> parse_event_key(std::string_view key);

struct SeriesKey {
  wire::AttemptRef attempt;
  std::uint64_t from = 0;
};
std::optional<SeriesKey> parse_series_key(std::string_view key);

struct SeriesHeader {
  std::uint64_t seq = 0;
  std::uint64_t to = 0;
};
std::optional<SeriesHeader> parse_series_header(std::string_view value);

/// For messages: "6b3376..." of at most 32 bytes.
std::string hex(std::string_view bytes);

}  // namespace scopa::store
