#pragma once

#include <signal.h>

#include <cstdint>
#include <type_traits>

#include "sdk/base/limits.h"

namespace scopa::worker {

/// How a worker leaves. Each way includes those before it.
enum class Leave : std::uint8_t {
  kNot = 0,
  kDrain = 1,        ///< no new trials
  kPreempt = 2,      ///< running trials save a checkpoint and go back to the queue
  kPreemptSoon = 3,  ///< the same, with limits::kNoticeShort for all
  kNow = 4,          ///< running trials go back to the queue once they have saved, within `grace`
  kAtOnce = 5,       ///< running trials go back to the queue, without any time to save
};

/// What a signal asks for when `before` has been asked for already:
///
/// | | first | again | once more |
/// |---|---|---|---|
/// | SIGINT | kDrain | kNow | kAtOnce |
/// | SIGTERM | kPreempt; under SLURM, which kills half a minute later, kPreemptSoon | kNow |
/// kAtOnce |
/// | SIGUSR1 | kPreempt | | |
/// | SIGHUP: the terminal is gone; shell and kernel may both say so | kPreempt | | |
///
/// "Again" is after any of them, but a SIGTERM, SIGUSR1 or SIGHUP after a SIGINT, and a SIGTERM
/// under SLURM after a SIGUSR1 or SIGHUP, count as the first.
constexpr Leave leave_after(Leave before, int signal, bool in_slurm) {
  const Leave term = in_slurm ? Leave::kPreemptSoon : Leave::kPreempt;
  const Leave again = before < Leave::kNow ? Leave::kNow : Leave::kAtOnce;
  switch (signal) {
    case SIGINT:
      return before == Leave::kNot ? Leave::kDrain : again;
    case SIGUSR1:
    case SIGHUP:
      return before < Leave::kPreempt ? Leave::kPreempt : before;
    case SIGTERM:
      return before < term ? term : again;
    default:
      return before < Leave::kNow ? Leave::kNow : before;
  }
}

/// What the signals so far ask for. Fits an atomic without padding, so that a signal handler can
/// keep it there; aligned as one, or Clang asks libatomic for it.
struct alignas(8) Leaving {
  std::uint32_t since_ms = 0;  ///< when the latest came, of those that are one the first
  Leave before = Leave::kNot;  ///< what was asked for before that
  Leave how = Leave::kNot;
  std::uint16_t is_any = 0;  ///< not 0: there was one

  bool operator==(const Leaving&) const = default;
};
static_assert(std::has_unique_object_representations_v<Leaving> && sizeof(Leaving) == 8);

/// After one more signal. `now_ms` is of any clock that does not go back, and may wrap around.
constexpr Leaving heard(Leaving so_far, int signal, bool in_slurm, std::uint32_t now_ms) {
  const bool is_same = so_far.is_any != 0 && now_ms - so_far.since_ms < limits::kOneSignal.count();
  Leaving after = so_far;
  after.is_any = 1;
  if (!is_same) {
    after.since_ms = now_ms;
    after.before = so_far.how;
  }
  const Leave asked = leave_after(after.before, signal, in_slurm);
  if (asked > after.how) after.how = asked;
  return after;
}

/// For heard(). May be called in a signal handler.
std::uint32_t now_ms_of_signals();

}  // namespace scopa::worker
