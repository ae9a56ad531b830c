#include "cli/interrupt.h"

#include <atomic>
#include <csignal>
#include <cstdlib>

namespace scopa::cli {
namespace {

std::atomic<int> interrupts{0};
std::atomic<int> first_signal{0};
std::atomic<bool> hurry{false};
std::atomic<bool> term_is_urgent{false};
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void count_interrupt(int signal) {
  int none = 0;
  first_signal.compare_exchange_strong(none, signal);
  if (signal == SIGHUP || (signal == SIGTERM && term_is_urgent.load())) hurry = true;
  interrupts.fetch_add(1);
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
  interrupts = 0;
  first_signal = 0;
  hurry = false;
  term_is_urgent = std::getenv("SLURM_JOB_ID") != nullptr;
  handle(SIGINT, count_interrupt);
  handle(SIGTERM, count_interrupt);
  struct sigaction hangup {};
  sigaction(SIGHUP, nullptr, &hangup);
  watches_hangup_ = hangup.sa_handler != SIG_IGN;
  if (watches_hangup_) handle(SIGHUP, count_interrupt);
}

Interrupts::~Interrupts() {
  handle(SIGINT, SIG_DFL);
  handle(SIGTERM, SIG_DFL);
  if (watches_hangup_) handle(SIGHUP, SIG_DFL);
}

int Interrupts::count() const { return interrupts.load(); }

bool Interrupts::urgent() const { return hurry.load(); }

int Interrupts::exit_code() const {
  const int signal = first_signal.load();
  return signal == 0 ? 0 : 128 + signal;
}

// A handler, not SIG_IGN: trainers would inherit that.
void survive_broken_pipes() { handle(SIGPIPE, ignore_signal); }

}  // namespace scopa::cli
