#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "broker/core/ahead.h"
#include "broker/core/core.h"
#include "broker/core/models.h"

namespace scopa::server {

/// The thread that thinks: keeps each sweep's history and sampler, and works off the core's tasks
/// in the order in which they were decided. When there are none it computes suggestions ahead, as
/// core::Ahead says; an ask that one of them answers at once overtakes what waits.
class ModelThread {
 public:
  /// `answer` is called in the model thread, or in the one that calls add().
  using Answer = std::function<void(core::Suggested)>;
  /// Of a clock that does not go back. Called by both threads, one at a time.
  using Clock = std::function<core::Ahead::Time()>;

  explicit ModelThread(Answer answer, Clock clock = steady_time);
  ModelThread(const ModelThread&) = delete;
  ModelThread& operator=(const ModelThread&) = delete;
  /// Finishes the task under way and drops the others.
  ~ModelThread();

  /// Takes the tasks out of `tasks`.
  void add(std::vector<core::ModelTask>* tasks);
  /// Until all tasks are done, and what can be computed ahead of the next ones. For tests.
  void wait_until_idle();

  static core::Ahead::Time steady_time();

 private:
  using Lock = std::unique_lock<std::mutex>;

  void run();
  void wait(Lock* lock);
  void perform(const core::ModelTask& task);
  void compute(const core::Ahead::Job& job, Lock* lock);

  const Answer answer_;
  const Clock clock_;
  core::Models models_;  // of the thread alone
  std::mutex mutex_;
  std::condition_variable changed_, idle_;
  // Guarded by mutex_:
  core::Ahead ahead_;
  std::deque<core::ModelTask> tasks_;
  bool is_idle_ = false;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses the others
};

}  // namespace scopa::server
