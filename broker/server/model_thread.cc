#include "broker/server/model_thread.h"

#include <optional>
#include <utility>
#include <variant>

namespace scopa::server {

using std::chrono::duration_cast;

core::Ahead::Time ModelThread::steady_time() {
  return duration_cast<core::Ahead::Time>(std::chrono::steady_clock::now().time_since_epoch());
}

ModelThread::ModelThread(Answer answer, Clock clock)
    : answer_(std::move(answer)), clock_(std::move(clock)), thread_([this] { run(); }) {}

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
  std::vector<core::Suggested> ready;
  {
    const std::lock_guard guard(mutex_);
    const core::Ahead::Time now = clock_();
    for (core::ModelTask& task : *tasks) {
      if (auto suggested = ahead_.hear(task, now)) {
        ready.push_back(std::move(*suggested));
      } else {
        tasks_.push_back(std::move(task));
      }
    }
    is_idle_ = false;
  }
  tasks->clear();
  changed_.notify_one();
  for (core::Suggested& each : ready) answer_(std::move(each));
}

void ModelThread::wait_until_idle() {
  Lock lock(mutex_);
  idle_.wait(lock, [this] { return is_idle_; });
}

void ModelThread::run() {
  Lock lock(mutex_);
  while (!stopping_) {
    if (!tasks_.empty()) {
      std::deque<core::ModelTask> tasks = std::exchange(tasks_, {});
      lock.unlock();
      for (const core::ModelTask& task : tasks) perform(task);
      lock.lock();
    } else if (const auto job = ahead_.next(clock_())) {
      compute(*job, &lock);
    } else {
      wait(&lock);
    }
  }
}

void ModelThread::wait(Lock* lock) {
  is_idle_ = true;
  idle_.notify_all();
  const auto has_work = [this] { return !tasks_.empty() || stopping_; };
  if (const auto due = ahead_.due()) {
    changed_.wait_for(*lock, *due - clock_(), has_work);
  } else {
    changed_.wait(*lock, has_work);
  }
  is_idle_ = false;
}

void ModelThread::perform(const core::ModelTask& task) {
  const auto* wanted = std::get_if<core::ModelWanted>(&task);
  if (wanted == nullptr) {
    models_.perform(task);
    return;
  }
  Lock lock(mutex_);
  std::optional<core::Suggested> suggested = ahead_.turn(*wanted);
  if (!suggested) {
    const core::Ahead::Time began = clock_();
    lock.unlock();
    suggested = models_.perform(task);
    lock.lock();
    ahead_.took(wanted->sweep, clock_() - began);
  }
  lock.unlock();
  answer_(std::move(*suggested));
}

void ModelThread::compute(const core::Ahead::Job& job, Lock* lock) {
  lock->unlock();
  std::optional<Params> params = models_.propose(job.sweep, job.suggestion);
  lock->lock();
  ahead_.done(job, std::move(params), clock_() - job.began);
}

}  // namespace scopa::server
