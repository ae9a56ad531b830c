#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sdk/base/limits.h"
#include "sdk/session/environment.h"
#include "sdk/session/leftovers.h"
#include "sdk/session/runner.h"
#include "worker/process_execution.h"
#include "worker/slots.h"

namespace scopa::worker {

struct RunnerOptions {
  std::string worker;          ///< id of the worker
  std::string endpoint;        ///< of the broker, for whoever finds what this worker leaves
  std::string folder;          ///< absolute; trials go to folder/trials/SWEEP/NUMBER/
  std::string program_folder;  ///< absolute; where trainers start
  std::string
      checkpoints;  ///< absolute; theirs go to checkpoints/SWEEP/NUMBER/; empty: trial folders
  std::string memory_root;  ///< for journals, e.g. "/dev/shm/scopa-1000"; empty: trial folders
  std::vector<SlotDevice> slots;
  std::chrono::milliseconds term_grace = limits::kTermGrace;  ///< see ExecutionOptions
  session::Environment environment;
  std::vector<std::string> variables;  ///< what trainers inherit, NAME=value
};

/// Executes trials as processes. What a trainer writes to stdout and stderr goes to
/// attempt-N.log in its trial's folder, its configuration is in params.json there.
class ProcessRunner final : public session::Runner {
 public:
  explicit ProcessRunner(RunnerOptions options);
  Result<std::unique_ptr<session::Execution>> start(std::uint32_t slot, const wire::Assign& assign,
                                                    Instant now) override;

  /// An attempt that a dead worker left, whether its trainer runs or not.
  /// Errors: kResource; then it is left as it was.
  Result<std::unique_ptr<session::Execution>> adopt(session::LeftAttempt left);

 private:
  ExecutionOptions execution_options(const journal::TrialHeader& trial,
                                     std::chrono::milliseconds grace) const;
  RunnerOptions options_;
  std::uint32_t threads_ = 1;
};

}  // namespace scopa::worker
