#include "broker/server/model_thread.h"

#include <utility>
#include <variant>

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
    for (core::ModelTask& task : tasks) {
      std::visit([this](auto& each) { perform(each); }, task);
    }
  }
}

void ModelThread::perform(core::ModelOpened& task) {
  Model& model = models_[task.sweep];
  model = Model{};
  model.spec = std::move(task.spec);
  model.sampler = search::make_sampler(*model.spec, task.seed);
}

void ModelThread::perform(core::ModelChanged& task) {
  if (const auto model = models_.find(task.sweep); model != models_.end()) {
    model->second.history.apply(task.change);
  }
}

void ModelThread::perform(core::ModelWanted& task) {
  core::Suggested suggested{task.sweep, task.suggestion, task.snapshot, std::nullopt};
  if (const auto model = models_.find(task.sweep); model != models_.end()) {
    suggested.params = model->second.sampler->suggest(model->second.history, task.suggestion);
  }
  answer_(std::move(suggested));
}

}  // namespace scopa::server
