#include "worker/signals.h"

#include <atomic>
#include <cerrno>

namespace scopa::worker {

namespace {

constexpr std::array<int, 3> kWatched = {SIGINT, SIGTERM, SIGHUP};

// What a signal handler may touch: lock-free atomics alone.
std::atomic<session::WorkerLoop*> watched_loop{nullptr};
std::atomic<int> signals_seen{0};
std::atomic<bool> term_stops{false};

void on_signal(int number) {
  const int saved_errno = errno;
  if (session::WorkerLoop* loop = watched_loop.load()) {
    const bool at_once = number == SIGHUP || (number == SIGTERM && term_stops.load());
    if (signals_seen.fetch_add(1) > 0 || at_once) {
      loop->stop();
    } else {
      loop->drain();
    }
  }
  errno = saved_errno;
}

}  // namespace

SignalWatch::SignalWatch(session::WorkerLoop* loop, bool sigterm_stops) {
  signals_seen = 0;
  term_stops = sigterm_stops;
  watched_loop = loop;
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < kWatched.size(); ++i) sigaction(kWatched[i], &action, &before_[i]);
  // nohup asks for a worker that outlives its terminal.
  if (before_[2].sa_handler == SIG_IGN) sigaction(SIGHUP, &before_[2], nullptr);
}

SignalWatch::~SignalWatch() {
  for (std::size_t i = 0; i < kWatched.size(); ++i) sigaction(kWatched[i], &before_[i], nullptr);
  watched_loop = nullptr;
}

}  // namespace scopa::worker
