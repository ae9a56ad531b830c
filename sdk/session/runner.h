#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "sdk/base/states.h"
#include "sdk/base/status.h"
#include "sdk/base/time.h"
#include "sdk/journal/journal.h"
#include "sdk/session/attempt_stream.h"
#include "sdk/wire/messages.h"

namespace scopa::session {

/// One attempt that is being executed: a process, or a function in this one. Used by the loop's
/// thread alone.
class Execution {
 public:
  /// Ends what still runs and confirms that it is gone.
  virtual ~Execution() = default;

  virtual journal::Journal& journal() = 0;
  /// Appends file descriptors that become readable when poll() has something to do. Level-triggered
  /// and owned by the execution.
  virtual void wait_fds(std::vector<int>* fds) const = 0;
  /// Does what is due; called whenever a descriptor can be read, at next_deadline(), and every few
  /// milliseconds. Returns the end once, when nothing is left that could write to the journal.
  virtual std::optional<TrialEnd> poll(Instant now) = 0;
  virtual std::optional<Instant> next_deadline() const = 0;
  /// Begins to end it. It has the sweep's grace to save, and `at_most` where that is less. A second
  /// call can only make it faster.
  virtual void stop(StopReason reason, Instant now, std::chrono::microseconds at_most) = 0;
  /// All that it wrote is delivered, or nobody wants it: the journal goes.
  virtual void forget() = 0;
};

/// How a worker executes trials.
class Runner {
 public:
  virtual ~Runner() = default;
  /// Starts an attempt in `slot`; does not wait for it.
  /// Errors: why it could not be started, for people; the trial is released as kNotStarted.
  virtual Result<std::unique_ptr<Execution>> start(std::uint32_t slot, const wire::Assign& assign,
                                                   Instant now) = 0;
};

}  // namespace scopa::session
