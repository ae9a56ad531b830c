#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "sdk/session/runner.h"

namespace scopa::sdk {

/// How a function that trained a trial came back.
struct FunctionEnd {
  bool failed = false;
  std::string error;
  bool given_back = false;  ///< interrupted: the trial deserves another try
};

/// Executes trials as calls of a function, on the thread that calls serve(); start() and all else
/// is for the loop's thread.
class FunctionRunner final : public session::Runner {
 public:
  /// `folder` is absolute; trials go to folder/trials/SWEEP/NUMBER/.
  FunctionRunner(std::string worker, std::string folder, std::string memory_root,
                 std::string endpoint);
  ~FunctionRunner() override;

  Result<std::unique_ptr<session::Execution>> start(std::uint32_t slot, const wire::Assign& assign,
                                                    Instant now) override;

  /// Calls `train` with the journal's folder of each trial that is started, until close(), and
  /// `idle`, unless it is empty, about ten times a second while there is none.
  void serve(const std::function<FunctionEnd(const std::string& journal)>& train,
             const std::function<void()>& idle = nullptr);
  /// From any thread: serve() returns.
  void close();

 private:
  class Execution;
  struct Call;

  std::string worker_;
  std::string folder_;
  std::string memory_root_;
  std::string endpoint_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::shared_ptr<Call> next_;  // guarded by mutex_
  bool closed_ = false;         // guarded by mutex_
};

}  // namespace scopa::sdk
