#include "sdk/session/notice.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

#include "sdk/base/limits.h"

namespace scopa::session {

using std::chrono::microseconds;

NoticeTimes times_of(microseconds left) {
  left = std::max(left, microseconds(0));
  const microseconds kept = std::min<microseconds>(limits::kTermGrace, left / 3);
  const microseconds end = left - kept;
  return {std::min<microseconds>(limits::kCheckpointGrace, end - kept), end};
}

std::optional<microseconds> time_of_job_left(const Environment& env, Instant now) {
  const auto text = env("SLURM_JOB_END_TIME");
  std::int64_t seconds = 0;
  if (!text) return std::nullopt;
  const char* const last = text->data() + text->size();
  const auto read = std::from_chars(text->data(), last, seconds);
  constexpr std::int64_t kSecondsMax = INT64_MAX / 1'000'000;
  if (read.ec != std::errc() || read.ptr != last || seconds <= 0 || seconds > kSecondsMax) {
    return std::nullopt;
  }
  return std::max(microseconds(0), from_unix_us(seconds * 1'000'000) - now);
}

}  // namespace scopa::session
