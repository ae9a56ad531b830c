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
  {
    const std::lock_guard guard(mutex_);
    round_ = std::move(round);
  }
  changed_.notify_one();
}

void Committer::run() {
  while (true) {
    std::unique_ptr<Round> round;
    {
      std::unique_lock guard(mutex_);
      changed_.wait(guard, [this] { return round_ != nullptr || stopping_; });
      if (round_ == nullptr) return;
      round = std::move(round_);
    }
    Status status = store_.commit(round->turn.events, round->turn.points);
    done_(std::move(round), std::move(status));
  }
}

}  // namespace scopa::server
