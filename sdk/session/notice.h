#pragma once

#include <chrono>
#include <optional>

#include "sdk/base/time.h"
#include "sdk/session/environment.h"

namespace scopa::session {

/// What trainers can do with the time that their machine leaves, all since the notice.
struct NoticeTimes {
  std::chrono::microseconds checkpoint{};  ///< until then they may save one, then they are ended
  std::chrono::microseconds end{};         ///< until then they may end by themselves, then SIGTERM
};

/// Of `left`, limits::kTermGrace, but a third of it at most, is kept for what follows SIGTERM, and
/// as much for what follows the stop flag.
NoticeTimes times_of(std::chrono::microseconds left);

/// Until the job's time limit, where SLURM tells it (SLURM_JOB_END_TIME). `now` since the Unix
/// epoch.
std::optional<std::chrono::microseconds> time_of_job_left(const Environment& env, Instant now);

}  // namespace scopa::session
