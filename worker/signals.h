#pragma once

#include <signal.h>

#include <array>

#include "sdk/session/worker_loop.h"
#include "worker/leave.h"

namespace scopa::worker {

/// From any thread, also from a signal handler.
void leave(session::WorkerLoop& loop, Leave how) noexcept;

/// While it lives: SIGINT, SIGTERM, SIGUSR1 and SIGHUP make the loop leave (leave.h). One at a time
/// in a process.
class SignalWatch {
 public:
  SignalWatch(session::WorkerLoop* loop, bool in_slurm);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

 private:
  std::array<struct sigaction, 4> before_{};
};

}  // namespace scopa::worker
