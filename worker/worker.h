#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/base/limits.h"
#include "sdk/base/status.h"
#include "sdk/session/client_keys.h"
#include "sdk/wire/messages.h"
#include "worker/leave.h"

namespace scopa::worker {

struct WorkerOptions {
  std::string endpoint;           ///< of the broker
  session::ClientKeysPtr keys;    ///< for the connection to it; none: plain
  SweepId sweep;                  ///< a full id
  std::string folder = ".scopa";  ///< trial folders go to folder/trials/SWEEP/NUMBER/
  std::string program_folder;     ///< where trainers start; empty: the current folder
  std::string checkpoints;        ///< folder for them, shared by machines; empty: the trial folders
  std::uint32_t slots = 0;        ///< 0: one per GPU, or 1 without any
  std::vector<std::string>
      gpus;                 ///< indexes or UUIDs; {"none"}: cpu only; empty: all that are visible
  std::uint64_t count = 0;  ///< at most so many trials; 0: no limit
  /// With a broker that is away, without any trial.
  std::chrono::microseconds patience = limits::kPatienceIdle;
  std::chrono::milliseconds term_grace = limits::kTermGrace;  ///< from SIGTERM to SIGKILL
  bool handle_signals = true;  ///< as leave.h says; off when embedded
  /// Gets a line for a person at each change of state, on the thread of run(); empty: stderr.
  std::function<void(std::string_view)> tell;
};

/// What a worker did, for its closing line.
struct WorkerTotals {
  std::uint64_t trials = 0, completed = 0, pruned = 0, failed = 0, cancelled = 0, requeued = 0,
                diverged = 0;
};

/// Runs trials of one sweep in slots until there are none left, its count is used up, or it is told
/// to stop.
class Worker {
 public:
  /// Takes its GPUs for itself, and what dead workers of this user left: their trainers that run go
  /// on under this one, of those that have ended the rest is delivered.
  /// Errors: kInvalidArgument for devices that are not there (lists those that are); kConflict for
  /// a GPU that another worker has.
  static Result<std::unique_ptr<Worker>> create(WorkerOptions options);
  virtual ~Worker() = default;
  /// Blocks. Ok when the sweep has no more work or the count is used up. An unreachable broker is
  /// waited for while trials run; without any running trial an error after `patience`.
  virtual Status run() = 0;
  /// From any thread: no new trials; run() returns when the running ones have ended, or sooner,
  /// as `how` says.
  virtual void leave(Leave how) = 0;
  void drain() { leave(Leave::kDrain); }
  void stop() { leave(Leave::kNow); }
  virtual WorkerTotals totals() const = 0;
};

}  // namespace scopa::worker
