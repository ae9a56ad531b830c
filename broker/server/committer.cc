#include "broker/server/committer.h"

#include <utility>

namespace scopa::server {

Committer::Committer(store::Store& store, Done done)
    : store_(store), done_(std::move(done)), thread_([this] { run(); }) {}

Committer::~Committer() {
  {
    const std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Committer::submit(std::unique_ptr<Round> round) {
  // A function must be copyable, a round is not.
  perform([this, moved = std::make_shared<std::unique_ptr<Round>>(std::move(round))] {
    Status status = store_.commit((*moved)->turn.events, (*moved)->turn.points);
    done_(std::move(*moved), std::move(status));
  });
}

void Committer::perform(std::function<void()> job) {
  {
    const std::lock_guard guard(mutex_);
    job_ = std::move(job);
  }
  changed_.notify_one();
}

void Committer::run() {
  while (true) {
    std::function<void()> job;
    {
      std::unique_lock guard(mutex_);
      changed_.wait(guard, [this] { return job_ != nullptr || stopping_; });
      if (job_ == nullptr) return;
      job = std::exchange(job_, nullptr);
    }
    job();
  }
}

}  // namespace scopa::server
