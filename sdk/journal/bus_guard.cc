#include "sdk/journal/bus_guard.h"

#include <setjmp.h>
#include <signal.h>
#include <ucontext.h>

#include <atomic>
#include <mutex>

namespace scopa::journal {
namespace {

std::atomic<bool> installed{false};
struct sigaction action_before;                      // written before `installed`
constinit thread_local sigjmp_buf* armed = nullptr;  // where this thread goes on

void on_bus_error(int number, siginfo_t* info, void* context) {
  if (armed != nullptr && info->si_code > 0) {
    // A jump leaves the signals blocked that the handler's call has blocked.
    pthread_sigmask(SIG_SETMASK, &static_cast<const ucontext_t*>(context)->uc_sigmask, nullptr);
    siglongjmp(*armed, 1);
  }
  if ((action_before.sa_flags & SA_SIGINFO) != 0 && action_before.sa_sigaction != nullptr) {
    return action_before.sa_sigaction(number, info, context);
  }
  if (action_before.sa_handler != SIG_DFL && action_before.sa_handler != SIG_IGN) {
    return action_before.sa_handler(number);
  }
  // The instruction is tried again when this returns, and then ends the process as it would have.
  signal(SIGBUS, SIG_DFL);
  if (info->si_code <= 0) raise(SIGBUS);
}

}  // namespace

void install_bus_guard() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action {};
    action.sa_sigaction = on_bus_error;
    action.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGBUS, &action, &action_before) == 0) installed = true;
  });
}

bool run_guarded(void (*call)(void*), void* context) {
  // Within another guarded call a fault ends the outer one.
  if (!installed.load(std::memory_order_relaxed) || armed != nullptr) {
    call(context);
    return true;
  }
  sigjmp_buf here;
  if (sigsetjmp(here, 0) != 0) {
    armed = nullptr;
    return false;
  }
  armed = &here;
  try {
    call(context);
  } catch (...) {
    armed = nullptr;
    throw;
  }
  armed = nullptr;
  return true;
}

}  // namespace scopa::journal
