#pragma once

#include <signal.h>

namespace scopa::worker {

/// How a worker leaves. Each way includes those before it.
enum class Leave : int {
  kNot = 0,
  kDrain = 1,        ///< no new trials
  kPreempt = 2,      ///< running trials save a checkpoint and go back to the queue
  kPreemptSoon = 3,  ///< the same, with limits::kCheckpointGraceShort to save it
  kNow = 4,          ///< running trials go back to the queue
};

/// What a signal asks for when `before` has been asked for already:
///
/// | | first | again |
/// |---|---|---|
/// | SIGINT | kDrain | kNow |
/// | SIGTERM | kPreempt; under SLURM, which kills half a minute later, kPreemptSoon | kNow |
/// | SIGUSR1 | kPreempt | |
/// | SIGHUP: the terminal is gone; shell and kernel may both say so | kPreempt | |
///
/// "Again" is after any of them, but a SIGTERM, SIGUSR1 or SIGHUP after a SIGINT, and a SIGTERM
/// under SLURM after a SIGUSR1 or SIGHUP, count as the first.
constexpr Leave leave_after(Leave before, int signal, bool in_slurm) {
  const Leave term = in_slurm ? Leave::kPreemptSoon : Leave::kPreempt;
  switch (signal) {
    case SIGINT:
      return before == Leave::kNot ? Leave::kDrain : Leave::kNow;
    case SIGUSR1:
    case SIGHUP:
      return before < Leave::kPreempt ? Leave::kPreempt : before;
    case SIGTERM:
      return before < term ? term : Leave::kNow;
    default:
      return Leave::kNow;
  }
}

}  // namespace scopa::worker
