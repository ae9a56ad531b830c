#pragma once

#include <type_traits>

namespace scopa::journal {

/// A file that is mapped and then cut short by somebody makes the next access raise SIGBUS, which
/// ends the process: a worker with all its trials, for what one of them did to its own journal.
/// From this call on a SIGBUS inside of guarded() ends that call alone; any other one does what it
/// did before. For the whole process, once, and only where the process is ours: never in a trainer.
void install_bus_guard();

/// Runs `call(context)`; false when it was left by SIGBUS. `call` must not own anything on its
/// stack that a jump out of it would leak, and what it has changed outside of it is the caller's to
/// mend. Without install_bus_guard() it simply runs.
bool run_guarded(void (*call)(void*), void* context);

template <class F>
bool guarded(F&& call) {
  using Call = std::remove_reference_t<F>;
  return run_guarded([](void* context) { (*static_cast<Call*>(context))(); },
                     const_cast<void*>(static_cast<const void*>(&call)));
}

}  // namespace scopa::journal
