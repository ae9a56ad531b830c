#include "broker/server/model_thread.h"

#include <utility>

namespace scopa::server {

ModelThread::ModelThread(Answer answer) : answer_(std::move(answer)), thread_([this] { run(); }) {}

ModelThread::~ModelThread() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void ModelThread::add(std::vector<core::ModelTask>* tasks) {
  if (tasks->empty()) return;
  {
    const std::lock_guard guard(mutex_);
    for (core::ModelTask& task : *tasks) tasks_.push_back(std::move(task));
  }
  tasks->clear();
  changed_.notify_one();
}

void ModelThread::run() {
  while (true) {
    std::deque<core::ModelTask> tasks;
    {
      std::unique_lock guard(mutex_);
      changed_.wait(guard, [this] { return !tasks_.empty() || stopping_; });
      if (stopping_) return;
      tasks.swap(tasks_);
    }
    for (const core::ModelTask& task : tasks) {
      if (auto suggested = models_.perform(task)) answer_(std::move(*suggested));
    }
  }
}

}  // namespace scopa::server
