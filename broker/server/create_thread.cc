#include "broker/server/create_thread.h"

#include <utility>

namespace scopa::server {

CreateThread::CreateThread() : thread_([this] { run(); }) {}

CreateThread::~CreateThread() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void CreateThread::start(wire::Create create, Done done) {
  {
    const std::lock_guard guard(mutex_);
    job_ = Job{std::move(create), std::move(done)};
  }
  changed_.notify_one();
}

void CreateThread::run() {
  while (true) {
    std::optional<Job> job;
    {
      std::unique_lock guard(mutex_);
      changed_.wait(guard, [this] { return job_ || stopping_; });
      if (stopping_) return;
      job = std::exchange(job_, std::nullopt);
    }
    job->done(core::prepare(std::move(job->create)));
  }
}

}  // namespace scopa::server
