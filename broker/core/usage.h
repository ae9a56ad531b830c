#pragma once

#include <cstdint>
#include <optional>

#include "sdk/base/time.h"

namespace scopa::core {

/// How much time a sweep has used, from the times of its events, so that a restart changes nothing.
/// Wall time counts from the first attempt on, pauses included, but not while the sweep had ended.
/// Device time is that of all attempts together.
class Usage {
 public:
  void attempt_started(std::int64_t at_us);
  void attempt_ended(std::int64_t started_us, std::int64_t at_us);
  /// One that was given up has run all the time: takes back what attempt_ended() said.
  void attempt_held(std::int64_t started_us, std::int64_t ended_us);
  void sweep_ended(std::int64_t at_us);
  void sweep_resumed(std::int64_t at_us);

  std::int64_t wall_us(Instant now) const;
  std::int64_t device_us(Instant now) const;
  /// When so much will have been used if nothing changes; nothing while no clock runs.
  std::optional<Instant> wall_reaches(std::int64_t wall_us) const;
  std::optional<Instant> device_reaches(std::int64_t device_us) const;

 private:
  std::int64_t since_first(std::int64_t at_us) const;

  std::int64_t first_us_ = 0;  // 0: no attempt yet
  std::int64_t idle_us_ = 0;   // ended, up to the last resume
  std::int64_t ended_us_ = 0;  // 0: it has not
  std::int64_t done_us_ = 0;   // of attempts that have ended
  std::int64_t running_ = 0;
  std::int64_t starts_us_ = 0;  // of the running ones, since the first attempt, summed
};

}  // namespace scopa::core
