#include "broker/store/keys.h"

#include <algorithm>

namespace scopa::store {
namespace {

template <class T>
void append(T value, std::string* bytes) {
  for (int shift = 8 * (static_cast<int>(sizeof(T)) - 1); shift >= 0; shift -= 8) {
    bytes->push_back(static_cast<char>(value >> shift));
  }
}

template <class T>
T load(const char* bytes) {
  T value = 0;
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<T>(value << 8) | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

}  // namespace

void append_u32(std::uint32_t value, std::string* bytes) { append(value, bytes); }
void append_u64(std::uint64_t value, std::string* bytes) { append(value, bytes); }
std::uint32_t load_u32(const char* bytes) { return load<std::uint32_t>(bytes); }
std::uint64_t load_u64(const char* bytes) { return load<std::uint64_t>(bytes); }

void event_key(std::string_view sweep, std::uint64_t seq, std::string* key) {
  key->assign(sweep);
  append(seq, key);
}

void attempt_key(const wire::AttemptRef& attempt, std::string* key) {
  key->assign(attempt.sweep);
  append(attempt.trial, key);
  append(attempt.attempt, key);
}

void series_key(const wire::AttemptRef& attempt, std::uint64_t from, std::string* key) {
  attempt_key(attempt, key);
  append(from, key);
}

KeyRange keys_of_sweep(std::string_view sweep) {
  KeyRange keys{std::string(sweep), std::string(sweep)};
  ++keys.end.back();  // an id is of ASCII letters and digits
  return keys;
}

KeyRange keys_of_trial(std::string_view sweep, std::uint64_t trial) {
  KeyRange keys = keys_of_sweep(sweep);
  append(trial, &keys.begin);
  if (trial == UINT64_MAX) return keys;
  keys.end.assign(sweep);
  append(trial + 1, &keys.end);
  return keys;
}

std::optional<EventKey> parse_event_key(std::string_view key) {
  if (key.size() != kEventKeyBytes) return std::nullopt;
  return EventKey{key.substr(0, kSweepBytes), load_u64(key.data() + kSweepBytes)};
}

std::optional<SeriesKey> parse_series_key(std::string_view key) {
  if (key.size() != kSeriesKeyBytes) return std::nullopt;
  SeriesKey parsed;
  parsed.attempt.sweep = key.substr(0, kSweepBytes);
  parsed.attempt.trial = load_u64(key.data() + kSweepBytes);
  parsed.attempt.attempt = load_u32(key.data() + kSweepBytes + 8);
  parsed.from = load_u64(key.data() + kAttemptKeyBytes);
  return parsed;
}

std::optional<SeriesHeader> parse_series_header(std::string_view value) {
  if (value.size() < kSeriesHeaderBytes) return std::nullopt;
  return SeriesHeader{load_u64(value.data()), load_u64(value.data() + 8)};
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes.substr(0, 32)) {
    text += kDigits[static_cast<unsigned char>(c) >> 4];
    text += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return bytes.size() > 32 ? text + "..." : text;
}

}  // namespace scopa::store
