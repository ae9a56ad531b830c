#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "broker/core/core.h"
#include "broker/core/models.h"

namespace scopa::server {

/// The thread that thinks: keeps each sweep's history and sampler, and works off the core's tasks
/// in the order in which they were decided.
class ModelThread {
 public:
  /// `answer` is called in the model thread.
  using Answer = std::function<void(core::Suggested)>;

  explicit ModelThread(Answer answer);
  ModelThread(const ModelThread&) = delete;
  ModelThread& operator=(const ModelThread&) = delete;
  /// Finishes the task under way and drops the others.
  ~ModelThread();

  /// Takes the tasks out of `tasks`.
  void add(std::vector<core::ModelTask>* tasks);

 private:
  void run();

  const Answer answer_;
  core::Models models_;  // of the thread alone
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<core::ModelTask> tasks_;  // guarded by mutex_
  bool stopping_ = false;              // guarded by mutex_
  std::thread thread_;                 // last: it uses the others
};

}  // namespace scopa::server
