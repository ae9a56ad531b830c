#include "worker/signals.h"

#include <atomic>
#include <cerrno>

namespace scopa::worker {

namespace {

constexpr std::array<int, 4> kWatched = {SIGINT, SIGTERM, SIGUSR1, SIGHUP};

// What a signal handler may touch: lock-free atomics alone.
std::atomic<session::WorkerLoop*> watched_loop{nullptr};
std::atomic<Leave> leave_wanted{Leave::kNot};
std::atomic<bool> under_slurm{false};
static_assert(std::atomic<Leave>::is_always_lock_free);

void on_signal(int number) {
  const int saved_errno = errno;
  if (session::WorkerLoop* loop = watched_loop.load()) {
    Leave before = leave_wanted.load();
    Leave now = before;
    do {
      now = leave_after(before, number, under_slurm.load());
    } while (!leave_wanted.compare_exchange_weak(before, now));
    leave(*loop, now);
  }
  errno = saved_errno;
}

}  // namespace

void leave(session::WorkerLoop& loop, Leave how) noexcept {
  switch (how) {
    case Leave::kNot:
      return;
    case Leave::kDrain:
      return loop.drain();
    case Leave::kPreempt:
      return loop.preempt(session::Notice::kLong);
    case Leave::kPreemptSoon:
      return loop.preempt(session::Notice::kShort);
    case Leave::kNow:
      return loop.stop();
  }
}

SignalWatch::SignalWatch(session::WorkerLoop* loop, bool in_slurm) {
  leave_wanted = Leave::kNot;
  under_slurm = in_slurm;
  watched_loop = loop;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kWatched.size(); ++i) sigaction(kWatched[i], &action, &before_[i]);
  // nohup asks for a worker that outlives its terminal.
  if (before_.back().sa_handler == SIG_IGN) sigaction(SIGHUP, &before_.back(), nullptr);
}

SignalWatch::~SignalWatch() {
  for (std::size_t i = 0; i < kWatched.size(); ++i) sigaction(kWatched[i], &before_[i], nullptr);
  watched_loop = nullptr;
}

}  // namespace scopa::worker
