#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "broker/core/core.h"

namespace scopa::server {

/// The thread that reads and checks sweep files, one at a time: a large one takes a second, in
/// which a broker must answer others.
class CreateThread {
 public:
  using Done = std::function<void(std::shared_ptr<core::PreparedSweep>)>;

  CreateThread();
  CreateThread(const CreateThread&) = delete;
  CreateThread& operator=(const CreateThread&) = delete;
  /// Finishes the one under way.
  ~CreateThread();

  /// Only when no other is under way. `done` is called in this thread.
  void start(wire::Create create, Done done);

 private:
  struct Job {
    wire::Create create;
    Done done;
  };
  void run();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Job> job_;  // guarded by mutex_
  bool stopping_ = false;   // guarded by mutex_
  std::thread thread_;      // last: it uses the others
};

}  // namespace scopa::server
