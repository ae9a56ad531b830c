#include "worker/signals.h"

#include <time.h>

#include <atomic>
#include <cerrno>
#include <cstdint>

namespace scopa::worker {

namespace {

constexpr std::array<int, 4> kWatched = {SIGINT, SIGTERM, SIGUSR1, SIGHUP};

// What a signal handler may touch: lock-free atomics alone.
std::atomic<session::WorkerLoop*> watched_loop{nullptr};
std::atomic<Leaving> leaving{Leaving{}};
std::atomic<bool> under_slurm{false};
static_assert(std::atomic<Leaving>::is_always_lock_free);

void on_signal(int number) {
  const int saved_errno = errno;
  if (session::WorkerLoop* loop = watched_loop.load()) {
    const std::uint32_t now_ms = now_ms_of_signals();
    Leaving before = leaving.load();
    Leaving now = before;
    do {
      now = heard(before, number, under_slurm.load(), now_ms);
    } while (!leaving.compare_exchange_weak(before, now));
    leave(*loop, now.how);
  }
  errno = saved_errno;
}

}  // namespace

std::uint32_t now_ms_of_signals() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint32_t>(now.tv_sec * 1000 + now.tv_nsec / 1'000'000);
}

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
    case Leave::kAtOnce:
      return loop.stop_at_once();
  }
}

SignalWatch::SignalWatch(session::WorkerLoop* loop, bool in_slurm) {
  leaving = Leaving{};
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
