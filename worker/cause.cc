#include "worker/cause.h"

#include <signal.h>
#include <string.h>

#include "sdk/session/failure_cause.h"

namespace scopa::worker {
namespace {

/// A shell ends with 128 and the number of the signal that ended its program.
constexpr int kShellSignals = 128;

bool is_death(int signal) {
  switch (signal) {
    case SIGABRT:
    case SIGBUS:
    case SIGFPE:
    case SIGILL:
    case SIGKILL:
    case SIGSEGV:
    case SIGSYS:
    case SIGTRAP:
    case SIGXCPU:
    case SIGXFSZ:
      return true;
    default:
      return false;
  }
}

std::string name_of_signal(int signal) {
  const char* name = sigabbrev_np(signal);
  return name == nullptr ? "signal " + std::to_string(signal) : "SIG" + std::string(name);
}

}  // namespace

Verdict cause_of_end(const EndFacts& facts) {
  const bool failed = facts.by_signal || facts.code != 0;
  if (!failed || facts.told_to_stop) return {};
  if (facts.interrupted) return {Cause::kPreempted, ""};
  int signal = facts.by_signal ? facts.code : 0;
  const bool by_shell = !facts.by_signal && is_death(facts.code - kShellSignals);
  if (by_shell) signal = facts.code - kShellSignals;
  if (signal == SIGKILL && facts.oom_kills) {
    return {Cause::kOom, "the kernel has killed it for want of memory"};
  }
  const Cause said = session::cause_in_text(facts.output);
  if (said != Cause::kNone) return {said, ""};
  if (signal == 0) return {Cause::kUserError, ""};
  if (by_shell) return {Cause::kCrash, "its program was ended by " + name_of_signal(signal)};
  if (signal == SIGKILL) return {Cause::kCrash, "killed from outside"};
  return {Cause::kCrash, name_of_signal(signal)};
}

}  // namespace scopa::worker
