#pragma once

#include "worker/leave.h"

namespace scopa::cli {

/// Counts SIGINT, SIGTERM, SIGUSR1 and SIGHUP while it lives, instead of dying of them; programs
/// started meanwhile get the default back. A SIGHUP that nohup has turned off stays so. Only one at
/// a time.
class Interrupts {
 public:
  Interrupts();
  ~Interrupts();
  Interrupts(const Interrupts&) = delete;
  Interrupts& operator=(const Interrupts&) = delete;

  int count() const;
  /// What they ask a worker to do.
  worker::Leave leave() const;
  /// 130, 143, 138 or 129, by the first signal; 0 without one.
  int exit_code() const;

 private:
  bool watches_hangup_ = false;
};

/// A broken pipe must not end a process that runs trials: from here on it is an error of write().
void survive_broken_pipes();
/// Nor does a hang-up end a broker, from its first moment on: not a terminal that is closed, not
/// `systemctl reload`.
void survive_hangups();

}  // namespace scopa::cli
