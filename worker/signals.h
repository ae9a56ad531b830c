#pragma once

#include <signal.h>

#include <array>

#include "sdk/session/worker_loop.h"

namespace scopa::worker {

/// While it lives: the first SIGINT or SIGTERM drains the loop, the second stops it; SIGHUP stops
/// it, since the terminal is gone; so does SIGTERM under SLURM, since the time is up. One at a
/// time in a process.
class SignalWatch {
 public:
  SignalWatch(session::WorkerLoop* loop, bool sigterm_stops);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

 private:
  std::array<struct sigaction, 3> before_{};
};

}  // namespace scopa::worker
