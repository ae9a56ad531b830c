#pragma once

#include <string>
#include <string_view>

#include "sdk/base/states.h"

namespace scopa::worker {

/// What is known of a trainer that has ended.
struct EndFacts {
  bool by_signal = false;
  int code = 0;               ///< the signal, or the exit code
  bool told_to_stop = false;  ///< by the stop flag or a signal of the worker's
  bool interrupted = false;   ///< by the machine (session::TrialEnd)
  bool oom_kills = false;     ///< the kernel killed for want of memory while it ran (oom_kills.h)
  std::string_view output;    ///< the last lines of its log
};

struct Verdict {
  Cause cause = Cause::kNone;
  std::string why;  ///< for people, beside the last lines; may be empty
};

/// The first that holds:
///
/// | | |
/// |---|---|
/// | told to stop, or ended with exit code 0 | kNone: the broker knows what it decided |
/// | interrupted | kPreempted |
/// | SIGKILL from outside, while the kernel killed for want of memory | kOom |
/// | the last lines say that memory ran out, or that the machine is not in order | kOom, kNode |
/// | a signal, or the exit code by which a shell tells of one | kCrash |
/// | any other exit code | kUserError |
Verdict cause_of_end(const EndFacts& facts);

}  // namespace scopa::worker
