#include "cli/interrupt.h"

#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>

namespace scopa::cli {
namespace {

std::atomic<int> interrupt_count{0};
std::atomic<int> first_signal{0};
std::atomic<worker::Leaving> leaving{worker::Leaving{}};
std::atomic<bool> in_slurm{false};
static_assert(std::atomic<int>::is_always_lock_free &&
              std::atomic<worker::Leaving>::is_always_lock_free);

extern "C" void count_interrupt(int signal) {
  int none = 0;
  first_signal.compare_exchange_strong(none, signal);
  const std::uint32_t now_ms = worker::now_ms_of_signals();
  worker::Leaving before = leaving.load();
  while (!leaving.compare_exchange_weak(before,
                                        worker::heard(before, signal, in_slurm.load(), now_ms))) {
  }
  interrupt_count.fetch_add(1);
}

extern "C" void ignore_signal(int) {}

void handle(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(signal, &action, nullptr);
}

}  // namespace

Interrupts::Interrupts() {
  interrupt_count = 0;
  first_signal = 0;
  leaving = worker::Leaving{};
  in_slurm = std::getenv("SLURM_JOB_ID") != nullptr;
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) handle(signal, count_interrupt);
  struct sigaction hangup {};
  sigaction(SIGHUP, nullptr, &hangup);
  watches_hangup_ = hangup.sa_handler != SIG_IGN;
  if (watches_hangup_) handle(SIGHUP, count_interrupt);
}

Interrupts::~Interrupts() {
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) handle(signal, SIG_DFL);
  if (watches_hangup_) handle(SIGHUP, SIG_DFL);
}

int Interrupts::count() const { return interrupt_count.load(); }

worker::Leave Interrupts::leave() const { return leaving.load().how; }

int Interrupts::exit_code() const {
  const int signal = first_signal.load();
  return signal == 0 ? 0 : 128 + signal;
}

// A handler, not SIG_IGN: trainers would inherit that.
void survive_broken_pipes() { handle(SIGPIPE, ignore_signal); }
void survive_hangups() { handle(SIGHUP, ignore_signal); }

}  // namespace scopa::cli
